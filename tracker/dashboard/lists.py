"""The pledges of a saved list, for whoever follows it."""

from datetime import date

from django.http import QueryDict

from tracker.accounts.models import User
from tracker.dashboard import ledger
from tracker.dashboard.filters import Filters
from tracker.pledges.models import Declaration


def pledges_found(declaration: Declaration, query: str, person: User, today: date, followed: set[int]) -> set[int]:
    """What the list of this declaration shows at an address that ends in `?query`; the settings name this function."""
    lines = ledger.lines(declaration.pledges.all(), today=today, knows_waiting=person.is_editor)
    return {line.pledge.pk for line in Filters.of(QueryDict(query)).narrow(lines, followed)}
