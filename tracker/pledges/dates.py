"""Fuzzy dates: EDTF values (ISO 8601-2, level 1), the days they span, and how a person writes them.

`2025`, `2025-06`, `2025-06-16`, quarters `2025-33` … `2025-36`, halves `2025-40` and `2025-41`, intervals
`2024/2030`, open ends `2026-02/..`, approximate `2026~`. An empty string means that no date is known.
"""

from datetime import date, timedelta

from babel.dates import format_date
from edtf import parse_edtf
from edtf.parser.edtf_exceptions import EDTFParseException

_QUARTERS = {33: (1, 3), 34: (4, 6), 35: (7, 9), 36: (10, 12)}
_HALVES = {40: (1, 6), 41: (7, 12)}


class FuzzyDateError(ValueError):
    """The text is not a date this module reads."""


def bounds(edtf: str) -> tuple[date | None, date | None]:
    """The first and the last day an EDTF value can mean; None at an open or unknown end.

    Raises FuzzyDateError, whose text names the value.
    """
    if not edtf:
        return None, None
    start, slash, end = edtf.partition("/")
    if not slash:
        return _span(start)
    earliest = None if start in ("", "..") else _span(start)[0]
    latest = None if end in ("", "..") else _span(end)[1]
    if earliest and latest and earliest > latest:
        raise FuzzyDateError(f"“{edtf}” ends before it begins")
    return earliest, latest


def _span(value: str) -> tuple[date, date]:
    plain = value.rstrip("?~%")
    year, _, rest = plain.partition("-")
    months = (_QUARTERS | _HALVES).get(int(rest)) if len(year) == 4 and len(rest) == 2 and rest.isdigit() else None
    if months and year.isdigit() and int(year) > 0:
        return date(int(year), months[0], 1), _month_end(int(year), months[1])
    try:
        parse_edtf(plain)
        parts = [int(part) for part in plain.split("-")]
        if not 1 <= parts[0] <= 9999 or len(parts) > 3:
            raise ValueError
        if len(parts) == 3:
            day = date(*parts)
            return day, day
        if len(parts) == 2:
            return date(parts[0], parts[1], 1), _month_end(*parts)
        return date(parts[0], 1, 1), date(parts[0], 12, 31)
    except (EDTFParseException, ValueError) as error:
        raise FuzzyDateError(f"“{value}” is not a date (write 2025, 2025-06, 2025-06-16 or 2024/2030)") from error


def _month_end(year: int, month: int) -> date:
    following = date(year + month // 12, month % 12 + 1, 1) if (year, month) != (9999, 12) else date.max
    return following - timedelta(days=1) if following != date.max else date.max


def describe(edtf: str, language: str) -> str:
    """How a person writes it in `language`, never more precise than it is: `2025`, `Q3 2025`, `Jun 2025`."""
    if not edtf:
        return ""
    start, slash, end = edtf.partition("/")
    if slash:
        return "–".join(_word(part, language) if part not in ("", "..") else "…" for part in (start, end))
    return _word(start, language)


def _word(value: str, language: str) -> str:
    locale = language.replace("-", "_")
    about = "~" in value or "%" in value
    plain = value.rstrip("?~%")
    earliest, _ = _span(plain)
    suffix = plain[5:]
    if len(plain) == 4:
        text = plain
    elif suffix.isdigit() and int(suffix) in _QUARTERS:
        text = format_date(earliest, "QQQ y", locale=locale)
    elif suffix.isdigit() and int(suffix) in _HALVES:
        text = f"{'H' if language.startswith('en') else 'S'}{int(suffix) - 39} {plain[:4]}"
    elif len(plain) == 7:
        text = format_date(earliest, "MMM y", locale=locale)
    else:
        text = format_date(earliest, "d MMM y", locale=locale)
    return f"c. {text}" if about else text
