"""Every format, every encoding, and documents nobody should send."""

import contextlib
import json
from datetime import UTC, datetime

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.feeds.parser import ParseError, parse

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
URL = "https://news.example.org/feeds/all"
DATE = "Mon, 23 Nov 2026 08:30:00 +0500"
MOMENT = datetime(2026, 11, 23, 3, 30, tzinfo=UTC)


def read(document, content_type=""):
    body = document if isinstance(document, bytes) else document.encode()
    return parse(body, content_type=content_type, url=URL, now=NOW)


def rss(items, head="<title>Lake Courier</title><link>https://news.example.org/</link>", attributes=""):
    return f'<?xml version="1.0"?><rss version="2.0" {attributes}><channel>{head}{items}</channel></rss>'


def item(inner="", title="Dredgers reach the lake"):
    return f"<item><title>{title}</title><link>https://news.example.org/1</link>{inner}</item>"


def only(feed):
    assert len(feed.entries) == 1
    return feed.entries[0]


# -- Formats: the same article in each

RSS2 = rss(
    item(
        f"<guid isPermaLink='false'>n-1</guid><pubDate>{DATE}</pubDate>"
        "<description>&lt;p&gt;Two dredgers &amp;amp; a barge.&lt;/p&gt;</description>"
    ),
    "<title>Lake Courier</title><link>https://news.example.org/</link><language>en-GB</language><ttl>30</ttl>",
)
RSS091 = (
    '<?xml version="1.0"?><!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" '
    '"http://my.netscape.com/publish/formats/rss-0.91.dtd">'
    + RSS2.removeprefix('<?xml version="1.0"?>').replace("2.0", "0.91")
)
RSS1 = f"""<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">
<channel rdf:about="{URL}"><title>Lake Courier</title><link>https://news.example.org/</link>
<dc:language>en</dc:language><sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>
</channel>
<item rdf:about="n-1"><title>Dredgers reach the lake</title><link>https://news.example.org/1</link>
<description>Two dredgers &amp;amp; a barge.</description><dc:date>2026-11-23T08:30:00+05:00</dc:date></item>
</rdf:RDF>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title>Lake Courier</title>
<link rel="self" href="/feeds/all"/><link href="https://news.example.org/"/>
<entry><id>n-1</id><title type="html">Dredgers reach the lake</title>
<link rel="enclosure" href="https://news.example.org/1.mp3"/>
<link rel="alternate" type="application/pdf" href="https://news.example.org/1.pdf"/>
<link rel="alternate" type="text/html" href="/1"/>
<published>2026-11-23T03:30:00Z</published><updated>2026-11-24T03:30:00Z</updated>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Two dredgers &amp; a barge.</p></div></content>
</entry></feed>"""
ATOM03 = """<feed version="0.3" xmlns="http://purl.org/atom/ns#" xml:lang="en"><title>Lake Courier</title>
<link rel="alternate" href="https://news.example.org/"/><entry><id>n-1</id><title>Dredgers reach the lake</title>
<link rel="alternate" href="https://news.example.org/1"/><issued>2026-11-23T03:30:00Z</issued>
<summary>Two dredgers &amp; a barge.</summary></entry></feed>"""
JSON = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Lake Courier",
        "home_page_url": "https://news.example.org/",
        "language": "en",
        "items": [
            {
                "id": "n-1",
                "url": "https://news.example.org/1",
                "title": "Dredgers reach the lake",
                "content_html": "<p>Two dredgers &amp; a barge.</p>",
                "date_published": "2026-11-23T03:30:00Z",
            }
        ],
    }
)
PREFIXED = ATOM.replace("<feed xmlns=", "<a:feed xmlns:a=").replace("</feed>", "</a:feed>")
for word in ("title", "link", "entry", "id", "published", "updated", "content"):
    PREFIXED = PREFIXED.replace(f"<{word}", f"<a:{word}").replace(f"</{word}>", f"</a:{word}>")
FORMATS = {
    "RSS 2.0": RSS2,
    "RSS 0.91": RSS091,
    "RSS 1.0": RSS1,
    "Atom": ATOM,
    "Atom 0.3": ATOM03,
    "Atom, prefixed": PREFIXED,
    "JSON Feed": JSON,
}


