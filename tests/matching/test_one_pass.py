"""Many rules cost one article little: counted in calls of functions, which no busy machine changes."""

import sys
from collections import Counter
from datetime import date
from itertools import combinations
from math import sqrt

import pytest

from tracker.matching.rules import Source, compile_rules
from tracker.matching.scoring import ArticleText, matches

COUNTRIES = ("KZ", "CN", "FR", "DE", "IT", "ES", "PL", "RO", "GR", "SE", "FI", "NO")
SUBJECTS = ("rail", "port", "visa", "steel", "river", "school", "wheat", "gas", "court", "film", "bank")
ARTICLE = ArticleText(
    "Kazakhstan and China agree on a rail terminal",
    "The rail terminal near the river port will carry steel and wheat, the two governments said.",
    "en",
)
ELSEWHERE = ArticleText("Horoscope for the week", "Good news for all who were born under the sign of the crab.", "en")


def book(declarations):
    """Eleven pledges of each pair of countries, all about the same eleven subjects."""
    pairs = list(combinations(COUNTRIES, 2))[:declarations]
    return compile_rules(
        Source(
            f"{one}-{two}-{subject}",
            {
                "needs": [one, two, subject],
                "concepts": {
                    subject: {"role": "what", "weight": 0.5, "terms": {"en": [f"{subject} terminal", subject]}}
                },
            },
            {code: {"role": "who", "weight": 0.1, "territory": code} for code in (one, two)},
            date(2024, 7, 3),
        )
        for one, two in pairs
        for subject in SUBJECTS
    )


def calls(article, rules):
    """How many functions, of ours and of the language, one article takes."""
    matches(article, rules)  # what is made once for each language
    counted = Counter()
    sys.setprofile(lambda _frame, event, _argument: counted.update([event]))
    try:
        matches(article, rules)
    finally:
        sys.setprofile(None)
    return counted["call"] + counted["c_call"]


@pytest.fixture(scope="module")
def few():
    return book(1)


@pytest.fixture(scope="module")
def many():
    return book(60)


def test_only_rules_whose_every_need_was_found_are_looked_at(many):
    assert len(many.rules) == 660
    found = many.lexicon("en").find(ARTICLE.title, ARTICLE.text)
    candidates = many.candidates({each for whose, _hit in found for each in whose})
    assert {rule.key for rule in candidates} == {
        f"KZ-CN-{each}" for each in ("rail", "river", "port", "steel", "wheat")
    }
    assert {match.key for match in matches(ARTICLE, many)} == {rule.key for rule in candidates}


def test_sixty_times_the_pledges_cost_an_article_less_than_the_root_of_sixty(few, many):
    assert calls(ELSEWHERE, many) == calls(ELSEWHERE, few) < 100
    assert calls(ARTICLE, many) < sqrt(60) * calls(ARTICLE, few)


def test_a_text_is_read_once_however_many_rules_there_are(few, many):
    letters = "the quick brown fox jumps over " * 40
    longer = ArticleText(ELSEWHERE.title, letters, "en")
    assert calls(longer, many) == calls(longer, few)
