"""The shipped declaration: 22 pledges in two languages, with no date or judgement that its facts do not carry."""

import re
from datetime import date
from urllib.parse import urlsplit

import pytest

from tests.pledges.declarations import SCHEMA, SHIPPED
from tracker.pledges.dates import bounds
from tracker.pledges.declaration_file import parse
from tracker.pledges.loading import load
from tracker.pledges.models import Pledge, Status

DATA = parse(SHIPPED.read_bytes(), SCHEMA).data
PLEDGES = DATA["pledges"]
SIGNED = date(2024, 7, 3)


def walk(value, path=()):
    yield path, value
    if isinstance(value, dict | list):
        for name, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from walk(part, (*path, name))


def test_all_22_pledges_are_there_in_order():
    assert [pledge["reference"] for pledge in PLEDGES] == [f"CN-KZ-2024-{n:02d}" for n in range(1, 23)]


@pytest.mark.parametrize("pledge", PLEDGES, ids=lambda pledge: pledge["reference"])
def test_each_pledge_says_who_owes_what_where_it_is_written_and_what_would_fulfil_it(pledge):
    for part in ("title", "statement", "criterion"):
        assert set(pledge[part]) == {"en", "fr"}
    assert set(pledge["source"]["locator"]) == {"en", "fr"}
    assert pledge["evidence"]
    assert set(pledge["parties"]) <= {"CHN", "KAZ"}


def test_what_is_written_in_english_is_written_in_french_too():
    for path, value in walk(DATA):
        if isinstance(value, dict) and "en" in value and "watch" not in path:
            assert "fr" in value, path
            assert value["en"] != value["fr"] or path[-1] in ("place", "title"), path


def test_french_keeps_its_signs_with_the_word_before():
    for path, value in walk(DATA):
        if path[-1:] == ("fr",) and "watch" not in path and "sources" not in path:
            assert not re.search(r" [;:!?%»]|« ", value), (path, value)


def test_only_the_tourism_year_has_a_date_and_the_text_states_it():
    dated = {pledge["reference"]: pledge["due"] for pledge in PLEDGES if pledge.get("due", {}).get("edtf")}
    assert list(dated) == ["CN-KZ-2024-11"]
    assert (dated["CN-KZ-2024-11"]["edtf"], dated["CN-KZ-2024-11"]["stated"]) == (2025, True)
    assert PLEDGES[0]["due"]["words"]["fr"] == "à une date rapprochée"


def test_evidence_follows_the_signing_and_ends_with_february_2026():
    for pledge in PLEDGES:
        for item in pledge["evidence"]:
            earliest, latest = bounds(str(item["published"]))
            assert latest >= SIGNED, item["key"]
            assert earliest < date(2026, 3, 1), item["key"]


def test_every_link_has_a_host_and_every_title_a_language():
    for path, value in walk(DATA):
        if path[-1:] == ("url",):
            assert "." in urlsplit(value).hostname, path
    scripts = {"ru": "[а-я]", "kk": "[а-яәіңғүұқөһ]", "zh": "[一-鿿]"}
    for pledge in PLEDGES:
        for item in pledge["evidence"]:
            assert re.search(scripts.get(item["language"][:2], "[a-z]"), item["title"].lower()), item["title"]


def test_official_pages_are_named_as_a_partys_voice():
    official = {
        "KAZ": ("inform.kz", "qazinform.com", "kazpravda.kz"),
        "CHN": ("people.cn", "xinhuanet.com", "cgtn.com"),
    }
    for pledge in PLEDGES:
        for item in pledge["evidence"]:
            host = urlsplit(item["url"]).hostname
            for code, hosts in official.items():
                if host.endswith(hosts):
                    assert item["voice"] == f"party:{code}", item["url"]


@pytest.mark.django_db
def test_the_first_judgements_are_those_the_facts_carry(now):
    load(parse(SHIPPED.read_bytes(), SCHEMA), now=now)
    judged = {pledge.number: pledge for pledge in Pledge.objects.all()}
    assert {n for n, pledge in judged.items() if pledge.status == Status.NOT_ASSESSED} == {2, 18, 20, 21, 22}
    assert {n for n, pledge in judged.items() if pledge.status == Status.FULFILLED} == {11, 12}
    assert judged[19].status == Status.PARTLY_FULFILLED
    effective = {n: pledge.assessments.get().effective_on for n, pledge in judged.items() if n in (11, 12, 19)}
    assert effective == {11: date(2025, 6, 16), 12: date(2025, 8, 30), 19: date(2025, 1, 1)}
    for pledge in judged.values():
        for judgement in pledge.assessments.all():
            assert judgement.is_shipped
            assert set(judgement.rationale) == {"en", "fr"}
            assert judgement.evidence.exists()


@pytest.mark.django_db
def test_trade_is_measured_from_41_to_82_with_each_count_apart(now):
    load(parse(SHIPPED.read_bytes(), SCHEMA), now=now)
    metric = Pledge.objects.get(number=1).metrics.get()
    assert (metric.baseline_value, metric.target_value) == (41, 82)
    counted = [(row.series["en"], row.period_edtf, str(row.value)) for row in metric.observations.all()]
    assert counted == [
        ("Chinese customs", "2023", "41.0000"),
        ("Kazakh statistics", "2023", "31.4000"),
        ("Chinese customs", "2024", "43.8200"),
        ("Eurasian Development Bank", "../2025-08", "30.1000"),
    ]


def test_the_example_of_the_guide_is_a_declaration_file():
    guide = (SHIPPED.parents[1] / "docs" / "declaration-file.md").read_text(encoding="utf-8")
    example = guide.split("```yaml\n")[1].split("```")[0]
    assert parse(example.encode(), SCHEMA).data["pledges"][0]["due"]["edtf"] == 2026
