"""How people write a fuzzy date → EDTF: “Q3 2025”, “by the end of 2026”, “d’ici juin 2026”, “до конца 2030 года”.

Words of every language are read at once, whatever the reader's own: each becomes a sign (BY, END, FROM, TO, ABOUT,
OPEN, Q, H, a month such as M6), and one small grammar reads the signs in any order. A word that is in no table makes
the whole unreadable: nothing is guessed, and nothing comes out more precise than it was written.
"""

import re
import unicodedata
from collections.abc import Iterator

from babel.dates import get_month_names

from tracker.pledges.dates import FuzzyDateError, bounds

# Sign → words and phrases, as regular expressions over folded text (lower case, no accents, no apostrophes).
_WORDS = {
    "en": {
        "BY": r"by|until|till|(?:no|not) later than",
        "BY END": r"before (?:the )?end(?: of)?",
        "END": r"(?:at )?(?:the )?end(?: of)?|late(?: in)?",
        "FROM": r"from|since|between|starting(?: in| on| from)?",
        "TO": r"to|and|through",
        "ABOUT": r"about|around|circa|ca|approximately",
        "Q": r"quarter",
        "H": r"half",
        " ": r"in|on|during|the|of|year",
        "1": r"first|1st",
        "2": r"second|2nd",
        "3": r"third|3rd",
        "4": r"fourth|4th",
    },
    "fr": {
        "BY": r"d ici(?: a| au| le)?|au plus tard(?: en| le)?|jusqu (?:a|en|au)",
        "BY END": r"avant (?:la )?fin(?: de| du)?",
        "END": r"(?:a )?(?:la )?fin(?: de| du| d)?",
        "FROM": r"a (?:partir|compter) (?:de|du|d)|des|depuis|entre|du",
        "TO": r"a|au|et",
        "ABOUT": r"vers|environ",
        "Q": r"trimestre",
        "H": r"semestre",
        " ": r"en|le|la|l|de|d|annee|au cours (?:de|du)",
        "1": r"premier|1er",
        "2": r"deuxieme|second|2n?d?e(?:me)?",
        "3": r"troisieme|3e(?:me)?",
        "4": r"quatrieme|4e(?:me)?",
    },
    "ru": {
        "BY": r"до|к|ко|не позднее|не позже",
        "END": r"(?:в )?кон(?:ец|ца|цу|це)",
        "FROM": r"с|со|начиная с|между",
        "TO": r"по|и",
        "ABOUT": r"около|примерно",
        "Q": r"квартал\w{0,2}|кв",
        "H": r"полугоди\w{1,2}",
        " ": r"в|во|г|год|года|году|течение",
        "1": r"перв\w{2,3}|1(?: и| го| е| м)",
        "2": r"втор\w{2,3}|2(?: и| го| е| м)",
        "3": r"трет\w{2,4}|3(?: и| го| е| м)",
        "4": r"четверт\w{2,3}|4(?: и| го| е| м)",
    },
    "kk": {
        "BY": r"деиін|деин",
        "END": r"соңы(?:на|нда)?|аяғы(?:на|нда)?",
        "FROM": r"бастап",
        "ABOUT": r"шамамен",
        "Q": r"тоқсан\w{0,4}|тқс",
        "H": r"жартыжылды\w{1,5}",
        " ": r"жыл|жылы|жылғы|жылдың|жылға|жылда|ж",
        "1": r"1 ші|бірінші",
        "2": r"2 ші|екінші",
        "3": r"3 ші|үшінші",
        "4": r"4 ші|төртінші",
    },
    "zh": {
        "BY": r"之前|以前|前|截至|不晚于",
        "END": r"年底|年末|底|末",
        "FROM": r"自|从",
        "TO": r"至|到",
        "ABOUT": r"大约|约",
        "H 1": r"上半年",
        "H 2": r"下半年",
        "Q": r"季度",
        " ": r"年|日|号|第|起|在|于",
        "1": r"一(?=季)",
        "2": r"二(?=季)",
        "3": r"三(?=季)",
        "4": r"四(?=季)",
    },
    "": {
        "Q 1": "[qtк]1",
        "Q 2": "[qtк]2",
        "Q 3": "[qtк]3",
        "Q 4": "[qtк]4",
        "1": "[iі](?= кв| т)",
        "2": "[iі][iі](?= кв| т)",
        "3": "[iі][iі][iі](?= кв| т)",
        "4": "[iі]v(?= кв| т)",
        "H 1": "[hs]1",
        "H 2": "[hs]2",
        "ABOUT": "~|≈",
        "OPEN": "…",
        "TO": "–|/",
    },
}
_RUSSIAN_ENDINGS = ("", "ь", "я", "а", "е", "ю", "у")
_KAZAKH_ENDINGS = ("", *("ға", "ге", "қа", "ке", "да", "де", "та", "те", "ның", "нің", "дың", "дің", "тың", "тің"))
_MONTH_FOR_QUARTER, _MONTH_FOR_HALF = 32, 39  # EDTF writes quarters 33 to 36, halves 40 and 41
LONGEST = 80


def read(text: str) -> str:
    """The EDTF value that a person's words mean. Raises FuzzyDateError, whose text names the words."""
    text = " ".join(text.split())
    try:
        edtf = text if _is_edtf(text) else _range(_signs(text))
        bounds(edtf)
    except (FuzzyDateError, ValueError) as error:
        raise FuzzyDateError(f"“{text[:LONGEST]}” is not understood as a date") from error
    return edtf


