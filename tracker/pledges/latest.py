"""Keeps the day of a pledge's latest standing evidence with the pledge, so that lists count and order by it."""

from django.db.models import OuterRef, QuerySet, Subquery

from tracker.pledges.models import Evidence, Pledge


def refresh_latest(pledges: QuerySet[Pledge]) -> None:
    """To be called in the transaction that added, changed or withdrew their evidence."""
    standing = Evidence.objects.filter(pledge=OuterRef("pk"), withdrawn_at__isnull=True).order_by("-published_on")
    pledges.order_by().update(latest_evidence_on=Subquery(standing.values("published_on")[:1]))
