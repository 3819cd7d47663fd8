"""Fills the search index anew from the rows themselves."""

from collections.abc import Callable, Iterable
from typing import Any

from django.db import transaction
from django.db.models import Max

from tracker.feeds.models import Article
from tracker.feeds.refining import index_entry
from tracker.pledges.indexing import index
from tracker.pledges.models import Pledge
from tracker.search.index import Kind, clear, put

BATCH = 1000


def rebuild(
    kinds: Iterable[Kind] = tuple(Kind), *, progress: Callable[[int], object] = lambda count: None
) -> dict[Kind, int]:
    """How many rows of each kind the index holds now.

    Each batch is a transaction of its own, so that nobody waits long to write. What others write meanwhile they index
    themselves.
    """
    return {kind: _rebuild(kind, progress) for kind in kinds}


def _rebuild(kind: Kind, progress: Callable[[int], object]) -> int:
    rows: Any = Pledge.objects.select_related("theme") if kind == Kind.PLEDGE else Article.objects.all()
    rows = rows.order_by("pk")
    last = rows.aggregate(last=Max("pk"))["last"] or 0
    clear(kind)
    count, after = 0, 0
    while batch := list(rows.filter(pk__gt=after, pk__lte=last)[:BATCH]):
        with transaction.atomic():
            if kind == Kind.PLEDGE:
                index(batch)
            else:
                put(kind, [index_entry(row.pk, row) for row in batch])
        after, count = batch[-1].pk, count + len(batch)
        progress(len(batch))
    return count
