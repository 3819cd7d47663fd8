from tracker.matching.marking import bill, paragraphs, pieces


def reason(*terms, role="what", where="text", points=0.3):
    return {
        "concept": "it",
        "role": role,
        "terms": [{"text": text, "where": where} for text in terms],
        "points": points,
    }


def marked(text, *reasons):
    return [(mark, words) for mark, words in pieces(text, bill(list(reasons))) if mark]


def test_who_where_and_when_have_marks_of_their_own_and_a_headline_the_strongest():
    reasons = [reason("a", role="who"), reason("b", role="when"), reason("c"), reason("d", where="title")]
    assert marked("a b c d", *reasons) == [("p", "a"), ("d", "b"), ("e", "c"), ("h", "d")]


def test_the_longest_term_wins_and_words_are_whole():
    assert marked("sea seas the sea wall", reason("sea"), reason("sea wall")) == [("e", "sea"), ("e", "sea wall")]


def test_chinese_terms_are_marked_inside_a_run_of_characters():
    assert marked("哈萨克斯坦中国旅游年", reason("中国旅游年")) == [("e", "中国旅游年")]


def test_terms_are_literals():
    assert marked("C+C5 (x) [a", reason("C+C5"), reason("[a")) == [("e", "C+C5"), ("e", "[a")]


def test_reasons_of_another_time_are_read_as_far_as_they_go():
    lines = bill(["nonsense", {}, {"terms": ["x", {"text": ""}], "points": None}])
    assert [(line.concept, line.terms, line.points) for line in lines] == [("", (), 0.0), ("", (), 0.0)]


def test_paragraphs_skip_empty_lines():
    assert paragraphs("a\n\n b \r\n") == ["a", "b"]


def test_a_concept_goes_by_its_name_in_the_readers_language_where_it_has_one():
    reasons = [{"concept": "rail", "label": {"fr": "chemin de fer"}, "role": "what", "terms": [], "points": 0.5}]
    names = [bill(reasons, language)[0].concept for language in ("en", "fr", "fr-ca", "kk")]
    assert names == ["rail", "chemin de fer", "chemin de fer", "rail"]
