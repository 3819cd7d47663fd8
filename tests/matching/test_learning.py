"""Decisions re-weigh a rule: explained, bounded, never before there are enough, and only where it is switched on."""

import random
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import factories
from tests.factories import NOW
from tests.matching.test_rematching import look_again, rule
from tracker.matching import actions, lessons
from tracker.matching.evaluation import average_precision
from tracker.matching.learning import FURTHEST, LEAST, ROLE, Decision, Learned, decision, fit
from tracker.matching.models import Lesson, Suggestion
from tracker.matching.rules import Source, compile_rules
from tracker.matching.scoring import ArticleText, matches
from tracker.matching.watching import rulebook

# How often editors accept what bears these concepts, though the rule gives all of them about the same score.
TASTE = {frozenset({"lake", "treaty"}): 0.95, frozenset({"lake", "weather"}): 0.1, frozenset({"lake"}): 0.6}


def decisions(count, seed):
    chance = random.Random(seed)
    for _ in range(count):
        concepts = chance.choice(list(TASTE))
        yield Decision(round(chance.uniform(0.4, 0.8), 2), concepts, chance.random() < TASTE[concepts])


def quality(of, learned=None):
    """Average precision, ranked by the score."""
    ranked = []
    for each in of:
        score = Decimal(str(each.score))
        ranked.append((score + (learned.line(score, each.concepts) if learned else 0), each.is_accepted))
    return average_precision(ranked)


@pytest.mark.parametrize("seed", range(10))
def test_what_was_learned_ranks_later_articles_better(seed):
    seen, later = list(decisions(60, seed)), list(decisions(300, seed + 100))
    learned = fit(seen)
    assert quality(later, learned) > quality(later) + 0.05
    assert dict(learned.weights)["weather"] < 0 < dict(learned.weights)["treaty"]


@pytest.mark.parametrize("seed", range(5))
def test_where_scores_are_right_little_is_learned(seed):
    chance = random.Random(seed)
    scores = [round(chance.uniform(0.1, 0.9), 2) for _ in range(400)]
    learned = fit([Decision(score, frozenset({"lake"}), chance.random() < score) for score in scores])
    assert abs(learned.line(Decimal("0.50"), {"lake"})) <= Decimal("0.10")


def test_nothing_is_learned_before_there_are_enough_decisions_of_both_kinds():
    few = list(decisions(LEAST - 1, 1))
    assert {each.is_accepted for each in few} == {True, False}
    assert fit(few) is None
    assert fit([*few, few[0]]) is not None
    assert fit([Decision(0.5, frozenset({"lake"}), True)] * 100) is None


def test_more_of_the_same_decisions_move_a_score_further_up_to_a_bound():
    mixed = [Decision(0.5, frozenset({"lake"}), n % 10 == 0) for n in range(500)]
    moves = [-fit(mixed[:count]).line(Decimal("0.50"), {"lake"}) for count in (20, 50, 500)]
    assert 0 < moves[0] <= moves[1] <= moves[2] <= FURTHEST
    only = [Decision(0.9, frozenset({"lake"}), n == 0) for n in range(500)]
    assert fit(only).line(Decimal("0.90"), {"lake"}) == -FURTHEST


CONCEPTS = st.sets(st.sampled_from("abc")).map(frozenset)


@given(
    st.lists(st.builds(Decision, st.floats(0.01, 0.99), CONCEPTS, st.booleans()), min_size=20, max_size=60),
    st.decimals("0.01", "0.99", places=2),
    CONCEPTS,
)
def test_the_line_keeps_every_score_within_its_bounds_and_in_hundredths(seen, score, concepts):
    if (learned := fit(seen)) is None:
        return
    line = learned.line(score, concepts)
    assert Decimal("0.01") <= score + line <= Decimal("0.99")
    assert line == round(line, 2)
    assert abs(line) <= FURTHEST


