"""The reading pages, as the public, readers and editors get them."""

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import factories
from tracker.digests.models import Follow
from tracker.multilingual import Texts
from tracker.pledges.models import Document, Metric, Milestone, Observation

pytestmark = pytest.mark.django_db
TODAY = factories.NOW.date()


def whole_pledge(of=None, **fields):
    """A pledge with one of everything a page can show."""
    pledge = factories.pledge(of, due_edtf="2025", due_latest=date(2025, 12, 31), **fields)
    cited = factories.evidence(pledge, title="Dredgers reach the lake", note=Texts(en="Two of four."))
    factories.evidence(
        pledge,
        stance="setback",
        title="Dredgers leave",
        withdrawn_at=factories.NOW,
        withdrawn_by=factories.editor(),
        withdrawn_reason="The page was taken down",
    )
    factories.assessment(pledge, evidence=[cited], rationale=Texts(en="Dredging began in May with two boats."))
    factories.assessment(
        pledge,
        status="partly_fulfilled",
        evidence=[cited],
        rationale=Texts(en="Dredging began in June with two boats."),
    )
    metric = Metric.objects.create(
        pledge=pledge,
        key="depth",
        name=Texts(en="Depth"),
        unit=Texts(en="m"),
        baseline_value=2,
        baseline_period="2023",
        target_value=4,
    )
    for year, value in ((2024, "2.5"), (2025, "3")):
        Observation.objects.create(
            metric=metric,
            period_edtf=str(year),
            period_latest=date(year, 12, 31),
            value=value,
            publisher="Lake Office",
            added_at=factories.NOW,
        )
    Milestone.objects.create(pledge=pledge, title=Texts(en="First boat"), date_edtf="2025-05", is_reached=True)
    factories.suggestion(about=pledge)
    return pledge


def read(client, address, status=200):
    answer = client.get(address)
    assert answer.status_code == status
    return answer.content.decode()


def visitors():
    return [None, factories.user(), factories.editor(), factories.admin()]


@pytest.fixture(params=range(4), ids=["public", "reader", "editor", "admin"])
def visitor(request, client):
    person = visitors()[request.param]
    if person:
        client.force_login(person)
    return client


def test_everyone_reads_every_page(visitor):
    pledge = whole_pledge()
    for address in ("/", pledge.declaration.get_absolute_url(), pledge.get_absolute_url(), reverse("methodology")):
        assert "<h1" in read(visitor, address)


def test_pages_carry_no_inline_style_or_handler(visitor):
    pledge = whole_pledge()
    for address in (
        "/",
        pledge.declaration.get_absolute_url(),
        pledge.get_absolute_url(),
        reverse("methodology"),
        "/nope",
    ):
        html = visitor.get(address).content.decode()
        assert not re.search(r"""\s(style|on\w+)=["']""", html)
        assert "<style" not in html
        for script in re.findall(r"<script[^>]*>", html):
            assert "src=" in script


def test_unknown_pledge_and_declaration_are_not_found(client):
    assert "Nothing is filed" in read(client, "/pledges/XX-99/", 404)
    read(client, "/declarations/nowhere/", 404)


@pytest.mark.parametrize(
    "query",
    [
        "q=%00&status=%00",
        "page=99999999999999999999999",
        "page=-1&sort=__class__&due=x&view=y",
        "q=" + "x" * 5000,
        "theme=%F0%9F%92%A9&party=%27%22%3E",
        "q=%ff%fe",
        "stance=__init__",
        "%00=%00",
    ],
)
def test_garbage_in_the_query_still_gives_the_page(visitor, query):
    pledge = whole_pledge()
    for address in ("/", pledge.declaration.get_absolute_url(), pledge.get_absolute_url()):
        read(visitor, f"{address}?{query}")


def test_reading_pages_refuse_posts(client):
    pledge = whole_pledge()
    for address in ("/", pledge.declaration.get_absolute_url(), pledge.get_absolute_url()):
        assert client.post(address).status_code == 405


