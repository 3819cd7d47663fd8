"""The pages behind suggested articles: read once, politely, so that editors judge by more than a first sentence.

The rows are the schedule, as with feeds: a claim that nobody uses expires, and the row is due again.
"""

import asyncio
import logging
import re
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from tracker.fetching import Fetcher, FetchError, Policy
from tracker.matching.models import ArticlePage, ArticlePageQuerySet, Suggestion
from tracker.pledges.extraction import main_text

logger = logging.getLogger(__name__)

BATCH_SIZE = 10
LEASE = timedelta(minutes=5)  # ten slow pages and ten slow texts fit into it
WAITS = (timedelta(hours=1), timedelta(hours=6), timedelta(days=1))  # after each failure; then it is let be
FINAL = {"robots_refused", "address_refused", "no_text", "http_401", "http_403", "http_404", "http_410", "http_451"}
HTML = ("text/html", "application/xhtml+xml", "")
CHARSET = re.compile(r"charset\s*=\s*\"?([\w.:-]{1,40})", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True)
class Reading:
    """The main text of a page, or the code that names why there is none."""

    text: str = ""
    code: str = ""


ReadAll = Callable[[Sequence[str]], list[Reading]]


def open_missing(*, now: datetime, limit: int) -> None:
    """A row for articles with a waiting suggestion that have none yet, due at once."""
    waiting = Suggestion.objects.pending().filter(article__page__isnull=True).order_by("article")
    found = waiting.values_list("article", "article__url").distinct()[:limit]
    ArticlePage.objects.bulk_create(
        (ArticlePage(article_id=pk, host=(urlsplit(url).hostname or "")[:255], next_try_at=now) for pk, url in found),
        ignore_conflicts=True,
    )


def claim_due(*, now: datetime, limit: int) -> list[ArticlePage]:
    """Takes due rows for one worker, one of each server."""
    turns = Window(RowNumber(), partition_by=[F("host")], order_by=[F("next_try_at"), F("pk")])
    chosen = ArticlePage.objects.due(now).on_free_hosts(now).alias(turn=turns).filter(turn=1)
    ids = list(chosen.values_list("pk", flat=True)[:limit])
    return _claim(ArticlePage.objects.free(now).filter(pk__in=ids, next_try_at__lte=now), now)


def take_over(*, page_ids: Iterable[int], claim: str, now: datetime) -> list[ArticlePage]:
    """Turns a claim that travelled in a message into one's own: of two that carry it, only one finds rows."""
    return _claim(ArticlePage.objects.filter(pk__in=page_ids, claim=claim), now)


def _claim(pages: ArticlePageQuerySet, now: datetime) -> list[ArticlePage]:
    """One conditional UPDATE decides who holds a row."""
    claim = str(uuid.uuid4())
    pages.order_by().update(claim=claim, claimed_until=now + LEASE)
    held = ArticlePage.objects.filter(claim=claim).select_related("article").defer("text")
    return list(held.order_by("next_try_at", "pk"))


def read_batch(*, pages: Sequence[ArticlePage], now: datetime, read_all: ReadAll) -> None:
    """Reads claimed pages and keeps their texts. The network comes first, the writes after it."""
    for page, reading in zip(pages, read_all([page.article.url for page in pages]), strict=True):
        fields: dict[str, Any] = {"error_code": reading.code, "claim": "", "claimed_until": None}
        if reading.text:
            fields |= {"text": reading.text, "fetched_at": now, "next_try_at": None}
        else:
            is_over = reading.code in FINAL or page.failure_count >= len(WAITS)
            next_try_at = None if is_over else now + WAITS[page.failure_count]
            fields |= {"failure_count": page.failure_count + 1, "next_try_at": next_try_at}
        ArticlePage.objects.filter(pk=page.pk, claim=page.claim).update(**fields)


@dataclass(frozen=True)
class Reader:
    """Reads pages within the policy of the installation, each server's robots.txt heeded."""

    policy: Policy

    def read_all(self, urls: Sequence[str]) -> list[Reading]:
        """One reading for each; no two of one server should be among them."""
        answers = asyncio.run(self._fetch_all(urls))
        return [Reading(code=answer) if isinstance(answer, str) else _reading(*answer) for answer in answers]

    async def _fetch_all(self, urls: Sequence[str]) -> list[tuple[bytes, str] | str]:
        accept = "text/html, application/xhtml+xml;q=0.9"
        policy = replace(self.policy, accept=accept, max_raw_bytes=3_000_000, max_decoded_bytes=6_000_000)
        async with Fetcher(policy) as fetcher:
            return await asyncio.gather(*(_fetch(url, fetcher) for url in urls))


async def _fetch(url: str, fetcher: Fetcher) -> tuple[bytes, str] | str:
    """Body and content type, or what went wrong."""
    try:
        answer = await fetcher.fetch(url, obeys_robots=True)
    except FetchError as error:
        return error.code
    except Exception:  # one page's failure never fails the batch
        logger.exception("the page %s could not be read", url)
        return "internal"
    if answer.status != 200:
        return f"http_{answer.status}"
    return answer.body, answer.headers.get("content-type", "")


def _reading(body: bytes, content_type: str) -> Reading:
    if content_type.partition(";")[0].strip().lower() not in HTML:
        return Reading(code="no_text")
    named = CHARSET.search(content_type)
    text = main_text(body, charset=named[1] if named else "")
    return Reading(text=text, code="" if text else "no_text")
