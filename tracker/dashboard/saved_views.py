"""Keeping a view of the list under a name, and letting it go."""

from datetime import datetime

from django.db import transaction

from tracker.accounts.models import User
from tracker.dashboard.models import NAME_LENGTH, SavedView
from tracker.pledges.models import Declaration

AT_MOST = 20  # of one person and declaration; beyond, the oldest makes room


@transaction.atomic
def keep(*, user: User, declaration: Declaration, name: str, query: str, now: datetime) -> SavedView:
    """A view of that name gets the new filters."""
    view, _created = SavedView.objects.update_or_create(
        user=user, declaration=declaration, name=name[:NAME_LENGTH], defaults={"query": query, "created_at": now}
    )
    mine = SavedView.objects.filter(user=user, declaration=declaration).order_by("-created_at", "-pk")
    SavedView.objects.filter(pk__in=list(mine.values_list("pk", flat=True)[AT_MOST:])).delete()
    return view


def let_go(*, user: User, pk: int) -> Declaration | None:
    """Only one's own; the declaration it was of, so that the reader goes back there."""
    view = SavedView.objects.filter(user=user, pk=pk).select_related("declaration").first()
    if view is None:
        return None
    view.delete()
    return view.declaration
