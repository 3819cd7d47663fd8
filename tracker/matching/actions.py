"""Suggestions are made from new articles."""

from collections.abc import Iterable
from datetime import UTC, datetime

from django.db import transaction

from tracker.feeds.models import Article
from tracker.feeds.refining import refine
from tracker.matching.models import Suggestion
from tracker.matching.rules import Rulebook
from tracker.matching.scoring import ArticleText, matches, suggestible
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
    found = {article: suggestible(matches(_text(article), book)) for article in articles}
    pledges = dict(Pledge.objects.filter(reference__in=_keys(found)).values_list("reference", "pk"))
    known = _on_record(articles)
    Suggestion.objects.bulk_create(
        (
            Suggestion(article=article, pledge_id=pk, score=match.score, reasons=match.reasons, created_at=now)
            for article, candidates in found.items()
            for match in candidates
            if (pk := pledges.get(match.key)) and not {(pk, article.url), (pk, article.canonical_url)} & known
        ),
        ignore_conflicts=True,
    )
    Article.objects.filter(pk__in=[article.pk for article in articles]).update(processed_at=now)
    return len(articles)


def _text(article: Article) -> ArticleText:
    return ArticleText(
        title=article.title,
        text=article.text,
        language=article.language,
        published_latest=article.dated_at.astimezone(UTC).date(),
    )


def _keys(found: dict[Article, list]) -> set[str]:
    return {match.key for candidates in found.values() for match in candidates}


def _on_record(articles: Iterable[Article]) -> set[tuple[int, str]]:
    """Which of these addresses stand, or once stood, under which pledge."""
    addresses = {address for article in articles for address in (article.url, article.canonical_url)}
    return set(Evidence.objects.filter(url__in=addresses).values_list("pledge", "url"))
