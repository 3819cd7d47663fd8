"""One way of cutting for the index and for the query."""

import pytest

from tracker.search.tokens import asked, distance, finds, indexed, plain, title_words, trigrams


def matches(query, text, language):
    tokens = indexed([(language, text)])
    return all(
        tokens & set(term.tokens) or any(term.prefix and token.startswith(term.prefix) for token in tokens)
        for term in asked(query)
    )


@pytest.mark.parametrize(
    ("language", "text", "query"),
    [
        ("en", "Railways to the border", "railway"),
        ("en", "A railway to the border", "Railways"),
        ("en", "Investments grew", "investing"),
        ("fr", "Électricité pour les écoles", "electricite"),
        ("fr", "Les universités ouvriront", "université"),
        ("ru", "Строительство железной дороги в Казахстане", "железная дорога Казахстан"),
        ("kk", "Қазақстанның теміржолдары", "теміржол Қазақстан"),
        ("zh-Hans", "中国和哈萨克斯坦的旅游年", "哈萨克斯坦 旅游"),
        ("zh-Hant", "中國和哈薩克斯坦", "哈萨克斯坦"),
        ("en", "Pledge CN-KZ-2024-03", "CN-KZ-2024-03"),
        ("en", "Visa-free travel", "visa free"),
        ("en", "Tourism in Kazakhstan", "touri kaz"),
    ],
)
def test_inflected_and_plain_words_meet(language, text, query):
    assert matches(query, text, language)


@pytest.mark.parametrize(
    ("language", "text", "query"),
    [
        ("zh-Hans", "斯坦萨克哈旅游", "哈萨克斯坦"),
        ("en", "A road to the border", "railway"),
        ("en", "Railways", "railways border"),
    ],
)
def test_other_words_do_not(language, text, query):
    assert not matches(query, text, language)


@pytest.mark.parametrize("query", ["", "   ", "'\"*():&|!<->\\", "\x00", "ﷺ…", "½ ℀ ㎏", "NEAR(a b)", "title:x"])
def test_tokens_hold_nothing_a_query_language_would_read(query):
    for term in asked(query):
        for token in (*term.tokens, term.prefix):
            assert not set(token) & set(" '\"*():&|!<>-\\\x00/")


def test_words_found_are_told_in_a_text():
    terms = asked("railways 旅游")
    assert finds(terms, "Railway", "en")
    assert finds(terms, "游", "zh")
    assert not finds(terms, "road", "en")


def test_words_worth_correcting_by_are_long_and_spaced():
    assert title_words([("en", "The railway of 2024, 旅游年"), ("fr", "Été")]) == {"railway"}


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("railway", "railway", 0),
        ("railwy", "railway", 1),
        ("raliway", "railway", 1),
        ("tram", "railway", 6),
        ("", "ab", 2),
    ],
)
def test_distance_counts_letters_added_dropped_changed_or_swapped(one, other, expected):
    assert distance(one, other) == distance(other, one) == expected


def test_ends_count_among_the_trigrams():
    assert trigrams("rail") == {" ra", "rai", "ail", "il "}
    assert plain("ЁЛКА") == "елка"