def _is_edtf(text: str) -> bool:
    try:
        bounds(text)
    except FuzzyDateError:
        return False
    return True


def _fold(text: str) -> str:
    """Lower case without accents; “й” loses its sign as well, here and in the tables."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", bare)


def _signs(text: str) -> list[str]:
    if len(text) > LONGEST:
        raise ValueError
    folded = _fold(text.replace("…", "\0")).replace("\0", "…").replace("—", "–")
    folded = re.sub(r"(?<!\d)(\d{1,2})\.(\d{1,2})\.(\d{4})", r"\1 \2月 \3", folded)  # 16.06.2025
    folded = re.sub(r"(\d{4}) ?- ?(?=\d{4})| - ", r"\1–", folded)  # 2024-2030
    folded = re.sub(r"[’'ʼ.,\-]+", " ", folded)
    folded = re.sub(r"(?<!\d)(\d{1,2})月", r" M\1 ", folded)
    return _VOCABULARY.sub(lambda found: f" {_SIGNS[found.lastindex or 0]} ", folded).split()


def _range(signs: list[str]) -> str:
    """FROM a TO b, FROM a, BY a, a TO OPEN, or one date alone."""
    if signs[:1] == ["TO"]:
        signs = signs[1:]  # « au premier semestre »
    start, found, end = _parted(signs)
    if found:
        return f"{_end_of(start)}/{_end_of(end)}"
    if "BY" in start:
        return f"../{_date(_without(start, 'BY'))}"
    if "FROM" in start:
        return f"{_date(_without(start, 'FROM'))}/.."
    return _date(start)


def _parted(signs: list[str]) -> tuple[list[str], bool, list[str]]:
    """Two dates parted by TO, or by BY after FROM: “с июня 2026 до марта 2027”."""
    begins = signs[:1] == ["FROM"]
    for place, sign in enumerate(signs):
        if sign == "TO" or (sign == "BY" and begins):
            return signs[begins:place], True, signs[place + 1 :]
    return signs, False, []


def _end_of(signs: list[str]) -> str:
    return ".." if signs == ["OPEN"] else _date(signs)


def _without(signs: list[str], sign: str) -> list[str]:
    place = signs.index(sign)
    return signs[:place] + signs[place + 1 :]


def _date(signs: list[str]) -> str:
    """A year, and one of: a month, a month and a day, a quarter, a half. The end of any of them is the whole."""
    for each in ("END", "ABOUT"):
        if each in signs:
            rest = _without(signs, each)
            return _date(rest) + ("~" if each == "ABOUT" else "")
    years = [sign for sign in signs if re.fullmatch(r"\d{4}", sign, re.ASCII)]
    months = [int(sign[1:]) for sign in signs if re.fullmatch(r"M\d{1,2}", sign, re.ASCII)]
    days = [int(sign) for sign in signs if re.fullmatch(r"\d{1,2}", sign, re.ASCII)]
    parts = [sign for sign in signs if sign in ("Q", "H")]
    if len(signs) != len(years) + len(months) + len(days) + len(parts):
        raise ValueError
    match (years, months, days, parts):
        case [[year], [], [], []]:
            return year
        case [[year], [month], [], []] if 1 <= month <= 12:
            return f"{year}-{month:02d}"
        case [[year], [month], [day], []] if 1 <= month <= 12:
            return f"{year}-{month:02d}-{day:02d}"
        case [[year], [], [number], ["Q"]] if 1 <= number <= 4:
            return f"{year}-{_MONTH_FOR_QUARTER + number}"
        case [[year], [], [number], ["H"]] if 1 <= number <= 2:
            return f"{year}-{_MONTH_FOR_HALF + number}"
    raise ValueError


def _months() -> Iterator[tuple[str, str, str]]:
    """Language, sign and name of every month, long and short, in every case that dates need."""
    for language in ("en", "fr", "ru", "kk", "zh"):
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in get_month_names(width, context, language).items():
                    for form in _forms(_fold(name).rstrip("."), language):
                        yield language, f"M{number}", re.escape(form)
    yield from (("en", "M9", "sept"), ("ru", "M5", "мае"), ("ru", "M5", "маю"))


def _forms(name: str, language: str) -> list[str]:
    if language == "kk":
        return [name + ending for ending in _KAZAKH_ENDINGS]
    if language == "ru" and len(name) > 3:
        stem = name[:-1] if name[-1] in "ьая" else name
        return [stem + ending for ending in _RUSSIAN_ENDINGS]
    return [name]


def _vocabulary() -> tuple[re.Pattern[str], list[str]]:
    """One pattern with a group for each entry, the longest first, and the sign of each group."""
    entries = {(words, sign, language) for language, table in _WORDS.items() for sign, words in table.items()}
    entries = {(word, sign, lang) for words, sign, lang in entries for word in _alternatives(words)}
    entries |= {(name, sign, language) for language, sign, name in _months() if not name[:1].isdigit()}
    ordered = sorted(entries, key=lambda entry: (-len(entry[0]), entry))
    whole = r"(?<![^\W\d_])({})(?!\w)", r"({})"
    pattern = "|".join(whole[lang == "zh" or not re.match(r"\w|\[|\(", word)].format(word) for word, _, lang in ordered)
    return re.compile(pattern), ["", *(sign for _, sign, _ in ordered)]


def _alternatives(words: str) -> list[str]:
    """Parts at the bars outside brackets, with no groups that capture."""
    return re.split(r"\|(?![^(\[]*[)\]])", words)


_VOCABULARY, _SIGNS = _vocabulary()
