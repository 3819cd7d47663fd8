"""Every error of a declaration file is said at once, with its line and field, and nothing but a problem comes out."""

import json
from copy import deepcopy

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.pledges.declarations import SCHEMA, SHIPPED, SMALL, changed
from tracker.pledges import declaration_file
from tracker.pledges.declaration_file import DeclarationFileError, parse


def problems(raw):
    with pytest.raises(DeclarationFileError) as caught:
        parse(raw, SCHEMA)
    return [(problem.line, problem.field, problem.message) for problem in caught.value.problems]


def test_the_schema_is_a_schema_and_describes_what_it_asks_for():
    Draft202012Validator.check_schema(SCHEMA)
    patterned = [part for part in SCHEMA["$defs"].values() if "pattern" in part]
    assert patterned
    assert all("description" in part for part in patterned)


def test_a_sound_file_comes_back_as_plain_data():
    data = parse(SMALL.encode(), SCHEMA).data
    assert data["declaration"]["signed_on"] == "2024-07-03"
    assert data["pledges"][0]["metrics"][0]["observations"][0]["value"] == 3.25
    assert json.loads(json.dumps(data)) == data


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm():
    assert (
        parse(b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode(), SCHEMA).data == parse(SMALL.encode(), SCHEMA).data
    )


def test_all_errors_are_said_at_once_in_the_order_of_the_lines():
    raw = changed(
        ("slug: lake-2024", "slug: Lake 2024"),
        ("{slug: fish, title: {en: Fish}}", "{slug: fish, titel: {en: Fish}}"),
        ("edtf: 2025}", "edtf: 2025-13}"),
        ("voice: party:KAZ", "voice: party:USA"),
        ("evidence: [dredging]", "evidence: [dredging, flood]"),
        ("theme: fish", "theme: fowl"),
    )
    assert [(line, field) for line, field, _ in problems(raw)] == [
        (4, "declaration.slug"),
        (16, "themes[1].titel"),
        (16, "themes[1].title"),
        (25, "pledges[0].due.edtf"),
        (44, "pledges[0].evidence[0].voice"),
        (49, "pledges[0].assessments[0].evidence[1]"),
        (54, "pledges[1].theme"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "field", "words"),
    [
        ("slug: clean-lake", "slug: Clean Lake", "pledges[0].slug", "lower-case letters"),
        ("slug: clean-lake", f"slug: {'a' * 61}", "pledges[0].slug", "61 characters; at most 60"),
        ("publisher: Lake Courier\n        lang", f"publisher: {'x' * 121}\n        lang", "publisher", "at most 120"),
        ("title: Dredging begins", f"title: {'x' * 501}", "pledges[0].evidence[0].title", "at most 500"),
        ("title: Dredging begins", "title: 2025", "pledges[0].evidence[0].title", "put it in quotes"),
        ("title: Dredging begins", "title:", "pledges[0].evidence[0].title", "is empty"),
        ("title: Dredging begins", "title: '  '", "pledges[0].evidence[0].title", "is empty"),
        ("https://news", "ftp://news", "pledges[0].evidence[0].url", "begins with http:// or https://"),
        ("https://news", "javascript:alert(1)//", "pledges[0].evidence[0].url", "http"),
        ("https://news.example.org", "https://user@news.example.org", "pledges[0].evidence[0].url", "http"),
        ("dredging\n        title", f"{'d' * 2048}\n        title", "pledges[0].evidence[0].url", "at most 2048"),
        ("value: 3.25", "value: 1e999", "value", "expected a number"),
        ("value: 3.25", "value: .inf", "value", "expected a number"),
        ("value: 3.25", "value: 9999999999999.5", "value", "above 1000000000000"),
        ("value: 3.25", f"value: {'9' * 5000}", "value", "expected a number"),
        ("value: 3.25", "value: 3.25001", "value", "more than four decimals"),
        ("stance: progress", "stance: good", "pledges[0].evidence[0].stance", "not one of: progress, fulfilled"),
        ("published: 2025-05-02", "published: 2025-02-30", "pledges[0].evidence[0].published", "is not a date"),
        ("published: 2025-05-02", "published: ../2025", "pledges[0].evidence[0].published", "no first day"),
        ("period: 2024", "period: 2024/..", "observations[0].period", "no last day"),
        ("effective_on: 2025-05-02", "effective_on: 2025-05", "assessments[0].effective_on", "expected a day"),
        ("effective_on: 2025-05-02", "effective_on: 2025-02-30", "assessments[0].effective_on", "is not a day"),
        ("signed_on: 2024-07-03", "signed_on: 0000-00-00", "declaration.signed_on", "is not a day"),
        ("reference: LAKE-2024-01", "reference: RIVER-2024-01", "pledges[0].reference", "must be LAKE-2024- and"),
        ("reference: LAKE-2024-01", "reference: LAKE-2024-2", "pledges[1].reference", "same number as LAKE-2024-2"),
        ("reference: LAKE-2024-01", "reference: LAKE-2024-02", "pledges[1].reference", "given twice"),
        ("reference: LAKE-2024-01", "reference: LAKE-2024-00", "pledges[0].reference", "from 1"),
        ("reference: LAKE-2024-01", "reference: LAKE-2024-99999", "pledges[0].reference", "numbered up to 20,000"),
        ("slug: count-fish", "slug: clean-lake", "pledges[1].slug", "given twice"),
        ("parties: [KAZ]", "parties: [KAZ, KAZ]", "pledges[1].parties", "names something twice"),
        ("parties: [KAZ]", "parties: [USA]", "pledges[1].parties[0]", "not among the parties"),
        ("parties: [KAZ]", "parties: []", "pledges[1].parties", "is empty"),
        ("parties: [KAZ]", "parties: KAZ", "pledges[1].parties", "expected a list"),
        ("key: text, loc", "key: book, loc", "pledges[0].source.key", "not among the declaration's sources"),
        ("theme: fish", "theem: fish", "pledges[1].theem", "did you mean “theme”?"),
        ("theme: water\n", "theme: water\n    theme: fish\n", "pledges[0].theme", "given twice"),
        ("{en: Water}", "{en: Water, english: Water}", "themes[0].title.english", "no fitting name"),
        ("{en: Water}", "{en: [Water]}", "themes[0].title.en", "expected text"),
        ("{code: CHN, territory: CN}", "{code: CHN}", "parties[0]", "a territory or a name"),
        ("evidence: [dredging]", "evidence: []", "pledges[0].assessments[0].evidence", "is empty"),
        ("        evidence: [dredging]\n", "", "pledges[0].assessments[0].evidence", "is missing"),
        ("status: in_progress", "status: not_fulfilled", "pledges[0].assessments[0].evidence", "different publishers"),
        (
            "evidence: [dredging]",
            "evidence: [dredging]\n        corrects: 1",
            "corrects",
            "no judgement before this one",
        ),
        ("[dredging]", "[dredging]\n        corrects: 0", "corrects", "below 1"),
        (
            "evidence: [dredging]",
            "evidence: [dredging]\n        corrects: first",
            "corrects",
            "expected a whole number",
        ),
        ("format: 1", "format: 2", "format", "not one of: 1"),
    ],
)
def test_each_mistake_is_named_where_it_stands(old, new, field, words):
    found = problems(changed((old, new)))
    assert any(field in where and words in message for _, where, message in found), found


