"""What a judgement rests on, where a form and a declaration file ask the same."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta


def publisher_count(names: Iterable[str]) -> int:
    """Different publishers; one written in other letters or with other spaces is the same."""
    return len({" ".join(name.split()).casefold() for name in names})


def last_day(now: datetime) -> date:
    """The newest day that has begun anywhere on earth: the judge may sit east of UTC."""
    return (now + timedelta(hours=14)).date()
