"""Fuzzy dates: EDTF values (ISO 8601-2), the days they span, and how a person writes them.

`2025`, `2025-06`, `2025-06-16`, quarters `2025-33` … `2025-36`, halves `2025-40` and `2025-41`, intervals
`2024/2030`, open ends `2026-02/..`, uncertain `2026?` and approximate `2026~`. An empty string means that no date is
known.
"""

import re
from calendar import monthrange
from datetime import date

from babel.dates import format_date

_QUARTERS = {33: (1, 3), 34: (4, 6), 35: (7, 9), 36: (10, 12)}
_HALVES = {40: (1, 6), 41: (7, 12)}
_VALUE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?[?~%]?", re.ASCII)
_OPEN = ("", "..")
_ABOUT = {"en": "about", "fr": "vers"}
_BY = {"en": ("by {}", "by end of {}"), "fr": ("d’ici le {}", "d’ici fin {}")}  # a day; a longer span


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
    earliest = None if start in _OPEN else _span(start)[0]
    latest = None if end in _OPEN else _span(end)[1]
    if earliest is None and latest is None:
        raise FuzzyDateError(f"“{edtf}” has neither beginning nor end")
    if earliest and latest and earliest > latest:
        raise FuzzyDateError(f"“{edtf}” ends before it begins")
    return earliest, latest


def _span(value: str) -> tuple[date, date]:
    try:
        match = _VALUE.fullmatch(value)
        if match is None:
            raise ValueError
        year, month, day = match.groups()
        if day:
            exact = date(int(year), int(month), int(day))
            return exact, exact
        first, last = (_QUARTERS | _HALVES).get(int(month), (int(month), int(month))) if month else (1, 12)
        return date(int(year), first, 1), date(int(year), last, monthrange(int(year), last)[1])
    except ValueError as error:
        raise FuzzyDateError(f"“{value}” is not a date (write 2025, 2025-06, 2025-06-16 or 2024/2030)") from error


def describe(edtf: str, language: str) -> str:
    """How a person writes it in `language`, never more precise than it is: `2025`, `Q3 2025`, `Jun 2025`."""
    if not edtf:
        return ""
    start, slash, end = edtf.partition("/")
    if slash and start in _OPEN and language[:2] in _BY:
        earliest, latest = _span(end)
        return _BY[language[:2]][earliest != latest].format(_word(end, language))
    if slash:
        return "–".join("…" if part in _OPEN else _word(part, language) for part in (start, end))
    return _word(start, language)


def _word(value: str, language: str) -> str:
    earliest, _ = _span(value)
    plain = value.rstrip("?~%")
    locale = language.replace("-", "_")
    part = int(plain[5:7] or 0)
    if len(plain) == 4:
        text = plain
    elif part in _QUARTERS:
        text = format_date(earliest, "QQQ y", locale=locale)
    elif part in _HALVES:
        text = f"{'H' if language.startswith('en') else 'S'}{part - 39} {plain[:4]}"
    elif len(plain) == 7:
        text = format_date(earliest, "MMM y", locale=locale)
    else:
        text = format_date(earliest, "d MMM y", locale=locale)
    return text if plain == value else f"{_ABOUT.get(language[:2], '≈')} {text}"
