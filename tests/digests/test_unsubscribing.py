import re

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse

from tests import factories
from tracker.digests.models import Follow, Subscription
from tracker.digests.tokens import key_of, unsubscribe_path

pytestmark = pytest.mark.django_db


@pytest.fixture
def subscription():
    return factories.follow(factories.user(), factories.pledge())


@pytest.fixture
def stranger():
    """A mail program: no session, no cookie, and checked for a CSRF token if a view asks for one."""
    return Client(enforce_csrf_checks=True)


def frequency(subscription):
    return Subscription.objects.get(pk=subscription.pk).frequency


def test_h11_one_post_unsubscribes_at_once(stranger, subscription):
    answer = stranger.post(unsubscribe_path(subscription.key), {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200, "no redirect: mail programs do not follow one"
    assert frequency(subscription) == "never"
    assert Subscription.objects.get(pk=subscription.pk).next_at is None


def test_h11_post_again_is_harmless(stranger, subscription):
    for _ in range(3):
        assert stranger.post(unsubscribe_path(subscription.key)).status_code == 200
    assert frequency(subscription) == "never"


@pytest.mark.parametrize("method", ["get", "head"])
def test_h12_scanners_of_mail_change_nothing(stranger, subscription, method):
    for _ in range(3):
        assert getattr(stranger, method)(unsubscribe_path(subscription.key)).status_code == 200
    assert frequency(subscription) == "daily"


def test_page_has_a_button_that_works_without_a_script(stranger, subscription):
    page = stranger.get(unsubscribe_path(subscription.key)).content.decode()
    assert re.search(r'<form[^>]*method="post"', page)
    assert subscription.user.email not in page


def test_h11_word_for_one_person_never_affects_another(stranger, subscription):
    other = factories.follow(factories.user(), factories.pledge())
    stranger.post(unsubscribe_path(other.key))
    assert (frequency(subscription), frequency(other)) == ("daily", "never")


def test_h11_links_of_an_old_key_still_work(stranger, subscription, settings):
    path = unsubscribe_path(subscription.key)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key, long enough to be one"
    assert stranger.post(path).status_code == 200
    assert frequency(subscription) == "never"
    settings.SECRET_KEY_FALLBACKS = []
    assert stranger.post(path).status_code == 404


def test_h11_link_names_nobody_and_cannot_be_guessed(subscription):
    """At least 128 random bits and a signature, nothing else: no number and no address of a person."""
    word = unsubscribe_path(subscription.key).split("/")[2]
    assert len(subscription.key) * 6 >= 128
    assert word.startswith(f"{subscription.key}:")
    assert len(word.partition(":")[2]) * 6 >= 256
    assert factories.follow(factories.user(), factories.pledge()).key != subscription.key


def test_one_follow_can_be_left_out_instead(stranger, subscription):
    path, kept = unsubscribe_path(subscription.key), Follow.objects.get()
    left = Follow.objects.create(user=subscription.user, declaration=factories.declaration(), created_at=factories.NOW)
    theirs = factories.follow(factories.user(), factories.pledge()).user.follows.get()
    assert f'value="{left.pk}"' in stranger.get(path).content.decode()
    for number in (left.pk, left.pk, theirs.pk, "x", "9" * 40):
        assert stranger.post(path, {"follow": number}).status_code == 200
    assert set(Follow.objects.all()) == {kept, theirs}
    assert frequency(subscription) == "daily", "the digest itself goes on"


def test_invented_words_get_a_clear_page(stranger, subscription):
    token = unsubscribe_path(subscription.key).split("/")[2]
    foreign = signing.Signer(salt="another purpose").sign(subscription.key)
    for word in ("x", "x:y", "%00", token[:-1], "Z" + token, token.upper(), foreign, "é:é", "9" * 3000):
        for method in (stranger.get, stranger.post):
            answer = method(f"/unsubscribe/{word}/")
            assert answer.status_code == 404
            assert "Nothing was changed" in answer.content.decode()
    assert frequency(subscription) == "daily"


def test_word_that_names_no_person_changes_nothing(stranger):
    assert key_of(unsubscribe_path("nobody").split("/")[2]) == "nobody"
    assert stranger.post(unsubscribe_path("nobody")).status_code == 200


def test_other_methods_are_refused(stranger, subscription):
    assert stranger.put(unsubscribe_path(subscription.key)).status_code == 405


def test_settings_page_shows_never_afterwards(client, subscription):
    client.post(unsubscribe_path(subscription.key))
    client.force_login(subscription.user)
    assert re.search(r'value="never"[^>]*checked', client.get(reverse("settings")).content.decode())
