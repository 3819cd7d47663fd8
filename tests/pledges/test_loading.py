"""Loading brings the record to what the file says, tells every difference, and leaves people's acts alone."""

from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from tests import factories
from tests.pledges.declarations import SCHEMA, SMALL, changed
from tracker.multilingual import Texts
from tracker.pledges import actions, judging
from tracker.pledges.declaration_file import DeclarationFileError, parse
from tracker.pledges.loading import load, size
from tracker.pledges.models import (
    Assessment,
    Declaration,
    Evidence,
    Metric,
    Milestone,
    Observation,
    Pledge,
    Theme,
)

pytestmark = pytest.mark.django_db


def told(changes):
    return [(change.kind, change.what, change.detail) for change in changes]


@pytest.fixture
def bring(now):
    """Loads the small file with texts replaced; tells the differences."""

    def run(*pairs, later=timedelta(), dry_run=False):
        return told(load(parse(changed(*pairs), SCHEMA), now=now + later, dry_run=dry_run))

    return run


@pytest.fixture
def clash(bring):
    """The only problem of a file that the record refuses."""

    def run(*pairs):
        with pytest.raises(DeclarationFileError) as caught:
            bring(*pairs)
        (problem,) = caught.value.problems
        return SimpleNamespace(line=problem.line, field=problem.field, message=problem.message)

    return run


def test_everything_in_the_file_comes_to_stand_in_the_record(bring, now):
    changes = bring()
    assert {kind for kind, _, _ in changes} == {"added"}
    pledge = Pledge.objects.get(reference="LAKE-2024-01")
    assert (pledge.number, pledge.theme.slug, pledge.document.key, pledge.status) == (1, "water", "text", "in_progress")
    assert [party.code for party in pledge.parties.all()] == ["CHN", "KAZ"]
    assert (pledge.due_edtf, pledge.due_earliest, pledge.due_latest) == ("2025", date(2025, 1, 1), date(2025, 12, 31))
    assert (pledge.metrics.get().target_value, Observation.objects.get().value) == (Decimal("4.5"), Decimal("3.25"))
    assert Milestone.objects.get().date_earliest == date(2025, 5, 1)
    evidence = pledge.evidence.get()
    assert (evidence.voice, evidence.voice_party.code, evidence.added_by, evidence.added_at) == (
        "party", "KAZ", None, now,
    )  # fmt: skip
    judgement = pledge.assessments.get()
    assert (judgement.is_shipped, judgement.recorded_by, list(judgement.evidence.all())) == (True, None, [evidence])


def test_a_second_run_changes_nothing(bring):
    bring()
    assert bring(later=timedelta(days=1)) == []
    assert (Assessment.objects.count(), Evidence.objects.count()) == (1, 1)


def test_a_dry_run_tells_the_same_and_changes_nothing(bring):
    assert bring(dry_run=True) == bring()
    edits = [("{en: Water}", "{en: Waters}"), ("status: in_progress", "status: stalled")]
    dry = bring(*edits, dry_run=True)
    assert str(Theme.objects.get(slug="water")) == "Water"
    assert dry == bring(*edits)
    assert Pledge.objects.get(number=1).status == "stalled"


@pytest.mark.parametrize(
    ("old", "new", "what", "detail"),
    [
        ("{en: Clean the lake}", "{en: Clean the lakes}", "LAKE-2024-01, title", "en: Clean the lake → Clean the lakes"),  # noqa: E501
        ("{en: Clean the lake}", "{en: Clean the lake, fr: Nettoyer}", "LAKE-2024-01, title", "fr: nothing → Nettoyer"),
        ("theme: fish", "theme: water", "LAKE-2024-02, theme", "Fish → Water"),
        ("parties: [KAZ]", "parties: [CHN]", "LAKE-2024-02, parties", "KAZ → CHN"),
        ("slug: lake-2024", "slug: lakes", "LAKE-2024, slug", "lake-2024 → lakes"),
        ("value: 4.5", "value: 5", "LAKE-2024-01, metric depth, target_value", "4.5000 → 5"),
        ("value: 3.25", "value: 3.5", "LAKE-2024-01, metric depth, 2024 (Survey), value", "3.2500 → 3.5"),
        ("{en: Dredgers arrive}", "{en: Arrival}", "LAKE-2024-01, milestone dredgers, title", "en: Dredgers arrive → Arrival"),  # noqa: E501
        ("title: Dredging begins", "title: It begins", "LAKE-2024-01, evidence dredging, title", "Dredging begins → It begins"),  # noqa: E501
        ("org/dredging", "org/2", "LAKE-2024-01, evidence dredging, url", "https://news.example.org/dredging → https://news.example.org/2"),
        ("key: dredging\n", "key: start\n", "LAKE-2024-01, evidence start, key", "dredging → start"),
    ],
)  # fmt: skip
def test_each_difference_is_told_from_what_to_what(bring, old, new, what, detail):
    bring()
    edits = [(old, new), *([("[dredging]", "[start]")] if new == "key: start\n" else [])]
    assert bring(*edits) == [("changed", what, detail)]
    assert bring(*edits) == []
    assert (Evidence.objects.count(), Observation.objects.count()) == (1, 1)


