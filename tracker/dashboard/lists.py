"""The pledges of a saved list, for whoever follows it."""

from datetime import date, datetime

from django.http import QueryDict

from tracker.dashboard.filters import Filters
from tracker.dashboard.reading import Today
from tracker.pledges.models import Declaration


def pledges_found(
    declaration: Declaration, query: str, followed: set[int], *, today: date, waiting_at: datetime | None
) -> set[int]:
    """What the list of this declaration shows at an address that ends in `?query`; the settings name this function.

    `followed` are the reader's pledges; `waiting_at` is a moment for editors, who see what waits for review.
    """
    return set(Today(declaration, today=today, waiting_at=waiting_at).found(Filters.of(QueryDict(query)), followed))
