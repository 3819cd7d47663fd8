import re
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from tests import factories
from tracker.matching import deciding
from tracker.matching.models import Suggestion, SuggestionState

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true", "HX-Target": "item"}
ANSWER = {"stance": "setback", "kind": "output", "voice": "independent", "note": "Dredgers left again."}


@pytest.fixture
def editor():
    return factories.editor(name="Aigerim")


@pytest.fixture
def review(client, editor):
    client.force_login(editor)
    return client


def address(name, suggestion, query=""):
    return reverse(name, args=[suggestion.pk]) + query


def text(response):
    """The words of the page, as one line."""
    page = re.sub(r"<[^>]*>", " ", response.content.decode())
    return re.sub(r"\s+", " ", page)


# -- Who may


@pytest.mark.parametrize("name", ["suggestion", "accept_suggestion", "dismiss_suggestion", "undo_suggestion"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_only_editors_review(client, name, method):
    suggestion = factories.suggestion()
    assert getattr(client, method)(address(name, suggestion)).status_code == 302
    client.force_login(factories.user())
    assert getattr(client, method)(address(name, suggestion)).status_code == 403
    assert client.get(reverse("review")).status_code == 403
    suggestion.refresh_from_db()
    assert suggestion.state == SuggestionState.PENDING


# -- What is shown


def test_the_inbox_opens_with_the_best_match(review):
    factories.suggestion(score="0.60")
    best = factories.suggestion(score="0.90")
    page = review.get(reverse("review"))
    assert page.status_code == 200
    assert page.context["case"] == best
    assert re.search(r"2 waiting, oldest \d+ days?\. 0 decided in seven days\.", text(page))
    assert f'<li id="row-{best.pk}" aria-current="true">' in page.content.decode()


def test_matched_words_are_marked_in_the_article_and_the_bill_adds_up(review):
    article = factories.article(title="Lake & <dredgers>", text="The lake.\n\nTwo dredgers.")
    case = factories.suggestion(article)
    page = review.get(address("suggestion", case)).content.decode()
    assert '<mark class="h">Lake</mark> &amp; &lt;<mark class="p">dredgers</mark>&gt;' in page
    assert 'The <mark class="h">lake</mark>.' in page
    assert "lake, in headline 0.50" in text(review.get(address("suggestion", case)))
    assert "Match 0.70" in text(review.get(address("suggestion", case)))


def test_an_article_without_text_says_so(review):
    case = factories.suggestion(factories.article(text=""))
    assert "The feed gave no text beyond the headline." in text(review.get(address("suggestion", case)))


def test_the_other_pledges_that_wait_for_the_same_article_are_linked(review):
    article = factories.article()
    case, other = factories.suggestion(article), factories.suggestion(article)
    done = factories.suggestion(article)
    deciding.dismiss(suggestion=done, reason="other", by=factories.editor(), now=factories.NOW)
    page = review.get(address("suggestion", case))
    assert [row["suggestion"] for row in page.context["candidates"]] == [case, other]
    assert f'name="pledge" value="{other.pledge_id}"' in page.content.decode()


def test_an_overdue_pledge_says_so_beside_the_case(review):
    pledge = factories.pledge(due_edtf="2025", due_latest=datetime(2025, 12, 31, tzinfo=UTC).date())
    assert "Overdue" in text(review.get(address("suggestion", factories.suggestion(about=pledge))))


def test_with_nothing_waiting_the_page_says_what_comes_next(review):
    page = review.get(reverse("review"))
    assert "Nothing to review" in text(page)
    assert f'href="{reverse("feeds")}"' in page.content.decode()


def test_htmx_gets_the_case_alone(review):
    case = factories.suggestion()
    part = review.get(address("suggestion", case), headers=HTMX).content.decode()
    assert "<html" not in part
    assert f'action="{address("accept_suggestion", case)}"' in part
    assert 'tabindex="-1" autofocus' in part


def test_every_htmx_link_and_form_works_without_script(review):
    article = factories.article()
    for _ in range(3):
        factories.suggestion(article)
    page = review.get(reverse("review")).content.decode()
    for tag in re.findall(r"<(?:a|form|button)\b[^>]*\bhx-[^>]*>", page):
        asked = re.search(r'hx-(?:get|post)="([^"]+)"', tag)
        assert asked
        assert re.search(rf'(?:href|action|formaction)="{re.escape(asked[1])}"', tag)


# -- Filters and order


def test_filters_narrow_the_list_and_stay_in_every_link(review):
    french = factories.suggestion(factories.article(language="fr"))
    factories.suggestion(factories.article(language="en"))
    page = review.get(reverse("review"), {"language": "fr", "sort": "newest"})
    assert [row.pk for row in page.context["page"]] == [french.pk]
    assert f'href="{address("suggestion", french, "?language=fr&amp;sort=newest")}"' in page.content.decode()


def test_a_pledge_can_be_chosen(review):
    wanted = factories.suggestion()
    factories.suggestion()
    page = review.get(reverse("review"), {"pledge": wanted.pledge.reference})
    assert [row.pk for row in page.context["page"]] == [wanted.pk]


def test_the_newest_can_come_first(review):
    factories.suggestion(score="0.90", created_at=factories.NOW - timedelta(days=1))
    newest = factories.suggestion(score="0.60")
    assert review.get(reverse("review"), {"sort": "newest"}).context["case"] == newest


def test_filters_that_leave_nothing_offer_to_be_removed(review):
    factories.suggestion()
    page = review.get(reverse("review"), {"language": "kk"})
    assert "No waiting article matches" in text(page)


@pytest.mark.parametrize(
    "query",
    [
        {"pledge": "\x00", "language": "\x00' OR 1=1", "sort": "nothing", "page": "-1"},
        {"page": "9" * 400, "done": "9" * 400},
        {"page": "\x00", "done": "²"},
        {"pledge": "x" * 5000, "done": "-1"},
    ],
)
def test_no_query_string_breaks_the_page(review, query):
    factories.suggestion()
    assert review.get(reverse("review"), query).status_code == 200


@pytest.mark.parametrize("name", ["suggestion", "accept_suggestion", "dismiss_suggestion", "undo_suggestion"])
def test_a_case_that_does_not_exist_is_not_found(review, name):
    for pk in (1, 10**30):
        method = review.get if name == "suggestion" else review.post
        assert method(reverse(name, args=[pk])).status_code == 404


def test_decisions_are_posted_only(review):
    case = factories.suggestion()
    for name in ("accept_suggestion", "dismiss_suggestion", "undo_suggestion"):
        assert review.get(address(name, case)).status_code == 405
    assert review.post(reverse("review")).status_code == 405


# -- Accepting


def test_accepting_without_script_leads_to_the_next_case_with_word_of_the_last(review):
    second, first = factories.suggestion(score="0.60"), factories.suggestion(score="0.90")
    answer = review.post(address("accept_suggestion", first), ANSWER)
    assert answer.status_code == 302
    assert answer.url == address("suggestion", second, f"?done={first.pk}")
    page = review.get(answer.url)
    assert f"Accepted for {first.pledge.code}." in text(page)
    assert f'action="{address("undo_suggestion", first)}"' in page.content.decode()
    evidence = first.pledge.evidence.get()
    assert (evidence.stance, evidence.kind, evidence.note) == ("setback", "output", {"en": "Dredgers left again."})


def test_accepting_with_htmx_swaps_in_the_next_case_and_tells_the_rest_of_the_page(review):
    second, first = factories.suggestion(score="0.60"), factories.suggestion(score="0.90")
    answer = review.post(address("accept_suggestion", first, "?language=en"), ANSWER, headers=HTMX)
    part = answer.content.decode()
    assert answer.status_code == 200
    assert answer.headers["HX-Replace-Url"] == address("suggestion", second, "?language=en")
    assert f'action="{address("accept_suggestion", second, "?language=en")}"' in part
    assert f'<li id="row-{first.pk}" hx-swap-oob="delete">' in part
    assert '<span hx-swap-oob="innerHTML:.nav .n">1<' in part
    assert "<title>Review (1) · Followthrough</title>" in " ".join(part.split())  # as a browser reads a title
    assert f"Accepted for {first.pledge.code}." in text(answer)


def test_the_last_case_leaves_an_empty_inbox(review):
    only = factories.suggestion()
    answer = review.post(address("accept_suggestion", only), ANSWER, headers=HTMX)
    assert "Nothing to review" in text(answer)
    assert '<span hx-swap-oob="delete:.nav .n"></span>' in answer.content.decode()
    assert answer.headers["HX-Replace-Url"] == reverse("review")


def test_the_voice_is_what_editors_said_of_the_publisher_last_time(review):
    feed = factories.feed()
    first, second = (factories.suggestion(factories.article(feed)) for _ in range(2))
    review.post(address("accept_suggestion", first), {**ANSWER, "voice": "party:KAZ"})
    evidence = first.pledge.evidence.get()
    assert (evidence.voice, evidence.voice_party.code) == ("party", "KAZ")
    page = review.get(address("suggestion", second)).content.decode()
    assert '<option value="party:KAZ" selected>' in page


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"stance": "praise"}, "Select a valid choice. praise is not one of the available choices."),
        ({"kind": ""}, "This field is required."),
        ({"voice": "party:USA"}, "Select a valid choice."),
        ({"note": "x" * 501}, "at most 500 characters"),
        ({"note": "\x00"}, "Null characters are not allowed."),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_an_invalid_answer_is_told_and_keeps_what_was_typed(review, wrong, message, headers):
    case = factories.suggestion()
    answer = review.post(address("accept_suggestion", case), {**ANSWER, **wrong}, headers=headers)
    assert answer.status_code == 422
    assert message in text(answer)
    if "note" not in wrong:
        assert "Dredgers left again." in answer.content.decode()
    case.refresh_from_db()
    assert case.state == SuggestionState.PENDING


