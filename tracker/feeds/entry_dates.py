"""Dates as feeds write them → UTC moments, or nothing where the writing makes no sense."""

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

from tracker.feeds import wild_dates

NAMES = "jan feb mar apr may jun jul aug sep oct nov dec"
MONTHS = {name: number for number, name in enumerate(NAMES.split(), 1)}
ZONES = {"ut": 0, "utc": 0, "gmt": 0, "z": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6}
ZONES |= {
    "pst": -8,
    "pdt": -7,
    "bst": 1,
    "cet": 1,
    "cest": 2,
    "eet": 2,
    "eest": 3,
    "msk": 3,
    "мск": 3,
    "jst": 9,
    "kst": 9,
}
OLDEST = datetime(1990, 1, 1, tzinfo=UTC)
AHEAD = timedelta(hours=24)
CLOCK = r"(\d{1,2}):?(\d{2})(?::?(\d{2})(?:[.,]\d+)?)?"
ZONE = r"\s*(?P<zone>(?:GMT|UTC)?[+-]\d{2}(?::?\d{2})?|[A-Za-z]{1,5})?"
RFC822 = re.compile(
    rf"(?:[^\W\d]+\.?,?\s+)?(\d{{1,2}})[\s-]+([A-Za-z]{{3}})[a-z]*\.?,?[\s-]+(\d{{2,4}})\s*(?:{CLOCK})?{ZONE}"
)
ASCTIME = re.compile(rf"(?:[A-Za-z]{{3}}\s+)?([A-Za-z]{{3}})\s+(\d{{1,2}})\s+{CLOCK}\s+(\d{{4}})")
EPOCH = re.compile(r"\d{10}(?:\d{3})?")  # seconds or milliseconds since 1970
ISO = re.compile(rf"(\d{{4}})-?(\d{{2}})?-?(\d{{2}})?(?:[T\s]+{CLOCK}{ZONE})?")


def read_date(text: str, *, now: datetime) -> datetime | None:
    """None for what is no date, names no day, lies before the web or more than a day ahead."""
    text = text.strip()[:100]
    try:
        moment = _read(text)
    except (ValueError, OverflowError):
        return None
    return moment if moment and OLDEST <= moment <= now + AHEAD else None


def read_coarse(text: str, *, now: datetime) -> str:
    """`2024-07` or `2024` (EDTF) for a date without a day: it must not become the first of the month. Else nothing."""
    text = text.strip()[:100]
    found = ISO.fullmatch(text)
    parts = tuple(int(part) if part else None for part in found.groups()[:3]) if found else wild_dates.parts(text)[0]
    if not parts or parts[0] is None or parts[2]:
        return ""
    year, month = parts[0], parts[1]
    if not OLDEST.year <= year <= now.year or not 1 <= (month or 1) <= 12 or (year, month or 1) > (now.year, now.month):
        return ""
    return f"{year:04d}-{month:02d}" if month else f"{year:04d}"


def is_before(first: str, second: str) -> bool:
    """Whether the first date is the older one; not, where one of them cannot be read."""
    try:
        older, newer = _read(first.strip()[:100]), _read(second.strip()[:100])
    except (ValueError, OverflowError):
        return False
    return older is not None and newer is not None and older < newer


def _read(text: str) -> datetime | None:
    if found := ISO.fullmatch(text):
        year, month, day, *clock, _zone = found.groups()
        return _moment(int(year), int(month), int(day), clock, found["zone"]) if day else None
    found = RFC822.match(text)
    if found and ":" not in text[found.end() :] and (number := MONTHS.get(found[2].lower())):
        day, _name, year, *clock, _zone = found.groups()
        return _moment(_full_year(year), number, int(day), clock, found["zone"])
    if found := ASCTIME.fullmatch(text):
        name, day, *clock, year = found.groups()
        return _moment(int(year), MONTHS.get(name.lower(), 0), int(day), clock, None)
    if EPOCH.fullmatch(text):
        return datetime.fromtimestamp(int(text[:10]), UTC)
    return _read_wild(text)


def _read_wild(text: str) -> datetime | None:
    parts, clock, zone = wild_dates.parts(text)
    if not parts or not parts[1] or not parts[2]:
        return None
    return _moment(parts[0], parts[1], parts[2], clock or [None, None, None], zone)


def _moment(year: int, month: int, day: int, clock: list[str | None], zone: str | None) -> datetime:
    hour, minute, second = (int(part or 0) for part in clock)
    if hour == 24:
        return _moment(year, month, day, ["0", str(minute), str(second)], zone) + timedelta(days=1)
    # A leap second is the last of its minute; the calendar knows sixty.
    moment = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=_offset(zone))
    return moment.astimezone(UTC)


@lru_cache(256)
def _offset(zone: str | None) -> timezone:
    """Unknown names are read as UTC: hours off at most, where refusing would lose the day."""
    name = (zone or "").lower()
    if digits := re.sub(r"\D", "", name):
        hours, minutes = int(digits[:2]), int(digits[2:] or 0)
        if hours > 14 or minutes > 59:
            raise ValueError(zone)
        sign = -1 if "-" in name else 1
        return timezone(sign * timedelta(hours=hours, minutes=minutes))
    return timezone(timedelta(hours=ZONES.get(name, 0)))


def _full_year(digits: str) -> int:
    year = int(digits)
    return year + (2000 if year < 70 else 1900) if len(digits) == 2 else year
