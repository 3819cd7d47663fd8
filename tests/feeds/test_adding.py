"""Adding feeds by the address of a site or by a list, through the pages and the real door to the network."""

from ipaddress import ip_network

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from tests import factories
from tests.feeds.test_opml import LIST
from tests.feeds.test_pages import text
from tests.feedserver import FeedServer
from tracker.feeds import opml
from tracker.feeds.models import Feed

pytestmark = pytest.mark.django_db


def rss(title, *headlines):
    items = "".join(
        f"<item><title>{headline}</title><link>https://x.example/{n}</link>"
        f"<pubDate>Mon, 23 Nov 2026 {n:02d}:00:00 GMT</pubDate></item>"
        for n, headline in enumerate(headlines)
    )
    return f"<rss version='2.0'><channel><title>{title}</title><language>kk</language>{items}</channel></rss>"


@pytest.fixture
def site(settings):
    with FeedServer(hosts=("127.0.0.1", "127.0.0.2")) as server:
        settings.FETCH_ALLOWED_NETWORKS = [ip_network("127.0.0.0/8")]
        settings.FETCH_ALLOWED_PORTS = [server.port]
        yield server


@pytest.fixture
def editor(client):
    client.force_login(factories.editor())
    return client


def look(client, typed, **more):
    return client.post(reverse("look_for_feeds"), {"url": typed}, **more)


def found(answer):
    return [one["feed"].url for one in answer.context["found"]]


# -- By the address of a site


def test_a_site_s_feeds_are_shown_with_their_newest_items_and_nothing_is_saved(editor, site):
    site.serve("/rss", rss("Lake Courier", "Old news", "A dredger <b>came</b>", "Water rose", "Fish returned"))
    site.serve("/kk", rss("Көл жаршысы", "Су көтерілді"))
    page = (
        "<link rel=alternate type=application/rss+xml href=/rss><link rel=alternate type=application/rss+xml href=/kk>"
    )
    site.serve("/", page, "text/html")
    answer = look(editor, site.url("/"))
    assert (answer.status_code, found(answer)) == (200, [site.url("/rss"), site.url("/kk")])
    said = text(answer)
    assert "2 feeds found" in said
    assert "Lake Courier" in said
    assert "4 items, newest of 23 Nov" in said
    assert said.index("Fish returned") < said.index("Water rose") < said.index("A dredger")
    assert "Old news" not in said
    assert not Feed.objects.exists()
    assert len(site.hits("/rss")) == 1


def test_with_htmx_only_the_form_and_what_was_found_come_back(editor, site):
    site.serve("/rss", rss("Lake Courier", "News"))
    answer = look(editor, site.url("/rss"), headers={"HX-Request": "true"})
    assert "<html" not in answer.content.decode()
    assert "Lake Courier" in text(answer)


def test_what_was_chosen_is_added(editor, site):
    site.serve("/rss", rss("Lake Courier", "News"))
    (url,) = found(look(editor, site.url("/rss")))
    assert editor.post(reverse("add_feed"), {"url": url}).url == reverse("feeds")
    assert Feed.objects.get().url == site.url("/rss")


def test_where_a_page_names_none_the_usual_places_are_tried_until_one_answers(editor, site):
    site.serve("/news/", "<p>Welcome", "text/html")
    site.serve("/rss.xml", rss("Lake Courier", "News"))
    assert found(look(editor, site.url("/news/"))) == [site.url("/rss.xml")]
    assert [request.path for request in site.requests] == ["/news/", "/feed", "/rss", "/rss.xml"]


def test_a_feed_that_moved_for_good_is_offered_at_its_new_address(editor, site):
    site.serve("/new", rss("Lake Courier", "News"))
    site.redirect("/old", "/new", 301)
    site.redirect("/today", "/new", 302)
    assert found(look(editor, site.url("/old"))) == [site.url("/new")]
    assert found(look(editor, site.url("/today"))) == [site.url("/today")]


def test_a_feed_that_is_here_already_is_shown_as_such_and_cannot_be_chosen(editor, site):
    factories.feed(title="Our courier", url=site.url("/rss"))
    site.serve("/rss", rss("Lake Courier", "News"))
    site.redirect("/old", "/rss", 308)
    for path in ("/rss", "/rss/", "/old"):
        site.serve("/rss/", rss("Lake Courier", "News"))
        answer = look(editor, site.url(path))
        assert "Here already: Our courier." in text(answer)
        assert not answer.context["is_any_new"]


def test_links_that_give_no_feed_are_left_out(editor, site):
    site.serve(
        "/",
        "<link rel=feed href=/gone><link rel=feed href=/page><link rel=feed href=/rss><link rel=feed href=http://10.0.0.1/>",
        "text/html",
    )
    site.serve("/page", "<p>no feed", "text/html")
    site.serve("/rss", rss("Lake Courier", "News"))
    assert found(look(editor, site.url("/"))) == [site.url("/rss")]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/empty", "There is no feed at this address"),
        ("/missing", "There is nothing at the address."),
        ("/closed", "The server refuses programs like this one."),
        ("/inside", "not on the public Internet"),
        ("/loop", "The server sends us in circles."),
        ("/broken", "has an error of its own"),
    ],
)
def test_why_there_is_none_is_told_at_the_field_with_what_was_typed(editor, site, path, said):
    site.serve("/empty", "<p>Welcome", "text/html")
    site.serve("/closed", "", status=403)
    site.serve("/broken", "", status=500)
    site.redirect("/loop", "/loop")
    site.redirect("/inside", f"http://10.0.0.1:{site.port}/rss")
    answer = look(editor, site.url(path))
    assert (answer.status_code, answer.context["found"]) == (422, [])
    assert said in text(answer)
    assert answer.context["form"]["url"].value() == site.url(path)


