"""Evidence is withdrawn, never deleted: no way of writing gets past the database."""

import pytest
from django.db import DatabaseError, connection, transaction

from tests import factories
from tracker.pledges.models import Evidence

pytestmark = pytest.mark.django_db


def execute(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


DEEDS = {
    "by its own method": lambda item: item.delete(),
    "by a queryset": lambda item: Evidence.objects.all().delete(),
    "past the collector": lambda item: Evidence.objects.all()._raw_delete("default"),
    "with its pledge": lambda item: item.pledge.delete(),
    "by SQL": lambda item: execute(f"DELETE FROM pledges_evidence WHERE id = {item.pk}"),
}
if connection.vendor == "sqlite":
    DEEDS["by replacing it"] = lambda item: execute(
        f"INSERT OR REPLACE INTO pledges_evidence SELECT * FROM pledges_evidence WHERE id = {item.pk}"
    )
else:
    DEEDS["by emptying the table"] = lambda item: execute("TRUNCATE pledges_evidence CASCADE")


@pytest.mark.parametrize("deed", DEEDS)
def test_evidence_cannot_be_deleted(deed):
    item = factories.evidence(factories.pledge())
    with (
        pytest.raises(DatabaseError, match=r"protected|never deleted|append-only|pending trigger events"),
        transaction.atomic(),
    ):
        DEEDS[deed](item)
    assert Evidence.objects.filter(pk=item.pk).exists()


def test_evidence_is_still_withdrawn_and_changed():
    item = factories.evidence(factories.pledge())
    Evidence.objects.filter(pk=item.pk).update(withdrawn_at=factories.NOW, withdrawn_reason="twice")
    item.refresh_from_db()
    assert item.withdrawn_reason == "twice"
