from datetime import date

import pytest

from tracker.matching import topics
from tracker.matching.rules import RuleError, Source, compile_rules, fingerprint, sources

SIGNED = date(2024, 7, 3)
LAKE = {"role": "what", "weight": 0.5, "terms": {"en": ["lake"]}}


def problems_of(watch, shared=None):
    with pytest.raises(RuleError) as caught:
        compile_rules([Source("L-01", watch, shared or {}, SIGNED, path="L-01.watch")])
    return caught.value.problems


def test_every_problem_is_told_at_once_in_words_with_its_path():
    watch = {
        "need": [],
        "needs": ["lake", ["river", "lake"]],
        "since": "yesterday",
        "concepts": {
            "lake": {
                "role": "thing",
                "weight": 7,
                "near": "sea",
                "within": 0,
                "terms": {"en": ["", 5, "a …", "a…b…c…d"]},
            },
            "country": {"role": "who", "territory": "XXX"},
            "nothing": {"role": "who"},
            "subject": {"role": "what", "topic": "lakes", "hints_of": [], "label": "Lakes"},
        },
        "excludes": ["horoscope"],
    }
    assert problems_of(watch) == [
        "L-01.watch: unknown field need",
        "L-01.watch.since: “yesterday” is not a day (write 2024-07-03)",
        "L-01.watch.needs[1]: there is no concept “river”",
        "L-01.watch.concepts.lake.role: must be one of who, what, where, when",
        "L-01.watch.concepts.lake.weight: must be a number from -1 to 1",
        "L-01.watch.concepts.lake.within: must be a whole number from 1 to 50",
        "L-01.watch.concepts.lake.near: there is no concept “sea”",
        "L-01.watch.concepts.lake.terms.en: “” holds nothing to look for, or begins or ends with …",
        "L-01.watch.concepts.lake.terms.en: 5 must be text: put it in quotes",
        "L-01.watch.concepts.lake.terms.en: “a …” holds nothing to look for, or begins or ends with …",
        "L-01.watch.concepts.lake.terms.en: “a…b…c…d” has more than 2 gaps",
        "L-01.watch.concepts.country.territory: “XXX” is no country (write KZ)",
        "L-01.watch.concepts.nothing.terms: give terms, a topic or a territory",
        f"L-01.watch.concepts.subject.topic: “lakes” is no topic (one of {', '.join(topics.known())})",
        f"L-01.watch.concepts.subject.hints_of: “[]” is no topic (one of {', '.join(topics.known())})",
        "L-01.watch.concepts.subject.label: must be names by language",
        "L-01.watch.excludes: must be lists of terms by language",
    ]


@pytest.mark.parametrize("nonsense", [None, [], "x", 5, {"concepts": []}, {"needs": "lake"}, {"needs": [[], 5]}])
def test_nonsense_is_told_and_never_crashes(nonsense):
    assert problems_of(nonsense)


@pytest.mark.parametrize(
    "nonsense", [{"lake": None}, {"lake": []}, {"lake": {"role": "what", "terms": {"en": "lake"}}}]
)
def test_a_shared_concept_is_checked_where_it_is_used(nonsense):
    assert problems_of({"needs": ["lake"]}, nonsense)


def test_a_pledge_may_give_a_shared_concept_its_own_weight():
    (rule,) = compile_rules(
        [Source("L-01", {"needs": ["lake"], "concepts": {"lake": {"weight": 0.2}}}, {"lake": LAKE}, SIGNED)]
    ).rules
    assert str(rule.concepts["lake"].weight) == "0.2"
    assert rule.concepts["lake"].vocabulary.terms == (("en", ("lake",)),)


def test_a_concept_takes_the_words_of_a_topic_and_adds_its_own():
    concepts = {
        "trade": {"role": "what", "weight": 0.5, "topic": "trade", "terms": {"en": ["silk"]}},
        "hint": {"role": "what", "weight": 0.1, "hints_of": "trade"},
    }
    [rule] = compile_rules([Source("L-01", {"needs": ["trade"], "concepts": concepts}, {}, SIGNED)]).rules
    terms = dict(rule.concepts["trade"].vocabulary.terms)
    assert {"bilateral trade", "silk"} <= set(terms["en"])
    assert "товарооборот*" in terms["ru"]
    assert "贸易" in dict(rule.concepts["hint"].vocabulary.terms)["zh"]


@pytest.mark.parametrize("topic", topics.known())
def test_every_topic_has_names_in_five_languages_and_labels_for_readers(topic):
    assert {"en", "fr"} <= topics.label(topic).keys()
    assert {"en", "fr", "kk", "ru", "zh"} <= topics.names(topic).keys()
    concepts = {"it": {"role": "what", "topic": topic}, "hint": {"role": "what", "terms": topics.spoken_of(topic)}}
    assert compile_rules([Source("L-01", {"needs": ["it"], "concepts": concepts}, {}, SIGNED)])


def test_a_rule_starts_at_the_signing_unless_it_or_its_declaration_says_otherwise():
    plain, own = {"needs": ["lake"]}, {"needs": ["lake"], "since": "2025-01-01"}
    shared = {"concepts": {"lake": LAKE}}
    signed = compile_rules(sources(shared, SIGNED, {"L-01": plain, "L-02": own, "L-03": {}})).rules
    later = compile_rules(sources({**shared, "since": "2024-09-01"}, SIGNED, {"L-01": plain, "L-02": own})).rules
    assert [rule.since for rule in signed] == [SIGNED, date(2025, 1, 1)]
    assert [rule.since for rule in later] == [date(2024, 9, 1), date(2025, 1, 1)]


def test_the_fingerprint_changes_with_the_rules_only():
    one = [Source("L-01", {"needs": ["lake"], "concepts": {"lake": LAKE}}, {}, SIGNED)]
    same = [Source("L-01", {"concepts": {"lake": dict(reversed(LAKE.items()))}, "needs": ["lake"]}, {}, SIGNED)]
    other = [Source("L-01", {"needs": ["lake"], "concepts": {"lake": {**LAKE, "weight": 0.6}}}, {}, SIGNED)]
    assert fingerprint(one) == fingerprint(same) != fingerprint(other)


def test_rules_that_look_for_the_same_words_share_them():
    watch = {"needs": ["lake"]}
    first, second = compile_rules(sources({"concepts": {"lake": LAKE}}, SIGNED, {"L-01": watch, "L-02": watch})).rules
    assert first.concepts["lake"].vocabulary is second.concepts["lake"].vocabulary


def test_concepts_have_names_for_french_readers_from_their_topic_or_country_or_of_their_own():
    concepts = {
        "rail": {"role": "what", "topic": "transport"},
        "roads": {"role": "what", "hints_of": "transport"},
        "Japan": {"role": "who", "territory": "JP"},
        "lake": {**LAKE, "label": {"fr": "lac"}},
        "sea": LAKE,
    }
    [rule] = compile_rules([Source("L-01", {"needs": ["rail"], "concepts": concepts}, {}, SIGNED)]).rules
    names = {name: dict(concept.label).get("fr") for name, concept in rule.concepts.items()}
    assert names["rail"] in names["roads"]
    assert (names["Japan"], names["lake"], names["sea"]) == ("Japon", "lac", None)