@pytest.mark.parametrize(
    ("raw", "line", "words"),
    [
        (b"", 1, "holds no declaration"),
        (b"- a list", 1, "holds no declaration"),
        (b"{}", 1, "is missing"),
        (b"format: 1\ndeclaration: [", 3, "not YAML"),
        (b"format: 1\n\tdeclaration: x", 2, "not YAML"),
        (b"a: b: c", 1, "not YAML"),
        (b"format: 1\nplace: \xff\xfe", 2, "not UTF-8"),
        (SMALL.encode("utf-16"), 1, "not UTF-8"),
        (b"format: 1\nx: \x00", 2, "not YAML"),
        (b'format: 1\nx: "\\0"', 2, "U+0000"),
        (b'format: 1\nx: "\\ud800"', 2, "not YAML"),
        (b"format: 1\nx: " + b"[" * 30, 2, "nested more than 20 deep"),
        (b"x: " + b"[" * 30 + b"]" * 30, 1, "nested more than 20 deep"),
        (b"[" * 100_000, 1, "not YAML"),
        (b"{a: " * 100_000, 1, "not YAML"),
        (b"a: &a [x]\nb: *a", 2, "write it out"),
        (b"format: 1\nx: !!python/object/apply:os.system [ls]", 2, "carries the tag"),
        (b"format: 1\n? [a, b]\n: c", 2, "plain text"),
        (b"format: 1\n---\nformat: 1", 2, "second document"),
        (b"<<: {format: 1}", 1, "is no field of this place"),
    ],
)
def test_what_is_no_declaration_is_refused_in_words(raw, line, words):
    assert any(where == line and words in message for where, _, message in problems(raw)), problems(raw)


def test_a_bomb_of_aliases_is_never_expanded():
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)]
    assert len(problems("\n".join(rows).encode())) > 290


def test_a_file_of_many_megabytes_is_refused_unread():
    raw = b"x" * (declaration_file.SIZE_LIMIT + 1)
    assert "longer than" in problems(raw)[0][2]


def test_no_is_a_language_and_a_year_is_a_date():
    raw = changed(("{en: Water}", "{no: Vann}"), ("date: 2025-05}", "date: 2025}"))
    data = parse(raw, SCHEMA).data
    assert data["themes"][0]["title"] == {"no": "Vann"}
    assert data["pledges"][0]["milestones"][0]["date"] == 2025


WATCH = """theme: fish
    watch:
      since: 2024-07-03
      needs: [fish, [lake, water]]
      concepts:
        fish: {role: what, weight: 0.4, terms: {en: [fish], any: [CITES]}}
        lake: {role: where, near: fish, within: 6, weight: 0.1, terms: {en: [lake], zh: [湖]}}
        water: {weight: 0.1}
      excludes: {en: [horoscope]}
"""


