from datetime import date

import pytest

from tracker.matching.cross_validation import cross_validate, deal
from tracker.matching.evaluation import Labelled
from tracker.matching.rules import Source
from tracker.matching.scoring import ArticleText

SIGNED = date(2024, 7, 3)
LAKE = {"role": "what", "weight": 0.7, "terms": {"en": ["lake", "pond", "sea"]}}
RULE = Source("L-01", {"needs": ["lake"], "concepts": {"lake": LAKE}}, {}, SIGNED)


def article(title, *labels, story=""):
    return Labelled(ArticleText(title, "", "en", date(2025, 1, 1)), frozenset(labels), story)


def test_all_reports_of_a_story_lie_in_one_fold_and_the_folds_are_of_a_size():
    items = [article(f"{n}", story="one" if n < 4 else "") for n in range(12)]
    folds = deal(items, 3)
    assert sorted(place for fold in folds for place in fold) == list(range(12))
    assert [len(fold) for fold in folds] == [4, 4, 4]
    assert [0, 1, 2, 3] in [sorted(fold) for fold in folds]


def test_words_that_only_the_fold_left_out_holds_are_not_counted_on():
    items = [article("The lake", "L-01", story=f"{n}") for n in range(6)]
    items += [article("No lake", story=f"no {n}") for n in range(3)]
    items += [article("The pond", "L-01", story="pond"), article("Ponds", "L-01", story="pond")]
    crossed = cross_validate(items, [RULE], 3)
    assert crossed.fitted.right == crossed.blinded.right == 8
    assert crossed.words_left_out == 1
    assert (crossed.fitted.recall, crossed.blinded.recall) == (1, 6 / 8)
    assert len(crossed.pairs) == len(items)


def test_folds_that_teach_nothing_are_refused():
    with pytest.raises(ValueError, match="right and wrong"):
        cross_validate([article("The lake", "L-01"), article("The sea", "L-01")], [RULE], 2)
