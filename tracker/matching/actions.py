"""Suggestions are made from new articles."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Coalesce

from tracker.feeds.models import Article
from tracker.feeds.refining import refine
from tracker.matching.models import Suggestion, SuggestionState
from tracker.matching.rules import Rulebook
from tracker.matching.scoring import ArticleText, Match, matches, suggestible
from tracker.matching.stories import group, leave_keys
from tracker.matching.watching import rulebook
from tracker.pledges.models import Evidence, Pledge

BATCH = 50  # articles looked at in one transaction; some 50 ms


def suggest(*, now: datetime) -> int:
    """Looks at the next waiting articles and says how many; each is looked at once, whoever else is at work.

    Without any rule nothing is looked at: the articles wait for the first declaration.
    """
    book = rulebook()
    if not book.rules:
        return 0
    refine()
    leave_keys(Article.objects.unprocessed().refined()[:BATCH])
    return _suggest(book, now)


@transaction.atomic
def _suggest(book: Rulebook, now: datetime) -> int:
    articles = list(Article.objects.unprocessed().refined().select_for_update(skip_locked=True)[:BATCH])
    group(articles)
    found = {article: suggestible(matches(text_of(article), book)) for article in articles}
    add(found, now)
    Article.objects.filter(pk__in=[article.pk for article in articles]).update(processed_at=now)
    return len(articles)


def add(found: Mapping[Article, Sequence[Match]], now: datetime) -> int:
    """Suggests what nobody was ever asked about, and says how many.

    What was dismissed for a pledge never returns, nor does another copy of it; what stands under the pledge as evidence
    is not suggested either.
    """
    pledges = dict(Pledge.objects.filter(reference__in=_keys(found)).values_list("reference", "pk"))
    known, dismissed = _on_record(found), _dismissed(found)
    asked = set(Suggestion.objects.filter(article__in=found).values_list("pledge", "article"))
    new = [
        Suggestion(article=article, pledge_id=pk, score=match.score, reasons=match.reasons, created_at=now)
        for article, candidates in found.items()
        for match in candidates
        if (pk := pledges.get(match.key))
        and (pk, article.pk) not in asked
        and not {(pk, article.url), (pk, article.canonical_url)} & known
        and (pk, _story(article)) not in dismissed
    ]
    Suggestion.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def text_of(article: Article) -> ArticleText:
    return ArticleText(
        title=article.title,
        text=article.text,
        language=article.language,
        published_latest=article.dated_at.astimezone(UTC).date(),
    )


def _keys(found: Mapping[Article, Sequence[Match]]) -> set[str]:
    return {match.key for candidates in found.values() for match in candidates}


def _on_record(articles: Iterable[Article]) -> set[tuple[int, str]]:
    """Which of these addresses stand, or once stood, under which pledge."""
    addresses = {address for article in articles for address in (article.url, article.canonical_url)}
    return set(Evidence.objects.filter(url__in=addresses).values_list("pledge", "url"))


def _dismissed(articles: Iterable[Article]) -> set[tuple[int, int]]:
    """Of which stories something was dismissed, and for which pledge."""
    stories = {_story(article) for article in articles}
    told = Suggestion.objects.filter(Q(article__in=stories) | Q(article__story__in=stories))
    pairs = told.filter(state=SuggestionState.DISMISSED).annotate(told=Coalesce("article__story", "article"))
    return set(pairs.values_list("pledge", "told"))


def _story(article: Article) -> int:
    """The number of the article that told it first."""
    return article.story_id or article.pk
