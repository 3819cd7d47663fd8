"""docs/security.md names tests that exist, and names every test that carries the id of a case."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs/security.md").read_text()
TESTS = {
    name
    for file in (ROOT / "tests").rglob("test_*.py")
    for name in re.findall(r"^def (test_\w+)", file.read_text(), re.M)
}


def test_every_test_that_the_page_names_exists():
    named = set(re.findall(r"`(test_\w+)`", PAGE))
    assert named
    assert not named - TESTS


def test_every_case_of_a_listed_group_has_its_row_and_every_test_of_a_case_its_mention():
    groups = set(re.findall(r"^## ([A-L])\. ", PAGE, re.M))
    of_cases = {name for name in TESTS if re.match(r"test_[a-l]\d\d_", name) and name[5].upper() in groups}
    assert not of_cases - set(re.findall(r"`(test_\w+)`", PAGE))
    for group in groups:
        numbers = [int(number) for number in re.findall(rf"^\| {group}(\d\d) \|", PAGE, re.M)]
        assert numbers == list(range(1, len(numbers) + 1))
