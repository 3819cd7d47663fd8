import pytest

from tracker.search.excerpts import excerpt, marked
from tracker.search.tokens import asked


def test_pieces_joined_are_the_text():
    text = "China’s railways: 铁路口岸, et l’Électricité"
    pieces = marked(text, "en", asked("railway 铁路 electricite"))
    assert "".join(piece for _found, piece in pieces) == text
    assert [piece for found, piece in pieces if found] == ["railways", "铁路", "Électricité"]


@pytest.mark.parametrize("word", ["word ", "字"])
def test_long_text_is_cut_around_what_was_found(word):
    tag, pieces = excerpt([("en", ""), ("en", word * 300 + " railway " + word * 300)], asked("railway"))
    said = "".join(piece for _found, piece in pieces)
    assert tag == "en"
    assert (True, "railway") in pieces
    assert said.startswith("… ")
    assert said.endswith(" …")
    assert len(said) < 260


def test_without_a_find_the_beginning_is_shown():
    assert excerpt([("fr", "Le lac"), ("en", "The lake")], asked("railway")) == ("fr", [(False, "Le lac")])
    assert excerpt([], asked("railway")) == ("", [])
