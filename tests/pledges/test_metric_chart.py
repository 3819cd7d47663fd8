"""The chart of a measured pledge, from plain values."""

from datetime import date

import pytest

from tracker.pledges import metric_chart as charts

SIGNED = date(2024, 7, 3)


def number(place):
    return float(place.removesuffix("%"))


def point(year, value):
    return charts.Point(date(year, 12, 31), value, str(year), str(value))


TRADE = [point(2022, 31.2), point(2023, 41.0), point(2024, 43.8)]


def metric(series, baseline=None, target=None):
    return charts.metric_chart(series=series, baseline=baseline, target=target, signed_on=SIGNED, say=str)


def test_chart_counts_from_zero_and_shows_target_baseline_and_signing():
    chart = metric([("", TRADE)], baseline=TRADE[1], target=charts.Point(SIGNED, 82.0, "", "Target 82"))
    assert float(chart.floor) > float(chart.baseline.y) > float(chart.target.y) >= 0
    assert chart.grid[0].text == "0.0"
    assert number(chart.curves[0].dots[1].x) < number(chart.signed_x) < number(chart.curves[0].dots[2].x)


def test_chart_draws_several_series_and_names_the_last_of_each():
    chart = metric([("Chinese count", TRADE), ("Kazakh count", [point(2023, 31.4), point(2024, 30.1)])])
    assert [curve.name for curve in chart.curves] == ["Chinese count", "Kazakh count"]
    assert all(curve.end.is_last and curve.end.is_named for curve in chart.curves)


def test_single_figures_make_no_chart():
    assert metric([("", [point(2024, 4700)])]) is None
    assert metric([]) is None


def test_negative_and_equal_figures_are_drawn():
    chart = metric([("", [point(2023, -5.0), point(2024, 3.0)])])
    assert float(chart.curves[0].dots[0].y) > float(chart.floor)
    assert metric([("", [point(2023, 0.0), point(2024, 0.0)])]).curves


def test_two_figures_of_one_day_are_drawn():
    assert metric([("", [point(2024, 1.0), point(2024, 2.0)])]).curves


def test_pace_is_a_straight_line_from_the_baseline():
    # 2.8 in a year; 38.2 to go.
    assert charts.pace_year(baseline=TRADE[1], latest=TRADE[2], target=82.0) == 2038


def test_pace_is_the_year_of_the_last_figure_once_the_target_is_reached():
    assert charts.pace_year(baseline=TRADE[1], latest=TRADE[2], target=43.0) == 2024


@pytest.mark.parametrize("latest", [point(2024, 41.0), point(2024, 30.0), point(2024, 41.0001), point(2023, 50.0)])
def test_no_pace_without_movement_towards_the_target_within_a_century(latest):
    assert charts.pace_year(baseline=point(2023, 41.0), latest=latest, target=82.0) is None


def test_pace_that_leaves_the_plot_is_cut_at_its_top():
    chart = metric(
        [("", [point(2023, 10.0), point(2024, 70.0)])],
        baseline=point(2023, 10.0),
        target=charts.Point(SIGNED, 82.0, "", ""),
    )
    _start, end = chart.pace.path.split()
    x, y = (float(value) for value in end.split(","))
    assert x < 100
    assert y >= 20


def needed(latest, due, target=82.0):
    return charts.needed_a_year(baseline=TRADE[1], latest=latest, target=target, due=due)


def test_needed_pace_shares_what_is_missing_among_the_years_that_are_left():
    assert needed(point(2025, 62.0), date(2027, 12, 31)) == pytest.approx(10.0, rel=0.01)
    assert needed(point(2025, 30.0), date(2027, 12, 31), target=20.0) == pytest.approx(-5.0, rel=0.01)


@pytest.mark.parametrize(
    ("latest", "due"), [(point(2025, 62.0), date(2025, 12, 31)), (point(2025, 82.0), date(2030, 1, 1))]
)
def test_no_needed_pace_once_the_day_or_the_target_is_reached(latest, due):
    assert needed(latest, due) is None


def test_needed_pace_ends_at_the_due_day_or_at_the_edge():
    def end(due):
        target = charts.Point(SIGNED, 82.0, "", "")
        chart = charts.metric_chart(
            series=[("", TRADE)], baseline=TRADE[1], target=target, signed_on=SIGNED, say=str, due=due
        )
        x, y = chart.needed.path.split()[1].split(",")
        return float(x), float(y), float(chart.target.y)

    x, y, target_y = end(date(2025, 3, 31))
    assert x < 100
    assert y == pytest.approx(target_y, abs=0.1)
    x, y, target_y = end(date(2040, 1, 1))
    assert x == 100
    assert y > target_y


def test_names_of_the_two_straight_lines_do_not_cover_each_other():
    target = charts.Point(SIGNED, 82.0, "", "")
    for year in range(2026, 2060):
        chart = charts.metric_chart(
            series=[("", TRADE)], baseline=TRADE[1], target=target, signed_on=SIGNED, say=str, due=date(year, 1, 1)
        )
        assert abs(float(chart.pace.y) - float(chart.needed.y)) >= 13.9
