"""Dates in words and in local order, as feeds of many countries write them → their parts; pure.

Month names are told by their beginnings in English, French, Russian, Kazakh, German, Spanish and Italian. A date in
figures is read only where its order is certain: `03.07.2024` is day first everywhere it is written with dots,
`03/07/2024` could be two days and is none.
"""

import re

MONTHS = (
    *(("jan", 1), ("feb", 2), ("mar", 3), ("apr", 4), ("may", 5), ("jun", 6), ("jul", 7), ("aug", 8), ("sep", 9)),
    *(("oct", 10), ("nov", 11), ("dec", 12)),
    *(("fév", 2), ("fev", 2), ("avr", 4), ("mai", 5), ("juin", 6), ("juil", 7), ("aoû", 8), ("aou", 8), ("déc", 12)),
    *(("янв", 1), ("фев", 2), ("мар", 3), ("апр", 4), ("май", 5), ("мая", 5), ("мае", 5), ("июн", 6), ("июл", 7)),
    *(("авг", 8), ("сен", 9), ("окт", 10), ("ноя", 11), ("дек", 12)),
    *(("қаң", 1), ("ақп", 2), ("нау", 3), ("сәу", 4), ("мам", 5), ("мау", 6), ("шіл", 7), ("там", 8), ("қыр", 9)),
    *(("қаз", 10), ("қар", 11), ("жел", 12)),
    *(("mär", 3), ("mrz", 3), ("okt", 10), ("dez", 12), ("ene", 1), ("abr", 4), ("ago", 8), ("dic", 12)),
    *(("gen", 1), ("mag", 5), ("giu", 6), ("lug", 7), ("set", 9), ("ott", 10)),
)
BY_START = dict(MONTHS)
WORD = re.compile(r"[^\W\d_]+")
CLOCK = re.compile(r"(\d{1,2})[:時时](\d{2})(?:[:分](\d{2}))?(?:[.,]\d+)?\s*([AaPp]\.?[Mm]\b)?")
ZONE = re.compile(r"(?:GMT|UTC)?[+-]\d{1,2}:?(?:\d{2})?\b|\b(?:GMT|UTC|Z|EST|EDT|CST|CDT|PST|PDT|CET|CEST|MSK|МСК)\b")
CHINESE = re.compile(r"(\d{4})\s*年\s*(?:(\d{1,2})\s*月\s*(?:(\d{1,2})\s*[日号號])?)?")
DOTTED = re.compile(r"\b(\d{1,2})\.(\d{1,2})\.(\d{4})\b")
YEAR_FIRST = re.compile(r"\b(\d{4})[/.](\d{1,2})[/.](\d{1,2})\b")
SLASHED = re.compile(r"\b(\d{1,2})[/-](\d{1,2})[/-](\d{4})\b")
YEAR = re.compile(r"\b((?:19|20)\d{2})\b")
DAY = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th|er)?\b", re.IGNORECASE)

Parts = tuple[int, int | None, int | None]


def parts(text: str) -> tuple[Parts | None, list[str | None], str | None]:
    """(year, month, day), the clock as hour, minute and second, and the zone as written; what is missing is None."""
    clock, rest = _clock(text)
    found = ZONE.search(rest) if clock else None
    zone = found[0] if found else None
    rest = rest.replace(zone, " ") if zone else rest
    return _in_figures(rest) or _in_words(rest), clock, zone


def _clock(text: str) -> tuple[list[str | None], str]:
    found = CLOCK.search(text)
    if not found:
        return [], text
    hour, minute, second, half = found.groups()
    if half:
        hour = str(int(hour) % 12 + (12 if half[0] in "Pp" else 0))
    elif re.search("下午|晚上", text) and int(hour) < 12:
        hour = str(int(hour) + 12)
    return [hour, minute, second], text[: found.start()] + " " + text[found.end() :]


def _in_figures(text: str) -> Parts | None:
    if found := CHINESE.search(text):
        year, month, day = found.groups()
        return int(year), int(month) if month else None, int(day) if day else None
    if found := YEAR_FIRST.search(text):
        year, month, day = found.groups()
        return int(year), int(month), int(day)
    if found := DOTTED.search(text):
        day, month, year = found.groups()
        return int(year), int(month), int(day)
    if found := SLASHED.search(text):
        first, second, year = (int(group) for group in found.groups())
        if first > 12 or first == second:
            return year, second, first
        return (year, first, second) if second > 12 else None
    return None


def _in_words(text: str) -> Parts | None:
    """A month by its name, a year of four digits beside it, and a day if there is one."""
    numbers = [_month(word) for word in WORD.findall(text)]
    months = [number for number in numbers if number]
    if len(months) > 1 and numbers[0]:  # “mar. 3 juil.”, “сенбі, 6 шілде”: a weekday that begins like a month
        del months[0]
    years = YEAR.findall(text)
    if len(months) != 1 or len(years) != 1:
        return None
    days = [int(day) for day in DAY.findall(text.replace(years[0], " ", 1)) if 1 <= int(day) <= 31]
    return int(years[0]), months[0], days[0] if days else None


def _month(word: str) -> int | None:
    word = word.lower()
    return BY_START.get(word[:4]) or BY_START.get(word[:3])
