"""What a decision may carry beyond yes and no: another pledge, a status, a delay, many articles at once."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests import factories
from tests.matching.test_review import ANSWER, HTMX, address, text
from tracker.matching import deciding, reading
from tracker.matching.models import Suggestion

pytestmark = pytest.mark.django_db
JUDGED = {
    "status": "in_progress",
    "rationale": "Two dredgers are at work.",
    "effective_on": "2026-11-20",
    "confidence": "high",
}


@pytest.fixture
def editor(client):
    person = factories.editor(name="Aigerim")
    client.force_login(person)
    return person


@pytest.fixture
def review(client, editor):
    return client


def state(suggestion):
    suggestion.refresh_from_db()
    return suggestion.state


# -- Another pledge


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_any_pledge_can_be_chosen_instead(review, headers):
    case, pledge = factories.suggestion(), factories.pledge()
    data = {**ANSWER, "pledge": "other", "other_pledge": pledge.reference}
    answer = review.post(address("accept_suggestion", case), data, headers=headers)
    page = answer if headers else review.get(answer.url)
    assert f"Accepted for {pledge.code}." in text(page)
    assert (state(case), pledge.evidence.count()) == ("dismissed", 1)


def test_another_candidate_shows_its_own_bill_and_can_be_chosen(review):
    article = factories.article()
    case, other = factories.suggestion(article), factories.suggestion(article)
    page = review.get(address("suggestion", case))
    assert text(page).count("Match 0.70") >= 2
    review.post(address("accept_suggestion", case), {**ANSWER, "pledge": str(other.pledge_id)})
    assert (state(case), state(other)) == ("dismissed", "accepted")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"pledge": "other", "other_pledge": ""}, "Choose the pledge it belongs to"),
        ({"pledge": "other", "other_pledge": "\x00"}, "Select a valid choice."),
        ({"pledge": "9" * 40}, "Select a valid choice."),
        ({"pledge": "other", "other_pledge": "{other}", **JUDGED}, "look at that pledge before you change its status"),
        ({**JUDGED, "rationale": " "}, "Enter a reason"),
        ({**JUDGED, "effective_on": ""}, "Enter a date"),
        ({**JUDGED, "effective_on": "2999-01-01"}, "This day has not come yet"),
        ({**JUDGED, "status": "not_fulfilled"}, "needs two sources from different publishers"),
        ({**JUDGED, "status": "praised"}, "Select a valid choice."),
        ({**JUDGED, "also": ["9" * 40]}, "Select a valid choice."),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_what_is_wrong_is_told_and_nothing_is_lost(review, wrong, message, headers):
    case, other = factories.suggestion(), factories.pledge()
    wrong = {
        key: value.format(other=other.reference) if key == "other_pledge" else value for key, value in wrong.items()
    }
    version = {f"version_{case.pledge_id}": "0"}
    answer = review.post(address("accept_suggestion", case), {**ANSWER, **version, **wrong}, headers=headers)
    assert answer.status_code == 422
    assert message in text(answer)
    assert "Dredgers left again." in answer.content.decode()
    assert (state(case), case.pledge.evidence.count(), other.evidence.count()) == ("pending", 0, 0)


def test_a_pledge_that_has_the_article_already_is_told_and_the_case_stays(review):
    article = factories.article()
    case, other = factories.suggestion(article), factories.suggestion(article)
    said = {"stance": "progress", "kind": "action", "voice": "independent", "voice_party": None, "note": {}}
    deciding.accept(suggestion=other, **said, by=factories.editor(name="Bolat"), now=factories.NOW)
    data = {**ANSWER, "pledge": "other", "other_pledge": other.pledge.reference}
    answer = review.post(address("accept_suggestion", case), data)
    assert answer.status_code == 422
    assert f"Bolat accepted the article for {other.pledge.code} already." in text(answer)


# -- A status in the same step


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_status_changes_in_the_same_step(review, editor, headers):
    case = factories.suggestion()
    data = {**ANSWER, **JUDGED, f"version_{case.pledge_id}": "0"}
    answer = review.post(address("accept_suggestion", case), data, headers=headers)
    page = answer if headers else review.get(answer.url)
    assert "Its status is now “In progress”." in text(page)
    made = case.pledge.assessments.get()
    assert (made.recorded_by, made.confidence, made.evidence.get().url) == (editor, "high", case.article.url)


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_status_given_meanwhile_is_shown_and_saving_again_puts_ones_own_on_top(review, headers):
    case = factories.suggestion()
    factories.assessment(case.pledge, status="stalled", recorded_by=factories.editor(name="Bolat"))
    data = {**ANSWER, **JUDGED, f"version_{case.pledge_id}": "0"}
    answer = review.post(address("accept_suggestion", case), data, headers=headers)
    assert answer.status_code == 409
    assert "Bolat changed this pledge while you were writing" in text(answer)
    assert "Two dredgers are at work." in answer.content.decode()
    assert state(case) == "pending"
    (version,) = re.findall(rf'name="version_{case.pledge_id}" value="(\d+)"', answer.content.decode())
    again = {**data, f"version_{case.pledge_id}": version}
    assert review.post(address("accept_suggestion", case), again, headers=headers).status_code in (200, 302)
    assert state(case) == "accepted"


def test_a_form_that_comes_back_keeps_the_version_it_was_written_against(review):
    case = factories.suggestion()
    data = {**ANSWER, **JUDGED, f"version_{case.pledge_id}": "0", "rationale": ""}
    factories.assessment(case.pledge, status="stalled")
    answer = review.post(address("accept_suggestion", case), data)
    assert f'name="version_{case.pledge_id}" value="0"' in answer.content.decode()


@pytest.mark.parametrize("version", [{}, {"version_{}": "\x00"}, {"version_{}": "²"}, {"version_{}": "9" * 40}])
def test_a_version_that_makes_no_sense_fits_none(review, version):
    case = factories.suggestion()
    version = {key.format(case.pledge_id): value for key, value in version.items()}
    answer = review.post(address("accept_suggestion", case), {**ANSWER, **JUDGED, **version})
    assert answer.status_code == 409
    assert "This pledge changed while you were writing" in text(answer)


def test_a_status_that_waits_for_a_second_editor_is_told(review):
    pledge = factories.pledge(factories.declaration(needs_second_person=True))
    one, other = factories.suggestion(about=pledge), factories.suggestion(about=pledge)
    data = {**ANSWER, **JUDGED, f"version_{pledge.pk}": "0"}
    page = review.get(review.post(address("accept_suggestion", one), data).url)
    assert "The status waits for a second editor." in text(page)
    answer = review.post(address("accept_suggestion", other), data)
    assert answer.status_code == 409
    assert "A judgement by Aigerim waits already" in text(answer)


# -- Later


@pytest.mark.parametrize("headers", [{}, HTMX])
@pytest.mark.parametrize("days", [1, 7])
def test_a_case_is_put_off_to_the_beginning_of_a_day_where_the_editor_lives(review, editor, headers, days):
    editor.time_zone = "Asia/Almaty"
    editor.save()
    case = factories.suggestion()
    answer = review.post(address("snooze_suggestion", case), {"days": str(days)}, headers=headers)
    page = answer if headers else review.get(answer.url)
    assert "Put off until" in text(page)
    case.refresh_from_db()
    with timezone.override("Asia/Almaty"):
        local = timezone.localtime(case.snoozed_until)
        assert (local.hour, local.date()) == (0, timezone.localdate() + timedelta(days=days))
    assert "0 waiting" in text(review.get(reverse("review")))
    assert review.get(reverse("review"), {"show": "snoozed"}).context["case"] == case


def test_a_delay_of_another_length_is_refused(review):
    case = factories.suggestion()
    assert review.post(address("snooze_suggestion", case), {"days": "3650"}).status_code == 422


def test_what_is_put_off_says_by_whom_and_can_be_woken(review):
    case = factories.suggestion()
    review.post(address("snooze_suggestion", case), {"days": "7"})
    assert "Aigerim put it off until" in text(review.get(address("suggestion", case)))
    review.post(address("undo_suggestion", case))
    assert "1 waiting" in text(review.get(reverse("review")))


# -- What was decided


def test_decisions_are_listed_newest_first_and_undone_from_there(review):
    first, second = factories.suggestion(), factories.suggestion()
    for case, reason in ((first, "other"), (second, "opinion")):
        review.post(address("dismiss_suggestion", case), {"reason": reason, "reason_note": "A preview only"})
    page = review.get(reverse("review"), {"show": "decided"})
    assert [row.pk for row in page.context["page"]] == [second.pk, first.pk]
    assert "Rejected" in text(page)
    assert "A preview only" in text(page)
    review.post(address("undo_suggestion", first, "?show=decided"))
    assert state(first) == "pending"


# -- Many at once


def chosen(*cases):
    return {"case": [str(case.pk) for case in cases]}


@pytest.mark.parametrize("headers", [{}, {**HTMX, "HX-Target": "triage"}])
@pytest.mark.parametrize(
    ("said", "word", "became"),
    [
        ({"stance": "context", "kind": "output"}, "2 accepted.", "accepted"),
        ({"reason": "opinion", "reason_note": "Both are previews"}, "2 rejected.", "dismissed"),
        ({"days": "1"}, "2 put off.", "pending"),
    ],
)
def test_many_are_decided_at_once_and_undone_at_once(review, headers, said, word, became):
    cases, left = [factories.suggestion() for _ in range(2)], factories.suggestion()
    answer = review.post(reverse("bulk_review"), {**chosen(*cases), **said}, headers=headers)
    page = answer if headers else review.get(answer.url)
    assert word in text(page)
    assert page.context["case"] == left
    assert {state(case) for case in cases} == {became}
    answer = review.post(reverse("bulk_review"), {**chosen(*cases), "undo": "1"}, headers=headers)
    page = answer if headers else review.get(answer.url)
    assert "the articles wait again" in text(page)
    assert "3 waiting" in text(page)


def test_many_are_accepted_in_the_voice_that_their_publishers_usually_have(review):
    feed = factories.feed()
    first, second = (factories.suggestion(factories.article(feed)) for _ in range(2))
    review.post(address("accept_suggestion", first), {**ANSWER, "voice": "party:KAZ"})
    review.post(reverse("bulk_review"), {**chosen(second), "stance": "progress", "kind": "action"})
    evidence = second.pledge.evidence.get()
    assert (evidence.stance, evidence.kind, evidence.voice_party.code) == ("progress", "action", "KAZ")


def test_of_many_what_another_decided_first_is_told_and_what_stands_already_is_left(review):
    late, double, fine = (factories.suggestion() for _ in range(3))
    deciding.dismiss(suggestion=late, reason="opinion", by=factories.editor(name="Bolat"), now=factories.NOW)
    factories.evidence(double.pledge, url=double.article.url)
    said = {**chosen(late, double, fine), "stance": "progress", "kind": "action"}
    page = review.get(review.post(reverse("bulk_review"), said).url)
    assert f"Bolat rejected this article for {late.pledge.code}" in text(page)
    assert "1 article was left: its address stands as evidence already." in text(page)
    assert (state(late), state(double), state(fine)) == ("dismissed", "pending", "accepted")


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"case": ["\x00", "²", "-1", "9" * 40], "reason": "other"},
        {"case": "{}"},
        {"case": "{}", "stance": "praise", "kind": "action"},
        {"case": "{}", "reason": "boring"},
        {"case": "{}", "days": "365"},
    ],
)
def test_a_choice_that_makes_no_sense_decides_nothing(review, said):
    case = factories.suggestion()
    said = {key: str(case.pk) if value == "{}" else value for key, value in said.items()}
    page = review.get(review.post(reverse("bulk_review"), said).url)
    assert "Choose articles of the list first" in text(page)
    assert state(case) == "pending"


# -- Near-copies


@pytest.fixture
def story():
    pledge, first = factories.pledge(), factories.article(title="Dredgers reach the lake at last")
    return [factories.suggestion(article, pledge) for article in (first, factories.article(story=first))]


def test_a_story_is_one_row_that_says_how_many_are_alike(review, story):
    page = review.get(reverse("review"))
    assert [row["suggestion"] for row in page.context["rows"]] == [story[0]]
    assert "1 alike" in text(page)
    assert "1 near-copy of this story" in text(page)
    assert re.search(r"\d+% alike", text(page))


@pytest.mark.parametrize("headers", [{}, HTMX])
@pytest.mark.parametrize("ticked", [True, False])
def test_only_ticked_copies_are_attached(review, story, headers, ticked):
    data = {**ANSWER, "copy": [str(story[1].article_id)] if ticked else []}
    review.post(address("accept_suggestion", story[0]), data, headers=headers)
    assert state(story[1]) == ("accepted" if ticked else "pending")
    assert story[0].pledge.evidence.count() == 1
    page = review.get(address("suggestion", story[1]))
    assert ("Decided along with" in text(page)) == ticked
    if not ticked:
        assert "Accepted, Aigerim" in text(page)


def test_a_form_that_comes_back_keeps_which_copies_were_taken_out(review, story):
    answer = review.post(address("accept_suggestion", story[0]), {**ANSWER, "kind": ""})
    assert not re.search(r'name="copy"[^>]* checked', answer.content.decode())
    assert re.search(r'name="copy"[^>]* checked', review.get(address("suggestion", story[0])).content.decode())


def test_what_was_decided_along_is_not_listed_apart(review, story):
    review.post(reverse("bulk_review"), {**chosen(story[0]), "reason": "other"})
    page = review.get(reverse("review"), {"show": "decided"})
    assert [row["suggestion"] for row in page.context["rows"]] == [story[0]]


# -- Two editors


def test_a_case_that_another_editor_reads_is_marked_in_the_list_and_beside_the_article(review):
    case, free = factories.suggestion(score="0.90"), factories.suggestion(score="0.60")
    aru, now = factories.editor(name="Aru"), timezone.now()
    reading.opened(suggestion_id=case.pk, by=aru, now=now)
    assert text(review.get(reverse("review"))).count("Aru is reading this") == 2
    assert text(review.get(address("suggestion", free))).count("Aru is reading this") == 1
    reading.opened(suggestion_id=case.pk, by=aru, now=now - reading.FORGOTTEN_AFTER)
    assert "Aru" not in text(review.get(reverse("review")))


def test_the_next_case_is_one_that_nobody_else_reads(review):
    cases = [factories.suggestion(score=score) for score in ("0.90", "0.80", "0.70")]
    reading.opened(suggestion_id=cases[1].pk, by=factories.editor(), now=timezone.now())
    assert review.get(address("suggestion", cases[0])).context["following"] == cases[2]
    reading.opened(suggestion_id=cases[2].pk, by=factories.editor(), now=timezone.now())
    assert review.get(address("suggestion", cases[0])).context["following"] == cases[1]


def test_who_reads_is_asked_again_while_the_page_is_open(review, editor):
    case = factories.suggestion()
    asked = reverse("suggestion_readers", args=[case.pk])
    assert "reading" not in text(review.get(asked))
    reading.opened(suggestion_id=case.pk, by=factories.editor(name="Aru"), now=timezone.now())
    assert "Aru is reading this" in text(review.get(asked))
    assert editor.pk in case.readings.values_list("person", flat=True)


def test_an_editor_reads_one_case_at_a_time_and_none_in_an_empty_inbox(review, editor):
    cases = [factories.suggestion() for _ in range(2)]
    for case in cases:
        review.get(address("suggestion", case))
    assert cases[0].readings.count() == 0
    Suggestion.objects.filter(pk__in=[case.pk for case in cases]).delete()
    review.get(reverse("review"))
    assert not reading.Reading.objects.exists()
