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
        b"<!DOCTYPE opml [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;'>]><opml><body>"
        b"<outline xmlUrl='https://x.example' text='&b;'/></body></opml>",
        b"<opml><body>" + b"<outline text='x'>" * 3000 + b"<outline xmlUrl='https://x.example'/></body></opml>",
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


@pytest.mark.django_db
@pytest.mark.parametrize(
    "url", ["http://www.lake.example/rss/", "https://lake.example:443/rss", "https://LAKE.example/rss"]
)
def test_another_spelling_of_a_known_address_adds_nothing(now, url):
    factories.feed(url="https://lake.example/rss")
    judged = actions.judge_outlines(outlines=[opml.Outline(1, url, "Lake", "", "", ())], policy=POLICY)
    assert [one.result for one in judged] == ["known"]
    with pytest.raises(actions.DuplicateFeedError):
        actions.add_feed(url=url, policy=POLICY, now=now)


def test_a_list_that_is_written_reads_back_as_it_was(now):
    outlines = [
        opml.Outline(
            0, "https://a.example/rss?x=1&y=<2>", 'A & "B" <c>', "https://a.example/", "kk", ("Lakes", "Press")
        ),
        opml.Outline(0, "https://b.example/rss", "Көл", "", "", ()),
        opml.Outline(0, "https://c.example/rss", "C", "", "zh", ("Lakes",)),
        opml.Outline(0, "https://d.example/rss", "D", "", "", ("Lakes", "Press")),
    ]
    back = opml.read(opml.write(outlines, title="Feeds", now=now))
    assert {(one.url, one.title, one.site_url, one.language, one.tags) for one in back} == {
        (one.url, one.title, one.site_url, one.language, one.tags) for one in outlines
    }


def test_folders_without_end_become_a_few_tags():
    folders = "".join(f"<outline text='{n}'>" for n in range(200))
    body = f"<opml><body>{folders}<outline xmlUrl='https://x.example'/>{'</outline>' * 200}</body></opml>"
    assert opml.read(body.encode())[0].tags == tuple(map(str, range(190, 200)))
