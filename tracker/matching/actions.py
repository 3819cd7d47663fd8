"""Suggestions: made from new articles, accepted as evidence, dismissed, or put back among the waiting."""

from collections.abc import Iterable
from datetime import UTC, datetime

from django.db import transaction

from tracker.accounts.models import User
from tracker.feeds.models import Article
from tracker.matching.models import Suggestion, SuggestionState
from tracker.matching.scoring import ArticleText, matches, suggestible
from tracker.matching.watching import rulebook
from tracker.multilingual import Texts
from tracker.pledges.actions import add_evidence, withdraw_evidence
from tracker.pledges.models import Evidence, Party, Pledge

BATCH = 50  # articles looked at in one transaction; some 50 ms


class AlreadyDecidedError(Exception):
    """Someone else decided it first; the row says who and when."""


@transaction.atomic
def suggest(*, now: datetime) -> int:
    """Looks at the next waiting articles and says how many; each is looked at once, whoever else is at work.

    Without any rule nothing is looked at: the articles wait for the first declaration.
    """
    book = rulebook()
    if not book.rules:
        return 0
    articles = list(Article.objects.unprocessed().select_for_update(skip_locked=True)[:BATCH])
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


@transaction.atomic
def accept(
    *,
    suggestion: Suggestion,
    stance: str,
    kind: str,
    voice: str,
    voice_party: Party | None,
    note: Texts,
    by: User,
    now: datetime,
) -> Evidence:
    """The article becomes evidence of the pledge. Raises AlreadyDecidedError, DuplicateEvidenceError."""
    article = suggestion.article
    _take(suggestion)
    evidence = add_evidence(
        pledge=suggestion.pledge,
        url=article.url,
        title=article.title,
        publisher=article.feed.title,
        language=article.language,
        published_edtf=f"{article.dated_at.astimezone(UTC):%Y-%m-%d}",
        stance=stance,
        kind=kind,
        voice=voice,
        voice_party=voice_party,
        note=note,
        by=by,
        now=now,
    )
    Suggestion.objects.filter(pk=suggestion.pk).update(
        state=SuggestionState.ACCEPTED, decided_at=now, decided_by=by, evidence=evidence
    )
    return evidence


def dismiss(*, suggestion: Suggestion, reason: str, by: User, now: datetime) -> None:
    """The pair never returns. Raises AlreadyDecidedError."""
    changed = Suggestion.objects.filter(pk=suggestion.pk, state=SuggestionState.PENDING).update(
        state=SuggestionState.DISMISSED, decided_at=now, decided_by=by, dismiss_reason=reason
    )
    if not changed:
        raise AlreadyDecidedError


@transaction.atomic
def undo(*, suggestion: Suggestion, by: User, now: datetime) -> None:
    """Waiting again; evidence that came of it is withdrawn, never deleted. Does nothing to a waiting one."""
    decided = Suggestion.objects.select_for_update().get(pk=suggestion.pk)
    if decided.evidence:
        withdraw_evidence(evidence=decided.evidence, reason="undone in review", by=by, now=now)
    Suggestion.objects.filter(pk=decided.pk).update(
        state=SuggestionState.PENDING, decided_at=None, decided_by=None, dismiss_reason="", evidence=None
    )


def _take(suggestion: Suggestion) -> None:
    """Locks the row for this transaction. Raises AlreadyDecidedError unless it still waits."""
    held = Suggestion.objects.select_for_update().filter(pk=suggestion.pk, state=SuggestionState.PENDING)
    if held.first() is None:
        raise AlreadyDecidedError