def test_empty_installation_says_what_to_do_next(client):
    html = read(client, "/")
    assert "No declaration is on record yet" in html
    assert "load_declaration" in html


def test_declaration_without_pledges_has_a_page(client):
    assert "no pledges on record" in read(client, factories.declaration().get_absolute_url())


def test_single_declaration_is_the_front_page(client):
    pledge = factories.pledge()
    html = read(client, "/?q=clean")
    assert f'<link rel="canonical" href="{pledge.declaration.get_absolute_url()}">' in html
    assert 'value="clean"' in html


def test_front_page_lists_several_declarations_and_searches_them_all(client):
    one = factories.pledge(title=Texts(en="Plant trees"))
    factories.pledge(title=Texts(en="Dig wells"))
    assert one.declaration.get_absolute_url() in read(client, "/")
    html = client.get("/?q=wells", follow=True).content.decode()
    assert "Dig <mark>wells</mark>" in html
    assert "Plant trees" not in html


@pytest.mark.parametrize("role", ["public", "editor"])
def test_dashboard_costs_the_same_queries_for_5_and_60_pledges(client, role):
    if role == "editor":
        client.force_login(factories.editor())
    declaration = factories.declaration()
    client.get(declaration.get_absolute_url())  # a first visit is noted
    counts = []
    for total in (5, 60):
        for _ in range(total - declaration.pledges.count()):
            whole_pledge(declaration)
        for address in (declaration.get_absolute_url(), "/"):
            with CaptureQueriesContext(connection) as queries:
                read(client, address)
            counts.append(len(queries))
    assert counts[0] == counts[2]
    assert counts[1] == counts[3]
    assert counts[0] <= 36


def test_pledge_page_costs_the_same_queries_for_1_and_30_items(client):
    pledge = whole_pledge()
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            read(client, pledge.get_absolute_url())
        counts.append(len(queries))
        for _ in range(15):
            cited = [factories.evidence(pledge), factories.evidence(pledge)]
            factories.assessment(pledge, evidence=cited, recorded_by=factories.editor())
    assert counts[0] == counts[1]


def rows(html):
    return re.findall(r'<tr id="p(\d+)">', html)


def test_filters_narrow_the_list(client):
    of = factories.declaration()
    late = factories.pledge(of, due_edtf="2025", due_earliest=date(2025, 1, 1), due_latest=date(2025, 12, 31))
    done = factories.pledge(of, title=Texts(en="Plant trees", fr="Planter des arbres à l’été"))
    factories.assessment(done, status="fulfilled")
    alone = factories.pledge(
        of, parties=[factories.party("KAZ", "KZ")], theme=factories.theme(of, slug="air", position=9)
    )
    address = of.get_absolute_url()
    assert rows(read(client, address)) == ["01", "02", "03"]
    assert rows(read(client, f"{address}?status=fulfilled")) == [done.code]
    assert rows(read(client, f"{address}?due=overdue")) == [late.code]
    assert rows(read(client, f"{address}?due=none")) == ["02", "03"]
    assert rows(read(client, f"{address}?party=CHN")) == ["01", "02"]
    assert rows(read(client, f"{address}?theme=air")) == [alone.code]
    assert rows(read(client, f"{address}?view=attention")) == [late.code]
    assert rows(read(client, f"{address}?q=ete+arbres")) == [done.code]
    assert rows(read(client, f"{address}?q=03")) == [alone.code]
    assert "No pledge matches" in read(client, f"{address}?q=nothing+like+it")


def test_list_is_sorted_as_asked(client):
    of = factories.declaration()
    factories.pledge(of)
    factories.pledge(of, due_edtf="2027", due_latest=date(2027, 12, 31))
    third = factories.pledge(of, due_edtf="2026", due_latest=date(2026, 12, 31))
    factories.evidence(third, published_on=TODAY)
    address = of.get_absolute_url()
    assert rows(read(client, f"{address}?sort=due")) == ["03", "02", "01"]
    assert rows(read(client, f"{address}?sort=latest")) == ["03", "01", "02"]
    assert 'aria-sort="ascending"' in read(client, f"{address}?sort=due")


