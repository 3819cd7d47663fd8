"""Texts and links of strangers: shown as text, stored alike by both databases, and never run."""

import json
import re
from html.parser import HTMLParser
from itertools import product

import pytest

from tests import factories
from tracker.feeds import polling
from tracker.feeds.models import Article
from tracker.feeds.parser import parse
from tracker.feeds.plain_text import plain
from tracker.feeds.visiting import Visit

SCRIPT = "document.title='run'"
ACTS = (
    "<script>{}</script>",
    "<script src=data:text/javascript,{}></script>",
    "<img src=x onerror={}>",
    "<img src='x' OnError=\"{}\"/>",
    "<image href=x onerror={}>",
    "<body onload={}>",
    "<input autofocus onfocus={}>",
    "<select autofocus onfocus={}>",
    "<details open ontoggle={}>x</details>",
    "<video><source onerror={}></video>",
    "<audio src=x onerror={}>",
    "<marquee onstart={}>x</marquee>",
    "<a href='javascript:{}'>x</a>",
    "<a href=' java\nscript:{}'>x</a>",
    "<iframe srcdoc='<script>parent.{}</script>'></iframe>",
    "<iframe src='javascript:parent.{}'></iframe>",
    "<object data='data:text/html,<script>{}</script>'></object>",
    "<embed src='javascript:{}'>",
    "<form action='javascript:{}'><button>x</button></form>",
    "<button formaction='javascript:{}'>x</button>",
    "<base href='javascript:{}//'>",
    "<link rel=stylesheet href='javascript:{}'>",
    "<meta http-equiv=refresh content='0;url=javascript:{}'>",
    "<style>@import 'javascript:{}';</style>",
    "<div style='width:expression({})'>x</div>",
    "<template><script>{}</script></template>",
    "<noscript><p title='</noscript><img src=x onerror={}>'></noscript>",
    "<textarea></textarea><script>{}</script>",
    "<xmp></xmp><script>{}</script>",
    "<!--><script>{}</script>-->",
    "<!--[if IE]><script>{}</script><![endif]-->",
    "<![CDATA[<script>{}</script>]]>",
    "</title><script>{}</script>",
    "</p></article></main><script>{}</script>",
    '"><script>{}</script>',
    "' autofocus onfocus={} x='",
    "{{{{ {} }}}}{{% debug %}}",
    '<div hx-get=/ hx-trigger=load hx-on::load="{}">x</div>',
    "<div data-hx-on:click={}>x</div>",
    "<scr<script>ipt>{}</scr</script>ipt>",
    "<<script>{}//<</script>",
    "<script\x00>{}</script>",
    "\u2028<script>{}</script>\u2029",
    "+ADw-script+AD4-{}+ADw-/script+AD4-",
)
FOREIGN = (
    "<svg onload={}>",
    "<svg><script>{}</script></svg>",
    "<svg><script href='data:text/javascript,{}'/></svg>",
    "<svg><a xlink:href='javascript:{}'><text y=20>x</text></a></svg>",
    "<svg><animate onbegin={} attributeName=x dur=1s>",
    "<svg><set attributeName=href to='javascript:{}'/></svg>",
    "<svg><foreignObject><iframe onload={}></foreignObject></svg>",
    "<svg><style><img src=x onerror={}></style></svg>",
    "<svg></p><style><a id='</style><img src=x onerror={}>'></svg>",
    "<math><mi xlink:href='javascript:{}'>x</mi></math>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=x onerror={}&gt;'>",
    "<math><mtext><h1><a><h6></a></h6><mglyph><svg><mtext><style><a title='</style><img src=x onerror={}>'></style>",
    "<form><math><mtext></form><form><mglyph><style></math><img src=x onerror={}>",
    "<svg><desc><p><style><g title='</style><img src=x onerror={}>'>",
    "<math><annotation-xml encoding='text/html'><script>{}</script></annotation-xml></math>",
)


class Shape(HTMLParser):
    """The elements of a page with the names of their attributes."""

    def __init__(self):
        super().__init__()
        self.elements = set()

    def handle_starttag(self, tag, attrs):
        self.elements.add((tag, tuple(name for name, _value in attrs)))


def written(payload, times):
    """As it stands in XML after so many escapes."""
    for _ in range(times):
        payload = payload.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return payload


def stored(payloads, now):
    """Articles of a feed that has a payload in every field, as written once and escaped once more."""
    feed = factories.feed()
    items = "".join(
        f"<item><title>{words}</title><link>https://news.example.org/{number}</link><guid>{number}{words}</guid>"
        f"<author>{words}</author><category>{words}</category><description>{words}</description>"
        f"<pubDate>{words}</pubDate></item>"
        for number, (payload, times) in enumerate(product(payloads, (1, 2)))
        for words in [written(payload.format(SCRIPT), times)]
    )
    document = f"<rss><channel><title>{written(payloads[0], 1)}</title>{items}</channel></rss>"
    parsed = parse(document.encode("utf-8", "replace"), url=feed.url, now=now)
    (poll,) = polling.keep([Visit(feed, status=200, parsed=parsed)], now=now)
    assert poll.error_code == ""
    return list(Article.objects.filter(feed=feed).order_by("pk"))


NASTY = (
    "a\x00b\x0b\x1f \x7f\x84\u200b\u200e\u202e\u2066\ufeff\ufffe\uffff\udfff\ud800 c\u0301 é 👍🏽 \U0010ffff\U000e0001"
)