@pytest.mark.parametrize(
    ("old", "new", "field", "words"),
    [
        ("[lake, water]", "[lake, sea]", "watch.needs[1]", "“sea” is not among the concepts"),
        ("near: fish", "near: sea", "watch.concepts.lake.near", "“sea” is not among the concepts"),
        ("near: fish, ", "", "watch.concepts.lake", "needs “near”"),
        ("weight: 0.4", "weight: 4", "watch.concepts.fish.weight", "above 1"),
        ("role: what, w", "role: why, w", "watch.concepts.fish.role", "not one of: who, what"),
        ("excludes", "exclude", "watch.exclude", "did you mean “excludes”?"),
        ("en: [lake]", "english: [lake]", "watch.concepts.lake.terms.english", "no fitting name"),
        ("en: [fish]", "en: [2025]", "watch.concepts.fish.terms.en[0]", "put it in quotes"),
        ("since: 2024-07-03", "since: 2024-07-32", "watch.since", "not a day"),
    ],
)
def test_watch_rules_are_checked_too(old, new, field, words):
    shared = ("signed_on: 2024-07-03\n", "signed_on: 2024-07-03\n  watch: {concepts: {water: {role: what}}}\n")
    text = changed(shared, ("theme: fish\n", WATCH)).decode()
    assert parse(text.encode(), SCHEMA).data["pledges"][1]["watch"]["concepts"]["fish"]["weight"] == 0.4
    found = problems(changed((old, new), text=text))
    assert any(field in where and words in message for _, where, message in found), found


SHIPPED_LINES = SHIPPED.read_text(encoding="utf-8").splitlines()[:170]
VALUES = st.sampled_from(
    ["", "~", "[]", "{}", "- x", "true", "-1", "1e400", "9" * 400, "'", '"\\0"', "*x", "!!set", "2025-00", "party:",
     "\x85", "{a: {a: {a: 1}}}", "%", "@", "?", "|", "null:", "\ud7ff", "𐀀", ": :", "#"]
)  # fmt: skip


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_no_mutation_of_the_shipped_file_ends_in_anything_but_problems(data):
    lines = list(SHIPPED_LINES)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(lines) - 1))
        head, colon, _tail = lines[at].partition(":")
        indent = " " * data.draw(st.integers(0, 12))
        value = data.draw(st.one_of(VALUES, st.text(max_size=12)))
        other = data.draw(st.integers(0, len(lines) - 1))
        lines[at : at + 1] = data.draw(
            st.sampled_from(
                [
                    [],
                    [lines[at]] * 2,
                    [f"{head}{colon} {value}"],
                    [indent + lines[at].lstrip()],
                    [lines[other]],
                    [value],
                ]
            )
        )
    try:
        parse("\n".join(lines).encode("utf-8", "surrogatepass"), SCHEMA)
        found = []
    except DeclarationFileError as error:
        found = error.problems
    assert all(1 <= problem.line <= len(lines) + 50 and problem.message for problem in found)


def test_a_party_is_judged_apart_only_where_it_owes_the_pledge_and_the_pledge_says_so():
    judged = ("- status: in_progress", "- party: KAZ\n        status: in_progress")
    apart = ("slug: clean-lake", "slug: clean-lake\n    judged: per party")
    assert [message for _, _, message in problems(changed(judged))] == [
        "the pledge is judged as a whole (write judged: per party)"
    ]
    stranger = ("- status: in_progress", "- party: USA\n        status: stalled")
    ((_, field, message),) = problems(changed(apart, stranger))
    assert (field, message) == ("pledges[0].assessments[0].party", "“USA” is not a party of this pledge")
    ((_, field, message),) = problems(changed(("slug: clean-lake", "slug: clean-lake\n    judged: together")))
    assert (field, message) == ("pledges[0].judged", "“together” is not one of: per party")
    assert parse(changed(judged, apart), SCHEMA).data["pledges"][0]["judged"] == "per party"


def _places(value, path=()):
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in items:
        yield from _places(below, (*path, key))


WHOLE = parse(SMALL.encode(), SCHEMA).data
PLACES = list(_places(WHOLE))[1:]
JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(-10, 20000), st.just(10**13), st.text(max_size=5), st.just("x" * 400),
    st.sampled_from(("2025-01-01", "CHN", "en", "http://", "https://a b", "party:", "LAKE-2024-1", "İ", "٣")),
    st.just([]), st.just({}), st.just({"en": ""}), st.just({"xx-": "a"}), st.just(["CHN", "CHN"]),
)  # fmt: skip


@given(st.sampled_from(PLACES), JUNK)
@settings(max_examples=60, deadline=None)
def test_the_fast_judge_of_files_says_yes_where_the_thorough_one_does(place, junk):
    data = deepcopy(WHOLE)
    *way, last = place
    holder = data
    for part in way:
        holder = holder[part]
    holder[last] = junk
    errors = list(Draft202012Validator(SCHEMA).iter_errors(data))
    assert jsonschema_rs.is_valid(SCHEMA, data) == (not errors)
