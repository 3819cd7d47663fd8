"""What pledges are found by; the actions that write them keep the index in the same transaction."""

from collections.abc import Iterable

from tracker.pledges.models import Pledge, Revised, Theme
from tracker.search.index import Entry, Kind, put

FOUND_BY = {"title", "statement", "criterion", "due_words", "theme"}


def index(pledges: Iterable[Pledge]) -> None:
    put(Kind.PLEDGE, map(_entry, pledges))


def index_after_change(record: Revised, fields: set[str]) -> None:
    """A new or changed pledge, or all pledges of a changed theme."""
    if not fields & FOUND_BY:
        return
    if isinstance(record, (Pledge, Theme)):
        rows = Pledge.objects.filter(pk=record.pk) if isinstance(record, Pledge) else record.pledges.all()
        index(rows.select_related("theme").iterator(2000))


def _entry(pledge: Pledge) -> Entry:
    texts = (pledge.statement, pledge.criterion, pledge.due_words, pledge.theme.title)
    said = [item for text in texts for item in text.items()]
    return Entry(pledge.pk, tuple(pledge.title.items()), (*said, ("en", f"{pledge.reference} {pledge.code}")))
