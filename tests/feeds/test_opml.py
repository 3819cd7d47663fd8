import pytest
from django.conf import settings

from tests import factories
from tracker.feeds import actions, opml
from tracker.feeds.models import Feed
from tracker.fetching import Policy

POLICY = Policy(user_agent="Followthrough/test")
LIST = """<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0"><head><title>Feeds</title></head><body>
<outline text="Lakes">
<outline type="rss" text="Lake Courier" language="en"
 xmlUrl="https://lake.example/rss" htmlUrl="https://lake.example/"/>
<outline text="Қазақша">
<outline type="rss" title="Көл жаршысы" language="kk-KZ" xmlUrl="https://kol.example/rss"/>
</outline>
</outline>
<outline type="rss" text="Same again" xmlUrl="https://lake.example/rss"/>
<outline type="rss" text="Inside" xmlUrl="http://10.0.0.1/rss"/>
<outline type="rss" text="Nowhere"/>
</body></opml>"""


def test_outlines_carry_title_language_and_folders():
    first, second, *_ = opml.read(LIST.encode())
    assert (first.title, first.url, first.site_url) == (
        "Lake Courier",
        "https://lake.example/rss",
        "https://lake.example/",
    )
    assert (first.language, first.tags, first.line) == ("en", ("Lakes",), 5)
    assert (second.title, second.language, second.tags) == ("Көл жаршысы", "kk", ("Lakes", "Қазақша"))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"feeds",
        b"<html><body/></html>",
        b"<opml/>",
        b"<opml><body><outline text='folder'/></body></opml>",
        b"<opml><body><outline xmlUrl='https://x.example'></body>",
        b"<!DOCTYPE opml [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><opml>&x;</opml>",
        b"\x00\xff",
        b"x" * 5_000_001,
        b"<opml><body>" + b"<outline xmlUrl='x'/>" * 5_001 + b"</body></opml>",
    ],
)
def test_what_is_no_list_of_feeds_is_refused_whole(body):
    with pytest.raises(opml.OPMLError):
        opml.read(body)


@pytest.mark.django_db
def test_loading_a_list_adds_each_feed_once_and_tells_of_every_line(now):
    loaded = actions.load_outlines(outlines=opml.read(LIST.encode()), policy=POLICY, now=now)
    assert [one.result for one in loaded] == ["added", "added", "known", "refused", "refused"]
    assert [bool(one.reason) for one in loaded] == [False, False, False, True, True]
    feed = Feed.objects.get(url="https://kol.example/rss")
    assert (feed.title, feed.language, feed.tags, feed.next_poll_at) == ("Көл жаршысы", "kk", ["Lakes", "Қазақша"], now)
    again = actions.load_outlines(outlines=opml.read(LIST.encode()), policy=POLICY, now=now)
    assert [one.result for one in again] == ["known", "known", "known", "refused", "refused"]
    assert Feed.objects.count() == 2


@pytest.mark.django_db
def test_a_feed_that_moved_is_known_by_its_old_address(now):
    factories.feed(url="https://new.example/rss", first_url="https://lake.example/rss")
    first, *_ = actions.load_outlines(outlines=opml.read(LIST.encode())[:1], policy=POLICY, now=now)
    assert first.result == "known"


@pytest.mark.django_db
def test_the_shipped_list_loads_without_a_complaint(now):
    outlines = opml.read((settings.BASE_DIR / "fixtures/feeds.opml").read_bytes())
    loaded = actions.load_outlines(outlines=outlines, policy=POLICY, now=now)
    assert {one.result for one in loaded} == {"added"}
    assert {"en", "fr", "kk", "ru", "zh"} <= {one.outline.language for one in loaded}
    assert all(one.outline.title and one.outline.site_url and one.outline.tags for one in loaded)