@pytest.mark.parametrize("document", FORMATS.values(), ids=FORMATS.keys())
def test_every_format_tells_the_same_article(document):
    feed = read(document)
    entry = only(feed)
    assert (feed.title, feed.site_url, feed.language) == ("Lake Courier", "https://news.example.org/", "en")
    assert (entry.guid, entry.url, entry.title) == ("n-1", "https://news.example.org/1", "Dredgers reach the lake")
    assert (entry.text, entry.published_at) == ("Two dredgers & a barge.", MOMENT)


def test_an_entry_may_be_in_another_language_than_its_feed():
    feed = read(ATOM.replace("<entry>", '<entry xml:lang="kk-KZ">'))
    assert (feed.language, only(feed).language) == ("en", "kk")
    inner = '<d:language xmlns:d="http://purl.org/dc/elements/1.1/">fr</d:language>'
    assert only(read(rss(item(inner)))).language == "fr"


@pytest.mark.parametrize(("document", "minutes"), [(RSS2, 30), (RSS1, 30), (ATOM, None), (JSON, None)])
def test_the_publisher_s_pace_is_read(document, minutes):
    assert read(document).ttl_minutes == minutes


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "JSON Feed"])
def test_feedparser_reads_the_same(name):
    ours, theirs = only(read(FORMATS[name])), feedparser.parse(FORMATS[name].encode())
    their = theirs.entries[0]
    assert ours.title == their.title
    assert ours.guid == their.id
    assert ours.published_at.timetuple()[:6] == (their.get("published_parsed") or their.updated_parsed)[:6]
    assert read(FORMATS[name]).title == theirs.feed.title


def test_full_text_wins_over_a_teaser_whichever_field_holds_it():
    space = 'xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    full, teaser = "Two dredgers began work on Monday.", "Two dredgers"
    for description, content in ((teaser, full), (full, teaser)):
        inner = f"<description>{description}</description><content:encoded><![CDATA[{content}]]></content:encoded>"
        assert only(read(rss(item(inner), attributes=space))).text == full


def test_summary_and_content_are_kept_apart_and_stand_in_for_each_other():
    space = 'xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    inner = "<description>Two dredgers</description><content:encoded>Two dredgers at work</content:encoded>"
    entry = only(read(rss(item(inner), attributes=space)))
    assert (entry.summary, entry.content) == ("Two dredgers", "Two dredgers at work")
    entry = only(read(rss(item("<content:encoded>Two dredgers at work</content:encoded>"), attributes=space)))
    assert (entry.summary, entry.text) == ("Two dredgers at work", "Two dredgers at work")


MODULES = (
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:itunes="http://www.itunes.com/DTDs/Podcast-1.0.dtd" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"'
)


@pytest.mark.parametrize(
    "inner",
    [
        "<media:title>Dredgers</media:title><media:description>At work</media:description><dc:creator>Ann</dc:creator>",
        "<media:group><media:title>Dredgers</media:title><media:description>At work</media:description></media:group>"
        "<author>Ann</author>",
        "<itunes:title>Dredgers</itunes:title><itunes:summary>At work</itunes:summary>"
        "<itunes:author>Ann</itunes:author>",
        "<dc:title>Dredgers</dc:title><dc:description>At work</dc:description><dc:creator> Ann </dc:creator>",
        '<title>Dredgers</title><body xmlns="http://www.w3.org/1999/xhtml"><p>At work</p></body><dc:creator>Ann'
        "</dc:creator>",
    ],
)
def test_modules_tell_what_the_item_itself_does_not(inner):
    entry = only(read(rss(f"<item>{inner}</item>", attributes=MODULES)))
    assert (entry.title, entry.text, entry.author) == ("Dredgers", "At work", "Ann")


def test_atom_names_a_person_by_elements_and_json_by_lists():
    author = "<author><name>Ann</name><email>ann@example.org</email></author>"
    assert only(read(ATOM.replace("<published>", f"{author}<published>"))).author == "Ann (ann@example.org)"
    authors = {"authors": [{"name": "Ann"}, {"name": "Bo"}, None, {}], "author": {"name": "Ann"}}
    document = {**json.loads(JSON), "items": [{"id": "1", "url": "/1", **authors}]}
    assert only(read(json.dumps(document))).author == "Ann, Bo"