def test_an_address_that_stands_already_is_told_apart(review):
    case = factories.suggestion()
    factories.evidence(case.pledge, url=case.article.url)
    answer = review.post(address("accept_suggestion", case), ANSWER)
    assert answer.status_code == 422
    assert "already stands as evidence of the pledge" in text(answer)


# -- Rejecting and undoing


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_rejecting_keeps_the_reason(review, editor, headers):
    case = factories.suggestion()
    answer = review.post(address("dismiss_suggestion", case), {"reason": "opinion"}, headers=headers)
    assert answer.status_code == (200 if headers else 302)
    case.refresh_from_db()
    assert (case.state, case.dismiss_reason, case.decided_by) == ("dismissed", "opinion", editor)
    assert "Aigerim rejected this article" in text(review.get(address("suggestion", case)))


def test_rejecting_needs_a_reason(review):
    case = factories.suggestion()
    answer = review.post(address("dismiss_suggestion", case), {"reason": "boring"})
    assert answer.status_code == 422
    assert "Select a valid choice." in text(answer)


def test_undo_opens_the_case_again_where_the_editor_was(review):
    case = factories.suggestion()
    review.post(address("accept_suggestion", case), ANSWER)
    answer = review.post(address("undo_suggestion", case, "?language=en"))
    assert answer.url == address("suggestion", case, "?language=en")
    page = review.get(answer.url)
    assert "Undone: the article waits again." in text(page)
    assert page.context["case"].state == SuggestionState.PENDING
    assert not case.pledge.evidence.filter(withdrawn_at__isnull=True).exists()


