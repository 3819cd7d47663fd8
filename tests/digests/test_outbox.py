from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse

from tests import factories
from tests.digests.test_sending import planned
from tests.smtpserver import mailers
from tracker.digests import actions
from tracker.digests.models import Digest, OutboxMessage

pytestmark = pytest.mark.django_db
NOW = factories.NOW


@pytest.fixture(autouse=True)
def keeps_mails_here(settings):
    settings.MAILERS = {"default": {"BACKEND": "tracker.digests.outbox.OutboxBackend"}}


@pytest.fixture
def admin(client):
    admin = factories.admin()
    client.force_login(admin)
    return admin


def page_of(client, query=""):
    answer = client.get(reverse("outbox") + query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_digest_lands_here_and_counts_as_sent(client, admin):
    digest = planned(html="<!doctype html><html><head></head><body><p>Hé</p></body></html>")
    actions.send(digest_id=digest.pk, now=NOW)
    digest.refresh_from_db()
    assert digest.state == "sent"
    message = OutboxMessage.objects.get()
    assert (message.recipient, message.subject) == (digest.user.email, digest.subject)
    assert message.message_id == digest.message_id
    assert digest.subject in page_of(client)
    shown = client.get(reverse("outbox_message", args=[message.pk])).content.decode()
    assert ".. dots at the start of lines" in shown
    assert "<iframe" in shown


def test_password_mails_land_here_too(client, admin):
    person = factories.user()
    client.post(reverse("account_reset_password"), {"email": person.email})
    message = OutboxMessage.objects.get()
    assert message.recipient == person.email
    shown = client.get(reverse("outbox_message", args=[message.pk])).content.decode()
    assert "/account/password/reset/key/" in shown
    assert "<iframe" not in shown
    assert mail.outbox == []


def test_mail_is_shown_in_a_frame_that_runs_nothing(client, admin):
    digest = planned(html="<!doctype html><html><head></head><body><script>alert(1)</script></body></html>")
    actions.send(digest_id=digest.pk, now=NOW)
    pk = OutboxMessage.objects.get().pk
    frame = client.get(reverse("outbox_message_html", args=[pk]))
    policy = frame["Content-Security-Policy"]
    assert "sandbox allow-popups" in policy
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "frame-ancestors 'self'" in policy
    assert frame["X-Frame-Options"] == "SAMEORIGIN"
    page = client.get(reverse("outbox_message", args=[pk]))
    assert "frame-src 'self'" in page["Content-Security-Policy"]
    assert 'sandbox="allow-popups' in page.content.decode()
    assert "allow-scripts" not in page.content.decode()


def test_digests_are_listed_by_state(client, admin):
    sent, failed, empty = (
        planned(state="sent"),
        planned(state="failed", error="550 no such user"),
        planned(state="empty"),
    )
    everything = page_of(client, "?show=digests")
    assert sent.user.email in everything
    assert failed.user.email in everything
    assert empty.user.email not in everything
    assert "550 no such user" in everything
    only = page_of(client, "?show=digests&state=failed")
    assert failed.user.email in only
    assert sent.user.email not in only
    assert empty.user.email in page_of(client, "?show=digests&state=empty")


@pytest.mark.parametrize(
    "query", ["?show=x", "?state=%00", "?show=digests&state=x&page=x", "?page=99999999999999999999"]
)
def test_odd_addresses_are_read_as_plain_ones(client, admin, query):
    page_of(client, query)


@pytest.mark.parametrize(("state", "expected"), [("failed", "planned"), ("in_doubt", "planned"), ("sent", "sent")])
def test_administrator_sends_undelivered_digests_again(client, admin, state, expected):
    digest = planned(state=state)
    assert ("Send again" in page_of(client, "?show=digests")) is (expected == "planned")
    answer = client.post(reverse("resend_digest", args=[digest.pk]), follow=True)
    digest.refresh_from_db()
    assert digest.state == expected
    assert ("sent again" if expected == "planned" else "Not sent again") in answer.content.decode()


def test_digest_that_was_told_again_offers_no_resending(client, admin):
    planned(state="in_doubt", repeated_in=planned(state="sent"))
    page = page_of(client, "?show=digests")
    assert "Told again in a later digest" in page
    assert "Send again" not in page


def test_with_a_mail_server_the_page_shows_states_and_says_so(client, admin, settings):
    settings.MAILERS = mailers(2525)
    digest = planned(state="in_doubt")
    page = page_of(client)
    assert "127.0.0.1:2525" in page
    assert digest.user.email in page
    assert "Mails kept here" not in page


@pytest.mark.parametrize("who", [factories.user, factories.editor])
def test_only_administrators_see_mails(client, who):
    digest = planned(state="failed")
    message = OutboxMessage.objects.create(recipient="a@example.org", subject="Secret", raw="Subject: Secret\n\nlink")
    client.force_login(who())
    for address in (
        reverse("outbox"),
        reverse("outbox_message", args=[message.pk]),
        reverse("outbox_message_html", args=[message.pk]),
    ):
        assert client.get(address).status_code == 403
    assert client.post(reverse("resend_digest", args=[digest.pk])).status_code == 403


def test_unknown_numbers_are_not_found(client, admin):
    for pk in (999, 10**30):
        assert client.get(f"/outbox/{pk}/").status_code == 404
        assert client.get(f"/outbox/{pk}/mail/").status_code == 404
        assert client.post(f"/outbox/digests/{pk}/resend/").status_code == 404


def test_lists_cost_the_same_at_any_length(client, admin, django_assert_max_num_queries):
    for _ in range(12):
        planned(state="sent")
        OutboxMessage.objects.create(recipient="a@example.org", subject="x", raw="x")
    for show in ("digests", "mails"):
        with django_assert_max_num_queries(7):
            page_of(client, f"?show={show}")


# -- what the next digest would say


def test_preview_shows_what_would_be_told_now(client):
    pledge = factories.pledge()
    person = factories.user()
    factories.follow(person, pledge, since=NOW - timedelta(days=9000))
    factories.assessment(pledge, recorded_at=NOW - timedelta(days=400), status="stalled")
    client.force_login(person)
    page = client.get(reverse("digest_preview"))
    assert "stalled" in page.content.decode()
    assert "frame-src 'self'" in page["Content-Security-Policy"]
    frame = client.get(reverse("digest_preview_html"))
    assert "Dredging began in May." in frame.content.decode()
    assert not Digest.objects.exists(), "looking plans nothing"


def test_preview_says_when_there_is_nothing(client):
    client.force_login(factories.user())
    assert "Nothing to say" in client.get(reverse("digest_preview")).content.decode()
    assert client.get(reverse("digest_preview_html")).status_code == 200
