import json
from datetime import date, timedelta
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from tests import factories
from tracker.feeds.models import Article
from tracker.matching import actions, likeness, stories
from tracker.matching.models import StoryKey, Suggestion

DAY = date(2026, 11, 20)
COPIES = {
    "en": (
        "Lake ministers sign the dredging treaty",
        "The ministers of both lake countries signed a treaty on dredging the harbour of Marlow on Friday.",
        "Dredging treaty: lake ministers sign in Marlow",
        "Ministers of the two lake countries have signed the treaty on dredging the harbour of Marlow.",
    ),
    "fr": (
        "Les ministres signent le traité sur le dragage du lac",
        "Les ministres des deux pays riverains ont signé vendredi à Marlow un traité sur le dragage du port.",
        "Dragage du lac : les ministres ont signé le traité",
        "À Marlow, les ministres des deux pays riverains ont signé le traité relatif au dragage du port.",
    ),
    "ru": (
        "Министры подписали договор об очистке озера",
        "Министры обеих стран подписали в пятницу в Марлоу договор об очистке гавани и дна озера.",
        "Договор об очистке озера подписан министрами",
        "В Марлоу министры двух стран подписали договор об очистке дна озера и гавани.",
    ),
    "zh": (
        "两国部长签署湖泊疏浚条约",
        "两国部长周五在马洛签署关于疏浚港口和清理湖底的条约,工程明年春天开工。",
        "湖泊疏浚条约由两国部长签署",
        "在马洛,两国部长签署了关于疏浚港口和清理湖底的条约,工程将于明年春天开工。",
    ),
    "kk": (
        "Министрлер көлді тазарту туралы келісімге қол қойды",
        "Екі елдің министрлері жұма күні Марлоу қаласында көлді және айлақты тазарту туралы келісімге қол қойды.",
        "Көлді тазарту туралы келісімге министрлер қол қойды",
        "Марлоу қаласында екі елдің министрлері айлақты және көлді тазарту туралы келісімге қол қойды.",
    ),
}


def told(title, text="", language="en", outlet="a.example", day=DAY):
    return likeness.story(title, text, language, outlet=outlet, day=day)


@pytest.mark.parametrize("language", COPIES)
def test_the_same_news_of_two_outlets_is_one_story(language):
    title, text, other_title, other_text = COPIES[language]
    one = told(title, text, language)
    other = told(other_title, other_text, language, outlet="b.example", day=DAY + timedelta(days=1))
    assert likeness.is_same_story(one, other)
    assert set(likeness.keys(one)) & set(likeness.keys(other))
    assert 5 <= len(likeness.keys(one)) <= likeness.KEYS


@pytest.mark.parametrize("language", COPIES)
def test_other_news_of_the_same_lake_is_another_story(language):
    title, text, *_ = COPIES[language]
    others = {
        "en": ("Lake ministers to meet again in Marlow", "A date for talks on fishing quotas will be named in spring."),
        "fr": ("Les ministres du lac se reverront à Marlow", "Une date sera fixée au printemps pour parler de pêche."),
        "ru": ("Министры снова встретятся в Марлоу", "Весной назовут дату переговоров о квотах на рыбу."),
        "zh": ("两国部长将再次在马洛会面", "春天将公布渔业配额谈判的日期。"),
        "kk": (
            "Министрлер Марлоуда қайта кездеседі",
            "Балық аулау квотасы туралы келіссөз күні көктемде белгілі болады.",
        ),
    }
    assert not likeness.is_same_story(
        told(title, text, language), told(*others[language], language, outlet="b.example")
    )


def test_a_summary_belongs_to_its_full_text():
    title, text, *_ = COPIES["en"]
    more = " ".join(f"Sentence{n} adds further particulars{n} about something{n}." for n in range(200))
    assert likeness.is_same_story(told(title, text), told(title, f"{text} {more}", outlet="b.example"))


def test_figures_that_differ_part_what_reads_alike():
    rates = (
        "The central bank of Marlow sets the official rate of the crown against the dollar at {} and the euro at {}."
    )
    one = told("Official rates of the crown", rates.format("512.4", "560.9"))
    other = told("Official rates of the crown", rates.format("498.1", "571.3"), outlet="b.example")
    assert not likeness.is_same_story(one, other)


def test_a_week_apart_it_is_told_anew():
    title, text, *_ = COPIES["en"]
    assert not likeness.is_same_story(told(title, text), told(title, text, outlet="b", day=DAY + timedelta(days=8)))


