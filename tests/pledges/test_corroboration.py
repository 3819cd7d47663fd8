"""Who confirms a pledge, from plain values."""

import pytest

from tracker.pledges.corroboration import Voice, corroboration

CHN, KAZ, UZB = (Voice("party", code) for code in ("CHN", "KAZ", "UZB"))
PRESS, UN = Voice("independent"), Voice("multilateral")


def said(*items, sides=("CHN", "KAZ")):
    return corroboration(items, sides)


@pytest.mark.parametrize(
    ("items", "verdict"),
    [
        ([], "nothing"),
        ([("context", CHN), ("context", UN)], "nothing"),
        ([("setback", PRESS)], "contradicted"),
        ([("progress", CHN)], "one_side"),
        ([("progress", CHN), ("fulfilled", CHN), ("context", KAZ)], "one_side"),
        ([("progress", CHN), ("fulfilled", KAZ)], "all_sides"),
        ([("progress", PRESS), ("progress", UN)], "others"),
        ([("progress", CHN), ("setback", KAZ)], "one_side"),
    ],
)
def test_verdict_says_which_sides_confirm(items, verdict):
    assert said(*items).verdict == verdict


def test_some_of_many_sides_are_named():
    found = said(("progress", KAZ), ("fulfilled", CHN), sides=("CHN", "KAZ", "UZB"))
    assert (found.verdict, found.sides) == ("some_sides", ("CHN", "KAZ"))


def test_voices_of_others_are_told_apart_from_the_sides():
    assert said(("progress", CHN), ("progress", UN)).others
    assert not said(("progress", CHN), ("setback", UN), ("context", PRESS)).others


def test_a_setback_contradicts_whoever_reports_it():
    assert said(("fulfilled", CHN), ("setback", CHN)).is_contradicted
    assert not said(("fulfilled", CHN), ("context", PRESS)).is_contradicted


def test_a_declaration_of_one_side_is_confirmed_by_all_its_sides():
    assert said(("progress", CHN), sides=("CHN",)).verdict == "all_sides"


def test_the_voice_of_a_party_outside_the_declaration_is_named_too():
    assert said(("progress", UZB)).sides == ("UZB",)
    assert said(("progress", UZB)).verdict == "one_side"
