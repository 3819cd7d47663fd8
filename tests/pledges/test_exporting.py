"""What is exported loads again to the same record, whatever stands in it."""

import csv
import io
import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from tests import factories
from tests.factories import NOW
from tests.pledges.declarations import SCHEMA, SHIPPED, SMALL
from tracker.multilingual import Texts
from tracker.pledges import exporting
from tracker.pledges.declaration_file import parse
from tracker.pledges.loading import load
from tracker.pledges.models import Declaration, Pledge


def loaded(text, later=timedelta()):
    return load(parse(text.encode(), SCHEMA), now=NOW + later)


@pytest.mark.django_db
@pytest.mark.parametrize("file", ["small", "shipped"])
def test_the_exported_file_says_what_the_loaded_one_said(file):
    text = SMALL if file == "small" else SHIPPED.read_text(encoding="utf-8")
    loaded(text)
    declaration = Declaration.objects.get()
    for written in (exporting.as_yaml(declaration), exporting.as_json(declaration)):
        assert parse(written.encode(), SCHEMA).data == exporting.data(declaration)
        assert loaded(written) == []


line = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12).map(str.strip).filter(bool)
words = st.one_of(
    line,
    st.sampled_from(
        (
            "2025",
            "yes",
            "null",
            "~",
            "0x1F",
            "1e5",
            "- a",
            "a: b",
            "#c",
            "'\"",
            "𝒳 💩",
            "a\n\n b",
            "=1",
            "\u2028x\u2028y",
        )
    ),
).filter(lambda text: text.strip() == text)
texts = st.dictionaries(st.sampled_from(("en", "fr", "zh", "kk", "sr-Latn")), words, min_size=1, max_size=2)
dates = st.sampled_from((2025, "2025-06", "2025-06-16", "2025-35", "2024/2030", "../2026", "2026~", "0987"))
numbers = st.one_of(
    st.integers(-(10**12), 10**12), st.integers(-(10**15), 10**15).map(lambda n: n / 10**4).filter(lambda n: n % 1)
)


def some(**fields):
    """Each optional field there or not."""
    return {"optional": fields}


def rows(key, required, optional, most=2):
    items = st.lists(st.fixed_dictionaries(required, optional=optional), max_size=most)
    return items.map(lambda made: [{key: f"{key}-{n}", **item} for n, item in enumerate(made)]).filter(bool)


evidence = rows(
    "key",
    {
        "title": words,
        "publisher": words,
        "language": st.sampled_from(("en", "zh-Hant")),
        "published": dates.filter(lambda edtf: edtf != "../2026"),
        "stance": st.sampled_from(("progress", "setback")),
        "kind": st.just("action"),
        "voice": st.sampled_from(("independent", "party:KAZ", "multilateral")),
    },
    {"note": texts},
).map(lambda items: [{**item, "url": f"https://example.org/{n}"} for n, item in enumerate(items)])
figures = st.lists(st.fixed_dictionaries({"value": numbers}, optional={"publisher": words, "note": texts}), max_size=2)
metrics = rows(
    "key",
    {"name": texts, "unit": texts},
    {
        "baseline": st.fixed_dictionaries({"value": numbers}, optional={"period": dates}),
        "target": st.fixed_dictionaries({"value": numbers}),
        "observations": figures.map(lambda made: [{"period": 2020 + n, **each} for n, each in enumerate(made)]).filter(
            bool
        ),
    },
)
pledges = st.fixed_dictionaries(
    {
        "title": texts,
        "statement": texts,
        "parties": st.sampled_from((["KAZ"], ["CHN", "KAZ"])),
        "kind": st.sampled_from(("continuing", "time_bound")),
    },
    optional={
        "criterion": texts,
        "source": st.fixed_dictionaries({"key": st.just("text")}, optional={"locator": texts}),
        "due": st.fixed_dictionaries(
            {"words": texts},
            optional={
                "edtf": dates.filter(lambda edtf: edtf != "0987"),
                "stated": st.just(False),
                "review_by": st.just("2027-01-31"),
            },
        ),
        "metrics": metrics,
        "milestones": rows("key", {"title": texts}, {"date": dates, "reached": st.just(True)}),
        "evidence": evidence,
        "judged_on": st.sampled_from(("no_evidence", "not_started", "in_progress", "not_assessed")),
        "watch": st.fixed_dictionaries(
            {
                "concepts": st.dictionaries(
                    words, st.fixed_dictionaries({"weight": st.sampled_from((0.05, 1, -0.5))}), max_size=1
                )
            }
        ),
    },
)


def numbered(items):
    for number, item in enumerate(items, 1):
        status = item.pop("judged_on", None)
        item.update(reference=f"LAKE-2024-{number:02d}", slug=f"pledge-{number}", theme="water")
        if status and (status != "in_progress" or "evidence" in item):
            judged = {"status": status, "effective_on": "2025-05-02", "confidence": "low", "rationale": {"en": "Seen."}}
            cited = {"evidence": [item["evidence"][0]["key"]]} if status == "in_progress" else {}
            item["assessments"] = [{**judged, **cited}]
            if number % 2:
                item["assessments"].append({**judged, **cited, "rationale": {"en": "Seen better."}, "corrects": 1})
    return items