@pytest.mark.parametrize(
    ("attributes", "content", "text"),
    [
        ('mode="base64"', "VHdvIDxiPmRyZWRnZXJzPC9iPg==", "Two dredgers"),
        ('type="application/octet-stream"', "\n VHdvIGRyZWRn\n ZXJz ", "Two dredgers"),
        ('type="image/png"', "iVBORw0KGgo=", ""),
        ('type="application/pdf"', "Not base64 at all.", "Not base64 at all."),
        ('type="text/plain"', "VHdv", "VHdv"),
    ],
)
def test_atom_content_in_base64_is_unpacked(attributes, content, text):
    document = (
        f'<feed xmlns="http://www.w3.org/2005/Atom"><entry><content {attributes}>{content}</content></entry></feed>'
    )
    assert only(read(document)).text == text


def test_what_windows_writes_where_latin_1_has_controls_is_meant():
    assert only(read(rss(item(title="don&#146;t \x93stop\x94 &amp;#151;")))).title == "don’t “stop” —"


def test_a_doctype_inside_a_text_is_text():
    document = rss(item("<description><![CDATA[ A <!DOCTYPE is not shown, this is. > ]]></description>"))
    assert only(read(document)).title == "Dredgers reach the lake"


def test_a_month_alone_is_no_day():
    entry = only(read(ATOM.replace("2026-11-23T03:30:00Z", "2026-11").replace("2026-11-24T03:30:00Z", "")))
    assert (entry.published_at, entry.published_coarse, entry.published_raw) == (None, "2026-11", "2026-11")


def test_paragraphs_become_lines_and_scripts_nothing():
    html = (
        "<![CDATA[<h2>Work</h2><p>One<b>two</b>.</p><script>alert(1)</script><p>Three<br>four</p><style>p{}</style>]]>"
    )
    assert only(read(rss(item(f"<description>{html}</description>")))).text == "Work\nOnetwo.\nThree\nfour"


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("<link>/2?a=1&amp;b=2</link>", "https://news.example.org/2?a=1&b=2"),
        ("<link><![CDATA[ https://news.example.org/2 ]]></link>", "https://news.example.org/2"),
        ("<link/><guid>https://news.example.org/2</guid>", "https://news.example.org/2"),
        ("<guid isPermaLink='false'>https://news.example.org/2</guid>", ""),
        ("<a:link xmlns:a='http://www.w3.org/2005/Atom' href='/2'/>", "https://news.example.org/2"),
        (
            "<link>https://ads.example/r</link><f:origLink xmlns:f='http://rssnamespace.org/feedburner/ext/1.0'>"
            "https://news.example.org/2</f:origLink>",
            "https://news.example.org/2",
        ),
        ("<link>//other.example.org/2</link>", "https://other.example.org/2"),
        ("<link>javascript:alert(1)</link>", ""),
        ("<link>java&#10;script:alert(1)</link>", ""),
        ("<link>vbscript:x</link>", ""),
        ("<link>data:text/html,x</link>", ""),
        ("<link>https://bank.example@evil.example/</link>", ""),
        ("<link>https://x.example/&quot;onmouseover=alert(1)</link>", ""),
        ("<link>http://[::1</link>", ""),
        ("", ""),
    ],
)
def test_links_are_web_addresses_in_full_or_nothing(link, url):
    assert only(read(rss(f"<item><title>T</title>{link}</item>"))).url == url


def test_relative_links_follow_xml_base():
    atom = ATOM.replace("<entry>", '<entry xml:base="https://cdn.example.org/y/">').replace('href="/1"', 'href="1"')
    assert only(read(atom)).url == "https://cdn.example.org/y/1"


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("AT&amp;amp;T &amp;lt;b&amp;gt;", "AT&T <b>"),
        ("&lt;img src=x onerror=alert(1)&gt;Dredgers", "Dredgers"),
        ("<![CDATA[Water &amp; <i>silk</i>]]>", "Water & silk"),
        ("Water\n   and\tsilk", "Water and silk"),
        ("a\u202eb\u200bc\u0085d", "abc d"),
        ("<b xmlns='http://www.w3.org/1999/xhtml'>Water</b> 5 &lt; 6", "Water 5 < 6"),
        ("x" * 600, "x" * 499 + "…"),
    ],
)
def test_titles_are_plain_text(title, shown):
    assert only(read(rss(item(title=title)))).title == shown