def test_reader_finds_what_they_follow(client):
    of = factories.declaration()
    mine, _other = factories.pledge(of), factories.pledge(of)
    reader = factories.user()
    Follow.objects.create(user=reader, pledge=mine, created_at=factories.NOW)
    client.force_login(reader)
    assert rows(read(client, f"{of.get_absolute_url()}?view=followed")) == [mine.code]
    client.logout()
    assert rows(read(client, f"{of.get_absolute_url()}?view=followed")) == []


def test_htmx_gets_the_rows_alone_and_a_clean_address(client):
    pledge = factories.pledge()
    address = pledge.declaration.get_absolute_url()
    answer = client.get(f"{address}?q=lake&status=&sort=due", headers={"HX-Request": "true", "HX-Target": "rows"})
    html = answer.content.decode()
    assert "<html" not in html
    assert rows(html) == ["01"]
    assert 'id="row-count"' in html
    assert answer["HX-Push-Url"] == f"{address}?q=lake&sort=due"
    assert "HX-Target" in answer["Vary"]


def test_long_list_has_pages_that_keep_the_filters(client):
    of = factories.declaration()
    for _ in range(55):
        factories.pledge(of)
    html = read(client, f"{of.get_absolute_url()}?q=lake&sort=number")
    assert len(rows(html)) == 50
    assert "?q=lake&amp;sort=number&amp;page=2#pledges" in html
    assert len(rows(read(client, f"{of.get_absolute_url()}?q=lake&sort=number&page=2"))) == 5


def test_above_sixty_pledges_the_strip_shows_shares(client):
    of = factories.declaration()
    for _ in range(61):
        factories.pledge(of)
    html = read(client, of.get_absolute_url())
    assert 'class="fluid shares"' in html
    assert 'class="strip"' not in html


def test_waiting_articles_are_told_to_editors_only(client):
    pledge = whole_pledge()
    pages = (pledge.declaration.get_absolute_url(), pledge.get_absolute_url())
    assert all(reverse("review") not in read(client, page) for page in pages)
    client.force_login(factories.editor())
    assert all(reverse("review") in read(client, page) for page in pages)


def test_failing_feeds_are_told_to_editors_only(client):
    pledge = factories.pledge()
    factories.feed(title="Silent Gazette", failing_since=factories.NOW, failure_count=4)
    assert "Silent Gazette" not in read(client, pledge.declaration.get_absolute_url())
    client.force_login(factories.editor())
    assert "Silent Gazette" in read(client, pledge.declaration.get_absolute_url())


def test_activity_names_who_judged_and_who_added(client):
    pledge, editor = factories.pledge(), factories.editor(name="Ida Editor")
    factories.assessment(pledge, recorded_by=editor)
    for _ in range(3):
        factories.evidence(pledge, added_by=editor)
    html = read(client, pledge.declaration.get_absolute_url())
    assert "<b>Ida Editor</b> moved" in html
    assert "<b>Ida Editor</b> added 3 items of evidence" in html


def test_pledge_page_shows_verdict_measure_milestones_and_history(client):
    pledge = whole_pledge()
    html = read(client, pledge.get_absolute_url())
    assert "Partly fulfilled" in html
    assert "<del>May</del><ins>June</ins>" in html
    assert 'class="fluid metric"' in html
    assert "50%" in html
    assert "First boat" in html
    assert f'href="{pledge.assessments.first().get_absolute_url()}"' in html


def test_withdrawn_evidence_stays_on_the_page_struck_out_with_its_reason(client):
    html = read(client, whole_pledge().get_absolute_url())
    assert re.search(r"<s[^>]*>Dredgers leave</s>", html)
    assert "The page was taken down" in html


