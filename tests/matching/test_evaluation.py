import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.matching.evaluation import LabelledFileError, average_precision, read, report
from tracker.matching.rules import Source, compile_rules

REFERENCES = {1: "XX-2024-01", 11: "XX-2024-11"}
RULES = compile_rules(
    [
        Source(
            key, {"needs": ["it"], "concepts": {"it": {"role": "what", "weight": 1, "terms": {"en": [term]}}}}, {}, day
        )
        for key, term, day in (("XX-2024-01", "lake", date(2024, 7, 3)), ("XX-2024-11", "sea", date(2024, 7, 3)))
    ]
)


def line(**fields):
    return json.dumps({"title": "t", "text": "", "date": "2025-01-01", "language": "en", "labels": [], **fields})


def test_average_precision_of_a_known_ranking():
    assert average_precision([(0.9, True), (0.8, False), (0.7, True)]) == pytest.approx((1 + 2 / 3) / 2)


def test_ties_count_against_us():
    assert average_precision([(0.5, True), (0.5, False)]) == 0.5
    assert average_precision([(0.5, False), (0.5, True)]) == 0.5


@given(st.lists(st.tuples(st.sampled_from([0.0, 0.3, 0.6]), st.booleans()), max_size=30))
def test_average_precision_lies_between_nothing_and_one_and_ignores_the_order_given(ranked):
    assert 0 <= average_precision(ranked) <= 1
    assert average_precision(ranked) == average_precision(ranked[::-1])


@pytest.mark.parametrize("label", ["P11", "11", "XX-2024-11"])
def test_a_label_is_a_number_or_a_reference(label):
    (item,) = read([line(labels=[{"id": label, "stance": "progress"}])], REFERENCES)
    assert item.labels == {"XX-2024-11"}


@pytest.mark.parametrize(
    ("value", "latest"),
    [
        ("2025-02-03", date(2025, 2, 3)),
        ("2024-02", date(2024, 2, 29)),
        ("2024-12", date(2024, 12, 31)),
        ("2024", date(2024, 12, 31)),
        (None, date(1, 12, 31)),
        ("", date(1, 12, 31)),
    ],
)
def test_a_fuzzy_date_closes_the_gate_only_when_all_of_it_is_too_old(value, latest):
    (item,) = read([line(date=value)], REFERENCES)
    assert item.article.published_latest == latest


@pytest.mark.parametrize(
    ("words", "year"),
    [("In 2025, after 2019", 2025), ("Opened in 2017", 2017), ("20255 of 12025", 1), ("2025年", 2025)],
)
def test_an_undated_article_is_as_old_as_its_own_words_say(words, year):
    (item,) = read([line(date="", text=words)], REFERENCES)
    assert item.article.published_latest == date(year, 12, 31)


def test_bad_lines_are_said_by_number():
    lines = ["{", "[]", line(labels=[{"id": "P99"}]), '{"title": "t"}', line(date="2025-13-01"), "", line(), "null"]
    with pytest.raises(LabelledFileError) as caught:
        read([*lines, line(labels=[{"id": "9" * 5000}]), line(labels=5), "[" * 5000], REFERENCES)
    numbers = [problem.partition(":")[0] for problem in caught.value.problems]
    assert numbers == [f"line {number}" for number in (1, 2, 3, 4, 5, 8, 9, 10, 11)]


def test_figures_by_language_and_pledge_with_and_without_dates():
    lines = [
        line(title="The lake", labels=[{"id": "P1"}]),
        line(title="The sea", language="fr", labels=[{"id": "P1"}, {"id": "P11"}]),
        line(title="The lake", date="2020", labels=[]),
    ]
    labelled = read(lines, REFERENCES)
    dated, undated = report(labelled, RULES), report(labelled, RULES, with_dates=False)
    assert dated.articles == 3
    assert dated.micro.right == 3
    assert dated.micro.precision == 1
    assert dated.micro.recall == pytest.approx(2 / 3)
    assert dated.by_language["en"].average_precision == 1
    assert dated.by_pledge["XX-2024-11"].average_precision == 1
    assert undated.micro.precision == pytest.approx(2 / 3)
    assert undated.by_pledge["XX-2024-01"].average_precision < dated.by_pledge["XX-2024-01"].average_precision


def test_figures_that_cannot_be_are_none():
    empty = report(read([line()], REFERENCES), RULES)
    assert (empty.micro.average_precision, empty.micro.precision, empty.micro.recall) == (None, None, None)