def test_an_entry_without_a_title_is_called_after_its_text():
    entry = only(read(rss("<item><link>/3</link><description>Two dredgers.</description></item>")))
    assert entry.title == "Two dredgers."
    assert only(read(rss("<item><link>/3</link></item>"))).title == "https://news.example.org/3"


# -- Encodings

RUSSIAN = "Земснаряды вышли на озеро"
KAZAKH = "Жер снарядтары көлге шықты"
CHINESE = "挖泥船抵达湖泊"


@pytest.mark.parametrize(
    ("text", "codec", "declared", "content_type"),
    [
        (RUSSIAN, "windows-1251", "windows-1251", ""),
        (RUSSIAN, "windows-1251", "windows-1251", "text/xml; charset=iso-8859-1"),
        (RUSSIAN, "windows-1251", "", "application/rss+xml; charset=windows-1251"),
        (RUSSIAN, "koi8-r", "KOI8-R", "text/xml"),
        (KAZAKH, "kz1048", "KZ-1048", ""),
        (KAZAKH, "utf-8", "windows-1251", "text/xml; charset=windows-1251"),
        (KAZAKH, "utf-8-sig", "", ""),
        (CHINESE, "gb18030", "gb2312", ""),
        (CHINESE, "gb18030", "", "text/xml; charset=GBK"),
        ("挖泥船抵達湖泊", "big5", "big5", ""),
        (RUSSIAN, "utf-32", "", ""),
        (CHINESE, "utf-16", "utf-16", ""),
        (CHINESE, "utf-16-le", "utf-16", ""),
        (CHINESE, "utf-16-be", "", "text/xml"),
        ("Dragues à l'œuvre", "cp1252", "iso-8859-1", ""),
    ],
)
def test_encodings_are_found_out(text, codec, declared, content_type):
    head = f'<?xml version="1.0" encoding="{declared}"?>' if declared else "<?xml version='1.0'?>"
    document = head + rss(item(title=text)).removeprefix('<?xml version="1.0"?>')
    assert only(read(document.encode(codec), content_type)).title == text


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("Земснаряды вышли на озеро. Министры двух стран подписали договор", "windows-1251"),
        ("Земснаряды вышли на озеро. Министры двух стран подписали договор", "koi8-r"),
        ("Жер снарядтары көлге шықты. Министрлер дүйсенбі күні келісімге қол қойды", "kz1048"),
        ("挖泥船抵达湖泊,两国部长签署湖泊疏浚条约,工程明年春天开工", "gb18030"),
        ("挖泥船抵達湖泊,兩國部長簽署湖泊疏浚條約,工程明年春天開工", "big5"),
        ("Dragues à l'œuvre sur le lac : les ministres ont signé le traité", "cp1252"),
    ],
)
@pytest.mark.parametrize("label", ["", "utf-8"])
def test_where_no_label_or_a_wrong_one_stands_the_letters_tell(text, codec, label):
    head = f'<?xml version="1.0" encoding="{label}"?>' if label else ""
    document = head + rss(item(title=text)).removeprefix('<?xml version="1.0"?>')
    assert only(read(document.encode(codec))).title == text


@pytest.mark.parametrize("label", ["utf-7", "rot13", "zlib", "unicode_escape", "idna", "nonsense", "\x00", "x" * 100])
def test_labels_that_are_no_text_encodings_are_ignored(label):
    assert only(read(rss(item(title="+AHg- x")), f"text/xml; charset={label}")).title == "+AHg- x"


def test_a_little_damage_does_not_make_utf_8_another_encoding():
    document = rss(item(title=CHINESE)).encode().replace("湖泊".encode(), "湖".encode() + b"\xe6\xb3")
    assert only(read(document)).title == "挖泥船抵达湖�"


# -- Damaged documents