@pytest.mark.django_db
def test_b07_what_no_reader_should_meet_is_taken_out_before_the_database(now):
    items = [{"id": NASTY, "url": f"/1?{NASTY}", "title": NASTY, "content_text": NASTY, "date_published": NASTY}]
    document = json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": NASTY, "items": [*items, *items]})
    feed = factories.feed()
    parsed = parse(document.encode(), url=feed.url, now=now)
    ((title, text),) = {(entry.title, entry.text) for entry in parsed.entries}
    assert title == text == "ab „ c\u0301 é 👍🏽 \U0010ffff\U000e0001"
    items[0]["url"] = "/1"
    parsed = parse(
        json.dumps({"version": "https://jsonfeed.org/version/1", "items": items}).encode(), url=feed.url, now=now
    )
    polling.keep([Visit(feed, status=200, parsed=parsed)], now=now)
    article = Article.objects.get()
    assert (article.title, article.text) == (title, text)


@pytest.mark.django_db
@pytest.mark.parametrize("times", [1, 2, 3])
def test_b08_markup_in_a_title_is_text_however_often_it_is_escaped(client, now, times):
    feed = factories.feed()
    title = written("<img src=x onerror=alert(1)>Dredgers & <b>barges</b>", times)
    document = f"<rss><channel><item><title>{title}</title><link>/1</link></item></channel></rss>"
    polling.keep([Visit(feed, status=200, parsed=parse(document.encode(), url=feed.url, now=now))], now=now)
    suggestion = factories.suggestion(Article.objects.get())
    client.force_login(factories.editor())
    page = client.get(f"/review/{suggestion.pk}/").content.decode()
    assert "Dredgers" in page
    assert "<img src=x" not in page
    assert "<b>barges" not in page


@pytest.mark.parametrize(
    ("link", "kept"),
    [
        ("javascript:alert(1)", ""),
        ("JaVaScRiPt:alert(1)", ""),
        (" \tjava\nscript:alert(1)", ""),
        ("\x01javascript:alert(1)", ""),
        ("data:text/html,<script>alert(1)</script>", ""),
        ("vbscript:x", ""),
        ("file:///etc/passwd", ""),
        ("blob:https://news.example.org/1", ""),
        ("view-source:https://news.example.org/", ""),
        ("mailto:a@example.org", ""),
        ("https://user:secret@evil.example/", ""),
        ("https://news.example.org\\@evil.example/", ""),
        ("http://[::1", ""),
        ('https://evil.example/"onmouseover=alert(1)', ""),
        ("//evil.example/1", "https://evil.example/1"),
        ("/1", "https://news.example.org/1"),
        ("../1", "https://news.example.org/1"),
        ("?a=1", "https://news.example.org/feeds/all?a=1"),
        ("https:1", "https://news.example.org/feeds/1"),
    ],
)
def test_b09_links_lead_to_web_pages_or_nowhere(link, kept):
    document = json.dumps({"version": "https://jsonfeed.org/version/1", "items": [{"id": "1", "url": link}]})
    now = factories.NOW
    (entry,) = parse(document.encode(), url="https://news.example.org/feeds/all", now=now).entries
    assert entry.url == kept


@pytest.mark.django_db
@pytest.mark.parametrize("payloads", [ACTS, FOREIGN], ids=["html", "foreign"])
def test_b10_no_payload_leaves_a_tag_or_an_attribute_in_a_page(client, now, payloads):
    """Pages of payloads have no other elements and attributes than pages of harmless titles."""
    articles = stored(payloads, now)[:40]
    pledge = factories.pledge()
    client.force_login(factories.editor())
    hostile = [factories.suggestion(article, pledge) for article in articles]

    def shapes():
        return set().union(*map(shape, ("/review/", *(f"/review/{suggestion.pk}/" for suggestion in hostile[:9]))))

    def shape(path):
        response = client.get(path)
        assert response.status_code == 200
        reader = Shape()
        reader.feed(response.content.decode())
        return reader.elements

    found = shapes()
    Article.objects.update(title="Dredgers", text="Two dredgers.\nA barge.")
    assert found <= shapes() | {("mark", ("class",))}


@pytest.mark.parametrize("payload", [*ACTS, *FOREIGN])
def test_b11_markup_of_any_kind_becomes_text_without_it(payload):
    """What two passes leave is what one pass left: nothing that was hidden comes out at the second reading."""
    once = plain(payload.format(SCRIPT), 1000)
    assert not re.search(r"<[a-z/!?]", once, re.IGNORECASE) or "&lt;" in payload
    assert plain(once, 1000) == once or "<" not in once


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_b10_no_payload_runs_in_a_browser(live_server, page, client, now):
    articles = stored((*ACTS, *FOREIGN), now)
    pledge = factories.pledge()
    suggestions = [factories.suggestion(article, pledge) for article in articles]
    client.force_login(factories.editor())
    page.context.add_cookies(
        [{"name": name, "value": cookie.value, "url": live_server.url} for name, cookie in client.cookies.items()]
    )
    dialogs = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    for path in ("/review/", *(f"/review/{suggestion.pk}/" for suggestion in suggestions[::9])):
        page.goto(live_server.url + path)
        assert page.title() != "run"
        assert page.locator("main").is_visible()
    assert not dialogs
