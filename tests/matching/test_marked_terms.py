"""Every word that counted is marked where it stands: in any form and script, in generated and real texts."""

import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.pledges.declarations import SCHEMA, SHIPPED
from tests.test_layers import ROOT
from tracker.matching.lexicon import by_vocabulary
from tracker.matching.marking import bill, pieces
from tracker.matching.rules import compile_rules, sources
from tracker.matching.scoring import ArticleText, matches
from tracker.pledges.declaration_file import parse
from tracker.search.text import language_of, words

TERMS = {
    "en": ["Luban workshop", "Chinese Luban", "trade … year", "US"],
    "fr": ["l’atelier Luban", "année du tourisme"],
    "ru": ["мастерская Лу Баня", "соглашение", "Казахстан"],
    "kk": ["Лу Бань шеберханасы", "келісім", "жыл"],
    "zh": ["鲁班工坊", "班工", "中国 … 年"],
    "de": ["Tourismus*"],
    "hi": ["चीन"],
    "ar": ["كازاخستان"],
    "any": ["C+C5"],
}
SUBJECT = {"role": "what", "weight": 0.5, "terms": TERMS}
OTHER = {"role": "when", "weight": 0.2, "terms": {"any": ["workshop two", "2025"]}}
GENERATED = compile_rules(
    sources({}, date(2024, 7, 3), {"L-1": {"needs": ["it"], "concepts": {"it": SUBJECT, "then": OTHER}}})
)
FORMS = st.sampled_from(
    [
        *("Luban", "LUBAN WORKSHOPS", "workshop two", "Chinese", "trades", "years", "US", "us", "İstanbul", "2025"),
        *("l’atelier", "L'ATELIERS Luban", "années du tourisme", "мастерскую Лу Баня", "мастерскими", "соглашениями"),
        *(
            "Казахстаном",
            "Лу Бань шеберханаларының",
            "келісімдер",
            "жылдың",
            "жылы",
            "鲁班工坊",
            "魯班工坊",
            "中国",
            "年",
        ),
        *(
            "Tourismusjahr",
            "चीन",
            "चीनी",
            "كازاخستان",
            "C+C5",
            "\n",
            "_",
            "-",
            "’s",
            "，",
            "在",
            "\u0301",
            "é",
            "ﬁ",
            "Ｕ",
        ),
    ]
)
TEXTS = st.lists(FORMS | st.text(max_size=4), max_size=14).map(" ".join) | st.lists(FORMS, max_size=8).map("".join)
LANGUAGES = st.sampled_from(["en", "fr", "ru", "kk", "zh", "ja", "de", "hi", "ar", "uk", "tr", ""])


def unmarked(article, book):
    """The words that counted but bear no mark."""
    language = language_of(article.language, f"{article.title} {article.text}")
    hits = by_vocabulary(book.lexicon(language).find(article.title, article.text))
    for match in matches(article, book, with_dates=False):
        rule = next(rule for rule in book.rules if rule.key == match.key)
        lines = bill(match.reasons)
        marked = {in_title: mask(text, lines) for text, in_title in ((article.title, True), (article.text, False))}
        for line in match.reasons:
            counted = {(term["text"], term["where"] == "title") for term in line["terms"]}
            for hit in hits[rule.concepts[line["concept"]].vocabulary]:
                if (hit.surface, hit.in_title) not in counted:
                    continue  # stood too far from what it must stand near
                spans = words(hit.part.text)[hit.start : hit.end]
                yield from (word for word, start, end in spans if not all(marked[hit.in_title][start:end]))


def mask(text, lines):
    """For each letter whether it is marked, as the page marks it: line by line."""
    shown = [bool(mark) for mark, piece in pieces(text, lines) for _ in piece]
    assert len(shown) == len(text)
    by_line = [bool(mark) for line in text.splitlines(True) for mark, piece in pieces(line, lines) for _ in piece]
    return [one and two for one, two in zip(shown, by_line, strict=True)]


@settings(max_examples=400, deadline=None)
@given(title=TEXTS, text=TEXTS, language=LANGUAGES)
def test_every_matched_word_of_generated_texts_is_marked(title, text, language):
    assert not list(unmarked(ArticleText(title, text, language), GENERATED))


@pytest.fixture(scope="module")
def shipped():
    data = parse(SHIPPED.read_bytes(), SCHEMA).data
    watched = {each["reference"]: each["watch"] for each in data["pledges"]}
    return compile_rules(sources(data["declaration"]["watch"], date(2024, 7, 3), watched))


def test_every_matched_word_of_real_texts_is_marked(shipped):
    lines = (ROOT / "tests/samples/articles.jsonl").read_text(encoding="utf-8").splitlines()
    articles = [ArticleText(row["title"], row["text"], row["language"]) for row in map(json.loads, lines)]
    assert sum(len(matches(article, shipped)) for article in articles) >= 10
    assert [word for article in articles for word in unmarked(article, shipped)] == []
