"""Time zones by the names people know them by; pure."""

import unicodedata
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale
from babel.core import get_global
from babel.dates import get_timezone_location

REGIONS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


def zone(name: str) -> ZoneInfo:
    """The zone, or UTC when the system's table no longer has it."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


def offset(name: str, at: datetime) -> str:
    """`UTC+5`, `UTC−3:30` or `UTC` at that moment."""
    shift = at.astimezone(zone(name)).utcoffset()
    minutes = int(shift.total_seconds() // 60) if shift else 0
    if not minutes:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'+' if minutes > 0 else '−'}{hours}" + (f":{rest:02d}" if rest else "")


@lru_cache(maxsize=8)
def cities(language: str) -> tuple[tuple[str, str], ...]:
    """(zone, city in that language), ordered by city; UTC first; each place once, without its old names."""
    locale = Locale.parse(language.replace("-", "_"))
    aliases = get_global("zone_aliases")
    names = (name for name in available_timezones() if name.partition("/")[0] in REGIONS and name not in aliases)
    named = ((name, get_timezone_location(name, locale=locale, return_city=True)) for name in names)
    return ("UTC", "UTC"), *sorted(named, key=lambda item: (_plain(item[1]), item[0]))


def choices(language: str, at: datetime) -> list[tuple[str, str]]:
    """For a form: (`Asia/Almaty`, `Almaty (UTC+5)`)."""
    first, *rest = cities(language)
    return [first, *((name, f"{city} ({offset(name, at)})") for name, city in rest)]


def _plain(city: str) -> str:
    """Without accents, so that Élysée sorts among the E."""
    return "".join(mark for mark in unicodedata.normalize("NFD", city) if not unicodedata.combining(mark)).casefold()