def test_titles_of_strangers_are_text_there_too(editor, site):
    site.serve("/rss", rss("&lt;script&gt;alert(1)&lt;/script&gt;x", "&lt;img src=x onerror=alert(1)&gt;y"))
    page = look(editor, site.url("/rss")).content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page


# -- By a list


def upload(client, body, name="feeds.opml"):
    return client.post(reverse("import_feeds"), {"file": SimpleUploadedFile(name, body)})


def test_a_list_is_shown_line_by_line_and_added_only_when_confirmed(editor):
    factories.feed(url="http://www.lake.example/rss/", title="Known")
    answer = upload(editor, LIST.encode(), "news <b>room.opml")
    said = text(answer)
    assert "5 feeds in news &lt;b&gt;room.opml. 1 is new. 2 are here already. 2 cannot be polled." in said
    assert [line["result"] for line in answer.context["lines"]] == ["known", "added", "known", "refused", "refused"]
    assert "not on the public Internet" in said
    assert "It has no address." in said
    assert Feed.objects.count() == 1
    assert editor.post(reverse("import_feeds"), {"opml": answer.context["checked"]}).url == reverse("feeds")
    feed = Feed.objects.get(url="https://kol.example/rss")
    assert (feed.title, feed.language, feed.tags) == ("Көл жаршысы", "kk", ["Lakes", "Қазақша"])
    assert Feed.objects.count() == 2
    editor.post(reverse("import_feeds"), {"opml": answer.context["checked"]})  # sent twice
    assert Feed.objects.count() == 2


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "The file is empty"),
        (b"feeds", "damaged, or no XML"),
        (b"<html/>", "no OPML"),
        (b"<opml/>", "lists no feeds"),
        (b"<opml>" + b" " * 5_000_001, "larger than 5 MB"),
        (b"<opml><body>" + b"<outline xmlUrl='x'/>" * 5_001 + b"</body></opml>", "more than 5,000 feeds"),
        (b"<!DOCTYPE x [<!ENTITY a 'b'>]><opml>&a;</opml>", "declares entities"),
        (b"PK\x03\x04" + b"\0" * 100, "damaged, or no XML"),
    ],
)
def test_k02_k05_a_file_that_is_no_list_is_refused_whole_with_its_reason(editor, body, said):
    answer = upload(editor, body)
    assert (answer.status_code, said in text(answer)) == (422, True), text(answer)[-600:]
    assert not Feed.objects.exists()


@pytest.mark.parametrize("posted", [{}, {"opml": ""}, {"opml": "changed"}, {"file": "no file"}])
def test_a_post_without_a_list_asks_for_one(editor, posted):
    answer = editor.post(reverse("import_feeds"), posted)
    assert (answer.status_code, "Choose a file" in text(answer)) == (422, True)


def test_a_list_of_500_feeds_costs_few_queries_and_comes_back_whole(editor, django_assert_max_num_queries):
    rows = "".join(f"<outline text='Көл {n}' xmlUrl='https://h{n}.example/rss'/>" for n in range(500))
    answer = upload(editor, f"<opml><body>{rows}</body></opml>".encode())
    with django_assert_max_num_queries(20):
        editor.post(reverse("import_feeds"), {"opml": answer.context["checked"]})
    assert Feed.objects.count() == 500


# -- Taken away


def test_what_xml_has_no_way_to_write_is_left_out_of_the_list(editor):
    factories.feed(title="A\x0bB\uffff", site_url="https://x.example/\ufffe", tags=["\x1fT"])
    (one,) = opml.read(editor.get(reverse("export_feeds")).content)
    assert (one.title, one.site_url, one.tags) == ("AB", "https://x.example/", ("T",))


def test_a_host_longer_than_a_title_is_cut_to_one(editor):
    url = f"https://{'.'.join(['a' * 60] * 4)}.example/rss"
    editor.post(reverse("add_feed"), {"url": url})
    assert len(Feed.objects.get().title) == 200


def test_the_list_is_taken_away_as_opml_and_gives_the_same_feeds_elsewhere(editor):
    upload_answer = upload(editor, LIST.encode())
    editor.post(reverse("import_feeds"), {"opml": upload_answer.context["checked"]})
    answer = editor.get(reverse("export_feeds"))
    assert answer["Content-Type"] == "text/x-opml; charset=utf-8"
    assert f"followthrough-feeds-{timezone.localdate():%Y-%m-%d}.opml" in answer["Content-Disposition"]
    described = {(one.url, one.title, one.language, one.tags) for one in opml.read(answer.content)}
    assert described == {(feed.url, feed.title, feed.language, tuple(feed.tags)) for feed in Feed.objects.all()}