files = (
    st.lists(pledges, min_size=1, max_size=3)
    .map(numbered)
    .map(
        lambda items: {
            **parse(SMALL.encode(), SCHEMA).data,
            "pledges": items,
        }
    )
)


class Identity(TestCase):
    @given(files)
    @settings(
        max_examples=40,
        deadline=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    def test_load_after_export_is_the_identity(self, content):
        written = exporting.yaml_text(content)
        assert parse(written.encode(), SCHEMA).data == content
        assert parse(exporting.json_text(content).encode(), SCHEMA).data == content
        with transaction.atomic():
            loaded(written)
            exported = exporting.as_yaml(Declaration.objects.get())
            as_json = exporting.as_json(Declaration.objects.get())
            assert loaded(exported, later=timedelta(days=1)) == []
            transaction.set_rollback(True)
        loaded(as_json)
        assert exporting.as_yaml(Declaration.objects.get()) == exported
        exporting.as_csv(Declaration.objects.get())


@pytest.fixture
def lived_in(db):
    """The small declaration after people worked with it."""
    loaded(SMALL)
    judge = factories.editor()
    pledge = Pledge.objects.get(number=2)
    link = factories.evidence(pledge, title="Fish counted", added_by=judge)
    gone = factories.evidence(
        pledge, title="Wrong", added_by=judge, withdrawn_at=NOW, withdrawn_by=judge, withdrawn_reason="dead"
    )
    factories.assessment(pledge, evidence=[gone], recorded_by=judge)
    factories.assessment(
        pledge, evidence=[link, gone], status="fulfilled", recorded_by=judge, rationale=Texts(en="All counted.")
    )
    return Declaration.objects.get()


def test_what_people_judged_and_added_is_in_the_file_and_stays_on_record(lived_in):
    (_, pledge) = exporting.data(lived_in)["pledges"]
    assert [item["title"] for item in pledge["evidence"]] == ["Fish counted"]
    assert [(item["status"], len(item["evidence"])) for item in pledge["assessments"]] == [("fulfilled", 1)]
    changes = loaded(exporting.as_yaml(lived_in))
    assert {change.kind for change in changes} == {"kept"}


@pytest.mark.django_db
def test_a_file_with_what_people_did_makes_an_equal_record_elsewhere(lived_in):
    content = exporting.data(lived_in)
    text = exporting.yaml_text(content).replace("LAKE-2024", "POND-2024").replace("lake-2024", "pond-2024")
    loaded(text)
    copy = exporting.data(Declaration.objects.get(reference="POND-2024"))
    assert str(copy["pledges"]).replace("POND", "LAKE") == str(content["pledges"])


def test_a_spreadsheet_takes_no_title_for_a_formula(lived_in):
    Pledge.objects.filter(number=2).update(title=Texts(en="=HYPERLINK(1)", fr="a\nb"))
    table = list(csv.DictReader(io.StringIO(exporting.as_csv(lived_in))))
    assert [row["reference"] for row in table] == ["LAKE-2024-01", "LAKE-2024-02"]
    assert [row["status"] for row in table] == ["in_progress", "fulfilled"]
    assert (table[1]["title_en"], table[1]["title_fr"], table[0]["title_fr"]) == ("'=HYPERLINK(1)", "a b", "")
    assert (table[0]["due"], table[0]["due_words"], table[0]["parties"]) == ("2025", "in 2025", "CHN KAZ")


def test_the_command_writes_to_a_file_or_says_what_is_known(lived_in, tmp_path):
    path = tmp_path / "out.json"
    call_command("export_declaration", "LAKE-2024", format="json", output=path)
    assert json.loads(path.read_text(encoding="utf-8")) == exporting.data(lived_in)
    out = io.StringIO()
    call_command("export_declaration", "LAKE-2024", stdout=out)
    assert out.getvalue() == exporting.as_yaml(lived_in)
    with pytest.raises(CommandError, match=r"X is not on record\. On record: LAKE-2024"):
        call_command("export_declaration", "X")
    with pytest.raises(CommandError, match="Cannot write"):
        call_command("export_declaration", "LAKE-2024", output=tmp_path / "no" / "way")


def test_an_export_costs_the_same_queries_at_any_length(lived_in, django_assert_max_num_queries):
    with django_assert_max_num_queries(14):
        exporting.data(lived_in)
    for number in range(3, 20):
        pledge = factories.pledge(lived_in, number=number)
        factories.assessment(pledge, evidence=[factories.evidence(pledge)])
    with django_assert_max_num_queries(14):
        exporting.data(Declaration.objects.get())
