"""Judgements stay as they were made, whoever writes: through models, querysets, the admin or bare SQL."""

from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.core.management.commands import flush
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.models import F, ProtectedError
from django.urls import reverse

from tests import factories
from tracker.accounts.models import User
from tracker.multilingual import Texts
from tracker.pledges.models import Assessment, Evidence, Pledge

pytestmark = pytest.mark.django_db
Citation = Assessment.evidence.through


@pytest.fixture
def judged():
    pledge = factories.pledge()
    return factories.assessment(pledge, evidence=[factories.evidence(pledge), factories.evidence(pledge)])


def everything():
    return list(Assessment.objects.values().order_by("id")), list(Citation.objects.values().order_by("id"))


def refused(deed):
    """The deed fails, says why, and leaves all as it was."""
    before = everything()
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        deed()
    assert everything() == before


def sql(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


@transaction.atomic
def delete_pledge_by_sql(pk):
    sql("DELETE FROM pledges_pledge WHERE id = %s", pk)
    connection.check_constraints()  # which a commit would do


def test_models_and_querysets_cannot_change_a_judgement(judged):
    judged.status = "fulfilled"
    refused(judged.save)
    refused(lambda: judged.save(update_fields=["status"]))
    refused(lambda: Assessment.objects.update(recorded_at=F("recorded_at")))
    refused(lambda: Assessment.objects.bulk_update([judged], ["status"]))
    refused(lambda: Assessment.objects.filter(pk=judged.pk).update(rationale=Texts(en="Never said.")))
    refused(lambda: Assessment.objects.update_or_create(pk=judged.pk, defaults={"confidence": "high"}))
    fields = ["status", "previous_status"]
    refused(
        lambda: Assessment.objects.bulk_create(
            [judged], update_conflicts=True, update_fields=fields, unique_fields=["id"]
        )
    )


def test_models_and_querysets_cannot_delete_a_judgement(judged):
    refused(judged.delete)
    refused(lambda: Assessment.objects.all().delete())
    refused(lambda: Assessment.objects.all()._raw_delete("default"))


def test_what_a_judgement_cites_is_neither_taken_away_nor_exchanged(judged):
    first = judged.evidence.first()
    refused(lambda: judged.evidence.remove(first))
    refused(judged.evidence.clear)
    refused(lambda: judged.evidence.set([]))
    refused(lambda: Citation.objects.update(assessment_id=F("assessment_id")))
    refused(lambda: Citation.objects.all().delete())


def test_nothing_is_cited_afterwards(judged):
    later = factories.evidence(judged.pledge)
    refused(lambda: judged.evidence.add(later))
    refused(lambda: later.assessments.add(judged))
    refused(lambda: Citation.objects.bulk_create([Citation(assessment=judged, evidence=later)]))
    refused(lambda: Citation.objects.bulk_create([Citation(assessment=judged, evidence=later)], ignore_conflicts=True))


def test_bare_sql_is_refused_too(judged):
    link = Citation.objects.first()
    refused(lambda: sql("UPDATE pledges_assessment SET status = 'fulfilled' WHERE id = %s", judged.pk))
    refused(lambda: sql("DELETE FROM pledges_assessment WHERE id = %s", judged.pk))
    refused(lambda: sql("UPDATE pledges_assessment_evidence SET evidence_id = %s", link.evidence_id))
    refused(lambda: sql("DELETE FROM pledges_assessment_evidence"))
    if connection.vendor == "postgresql":
        connection.check_constraints()
        refused(lambda: sql("TRUNCATE pledges_assessment CASCADE"))
        refused(lambda: sql("TRUNCATE pledges_assessment_evidence"))


@pytest.mark.skipif(connection.vendor != "sqlite", reason="another database has no INSERT OR REPLACE")
def test_a_row_is_not_replaced_by_one_of_the_same_id(judged):
    columns = [field.column for field in Assessment._meta.concrete_fields]
    copied = ", ".join("'fulfilled'" if name == "status" else f'"{name}"' for name in columns)
    names = ", ".join(f'"{name}"' for name in columns)
    refused(lambda: sql(f"INSERT OR REPLACE INTO pledges_assessment ({names}) SELECT {copied} FROM pledges_assessment"))
    link = Citation.objects.first()
    later = factories.evidence(judged.pledge)
    replace = "INSERT OR REPLACE INTO pledges_assessment_evidence (id, assessment_id, evidence_id) VALUES (%s, %s, %s)"
    refused(lambda: sql(replace, link.pk, judged.pk, later.pk))


def test_the_admin_offers_no_way(judged, client):
    client.force_login(User.objects.create_superuser("root@example.org", factories.PASSWORD))
    before = everything()
    address = reverse("admin:pledges_assessment_changelist")
    for action in ("delete_selected", ""):
        client.post(address, {"action": action, "_selected_action": [judged.pk], "post": "yes"})
    for name in ("change", "delete"):
        address = reverse(f"admin:pledges_assessment_{name}", args=[judged.pk])
        assert client.post(address, {"status": "fulfilled", "post": "yes"}).status_code == 403
    assert everything() == before


def test_what_was_judged_cannot_be_taken_away_from_under_the_judgement(judged):
    """A declaration, pledge, party or judge with judgements says so, instead of failing half-way."""
    before = everything()
    for thing in (judged.pledge.declaration, judged.pledge, judged.recorded_by):
        with pytest.raises(ProtectedError) as caught, transaction.atomic():
            thing.delete()
        assert judged in caught.value.protected_objects
    refused(Evidence.objects.all().delete)
    with pytest.raises(IntegrityError):
        delete_pledge_by_sql(judged.pledge_id)
    assert everything() == before


def test_a_pledge_that_nobody_judged_can_go():
    pledge = factories.pledge()
    pledge.declaration.delete()
    assert not Pledge.objects.exists()


def test_a_judgement_is_complete_or_not_there(now):
    """The evidence count is laid down with the row; the last citation seals it."""
    pledge = factories.pledge()
    made = Assessment.objects.create(
        pledge=pledge,
        status="stalled",
        previous_status="not_assessed",
        rationale=Texts(en="Put off."),
        effective_on=date(2026, 5, 1),
        recorded_at=now,
        recorded_by=factories.editor(),
        evidence_count=1,
    )
    items = [factories.evidence(pledge) for _ in range(2)]
    refused(lambda: made.evidence.add(*items))
    made.evidence.add(items[0])
    refused(lambda: made.evidence.add(items[1]))


@pytest.mark.django_db(transaction=True)
def test_emptying_the_whole_database_is_refused_where_judgements_stand(judged):
    """The tests' own `flush` lifts the rule; the product's does not."""
    with pytest.raises(CommandError):
        call_command(flush.Command(), interactive=False, verbosity=0)
    assert Assessment.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_rule_can_be_taken_back_and_laid_again():
    """A migration backwards works; and going forward again keeps what was judged meanwhile."""
    made = factories.assessment(factories.pledge())
    try:
        MigrationExecutor(connection).migrate([("pledges", "0001_initial")])
        Assessment.objects.update(status="stalled")
    finally:
        MigrationExecutor(connection).migrate(MigrationExecutor(connection).loader.graph.leaf_nodes())
    refused(made.delete)
