"""Looks behind links, each server's robots.txt heeded, and asks a public archive for copies; stores nothing."""

import asyncio
import hashlib
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urljoin

from tracker.fetching import Fetcher, FetchError, Policy, Response
from tracker.pledges.extraction import main_text
from tracker.pledges.models import EvidenceCopy

logger = logging.getLogger(__name__)

PAGES = {"text/html", "application/xhtml+xml"}
CHARSET = re.compile(r"charset\s*=\s*\"?([\w.:-]{1,40})", re.IGNORECASE | re.ASCII)
ARCHIVE_SECONDS = 60
AT_ONE_TIME = 3  # requests to the archive


@dataclass
class Visit:
    """What a link answered. `text` and `sha256` say what was there; `code` names a failure."""

    copy: EvidenceCopy
    status: int | None = None
    code: str = ""
    media_type: str = ""
    text: str = ""
    sha256: str = ""
    archive_url: str = ""


@dataclass(frozen=True)
class Reader:
    """How links are read: the policy of the installation, and the archive's address before which nothing is asked."""

    policy: Policy
    archive: str = ""

    def visit_all(self, copies: Sequence[EvidenceCopy]) -> list[Visit]:
        """One visit for each; no two of one server should be among them."""
        found = asyncio.run(self._visit_all(copies))
        return [_read(visit, answer) for visit, answer in found]

    async def _visit_all(self, copies: Sequence[EvidenceCopy]) -> list[tuple[Visit, Response | None]]:
        pages = replace(
            self.policy,
            accept="text/html, application/xhtml+xml, application/pdf;q=0.9, */*;q=0.5",
            max_raw_bytes=3_000_000,
            max_decoded_bytes=6_000_000,
        )
        patient = replace(self.policy, total_seconds=ARCHIVE_SECONDS, read_seconds=ARCHIVE_SECONDS)
        turns = asyncio.Semaphore(AT_ONE_TIME)
        async with Fetcher(pages) as fetcher, Fetcher(patient) as archivist:

            async def visit(copy: EvidenceCopy) -> tuple[Visit, Response | None]:
                visit, answer = await _visit(copy, fetcher)
                if self.archive and visit.status == 200 and not copy.archive_url:
                    async with turns:
                        visit.archive_url = await _archived(self.archive, copy.evidence.url, archivist)
                return visit, answer

            return await asyncio.gather(*map(visit, copies))


async def _visit(copy: EvidenceCopy, fetcher: Fetcher) -> tuple[Visit, Response | None]:
    try:
        answer = await fetcher.fetch(copy.evidence.url, obeys_robots=True)
    except FetchError as error:
        return Visit(copy, code=error.code), None
    except Exception:  # one link's failure never fails the batch
        logger.exception("evidence %s could not be looked at", copy.evidence_id)
        return Visit(copy, code="internal"), None
    code = "" if answer.status == 200 else f"http_{answer.status}"
    return Visit(copy, status=answer.status, code=code), answer


async def _archived(archive: str, url: str, fetcher: Fetcher) -> str:
    """Where the archive says that its copy lies; empty when it gave none, and it is asked again next time."""
    try:
        answer = await fetcher.fetch(archive + url)
        place = fetcher.policy.check(urljoin(answer.url, answer.headers.get("content-location", "")))
    except (FetchError, ValueError) as error:
        logger.info("the web archive gave no copy of %s: %s", url, error)
        return ""
    asked = fetcher.policy.check(archive + url)
    return place if answer.status == 200 and place != asked else ""


def _read(visit: Visit, answer: Response | None) -> Visit:
    """Of a page its main text counts, for the rest of it changes with every visit; of any other file all bytes do."""
    if answer is None or answer.status != 200:
        return visit
    kind = answer.headers.get("content-type", "")
    visit.media_type = kind.partition(";")[0].strip().lower()[:100]
    if visit.media_type in PAGES or (not visit.media_type and b"<" in answer.body[:100]):
        named = CHARSET.search(kind)
        visit.text = main_text(answer.body, charset=named[1] if named else "")
        visit.sha256 = hashlib.sha256(visit.text.encode()).hexdigest() if visit.text else ""
    elif answer.body:
        visit.sha256 = hashlib.sha256(answer.body).hexdigest()
    return visit
