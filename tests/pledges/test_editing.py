"""Editing in the app: the same rules as the file, nothing typed is lost, nobody is overwritten, all is on record."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.urls import reverse

from tests import factories
from tests.factories import NOW
from tests.pledges.declarations import SCHEMA, changed
from tracker.multilingual import Texts
from tracker.pledges import editing, exporting
from tracker.pledges.declaration_file import parse
from tracker.pledges.loading import load
from tracker.pledges.models import Declaration, Document, Edit, Milestone, Party, Pledge, Theme

pytestmark = pytest.mark.django_db


def bring(*pairs, later=timedelta()):
    changes = load(parse(changed(*pairs), SCHEMA), now=NOW + later)
    return [(change.kind, change.what, change.detail) for change in changes]


@pytest.fixture
def lake():
    """The pledge of the small file that has everything."""
    bring()
    return Pledge.objects.get(number=1)


@pytest.fixture
def person(client):
    made = factories.editor(name="Ada")
    client.force_login(made)
    return made


def fields(client, address):
    """What a browser would send of the form as it is shown."""
    page = client.get(address).content.decode()
    form = page[page.index('<form class="stack edit"') :]
    form = form[: form.index("</form>")]
    sent = {}
    for tag in re.findall(r"<input[^>]*>", form):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if "name" in attributes and (attributes.get("type") not in ("checkbox", "radio") or " checked" in tag):
            default = "on" if attributes["type"] == "checkbox" else ""
            sent.setdefault(attributes["name"], []).append(attributes.get("value", default))
    for name, text in re.findall(r'<textarea name="([\w-]+)"[^>]*>([^<]*)</textarea>', form):
        sent[name] = [text.lstrip("\n")]
    for name, options in re.findall(r'<select name="(\w+)"[^>]*>(.*?)</select>', form, re.S):
        sent[name] = re.findall(r'<option value="([^"]*)" selected', options)[:1] or [""]
    return {name: values for name, values in sent.items() if name != "csrfmiddlewaretoken"}


def save(client, address, **typed):
    sent = {**fields(client, address), **{name.replace("__", "-"): value for name, value in typed.items()}}
    return client.post(address, sent)


EDIT = "/edit/pledge/LAKE-2024-01/"


def test_a_form_saved_as_it_is_changes_nothing(client, person, lake):
    before = exporting.data(lake.declaration)
    addresses = [EDIT, "/edit/declaration/lake-2024/", "/edit/party/KAZ/"]
    addresses += [reverse("edit_theme", args=[lake.theme_id]), reverse("edit_document", args=[lake.document_id])]
    addresses.append(reverse("edit_milestone", args=[lake.milestones.get().pk]))
    addresses.append(reverse("edit_metric", args=[lake.metrics.get().pk]))
    for address in addresses:
        answer = save(client, address)
        assert answer.status_code == 302, (address, answer.context["form"].errors)
    assert exporting.data(Declaration.objects.get()) == before
    assert Edit.objects.count() == 0


def test_every_field_can_be_changed_and_each_change_is_on_record(client, person, lake):
    answer = save(
        client,
        EDIT,
        title__fr="Nettoyer le lac",
        due_edtf="by the end of Q2 2027",
        kind="time_bound",
        parties=[Party.objects.get(code="KAZ").pk],
    )
    assert answer.status_code == 302
    lake.refresh_from_db()
    assert lake.title == {"en": "Clean the lake", "fr": "Nettoyer le lac"}
    assert (lake.due_edtf, lake.due_earliest, lake.due_latest) == ("../2027-34", None, date(2027, 6, 30))
    assert [party.code for party in lake.parties.all()] == ["KAZ"]
    assert lake.revision == 1
    edits = {edit.field: (edit.before, edit.after, edit.by, edit.revision) for edit in lake.edits.all()}
    assert edits["due_edtf"] == ("2025", "../2027-34", person, 1)
    assert edits["parties"] == (["CHN", "KAZ"], ["KAZ"], person, 1)
    assert set(edits) == {"title", "due_edtf", "kind", "parties"}
    page = client.get(EDIT).content.decode()
    assert "Ada" in page
    assert "CHN, KAZ → KAZ" in page
    assert "2025 → by end of Q2 2027" in page
    assert "Understood as: any day until 30 Jun 2027." in page


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("due_edtf", "before long", "“before long” is not understood"),
        ("slug", "Not A Slug", "lower-case letters"),
        ("slug", "count-fish", "is taken already"),
        ("title__en", "x" * 301, "at most 300 fit"),
        ("title__en", "", "in one language at least"),
        ("title__en", "a\x01b", "cannot be kept"),
        ("title__new", "Ozero", "language’s code"),
        ("theme", "999999999999999999999", "valid choice"),
        ("parties", ["0"], "valid choice"),
        ("review_by", "2027-02-30", "valid date"),
        ("document", "", "Choose the source"),
        ("statement__en", "y" * 4001, "at most 4000 fit"),
    ],
)
def test_what_is_wrong_is_said_at_the_field_and_nothing_typed_is_lost(client, person, lake, field, typed, message):
    answer = save(client, EDIT, **{field: typed, "criterion__zh": "湖水清澈"})
    assert answer.status_code == 422
    name = field.partition("__")[0]
    assert message in str(answer.context["form"].errors[name])
    page = answer.content.decode()
    assert "湖水清澈" in page
    if isinstance(typed, str) and name not in ("theme", "document") and "\x01" not in typed:
        assert typed in page
    assert Edit.objects.count() == 0


def test_the_whole_entry_meets_the_schema_of_the_file_too(client, person, lake):
    assert client.post("/edit/parties/new/", {"code": "X", "revision": 0}).status_code == 422
    answer = client.post("/edit/parties/new/", {"code": "UNO", "name-en": "United Nations", "revision": 0})
    assert answer.status_code == 302
    assert str(Party.objects.get(code="UNO")) == "United Nations"


def test_who_writes_second_sees_both_versions_and_overwrites_nothing(client, person, lake):
    mine = fields(client, EDIT)
    other = factories.editor(name="Bo")
    editing.edit(
        record=lake,
        expected_revision=0,
        values={"title": Texts(en="Clean all lakes"), "due_edtf": "2026"},
        by=other,
        now=NOW,
    )
    answer = client.post(EDIT, {**mine, "title-en": "Clean the big lake", "kind": "time_bound"})
    assert answer.status_code == 409
    page = answer.content.decode()
    for text in ("Bo", "Clean all lakes", "Clean the big lake", "you left this alone", "Save on top"):
        assert text in page
    lake.refresh_from_db()
    assert (str(lake.title), lake.kind) == ("Clean all lakes", "continuing")
    shown = answer.context["form"]
    assert (shown["title"].value(), shown["kind"].value()) == ({"en": "Clean the big lake"}, "time_bound")
    assert (shown["due_edtf"].value(), shown["revision"].value()) == ("2026", 1)
    sent = {**mine, "title-en": "Clean the big lake", "kind": "time_bound", "due_edtf": "2026", "revision": 1}
    assert client.post(EDIT, sent).status_code == 302
    lake.refresh_from_db()
    assert (str(lake.title), lake.due_edtf, lake.revision) == ("Clean the big lake", "2026", 2)


def test_a_judgement_in_between_is_no_conflict_with_an_edit(client, person, lake):
    mine = fields(client, EDIT)
    factories.assessment(lake, status="stalled", evidence=[lake.evidence.get()])
    assert client.post(EDIT, {**mine, "title-en": "Clean it"}).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_of_many_who_save_at_once_one_wins_and_the_others_are_told():
    bring()
    lake, people = Pledge.objects.get(number=1), [factories.editor() for _ in range(8)]

    def attempt(person):
        try:
            values = {"title": Texts(en=person.email)}
            editing.edit(record=lake, expected_revision=0, values=values, by=person, now=NOW)
        except editing.EditConflictError as conflict:
            return [edit.by for edit in conflict.edits]
        finally:
            connection.close()
        return person

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(attempt, people))
    (winner,) = [result for result in results if not isinstance(result, list)]
    assert [result for result in results if isinstance(result, list)] == [[winner]] * 7
    lake.refresh_from_db()
    assert (str(lake.title), lake.revision, Edit.objects.count()) == (winner.email, 1, 1)


def test_a_whole_declaration_is_written_in_the_app_and_exported(client, person):
    def post(address, **typed):
        answer = client.post(
            address, {"revision": 0, **{key.replace("__", "-"): value for key, value in typed.items()}}
        )
        assert answer.status_code == 302, answer.context["form"].errors
        return answer

    post("/edit/parties/new/", code="KAZ", territory="kz")
    party = Party.objects.get().pk
    post(
        "/edit/declarations/new/",
        reference="SEA-2025",
        slug="sea-2025",
        title__en="Sea",
        kind="treaty",
        parties=[party],
        signed_on="2025-02-03",
        signatories="A B\nC D",
        due_soon_days=30,
        stale_days=90,
    )
    post("/edit/declaration/sea-2025/themes/new/", title__en="Fish", slug="fish", position=0)
    post(
        "/edit/declaration/sea-2025/sources/new/",
        title__en="Text",
        key="text",
        publisher="P",
        published_edtf="Feb 2025",
    )
    post(
        "/edit/declaration/sea-2025/pledges/new/",
        number=1,
        title__en="Count",
        slug="count",
        statement__en="Count fish.",
        kind="continuing",
        theme=Theme.objects.get().pk,
        parties=[party],
        due_edtf="H1 2027",
        is_due_stated="on",
        **{
            "document": Document.objects.get().pk,
            "locator__en": "1",
            "statement__new": "鱼",
            "statement__new-language": "zh",
        },
    )
    post("/edit/pledge/SEA-2025-01/milestones/new/", title__en="First count", date_edtf="2026", is_reached="on")
    assert (Milestone.objects.get().key, Pledge.objects.get().statement["zh"]) == ("first-count", "鱼")
    declaration = Declaration.objects.get()
    assert declaration.signatories == ["A B", "C D"]
    written = exporting.as_json(declaration)
    assert json.loads(written) == parse(written.encode(), SCHEMA).data
    assert load(parse(written.encode(), SCHEMA), now=NOW) == []
    assert Edit.objects.filter(field="", by=person).count() == 6
    assert client.get("/edit/").status_code == 200


def test_a_party_that_owes_a_pledge_cannot_be_taken_from_the_declaration(client, person, lake):
    answer = save(client, "/edit/declaration/lake-2024/", parties=[Party.objects.get(code="KAZ").pk])
    assert "owes a pledge" in str(answer.context["form"].errors["parties"])


def test_a_date_is_explained_while_it_is_typed(client, person):
    assert client.get("/edit/date/?due_edtf=Q3+2025").content.decode() == (
        "Understood as: any day from 1 Jul 2025 to 30 Sep 2025."
    )
    assert "Not understood" in client.get("/edit/date/?x=<b>").content.decode()
    assert client.get("/edit/date/").content == b""


def test_a_file_never_overwrites_what_people_changed_and_says_so(client, person, lake):
    save(client, EDIT, title__en="Clean the big lake", due_edtf="Q3 2026", parties=[Party.objects.get(code="KAZ").pk])
    edits = (
        ("{en: Clean the lake}", "{en: Clean lakes}"),
        ("slug: clean-lake", "slug: clean"),
        ("edtf: 2025", "edtf: 2027"),
    )
    assert bring(*edits, later=timedelta(days=1)) == [
        ("kept", "LAKE-2024-01, title", "people changed it"),
        ("kept", "LAKE-2024-01, due_edtf", "people changed it"),
        ("changed", "LAKE-2024-01, slug", "clean-lake → clean"),
        ("kept", "LAKE-2024-01, parties", "people changed it"),
    ]
    lake.refresh_from_db()
    assert (str(lake.title), lake.slug, lake.due_edtf) == ("Clean the big lake", "clean", "2026-35")
    assert (lake.due_latest, [party.code for party in lake.parties.all()]) == (date(2026, 9, 30), ["KAZ"])


def test_a_change_by_a_file_is_on_record_and_conflicts_like_any_other(client, person, lake):
    mine = fields(client, EDIT)
    bring(("{en: Clean the lake}", "{en: Clean lakes}"), later=timedelta(days=1))
    edit = Edit.objects.get()
    assert (edit.field, edit.before, edit.after, edit.by) == (
        "title",
        {"en": "Clean the lake"},
        {"en": "Clean lakes"},
        None,
    )
    answer = client.post(EDIT, {**mine, "title-en": "Clean"})
    assert answer.status_code == 409
    assert "The declaration file" in answer.content.decode()


def test_the_pledge_page_folds_its_changes_into_history(client, person, lake):
    save(client, EDIT, title__en="Clean the big lake")
    client.logout()
    page = client.get("/pledges/LAKE-2024-01/").content.decode()
    assert "changed “Title” of LAKE-2024-01" in page
    assert "Clean the lake → Clean the big lake" in page.replace("en: ", "")


def test_a_metric_is_added_to_a_pledge_and_exported(client, person, lake):
    typed = {"name-en": "Fish caught", "unit-en": "t", "baseline_value": "1.5", "baseline_period": "H1 2024"}
    answer = client.post("/edit/pledge/LAKE-2024-01/metrics/new/", {"revision": 0, "target_value": "40", **typed})
    assert answer.headers["Location"] == lake.get_absolute_url()
    added = exporting.data(lake.declaration)["pledges"][0]["metrics"][1]
    assert added == {
        "key": "fish-caught",
        "name": {"en": "Fish caught"},
        "unit": {"en": "t"},
        "baseline": {"value": 1.5, "period": "2024-40"},
        "target": {"value": 40},
    }
    assert "Fish caught" in client.get(EDIT).content.decode()
    assert "added LAKE-2024-01, metric fish-caught" in client.get(lake.get_absolute_url()).content.decode()
    assert bring() == [("kept", "LAKE-2024-01, metric fish-caught", "no longer in the file")]


def test_every_field_of_a_metric_can_be_changed_and_the_file_leaves_it_alone(client, person, lake):
    metric = lake.metrics.get()
    address = reverse("edit_metric", args=[metric.pk])
    typed = {"name__fr": "Profondeur", "unit__en": "cm", "target_value": "450.25", "note__en": "At the pier."}
    assert save(client, address, baseline_value="0", baseline_period="2024", **typed).status_code == 302
    metric.refresh_from_db()
    assert (metric.name["fr"], str(metric.unit), metric.target_value) == ("Profondeur", "cm", Decimal("450.25"))
    assert (metric.baseline_value, metric.baseline_period, str(metric.note)) == (0, "2024", "At the pier.")
    edits = {edit.field: (edit.before, edit.after) for edit in Edit.objects.of(metric)}
    assert edits["target_value"] == (4.5, 450.25)
    assert edits["baseline_value"] == (None, 0)
    assert set(edits) == {"name", "unit", "baseline_value", "baseline_period", "target_value", "note"}
    assert ("kept", "LAKE-2024-01, metric depth, target_value", "people changed it") in bring()
    page = client.get(address).content.decode()
    assert "4.5 → 450.25" in page
    assert 'value="450.25"' in page
    assert 'value="0"' in page


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("name__en", "", "in one language at least"),
        ("unit__en", "", "in one language at least"),
        ("target_value", "much", "Enter a number"),
        ("target_value", "1.23456", "4 decimal places"),
        ("target_value", "1e400", "digits"),
        ("target_value", "NaN", "Enter a number"),
        ("target_value", "1000000000001", "less than or equal"),
        ("baseline_period", "once", "is not understood"),
        ("baseline_period", "2024", None),
        ("note__en", "y" * 4001, "at most 4000 fit"),
    ],
)
def test_what_is_wrong_with_a_metric_is_said_at_the_field(client, person, lake, field, typed, message):
    answer = save(client, reverse("edit_metric", args=[lake.metrics.get().pk]), **{field: typed})
    assert answer.status_code == 422
    errors = answer.context["form"].errors
    if message is None:
        assert "Enter the value of this period" in str(errors["baseline_value"])
    else:
        assert message in str(errors[field.partition("__")[0]])
    assert Edit.objects.count() == 0


def test_who_saves_a_metric_second_sees_both_versions(client, person, lake):
    metric = lake.metrics.get()
    address = reverse("edit_metric", args=[metric.pk])
    mine = fields(client, address)
    values = {"target_value": Decimal(5)}
    editing.edit(record=metric, expected_revision=0, values=values, by=factories.editor(name="Bo"), now=NOW)
    answer = client.post(address, {**mine, "target_value": "6"})
    assert answer.status_code == 409
    assert "Bo" in answer.content.decode()
    metric.refresh_from_db()
    assert metric.target_value == 5
