"""How a reason changed, word by word; the search that reads past case and accents."""

import pytest

from tracker.dashboard.dossier import word_diff
from tracker.dashboard.filters import folded


def marked(before, after):
    signs = {"": "{}", "ins": "[+{}]", "del": "[-{}]"}
    return "".join(signs[kind].format(words) for kind, words in word_diff(before, after))


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("Trade grew by 7% in a year.", "Trade grew by 16% in a year.", "Trade grew by [-7%][+16%] in a year."),
        ("The road is open.", "The road is open, at last.", "The road is open[+, at last]."),
        ("The road is wide open.", "The road is open.", "The road is[- wide] open."),
        ("The same words.", "The same words.", "The same words."),
        ("", "The first reason.", "The first reason."),
        ("One thing was said here.", "Now it reads quite differently!", "Now it reads quite differently!"),
        ("两国贸易增长百分之七", "两国贸易增长百分之九", "两国贸易增长百分之[-七][+九]"),
    ],
)
def test_differences_are_marked_by_the_word(before, after, shown):
    assert marked(before, after) == shown


def test_nothing_of_the_new_text_is_lost():
    before, after = "a  b\n\nc — d (e) 5,3%", "a  b\n\nx — d (f) 5,4% §"
    assert "".join(words for kind, words in word_diff(before, after) if kind != "del") == after


def test_search_reads_past_case_and_accents():
    assert folded("Électricité") == folded("electricite")
    assert folded("Қазақстан") == folded("қазақстан")