def test_short_titles_alone_are_never_enough():
    assert not likeness.is_same_story(
        told("Weather in Marlow today"), told("Weather in Marlow today", outlet="b.example")
    )


def copy_of(n, feed, **fields):
    title, text, other_title, other_text = COPIES["en"]
    words = {"title": title, "text": text} if n == 0 else {"title": other_title, "text": other_text}
    return factories.article(feed, **{**words, "language": "en", "url": f"https://outlet{n}.example/{n}", **fields})


@pytest.fixture
def feed(db):
    factories.pledge(
        watch={"needs": ["lake"], "concepts": {"lake": {"role": "what", "weight": 0.7, "terms": {"en": ["lake"]}}}}
    )
    return factories.feed()


def test_copies_are_grouped_before_they_are_suggested(feed, now):
    first = copy_of(0, feed)
    actions.suggest(now=now)
    second, third = copy_of(1, feed), copy_of(2, feed)
    other = factories.article(feed, title="A bridge over the strait opens", text="Cars may cross from Monday on.")
    actions.suggest(now=now)
    assert set(Article.objects.same_story(first)) == {second, third}
    second.refresh_from_db()
    assert second.story == first
    assert set(Article.objects.same_story(second)) == {first, third}
    assert set(Article.objects.of_stories([first.pk])) == {first, second, third}
    assert not Article.objects.same_story(other).exists()
    assert Suggestion.objects.count() == 3


def test_grouping_again_changes_nothing(feed):
    articles = [copy_of(n, feed) for n in range(3)]
    for _ in range(2):
        stories.leave_keys(articles)
        stories.group(articles)
        assert set(Article.objects.values_list("story", flat=True)) == {None, articles[0].pk}


def test_only_so_many_articles_are_compared(feed, django_assert_max_num_queries):
    articles = [copy_of(n, feed) for n in range(60)]
    stories.leave_keys(articles)
    with django_assert_max_num_queries(4):
        assert stories.group(articles[-1:]) == 1
    assert articles[-1].story_id in {article.pk for article in articles[:-1]}


def test_keys_of_old_articles_are_forgotten_and_their_stories_stay(feed, now):
    first, second = (copy_of(n, feed, fetched_at=now - timedelta(days=20), published_at=None) for n in range(2))
    stories.leave_keys([first, second])
    stories.group([first, second])
    kept = copy_of(2, feed, fetched_at=now)
    stories.leave_keys([kept])
    stories.forget_keys(now=now)
    assert set(StoryKey.objects.values_list("article", flat=True)) == {kept.pk}
    assert Article.objects.same_story(first).get() == second


def evaluate(path, **options):
    out, err = StringIO(), StringIO()
    try:
        call_command("evaluate_stories", str(path), stdout=out, stderr=err, **options)
    except CommandError as error:
        return f"{err.getvalue()}{error}"
    return out.getvalue()


def test_the_grouping_is_measured_on_a_file(tmp_path):
    rows = [
        {
            "title": title,
            "text": text,
            "language": language,
            "date": "2026-11-20",
            "url": f"https://{n}.example/",
            "story": language,
        }
        for language, copies in COPIES.items()
        for n, (title, text) in enumerate((copies[:2], copies[2:]))
    ]
    path = tmp_path / "stories.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in [*rows, {**rows[0], "date": None}]), encoding="utf-8")
    figures = json.loads(evaluate(path, json=True))
    assert figures["articles"] == 10
    assert figures["all_pairs"] == {"grouped": 5, "right": 5, "both": 5, "precision": 1.0, "recall": 1.0}
    assert "pairs within a language" in evaluate(path)


def test_nothing_of_the_sample_is_grouped_wrongly():
    figures = json.loads(evaluate(settings.BASE_DIR / "tests/samples/articles.jsonl", json=True))
    assert figures["all_pairs"]["grouped"] == figures["all_pairs"]["both"]


@pytest.mark.parametrize("line", ["[]", "{", '{"text": ""}', '{"title": "x", "story": "s", "date": "soon"}'])
def test_a_bad_line_is_named(tmp_path, line):
    path = tmp_path / "bad.jsonl"
    path.write_text(line, encoding="utf-8")
    assert "line 1: " in evaluate(path)


def test_a_missing_file_is_told(tmp_path):
    assert "Cannot read" in evaluate(tmp_path / "none.jsonl")