@given(st.floats(-6, 6), st.floats(-6, 6), st.integers(0, 3), st.sampled_from([0.1, 0.4, 0.7, 1]))
def test_every_bill_with_a_lesson_adds_up_to_its_score(bias, weight, times, points):
    rules = compile_rules(
        [Source("L-1", rule("lake", weight=points), {}, None, learned=Learned(bias, (("it", weight),)))]
    )
    for match in matches(ArticleText("The lake", "lakes " * times, "en"), rules):
        assert sum(Decimal(str(line["points"])) for line in match.reasons) == match.score
        assert Decimal("0.01") <= match.score <= Decimal("0.99")


def test_an_earlier_lesson_is_no_part_of_what_is_learned_next():
    lines = [{"concept": "lake", "role": "what", "points": 0.5}, {"concept": "", "role": ROLE, "points": -0.2}, "?"]
    assert decision(lines, True) == Decision(0.5, frozenset({"lake"}), True)


# -- in the database


@pytest.fixture
def pledge(db):
    return factories.pledge(watch=rule("lake"))


def decide(pledge, count, accepted=0, **fields):
    """Decided suggestions of a rule that speaks of a lake, as review would leave them."""
    editor, feed = factories.editor(), factories.feed()
    line = {"concept": "it", "role": "what", "terms": [{"text": "lake", "where": "title"}], "points": 0.7}
    for n in range(count):
        is_accepted = n < accepted
        outcome = (
            {"state": "accepted", "evidence": factories.evidence(pledge)}
            if is_accepted
            else {"state": "dismissed", "dismiss_reason": "off_topic"}
        )
        made = {"reasons": [line], "decided_at": NOW - timedelta(hours=n), "decided_by": editor, **outcome, **fields}
        factories.suggestion(factories.article(feed, processed_at=NOW), pledge, **made)


def suggested(now):
    factories.article(title="The lake", text="")
    actions.suggest(now=now)
    return Suggestion.objects.pending().latest("pk")


def test_a_lesson_is_a_line_of_its_own_and_the_bill_still_adds_up(pledge, now):
    before = suggested(now)
    decide(pledge, 20, accepted=12)
    assert lessons.learn(now=now) == 1
    after = suggested(now)
    assert after.score != before.score
    assert after.reasons[-1]["role"] == ROLE
    assert sum(Decimal(str(line["points"])) for line in after.reasons) == after.score
    look_again(now)
    before.refresh_from_db()
    assert (before.score, before.reasons) == (after.score, after.reasons)


def test_nothing_changes_before_twenty_decisions(pledge, now):
    decide(pledge, 19, accepted=12)
    assert lessons.learn(now=now) == 0
    assert rulebook().rules[0].learned is None


def test_duplicates_and_what_was_carried_along_are_no_verdict_on_the_rule(pledge, now):
    decide(pledge, 19, accepted=12)
    decide(pledge, 5, dismiss_reason="duplicate")
    decide(pledge, 5, decided_with=Suggestion.objects.first())
    decide(pledge, 5, reasons=[], score=0)
    assert lessons.learn(now=now) == 0


def test_learning_can_be_switched_off_for_a_rule_and_on_again(pledge, now):
    decide(pledge, 20, accepted=12)
    lessons.learn(now=now)
    lessons.switch(pledge=pledge, is_on=False)
    assert rulebook().rules[0].learned is None
    assert suggested(now).reasons[-1]["role"] != ROLE
    assert lessons.learn(now=now) == 0
    lessons.switch(pledge=pledge, is_on=True)
    assert isinstance(rulebook().rules[0].learned, Learned)


def test_only_new_decisions_are_learned_from(pledge, now):
    decide(pledge, 20, accepted=12)
    assert [lessons.learn(now=now) for _ in range(2)] == [1, 0]
    decide(pledge, 1)
    assert lessons.learn(now=now) == 1
    assert Lesson.objects.get().decisions == 21


def test_a_lesson_is_forgotten_when_its_decisions_are_taken_back(pledge, now):
    decide(pledge, 20, accepted=12)
    lessons.learn(now=now)
    Suggestion.objects.filter(state="dismissed").delete()
    lessons.learn(now=now)
    assert Lesson.objects.get().learned is None
    assert rulebook().rules[0].learned is None