@pytest.mark.parametrize("is_corrected", [False, True])
def test_figures_that_people_withdrew_or_added_stay_as_they_are(bring, now, is_corrected):
    bring()
    Observation.objects.update(withdrawn_at=now, withdrawn_reason="misread")
    if is_corrected:
        shipped, editor = Observation.objects.get(), factories.editor()
        factories.observation(shipped.metric, period_edtf="2024", series=shipped.series, value=9, added_by=editor)
    count = Observation.objects.count()
    told = ("kept", "LAKE-2024-01, metric depth, 2024 (Survey)", "people added or withdrew this figure")
    assert bring(("value: 3.25", "value: 3.5")) == [told]
    assert Observation.objects.count() == count
    assert not Observation.objects.filter(value="3.5").exists()


def test_a_changed_due_date_moves_the_days_too(bring):
    bring()
    assert [what for _, what, _ in bring(("edtf: 2025}", "edtf: 2026-33}"))] == [
        "LAKE-2024-01, due_edtf",
        "LAKE-2024-01, due_earliest",
        "LAKE-2024-01, due_latest",
    ]


def test_of_a_long_text_the_difference_is_shown(bring):
    bring()
    long = "The parties will clean the lake, " + "slowly, " * 40 + "and"
    bring(("{en: The parties will clean the lake.}", f'{{en: "{long} well."}}'))
    ((_, _, detail),) = bring(("{en: The parties will clean the lake.}", f'{{en: "{long} badly."}}'))
    assert detail == "en: …slowly, slowly, and well. → …slowly, slowly, and badly."


def test_what_the_file_no_longer_names_is_kept_and_said(bring):
    bring()
    text = SMALL[: SMALL.index("    metrics:")] + SMALL[SMALL.index("  - reference: LAKE-2024-02") :]
    cut = [(SMALL, text), ("  - {slug: fish, title: {en: Fish}}\n", ""), ("theme: fish", "theme: water")]
    gone = "no longer in the file"
    assert bring(*cut) == [
        ("kept", "theme fish", gone),
        ("kept", "LAKE-2024-01, metric depth", gone),
        ("kept", "LAKE-2024-01, metric depth, 2024 (Survey)", gone),
        ("kept", "LAKE-2024-01, milestone dredgers", gone),
        ("kept", "LAKE-2024-01, evidence dredging", gone),
        ("kept", "LAKE-2024-01, judgement “in_progress”", gone),
        ("changed", "LAKE-2024-02, theme", "Fish → Water"),
    ]
    last = text.index("  - reference: LAKE-2024-02")
    assert ("kept", "LAKE-2024-02", gone) in bring((SMALL, text[:last]))
    assert (Metric.objects.count(), Milestone.objects.count(), Evidence.objects.count()) == (1, 1, 1)
    assert Pledge.objects.get(number=1).status == "in_progress"


def test_an_edited_judgement_is_a_new_one_after_the_old(bring):
    bring()
    edit = ("Dredging began in May", "Dredging began in spring")
    assert bring(edit, later=timedelta(days=1)) == [("added", "LAKE-2024-01, judgement “in_progress”", "")]
    assert bring(edit, later=timedelta(days=2)) == []
    assert bring(later=timedelta(days=3)) == [("added", "LAKE-2024-01, judgement “in_progress”", "")]
    assert Assessment.objects.count() == 3


SECOND = """[dredging]
      - status: stalled
        effective_on: 2025-09-01
        rationale: {en: No dredger was seen since.}
        evidence: [dredging]"""


def test_a_later_judgement_follows_the_one_before(bring):
    bring()
    assert bring(("[dredging]", SECOND), later=timedelta(days=1)) == [
        ("added", "LAKE-2024-01, judgement “stalled”", "")
    ]
    assert bring(("[dredging]", SECOND), later=timedelta(days=2)) == []
    pledge = Pledge.objects.get(number=1)
    assert [row.previous_status for row in pledge.assessments.order_by("id")] == ["not_assessed", "in_progress"]


