"""The search page: pledges for everyone, articles for people who are signed in."""

import pytest
from django.urls import reverse

from tests import factories
from tracker.multilingual import Texts

pytestmark = pytest.mark.django_db


def read(client, query, **more):
    answer = client.get(reverse("search"), {"q": query, **more})
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def pledge():
    return factories.pledge(
        title=Texts(en="Open a railway crossing", fr="Ouvrir un passage ferroviaire", zh="开通铁路口岸"),
        statement=Texts(en="The parties will open a second crossing by 2026."),
    )


@pytest.fixture
def article():
    return factories.article(title="Second railway crossing opens", text="Trains run since Monday.")


def test_pledge_is_found_in_any_language_and_what_was_looked_for_is_marked(client, pledge):
    assert "Open a <mark>railway</mark> crossing" in read(client, "railways")
    assert '<p class="sm" lang="fr">Ouvrir un passage <mark>ferroviaire</mark></p>' in read(client, "ferroviaires")
    assert "开通<mark>铁路</mark>口岸" in read(client, "铁路")
    assert "second <mark>crossing</mark> by 2026" in read(client, "crossing")


def test_articles_are_for_people_who_are_signed_in(client, pledge, article):
    html = read(client, "monday")
    assert article.title not in html
    assert "Nothing has “monday”" in html
    assert article.url not in read(client, "railway", kind="article")
    client.force_login(factories.user())
    assert "Second <mark>railway</mark> crossing opens" in read(client, "railway")
    assert "since <mark>Monday</mark>" in read(client, "monday", kind="article")


def test_mistyped_word_is_read_as_one_of_a_title_and_the_page_says_so(client, pledge):
    html = read(client, "raliway")
    assert "Nothing has “raliway”. Shown is what has <b>“railway”</b>." in html
    assert pledge.get_absolute_url() in html
    assert "Nothing has “zzzzzz”" in read(client, "zzzzzz")


def test_titles_come_before_statements_and_long_lists_have_pages(client):
    of = factories.declaration()
    factories.pledge(of, number=1, title=Texts(en="Plant trees"), statement=Texts(en="By the lake."))
    for number in range(2, 40):
        factories.pledge(of, number=number)
    html = read(client, "lake")
    assert html.index(f'href="/pledges/{of.reference}-02/"') < html.index("All pledges found")
    assert f'href="/pledges/{of.reference}-01/"' not in html
    assert "39 found" in html
    second = read(client, "lake", kind="pledge", page=2)
    assert f'href="/pledges/{of.reference}-01/"' in second
    assert 'rel="prev"' in second
    assert 'rel="next"' not in second


@pytest.mark.parametrize("query", ["", "'", "\x00", "a" * 5000, "NEAR(", '"', "🦆", "*:*", "& | !", "\\"])
def test_anything_may_be_typed(client, pledge, query):
    for page in ("1", "-1", "99999999", "x", "²"):
        read(client, query, page=page, kind="pledge")


def test_text_of_articles_is_shown_as_text(client):
    factories.article(title="A <b>bold</b> railway", text="<script>alert(1)</script> railway")
    client.force_login(factories.user())
    html = read(client, "railway")
    assert "<script>alert" not in html
    assert "&lt;script&gt;" in html
