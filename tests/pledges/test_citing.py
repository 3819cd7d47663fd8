"""Citations that reference managers read back letter by letter, whatever a title holds."""

import json
import re
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from tracker.pledges.citing import Citation

WORK = Citation(
    reference="CN-KZ-2024-03",
    title="Double trade & cut 5% of_it",
    state="partly fulfilled as of 12 Mar 2026",
    day=date(2026, 3, 12),
    accessed=date(2026, 11, 25),
    url="https://example.org/pledges/CN-KZ-2024-03/?as_of=2026-03-12",
)
NAMES = {
    "textbackslash": "\\",
    "textbraceleft": "{",
    "textbraceright": "}",
    "textasciitilde": "~",
    "textasciicircum": "^",
    "textless": "<",
    "textgreater": ">",
    "textbar": "|",
}


def read_bibtex(entry):
    """Fields of one entry, by counting braces as BibTeX does."""
    kind, key, body = re.fullmatch(r"@(\w+)\{([^,]+),\n(.*)\}\n", entry, re.DOTALL).groups()
    fields, position = {}, 0
    while match := re.compile(r"\s*(\w+) = \{").match(body, position):
        depth, end = 1, match.end()
        while depth:
            depth += {"{": 1, "}": -1}.get(body[end], 0)
            end += 1
        fields[match[1]] = body[match.end() : end - 1]
        assert body[end] == ","
        position = end + 1
    assert not body[position:].strip()
    return kind, key, fields


def typeset(latex):
    """What LaTeX would print."""
    named = re.sub(r"\\(text\w+)\{\}", lambda match: f"\0{NAMES[match[1]]}", latex)
    assert not re.search(r"(?<![\0\\])[$&#_%^~]", named)
    plain = re.sub(r"\\([$&#_%])", r"\1", named.replace("\0\\", "\1"))
    return plain.replace("\1", "\\").replace("\0", "")


def on_one_line(words):
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", " ", words).split())


def test_words_name_the_pledge_what_stood_and_where():
    assert WORK.text == (
        "Followthrough, “Double trade & cut 5% of_it” (CN-KZ-2024-03), partly fulfilled as of 12 Mar 2026, "
        "https://example.org/pledges/CN-KZ-2024-03/?as_of=2026-03-12"
    )


def test_bibtex_is_a_misc_entry_with_address_and_day():
    kind, key, fields = read_bibtex(WORK.bibtex)
    assert (kind, key) == ("misc", "followthrough-CN-KZ-2024-03-2026-03-12")
    assert fields["author"] == "{Followthrough}"
    assert fields["title"] == r"{Double trade \& cut 5\% of\_it}"
    assert fields["url"] == WORK.url
    assert (fields["urldate"], fields["year"], fields["month"]) == ("2026-11-25", "2026", "3")


def test_csl_json_is_a_list_of_one_page():
    (item,) = json.loads(WORK.csl_json)
    assert item["type"] == "webpage"
    assert item["title"] == WORK.title
    assert item["issued"] == {"date-parts": [[2026, 3, 12]]}
    assert item["accessed"] == {"date-parts": [[2026, 11, 25]]}
    assert item["URL"] == WORK.url


@given(title=st.text(), state=st.text(alphabet="\\{}$&#_%~^<>|\"' a"))
def test_whatever_a_title_holds_comes_back_as_it_was(title, state):
    work = Citation(**{**vars(WORK), "title": title, "state": state})
    _, _, fields = read_bibtex(work.bibtex)
    assert typeset(fields["title"][1:-1]) == on_one_line(title)
    assert typeset(fields["note"]) == on_one_line(state)
    (item,) = json.loads(work.csl_json)
    assert (item["title"], item["note"]) == (on_one_line(title), on_one_line(state))
    assert "\n" not in work.text


@given(url=st.text())
def test_no_address_breaks_out_of_its_field(url):
    _, _, fields = read_bibtex(Citation(**{**vars(WORK), "url": url}).bibtex)
    assert re.fullmatch(r"[!-z~]*", fields["url"])
    assert not set("{}\\ ") & set(fields["url"])


@given(reference=st.text())
def test_the_key_is_one_that_every_program_takes(reference):
    _, key, _ = read_bibtex(Citation(**{**vars(WORK), "reference": reference}).bibtex)
    assert re.fullmatch(r"[A-Za-z0-9-]+", key)