def test_a_judgement_may_correct_one_before_it(bring):
    corrected = ("[dredging]", f"{SECOND}\n        corrects: 1")
    bring(corrected)
    first, second = Pledge.objects.get(number=1).assessments.order_by("id")
    assert (first.corrects, second.corrects) == (None, first)
    assert bring(corrected, later=timedelta(days=1)) == []


def test_a_correction_that_comes_later_names_what_stands_on_record(bring):
    bring()
    bring(("[dredging]", f"{SECOND}\n        corrects: 1"), later=timedelta(days=1))
    first, second = Pledge.objects.get(number=1).assessments.order_by("id")
    assert second.corrects == first


def test_what_people_judged_is_never_overruled(bring, now):
    bring()
    pledge = Pledge.objects.get(number=1)
    draft = judging.Draft(
        pledge=pledge,
        status="stalled",
        confidence="high",
        rationale=Texts(en="The dredgers left in June."),
        evidence=pledge.evidence.all(),
        effective_on=date(2025, 6, 1),
    )
    judging.assess(draft, expected_version=pledge.version, by=factories.editor(), now=now)
    assert bring() == []
    edit = ("status: in_progress", "status: fulfilled")
    assert bring(edit) == [("kept", "LAKE-2024-01, judgement “fulfilled”", "people have judged this pledge")]
    pledge.refresh_from_db()
    assert (pledge.status, pledge.assessments.count()) == ("stalled", 2)


def test_what_people_withdrew_stays_withdrawn_and_is_not_cited(bring, now):
    bring()
    evidence = Evidence.objects.get()
    actions.withdraw_evidence(evidence=evidence, reason="retracted", by=factories.editor(), now=now)
    kept = ("kept", "LAKE-2024-01, evidence dredging", "people added or withdrew this link")
    assert bring(("title: Dredging begins", "title: It begins")) == [kept]
    edit = ("Dredging began in May", "Dredging began in spring")
    reason = "not recorded, the evidence it rests on was withdrawn"
    assert bring(edit) == [kept, ("kept", "LAKE-2024-01, judgement “in_progress”", reason)]
    evidence.refresh_from_db()
    assert (evidence.title, evidence.withdrawn_reason) == ("Dredging begins", "retracted")
    assert (Evidence.objects.count(), Assessment.objects.count()) == (1, 1)


def test_a_link_that_people_added_is_cited_as_it_is(bring):
    start, end = SMALL.index("    evidence:"), SMALL.index("  - reference: LAKE-2024-02")
    bring((SMALL, SMALL[:start] + SMALL[end:]))
    theirs = factories.evidence(
        Pledge.objects.get(number=1),
        url="https://news.example.org/dredging",
        title="Seen by an editor",
        added_by=factories.editor(),
    )
    assert bring() == [
        ("kept", "LAKE-2024-01, evidence dredging", "people added or withdrew this link"),
        ("added", "LAKE-2024-01, judgement “in_progress”", ""),
    ]
    assert list(Assessment.objects.get().evidence.all()) == [theirs]
    assert Evidence.objects.get().title == "Seen by an editor"


def test_a_slug_of_another_declaration_is_a_problem_of_its_line(clash):
    factories.declaration(slug="lake-2024")
    found = clash()
    assert (found.line, found.field) == (4, "declaration.slug")
    assert "is the slug of XX-" in found.message


def test_a_pledge_of_another_declaration_is_a_problem_of_its_line(clash):
    factories.pledge(reference="LAKE-2024-02")
    found = clash()
    assert (found.line, found.field) == (50, "pledges[1].reference")
    assert "LAKE-2024-02 is a pledge of XX-" in found.message


def test_a_number_on_record_belongs_to_its_reference(bring, clash):
    bring()
    found = clash(("reference: LAKE-2024-02", "reference: LAKE-2024-2"))
    assert (found.field, found.message) == (
        "pledges[1].reference",
        "has the number of LAKE-2024-02, which is on record",
    )


TWO = """evidence:
      - {key: survey, url: "https://news.example.org/survey", title: Survey, publisher: Herald, language: en,
         published: 2025, stance: context, kind: output, voice: independent}
      - key: dredging"""


