"""What later declarations made of a pledge: told by their files or in the app, kept in order, seen from both sides."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from tests import factories
from tests.factories import NOW
from tests.pledges.declarations import SCHEMA, changed
from tracker.pledges import editing, exporting
from tracker.pledges.as_of import NOW as PRESENT
from tracker.pledges.as_of import AsOf
from tracker.pledges.declaration_file import DeclarationFileError, parse
from tracker.pledges.loading import load
from tracker.pledges.models import Declaration, Edit, Lineage, Pledge

pytestmark = pytest.mark.django_db

LATER = (
    ("reference: LAKE-2024", "reference: LAKE-2026"),
    ("slug: lake-2024", "slug: lake-2026"),
    ("signed_on: 2024-07-03", "signed_on: 2026-07-03\n  drops:\n    - {reference: POND-2024-02, note: {en: Gone.}}"),
    ("reference: LAKE-2024-01", "reference: LAKE-2026-01"),
    ("reference: LAKE-2024-02", "reference: LAKE-2026-02"),
    (
        "source: {key: text",
        "continues:\n      - {reference: POND-2024-01, relation: strengthened, note: {en: With a date.}}\n"
        "    source: {key: text",
    ),
)

TWICE = "{reference: POND-2024-01, relation: restated}"


@pytest.fixture
def pond():
    """An earlier declaration with two pledges on record."""
    made = factories.declaration(reference="POND-2024", slug="pond-2024")
    factories.pledge(made)
    factories.pledge(made)
    return made


def bring(*pairs):
    changes = load(parse(changed(*LATER, *pairs), SCHEMA), now=NOW)
    return [(change.kind, change.what, change.detail) for change in changes]


def rows():
    return [
        (row.earlier.reference, row.later and row.later.reference, row.relation, str(row.note))
        for row in Lineage.objects.order_by("earlier")
    ]


def test_a_file_says_what_its_declaration_takes_up_and_drops(pond):
    told = bring()
    assert ("added", "LAKE-2026-01, continues POND-2024-01", "") in told
    assert ("added", "LAKE-2026, drops POND-2024-02", "") in told
    assert rows() == [
        ("POND-2024-01", "LAKE-2026-01", "strengthened", "With a date."),
        ("POND-2024-02", None, "dropped", "Gone."),
    ]
    assert bring() == []


def test_each_difference_is_told_and_nothing_is_deleted(pond):
    bring()
    assert bring(("relation: strengthened", "relation: weakened"), ("Gone.", "Not said again.")) == [
        ("changed", "LAKE-2026, drops POND-2024-02, note", "en: Gone. → Not said again."),
        ("changed", "LAKE-2026-01, continues POND-2024-01, relation", "strengthened → weakened"),
    ]
    assert Edit.objects.get(record="lineage", field="relation").pledge.reference == "LAKE-2026-01"
    told = bring(
        ("{reference: POND-2024-01, rel", "{reference: POND-2024-02, rel"), ("POND-2024-02, note", "POND-2024-01, note")
    )
    assert ("kept", "LAKE-2026, drops POND-2024-02", "no longer in the file") in told
    assert Lineage.objects.count() == 4


def test_it_is_in_the_exported_file_which_loads_to_the_same(pond):
    bring()
    later = Declaration.objects.get(reference="LAKE-2026")
    content = exporting.data(later)
    assert content["declaration"]["drops"] == [{"reference": "POND-2024-02", "note": {"en": "Gone."}}]
    assert content["pledges"][0]["continues"] == [
        {"reference": "POND-2024-01", "relation": "strengthened", "note": {"en": "With a date."}}
    ]
    written = exporting.as_yaml(later)
    assert parse(written.encode(), SCHEMA).data == content
    assert load(parse(written.encode(), SCHEMA), now=NOW) == []


@pytest.mark.parametrize(
    ("old", "new", "field", "words"),
    [
        ("POND-2024-01, rel", "POND-2024-09, rel", "pledges[0].continues[0].reference", "is not on record"),
        ("POND-2024-01, rel", "LAKE-2026-02, rel", "pledges[0].continues[0].reference", "is not on record"),
        ("POND-2024-02, note", "POND-2024-09, note", "declaration.drops[0].reference", "is not on record"),
        ("POND-2024-01, rel", "POND-2024-02, rel", "pledges[0].continues[0].reference", "among what"),
        ("POND-2024-01, rel", "pond, rel", "pledges[0].continues[0].reference", "such as CN-KZ-2024-03"),
        ("relation: strengthened", "relation: dropped", "pledges[0].continues[0].relation", "is not one of"),
        ("signed_on: 2026", "signed_on: 2023", "declaration.drops[0].reference", "was signed later"),
        ("    source: {", f"      - {TWICE}\n    source: {{", "pledges[0].continues[1].reference", "given twice"),
    ],
)  # fmt: skip
def test_each_mistake_in_a_file_is_said_with_line_and_field(pond, old, new, field, words):
    with pytest.raises(DeclarationFileError) as caught:
        bring((old, new))
    found = next(problem for problem in caught.value.problems if problem.field == field)
    assert words in found.message
    assert changed(*LATER, (old, new)).decode().splitlines()[found.line - 1].count("reference: ") == 1
    assert Lineage.objects.count() == 0


def test_a_pledge_of_the_file_itself_is_no_earlier_one(pond):
    bring()
    with pytest.raises(DeclarationFileError) as caught:
        bring(("POND-2024-01, rel", "LAKE-2026-02, rel"))
    assert "of this declaration itself" in caught.value.problems[0].message


def test_the_database_keeps_it_in_order(pond):
    row = factories.lineage(pond.pledges.first())
    dropped = factories.lineage(pond.pledges.last(), relation="dropped")
    for wrong in (
        {"earlier": row.earlier, "later": row.later, "relation": "restated"},
        {"earlier": dropped.earlier, "declaration": dropped.declaration, "relation": "dropped"},
        {"earlier": dropped.earlier, "later": row.later, "relation": "dropped"},
        {"earlier": dropped.earlier, "later": row.later, "relation": "mended"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            factories.lineage(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        Lineage.objects.create(earlier=row.earlier, declaration=row.declaration, relation="weakened")


def test_both_ends_must_fit_the_declaration(pond):
    first, second = pond.pledges.all()
    older = factories.pledge(factories.declaration(signed_on=date(2020, 1, 1)))
    for later, declaration, words in (
        (older, pond, "none of this declaration"),
        (second, pond, "same declaration"),
        (older, older.declaration, "signed later"),
    ):
        with pytest.raises(ValidationError, match=words):
            Lineage(earlier=first, later=later, declaration=declaration, relation="restated").clean()


def test_what_a_later_declaration_took_up_is_no_longer_in_force(pond):
    first, second = pond.pledges.all()
    row = factories.lineage(first)
    assert set(Pledge.objects.in_force()) == {second, row.later}


def test_a_past_day_knows_only_what_was_signed_by_then(client, pond):
    row = factories.lineage(pond.pledges.first(), declaration=factories.declaration(signed_on=date(2026, 7, 3)))
    assert list(AsOf(date(2026, 7, 2)).signed(Lineage.objects.all())) == []
    assert list(AsOf(date(2026, 7, 3)).signed(Lineage.objects.all())) == [row]
    assert list(PRESENT.signed(Lineage.objects.all())) == [row]
    address = row.earlier.get_absolute_url()
    assert b"Strengthened in" not in client.get(f"{address}?as_of=2026-07-02").content
    page = client.get(f"{address}?as_of=2026-07-03").content.decode()
    assert f'href="{row.later.get_absolute_url()}?as_of=2026-07-03"' in page


@pytest.fixture
def person(client):
    made = factories.editor(name="Ada")
    client.force_login(made)
    return made


@pytest.fixture
def later():
    return factories.pledge(factories.declaration(signed_on=date(2026, 7, 3)))


def test_an_editor_says_what_a_pledge_takes_up(client, person, pond, later):
    address = f"/edit/pledge/{later.reference}/earlier/new/"
    typed = {"revision": 0, "earlier": "POND-2024-01", "relation": "weakened", "note-en": "No date any more."}
    assert client.post(address, typed).headers["Location"] == later.get_absolute_url()
    assert rows() == [("POND-2024-01", later.reference, "weakened", "No date any more.")]
    row = Lineage.objects.get()
    assert row.declaration == later.declaration
    assert f"added {later.reference}, continues POND-2024-01" in client.get(later.get_absolute_url()).content.decode()
    assert f"/edit/earlier/{row.pk}/" in client.get(f"/edit/pledge/{later.reference}/").content.decode()
    typed = {"revision": 0, "relation": "restated", "note-en": "The same."}
    assert client.post(f"/edit/earlier/{row.pk}/", typed).status_code == 302
    assert rows() == [("POND-2024-01", later.reference, "restated", "The same.")]
    assert {edit.field for edit in Edit.objects.of(row).by_people()} == {"", "relation", "note"}
    assert client.post(f"/edit/earlier/{row.pk}/", {**typed, "relation": "weakened"}).status_code == 409


def test_what_people_changed_is_not_overwritten_by_the_file(person, pond):
    bring()
    row = Lineage.objects.get(relation="strengthened")
    editing.edit(
        record=row, expected_revision=0, values={"relation": "restated"}, by=person, now=NOW + timedelta(days=1)
    )
    assert bring() == [("kept", "LAKE-2026-01, continues POND-2024-01, relation", "people changed it")]


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("earlier", "POND-2024-09", "No pledge has this reference"),
        ("earlier", "\x00", "Null characters"),
        ("earlier", "", "required"),
        ("earlier", "OWN", "same declaration"),
        ("earlier", "YOUNG-01", "signed later"),
        ("earlier", "POND-2024-02", "on record already"),
        ("relation", "dropped", "valid choice"),
        ("note-en", "x" * 4001, "at most 4000 fit"),
    ],
)
def test_what_is_wrong_is_said_at_the_field(client, person, pond, later, field, typed, words):
    factories.lineage(pond.pledges.last(), later)
    factories.pledge(factories.declaration(reference="YOUNG", signed_on=date(2026, 9, 1)))
    typed = later.reference if typed == "OWN" else typed
    sent = {"revision": 0, "earlier": "POND-2024-01", "relation": "restated", field: typed}
    answer = client.post(f"/edit/pledge/{later.reference}/earlier/new/", sent)
    assert answer.status_code == 422
    assert words in str(answer.context["form"].errors[field.partition("-")[0]])
    assert Lineage.objects.count() == 1


def test_an_editor_says_what_a_declaration_drops(client, person, pond, later):
    slug = later.declaration.slug
    typed = {"revision": 0, "earlier": "POND-2024-01", "note-en": "Not said again."}
    answer = client.post(f"/edit/declaration/{slug}/dropped/new/", typed)
    assert answer.headers["Location"] == later.declaration.get_absolute_url()
    assert rows() == [("POND-2024-01", None, "dropped", "Not said again.")]
    row = Lineage.objects.get()
    page = client.get(later.declaration.get_absolute_url()).content.decode()
    assert f'<dt>Drops</dt>\n<dd><a href="{row.earlier.get_absolute_url()}">' in page
    assert f"/edit/dropped/{row.pk}/" in client.get(f"/edit/declaration/{slug}/").content.decode()
    assert client.post(f"/edit/dropped/{row.pk}/", {"revision": 0, "note-en": "Gone."}).status_code == 302
    assert client.post(f"/edit/dropped/{row.pk}/", {"revision": 0, "note-en": "Away."}).status_code == 409
    again = client.post(f"/edit/declaration/{slug}/dropped/new/", typed)
    assert "on record already" in str(again.context["form"].errors["earlier"])


def test_what_a_pledge_takes_up_cannot_be_dropped_too(client, person, pond, later):
    factories.lineage(pond.pledges.first(), later)
    sent = {"revision": 0, "earlier": "POND-2024-01"}
    answer = client.post(f"/edit/declaration/{later.declaration.slug}/dropped/new/", sent)
    assert "takes it up" in str(answer.context["form"].errors["earlier"])


def test_what_is_dropped_cannot_be_taken_up_too(client, person, pond, later):
    factories.lineage(pond.pledges.first(), relation="dropped", declaration=later.declaration)
    sent = {"revision": 0, "earlier": "POND-2024-01", "relation": "restated"}
    answer = client.post(f"/edit/pledge/{later.reference}/earlier/new/", sent)
    assert "drops that pledge" in str(answer.context["form"].errors["earlier"])