def test_undo_with_htmx_brings_the_list_and_the_case_again(review):
    case = factories.suggestion()
    review.post(address("dismiss_suggestion", case), {"reason": "other"})
    answer = review.post(address("undo_suggestion", case), headers=HTMX)
    assert (answer.headers["HX-Retarget"], answer.headers["HX-Replace-Url"]) == (".triage", address("suggestion", case))
    assert f'<li id="row-{case.pk}" aria-current="true">' in answer.content.decode()
    assert "Undone: the article waits again." in text(answer)


def test_undoing_what_waits_already_is_harmless(review):
    case = factories.suggestion()
    assert review.post(address("undo_suggestion", case)).status_code == 302


# -- Two editors


@pytest.mark.parametrize("headers", [{}, HTMX])
@pytest.mark.parametrize(
    ("name", "data"), [("accept_suggestion", ANSWER), ("dismiss_suggestion", {"reason": "off_topic"})]
)
def test_whoever_is_slower_learns_who_decided_and_how(review, headers, name, data):
    following, case = factories.suggestion(score="0.60"), factories.suggestion(score="0.90")
    deciding.dismiss(suggestion=case, reason="opinion", by=factories.editor(name="Bolat"), now=factories.NOW)
    answer = review.post(address(name, case), data, headers=headers)
    assert answer.status_code == 409
    assert "Your decision was not recorded." in text(answer)
    assert f"Bolat rejected this article for {case.pledge.code}" in text(answer)
    assert "Opinion or preview" in text(answer)
    assert answer.context["case"] == following
    case.refresh_from_db()
    assert case.decided_by.name == "Bolat"


# -- Cost


def fill(count):
    pledges = [factories.pledge() for _ in range(3)]
    feed = factories.feed()
    articles = [factories.article(feed) for _ in range(count)]
    Suggestion.objects.bulk_create(
        Suggestion(article=article, pledge=pledge, score="0.70", reasons=[], created_at=factories.NOW)
        for article in articles
        for pledge in pledges
    )


def test_pages_cost_the_same_queries_however_much_waits(review, django_assert_max_num_queries):
    fill(2)
    with django_assert_max_num_queries(28) as few:
        review.get(reverse("review"))
    fill(300)
    case = Suggestion.objects.pending()[400]
    with django_assert_max_num_queries(len(few)):
        review.get(reverse("review"), {"page": 7})
    with django_assert_max_num_queries(len(few) + 1):
        page = review.get(address("suggestion", case))
    assert case in page.context["page"]
