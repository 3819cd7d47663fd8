"""Main text of pages, whatever they hold, within limits."""

import time

import pytest

from tracker.pledges.extraction import LONGEST, main_text, tidy

ARTICLE = """<!doctype html>
<html lang="{language}"><head><title>Lake</title>{head}<script>var x = "tracking";</script></head>
<body><nav><a href="/">Home</a> <a href="/sport">Sport</a></nav><article><h1>{title}</h1>{text}</article>
<footer>All rights reserved, Lake Courier</footer></body></html>"""
SENTENCES = [
    "Two dredgers began work on the eastern lake on Monday, the ministry of water said in a statement.",
    "Engineers expect to remove four million tonnes of silt before the end of next year, with crews from both sides.",
    "The joint commission will meet again in spring to look at the first results and to agree on further steps.",
]


def page(*sentences, title="Dredgers reach the lake", language="en", head=""):
    text = "".join(f"<p>{sentence}</p>" for sentence in sentences or SENTENCES)
    return ARTICLE.format(title=title, text=text, language=language, head=head)


def test_main_text_is_the_article_without_menu_scripts_and_footer():
    text = main_text(page().encode())
    for sentence in SENTENCES:
        assert sentence in text
    for other in ("Sport", "tracking", "All rights reserved", "<p>"):
        assert other not in text


@pytest.mark.parametrize(
    ("sentence", "charset"),
    [
        ("Екі жақ көлді тазалау туралы келісті, деп хабарлады Су шаруашылығы министрлігі дүйсенбі күні.", "utf-8"),
        ("Стороны договорились об очистке озера, сообщило министерство водного хозяйства в понедельник.", "cp1251"),
        ("双方就湖泊清理工作达成一致，水利部周一在声明中表示，工程将于明年年底前完成，并继续加强合作。", "gb2312"),
    ],
)
@pytest.mark.parametrize("is_named_by_server", [True, False])
def test_text_is_read_in_the_charset_that_server_or_page_names(sentence, charset, is_named_by_server):
    head = "" if is_named_by_server else f'<meta charset="{charset}">'
    body = page(sentence, sentence.replace("к", "К"), head=head).encode(charset)
    assert sentence in main_text(body, charset=charset if is_named_by_server else "")


def test_charset_that_nobody_knows_and_documents_with_a_declaration_are_read():
    assert SENTENCES[0] in main_text(page().encode(), charset="no-such-thing")
    assert SENTENCES[0] in main_text(b'<?xml version="1.0" encoding="utf-8"?>' + page().encode(), charset="utf-8")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x00" * 1000,
        b"\xff\xfe\x00\xd8" * 1000,
        b"%PDF-1.7 \x80\x81",
        b"<" * 300_000,
        b"<div>" * 100_000,
        b"<b><i>" * 50_000,
        b"<p " + b"a=1 " * 100_000 + b">",
        b"<!DOCTYPE a [<!ENTITY b 'c'><!ENTITY d '&b;&b;'>]><html>&d;</html>",
        b"<table>" * 20_000,
    ],
    ids=["empty", "NULs", "surrogates", "PDF", "brackets", "deep", "unclosed", "attributes", "entities", "tables"],
)
def test_hostile_pages_give_some_text_or_none_in_bounded_time(body):
    started = time.monotonic()
    assert isinstance(main_text(body, seconds=5), str)
    assert time.monotonic() - started < 8


def test_what_takes_too_long_is_given_up():
    assert main_text(page().encode(), seconds=0.01) == ""


def test_text_holds_no_character_that_a_database_refuses_and_is_cut():
    assert tidy("a\x00b\ud800c \t\u00a0 d\r\n\n\n e\x85f") == "a b c d\ne\nf"
    assert len(tidy("x" * (LONGEST + 1))) == LONGEST
