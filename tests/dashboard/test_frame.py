"""What stands around every page: navigation, messages, error pages, template words."""

import re

import pytest
from django.db import connection
from django.template import Context, Template
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from tests import factories
from tracker.dashboard import errors
from tracker.pledges.models import Stance, Status


def drawn(source, **values):
    return Template(source).render(Context(values))


def labels(client):
    html = client.get(reverse("methodology")).content.decode()
    navigation = html.split("<nav", 1)[1].split("</nav>", 1)[0]
    return [
        word for word in ("Declaration", "Review", "Feeds", "Settings", "Outbox", "People") if f">{word}" in navigation
    ]


@pytest.mark.django_db
def test_navigation_shows_each_role_where_it_may_go(client):
    assert labels(client) == ["Declaration"]
    client.force_login(factories.user())
    assert labels(client) == ["Declaration", "Feeds", "Settings"]
    client.force_login(factories.editor())
    assert labels(client) == ["Declaration", "Review", "Feeds", "Settings"]
    client.force_login(factories.admin())
    assert labels(client) == ["Declaration", "Review", "Feeds", "Settings", "Outbox", "People"]


@pytest.mark.django_db
def test_waiting_articles_are_counted_with_one_query(client):
    factories.suggestion()
    client.force_login(factories.editor())
    with CaptureQueriesContext(connection) as queries:
        html = client.get(reverse("methodology")).content.decode()
    assert '<b class="n">1<span class="vh"> waiting</span></b>' in html
    assert len(queries) == 3  # session, person, count


@pytest.mark.django_db
def test_public_page_asks_the_database_nothing_for_its_frame(client):
    with CaptureQueriesContext(connection) as queries:
        client.get(reverse("methodology"))
    assert not queries.captured_queries


@pytest.mark.django_db
def test_signing_out_is_a_post(client):
    client.force_login(factories.user())
    html = client.get(reverse("methodology")).content.decode()
    assert f'<form method="post" action="{reverse("account_logout")}">' in html


@pytest.mark.django_db
def test_shortcuts_can_be_turned_off(client):
    client.force_login(factories.user(has_shortcuts=False))
    assert 'data-keys="off"' in client.get(reverse("methodology")).content.decode()


@pytest.mark.django_db
def test_every_page_has_a_skip_link_a_main_and_a_language(client):
    html = client.get(reverse("methodology")).content.decode()
    assert '<a class="skip" href="#main">' in html
    assert '<main id="main" tabindex="-1">' in html
    assert '<html lang="en"' in html


@pytest.mark.django_db
def test_unknown_address_offers_a_search(client):
    answer = client.get("/nowhere/at/all")
    assert answer.status_code == 404
    assert 'name="q"' in answer.content.decode()


@pytest.mark.django_db
def test_missing_role_is_told_in_words(client):
    client.force_login(factories.user())
    answer = client.get(reverse("people"))
    assert answer.status_code == 403
    assert "Only administrators" in answer.content.decode()


@pytest.mark.django_db
def test_form_without_its_token_is_told_in_words():
    client = Client(enforce_csrf_checks=True)
    answer = client.post(reverse("account_login"), {"login": "a@example.org"})
    assert answer.status_code == 403
    assert "no longer valid" in answer.content.decode()


def test_bad_host_is_told_in_words(client):
    answer = client.get(reverse("methodology"), headers={"host": "evil.example.org"})
    assert answer.status_code == 400
    assert "Nothing was changed" in answer.content.decode()


def test_broken_page_needs_no_database(rf):
    answer = errors.server_error(rf.get("/"))  # no database in this test: a query would fail it
    assert answer.status_code == 500
    assert "Something broke" in answer.content.decode()


@pytest.mark.parametrize("code", Status.values)
def test_every_status_has_a_mark_and_a_word(code):
    html = drawn("{% status code %}", code=code)
    assert f"icons.svg#s-{code}" in html
    assert str(Status(code).label) in html


@pytest.mark.parametrize("code", Stance.values)
def test_every_stance_has_a_mark_and_a_word(code):
    assert f"icons.svg#d-{code}" in drawn("{% stance code %}", code=code)


def test_every_drawing_named_is_in_the_sprite(settings):
    sprite = (settings.BASE_DIR / "static" / "icons.svg").read_text()
    for symbol in (*(f"s-{code}" for code in Status.values), *(f"d-{code}" for code in Stance.values)):
        assert f'id="{symbol}"' in sprite
    for flag in ("overdue", "due_soon", "stale"):
        assert f'id="f-{flag}"' in sprite


def test_every_icon_that_a_template_names_is_drawn(settings):
    sprite = (settings.BASE_DIR / "static" / "icons.svg").read_text()
    named = {
        name
        for path in (settings.BASE_DIR / "templates").rglob("*.html")
        for name in re.findall(r'{% icon "(\w+)" %}', path.read_text())
    }
    assert named
    assert not {name for name in named if f'id="i-{name}"' not in sprite}


@pytest.mark.parametrize("word", ["{% status code %}", "{% stance code %}", "{% flag code %}", "{% flag_mark code %}"])
def test_unknown_codes_draw_nothing(word):
    assert drawn(word, code='"><script>') == ""


@pytest.mark.parametrize(
    ("code", "name"),
    [("en", "English"), ("kk", "Kazakh"), ("zh-Hans", "Chinese (Simplified)"), ("", ""), ("x!", "x!"), ("qqq", "qqq")],
)
def test_languages_are_named_in_the_readers_language(code, name):
    assert drawn("{% load i18n %}{{ code|language_label }}", code=code) == name


def test_dates_are_written_in_the_readers_language():
    with translation.override("fr"):
        assert drawn("{{ edtf|fuzzy }}", edtf="2025-06-16") == "16 juin 2025"
    assert drawn("{{ edtf|fuzzy }}", edtf="2025-35") == "Q3 2025"
    assert drawn("{{ edtf|fuzzy }}", edtf="not a date") == "not a date"