def test_two_keys_cannot_trade_their_links(bring, clash):
    two = ("evidence:\n      - key: dredging", TWO)
    bring(two)
    with pytest.raises(DeclarationFileError) as caught:
        bring(two, ("key: survey", "key: x"), ("key: dredging", "key: survey"), ("key: x", "key: dredging"),
              ("[dredging]", "[survey]"))  # fmt: skip
    assert [(problem.field, problem.message) for problem in caught.value.problems] == [
        ("pledges[0].evidence[0].url", "is the link of “survey” on record"),
        ("pledges[0].evidence[1].url", "is the link of “dredging” on record"),
    ]


def test_a_key_cannot_take_over_the_link_of_one_on_record(bring, clash):
    bring(("evidence:\n      - key: dredging", TWO))
    found = clash(("org/dredging", "org/survey"))
    assert (found.field, found.message) == ("pledges[0].evidence[0].url", "is the link of “survey” on record")


def test_a_judgement_cannot_hold_since_a_day_to_come(clash):
    found = clash(("effective_on: 2025-05-02", "effective_on: 2026-11-27"))
    assert (found.field, found.message) == ("pledges[0].assessments[0].effective_on", "2026-11-27 has not come yet")


def test_a_refused_file_leaves_nothing_behind(clash):
    factories.pledge(reference="LAKE-2024-02")
    clash()
    assert not Declaration.objects.filter(reference="LAKE-2024").exists()


def test_two_declarations_share_their_parties(bring):
    factories.declaration()
    bring()
    assert {row.reference: row.parties.count() for row in Declaration.objects.all()}["LAKE-2024"] == 2


def test_the_number_of_queries_does_not_grow_with_the_pledges(now, django_assert_max_num_queries):
    head, pledge = (
        SMALL[: SMALL.index("  - reference: LAKE-2024-02")],
        SMALL[SMALL.index("  - reference: LAKE-2024-02") :],
    )
    many = head + "".join(
        pledge.replace("LAKE-2024-02", f"LAKE-2024-{n:03d}").replace("count-fish", f"count-{n}") for n in range(2, 302)
    )
    file = parse(many.encode(), SCHEMA)
    load(file, now=now)
    with django_assert_max_num_queries(30):
        assert load(file, now=now) == []


LINES = SMALL.splitlines()
WORDS = st.sampled_from(["", "2025", "x", "KAZ", "LAKE-2024-02", "lake-2024", "dredging", "https://a.example/b", "-1"])


class TestHostileFiles(TestCase):
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def test_no_mutated_file_breaks_the_record(self, data):
        """Twice the sound file, then mutations of it: problems or success, never an error of the database."""
        load(parse(SMALL.encode(), SCHEMA), now=factories.NOW)
        for _ in range(2):
            lines = list(LINES)
            for _ in range(data.draw(st.integers(1, 2))):
                at = data.draw(st.integers(0, len(lines) - 1))
                head = lines[at].rpartition(":")[0]
                lines[at : at + 1] = data.draw(st.sampled_from([[], [lines[at]] * 2, [f"{head}: {data.draw(WORDS)}"]]))
            with suppress(DeclarationFileError):
                load(parse("\n".join(lines).encode(), SCHEMA), now=factories.NOW)


APART = (
    ("parties: [CHN, KAZ]\n    source", "parties: [CHN, KAZ]\n    judged: per party\n    source"),
    (
        "evidence: [dredging]\n",
        """evidence: [dredging]
      - party: KAZ
        status: fulfilled
        effective_on: 2025-06-01
        rationale: {en: Kazakhstan sent its two boats.}
        evidence: [dredging]
""",
    ),
)


def test_parties_are_judged_apart_where_the_file_says_so(bring):
    assert ("added", "LAKE-2024-01, judgement of KAZ “fulfilled”", "") in bring(*APART)
    assert bring(*APART, later=timedelta(days=1)) == []
    pledge = Pledge.objects.get(number=1)
    assert (pledge.is_judged_per_party, pledge.status) == (True, "in_progress")
    judged = pledge.assessments.order_by("id").values_list("party__code", "status", "previous_status")
    assert list(judged) == [(None, "in_progress", "not_assessed"), ("KAZ", "fulfilled", "not_assessed")]


def test_a_declaration_that_asks_for_two_people_is_still_loaded_whole(bring):
    """Its file was reviewed before it was shipped; what editors judge afterwards waits."""
    bring(("signed_on: 2024-07-03", "signed_on: 2024-07-03\n  needs_second_person: true"))
    assert Declaration.objects.get().needs_second_person
    assert Assessment.objects.get().confirmed_by is None


def test_progress_comes_to_an_end_when_all_is_loaded(now):
    file, steps = parse(SMALL.encode(), SCHEMA), []
    load(file, now=now, progress=steps.append)
    assert sum(steps) == size(file.data) == 6
