"""Stored articles are looked at again when the rules have changed: in batches, from the newest to the oldest.

Each batch moves the cursor in the transaction that writes its suggestions. Whoever is killed half-way has done nothing
of that batch, and whoever comes next goes on from the cursor; a batch done twice changes nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, Max, OuterRef, Q

from tracker.feeds.models import Article
from tracker.matching import actions
from tracker.matching.models import Reading, Rematch, Suggestion
from tracker.matching.rules import Rulebook, fingerprint
from tracker.matching.scoring import Match, matches, suggestible
from tracker.matching.watching import rule_sources, rulebook_of

BATCH = 200  # articles in one transaction; some 100 ms
LEASE = timedelta(minutes=5)  # a claim that nobody renewed is anybody's


class ClaimLostError(Exception):
    """Somebody else goes on with it, or the rules have changed again."""


def claim(*, now: datetime) -> tuple[Rematch, Rulebook] | None:
    """The look that is due, for this worker alone, with the rules it is about; None when there is nothing to do.

    Changed rules end an unfinished look and begin the next one.
    """
    read = rule_sources()
    rules, book = fingerprint(read), rulebook_of(read)
    newest = Rematch.objects.first()
    if newest is None or newest.rules != rules:
        newest = _begin(rules, now)
    if newest is None or newest.finished_at:
        return None
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lt=now)
    token = str(uuid4())
    mine = Rematch.objects.filter(free, pk=newest.pk, finished_at__isnull=True)
    if not mine.update(claim=token, claimed_until=now + LEASE):
        return None
    newest.claim = token
    return newest, book


def _begin(rules: str, now: datetime) -> Rematch | None:
    """None when somebody else began it in the same moment."""
    looked_at = Article.objects.filter(processed_at__isnull=False)
    newest = looked_at.aggregate(newest=Max("pk"))["newest"] or 0
    try:
        with transaction.atomic():
            Rematch.objects.filter(finished_at__isnull=True).update(finished_at=now)
            return Rematch.objects.create(rules=rules, created_at=now, cursor=newest + 1, total=looked_at.count())
    except IntegrityError:
        return None


@transaction.atomic
def go_on(*, rematch: Rematch, book: Rulebook, now: datetime) -> bool:
    """Looks at the next batch and says whether more is left. Raises ClaimLostError, with nothing done."""
    held = Rematch.objects.select_for_update().filter(pk=rematch.pk, claim=rematch.claim, finished_at__isnull=True)
    if (row := held.first()) is None:
        raise ClaimLostError
    older = Article.objects.filter(pk__lt=row.cursor, processed_at__isnull=False).order_by("-pk")
    articles = list(older[:BATCH])
    found = {article: matches(actions.text_of(article), book) for article in articles}
    renewed, removed = _renew(found)
    added = actions.add({article: suggestible(every) for article, every in found.items()}, now)
    is_done = len(articles) < BATCH
    held.update(
        cursor=articles[-1].pk if articles else 0,
        done=F("done") + len(articles),
        added=F("added") + added,
        renewed=F("renewed") + renewed,
        removed=F("removed") + removed,
        claimed_until=now + LEASE,
        finished_at=now if is_done else None,
    )
    return not is_done


def let_go(*, rematch: Rematch) -> None:
    """The next worker need not wait for the claim to expire."""
    Rematch.objects.filter(pk=rematch.pk, claim=rematch.claim).update(claim="", claimed_until=None)


def _renew(found: Mapping[Article, Sequence[Match]]) -> tuple[int, int]:
    """Gives what is pending its new score, and takes back what no rule finds any more: how many of each.

    What somebody decided stays as it is; what somebody put off or has open is never taken back.
    """
    is_read = Exists(Reading.objects.filter(suggestion=OuterRef("pk")))
    pending = Suggestion.objects.pending().filter(article__in=found).annotate(is_read=is_read)
    by_pair = {(article.pk, match.key): match for article, every in found.items() for match in every}
    renewed, gone = [], []
    for row in pending.select_related("pledge").select_for_update(of=("self",)).order_by("pk"):
        match = by_pair.get((row.article_id, row.pledge.reference))
        if not (match and suggestible([match])) and not row.is_read and not row.snoozed_until:
            gone.append(row.pk)
        elif match and (match.score, match.reasons) != (row.score, row.reasons):
            row.score, row.reasons = match.score, match.reasons
            renewed.append(row)
    Suggestion.objects.bulk_update(renewed, ["score", "reasons"])
    Suggestion.objects.pending().filter(pk__in=gone).delete()
    return len(renewed), len(gone)