def test_evidence_can_be_read_by_stance(client):
    pledge = factories.pledge()
    factories.evidence(pledge, title="It goes well")
    factories.evidence(pledge, title="It goes badly", stance="setback")
    html = read(client, f"{pledge.get_absolute_url()}?stance=setback")
    assert "It goes badly" in html
    assert "It goes well" not in html


def test_only_editors_are_offered_to_judge_add_and_withdraw(client):
    pledge = whole_pledge()
    offers = (
        reverse("assess", args=[pledge.reference]),
        reverse("add_evidence", args=[pledge.reference]),
        "/withdraw/",
    )
    client.force_login(factories.user())
    html = read(client, pledge.get_absolute_url())
    assert not any(offer in html for offer in offers)
    client.force_login(factories.editor())
    html = read(client, pledge.get_absolute_url())
    assert all(offer in html for offer in offers)


def test_source_names_come_escaped(client):
    bad = "<script>alert(1)</script>"
    pledge = whole_pledge(title=Texts(en=bad), statement=Texts(en=bad))
    factories.evidence(pledge, title=bad, publisher=bad, note=Texts(en=bad))
    Document.objects.create(declaration=pledge.declaration, key="d", title=Texts(en=bad), publisher=bad)
    for address in ("/", pledge.get_absolute_url()):
        assert "<script>alert" not in read(client, address)


def test_pages_speak_french_where_the_reader_does(client):
    pledge = whole_pledge(title=Texts(en="Clean lake", fr="Nettoyer le lac"))
    html = client.get(pledge.get_absolute_url(), headers={"accept-language": "fr"}).content.decode()
    assert '<html lang="fr"' in html
    assert "Nettoyer le lac" in html


def test_a_day_begins_in_the_readers_time_zone(client, time_machine):
    time_machine.move_to("2025-12-31T20:00:00+00:00", tick=False)
    pledge = factories.pledge(due_edtf="2025", due_earliest=date(2025, 1, 1), due_latest=date(2025, 12, 31))
    assert "Overdue by" not in read(client, pledge.get_absolute_url())
    client.force_login(factories.user(time_zone="Asia/Almaty"))
    assert "Overdue by 1 day" in read(client, pledge.get_absolute_url())


def test_previous_and_next_pledge_are_linked(client):
    of = factories.declaration()
    first, second, third = (factories.pledge(of) for _ in range(3))
    html = read(client, second.get_absolute_url())
    assert f'href="{first.get_absolute_url()}" rel="prev"' in html
    assert f'href="{third.get_absolute_url()}" rel="next"' in html


def test_every_timeline_row_says_in_words_what_it_draws(client):
    pledge = factories.pledge(due_edtf="2025", due_latest=date(2025, 12, 31), is_due_stated=False)
    factories.evidence(pledge, stance="setback", published_edtf="2026-11", published_on=TODAY - timedelta(days=9))
    html = read(client, pledge.declaration.get_absolute_url())
    assert "Due 2025, inferred by editors. Evidence: Setback 1; latest Nov 2026." in html


def test_a_pledge_and_what_a_later_declaration_made_of_it_link_each_other(client):
    old = factories.pledge()
    new = factories.lineage(old, note=Texts(en="Now by 2027.")).later
    html = " ".join(read(client, old.get_absolute_url()).split())
    link = f'<a href="{new.get_absolute_url()}">01 of Lakes declaration</a> (2026)'
    assert f"<dt>Strengthened in</dt> <dd>{link}" in html
    assert "Now by 2027." in html
    html = " ".join(read(client, new.get_absolute_url()).split())
    assert f'<dt>Strengthens</dt> <dd><a href="{old.get_absolute_url()}">01 of Lakes declaration</a> (2024)' in html


def test_a_dropped_pledge_links_the_declaration_that_let_it_fall(client):
    row = factories.lineage(factories.pledge(), relation="dropped")
    html = " ".join(read(client, row.earlier.get_absolute_url()).split())
    assert (
        f'<dt>Dropped in</dt> <dd><a href="{row.declaration.get_absolute_url()}">Lakes declaration</a> (2026)' in html
    )