@pytest.mark.parametrize(
    ("document", "titles"),
    [
        (rss(item(title="Silk & water &nbsp;at&T &copy;")), ["Silk & water at&T ©"]),
        (rss(item(title="A<br>B")), ["A B"]),
        ("\n\n  " + rss(item()), ["Dredgers reach the lake"]),
        (rss(item(title="a\x00b\x1fc&#0;&#x1F;&#xD800;d")), ["abcd"]),
        (rss(item() + item(title="Second") + "<junk></wrong>"), ["Dredgers reach the lake", "Second"]),
        (rss(item(title="<![CDATA[Silk & water &nbsp;]]> & &nope;")), ["Silk & water & &nope;"]),
    ],
)
def test_what_can_be_read_of_a_damaged_document_is_read(document, titles):
    assert [entry.title for entry in read(document).entries] == titles


@pytest.mark.parametrize("cut", [20, 40, 60, 80])
def test_the_item_a_document_broke_off_in_waits_for_the_next_poll(cut):
    """Half an item stored under its identity would never be completed."""
    assert [entry.title for entry in read(rss(item(title="First") + item(title="Second"))[:-cut]).entries] == ["First"]


@pytest.mark.parametrize(
    "document",
    [
        "",
        "   \n",
        "not a feed",
        "<!DOCTYPE html><html><head><title>News</title></head><body><p>Hello<br></body></html>",
        '<html xmlns="http://www.w3.org/1999/xhtml"><body/></html>',
        "<opml version='2.0'><body/></opml>",
        "<urlset/>",
        "{}",
        '{"items": []}',
        '{"version": "https://jsonfeed.org/version/1.1", "items": {"a": 1}}',
        '{"version": 1, "items": [',
        "{" * 100_000,
        '{"version":' + "[" * 100_000,
        '{"a": ' + "9" * 10_000 + "}",
        "<",
        "<?xml version='1.0'?>",
        b"\x89PNG\r\n\x1a\n\x00\x00",
        b"%PDF-1.7",
        b"\x00\x01\x02",
        b"\xff\xfe",
    ],
)
def test_what_is_no_feed_is_told_apart(document):
    with pytest.raises(ParseError):
        read(document)


def test_a_web_page_is_called_one():
    with pytest.raises(ParseError, match="web page"):
        read("<!doctype html><html><head><link rel=alternate></head><body>Hi</html>")


def test_json_feeds_of_careless_programs_are_read():
    items = [{"id": 7, "url": "/7", "content_text": "x\ud800y"}, "nonsense", None, {"id": None, "title": ["?"]}]
    feed = read(json.dumps({"version": "https://jsonfeed.org/version/1", "items": items}))
    assert [(entry.guid, entry.url, entry.text) for entry in feed.entries] == [
        ("7", "https://news.example.org/7", "xy"),
        ("", "", ""),
    ]


# -- Long and arbitrary documents; made ones are in tests/payloads


def test_of_a_very_long_document_the_newest_five_hundred_are_kept():
    def dated(number):
        date = f"2026-01-01T{number // 60:02d}:{number % 60:02d}:00Z"
        return f"<item><title>{number}</title><pubDate>{date}</pubDate></item>"

    numbers = range(1200)
    oldest_first = read(rss("".join(map(dated, numbers))))
    newest_first = read(rss("".join(map(dated, reversed(numbers)))))
    assert {entry.title for entry in oldest_first.entries} == {str(n) for n in range(700, 1200)}
    assert {entry.title for entry in newest_first.entries} == {str(n) for n in range(700, 1200)}


@given(st.binary(max_size=300))
def test_arbitrary_bytes_never_break_the_parser(body):
    for start in (
        b"",
        b"<rss><channel><item><title>",
        b'{"version": "https://jsonfeed.org/version/1", "items": [{"id":',
    ):
        with contextlib.suppress(ParseError):
            for entry in read(start + body).entries:
                (entry.title + entry.text + entry.url + entry.guid).encode()


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_title_and_text_come_out_storable(title, text):
    """As JSON can carry anything: no NUL and no half character ever reaches the database."""
    items = [{"id": title, "url": "/" + text, "title": title, "content_html": text, "date_published": title}]
    feed = read(json.dumps({"version": "https://jsonfeed.org/version/1", "items": items}))
    for value in (only(feed).title, only(feed).text, only(feed).url, only(feed).published_raw):
        assert "\x00" not in value
        value.encode()
