import threading
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from itertools import pairwise

import pytest
from aiosmtpd.controller import Controller
from django.db import connections
from django.db.models import Count

from tests import factories
from tests.smtpserver import SmtpServer, free_port, mailers
from tracker.digests import actions, delivery, following, tasks
from tracker.digests.message import message_of
from tracker.digests.models import Digest

pytestmark = pytest.mark.django_db
NOW = factories.NOW
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def digest():
    return planned()


@pytest.fixture
def server(settings):
    with SmtpServer() as started:
        settings.MAILERS = mailers(started.port)
        yield started


TEXT = "Text.\n.\n.. dots at the start of lines\n"
HTML = "<!doctype html><title>x</title><p>HTML, é"


def planned(*, text=TEXT, html=HTML, **fields):
    """A digest that is ready to be sent to a person of its own."""
    person = factories.user()
    factories.follow(person, factories.pledge())
    return factories.digest(person, text=text, html=html, **fields)


def send(digest, now=NOW):
    actions.send(digest_id=digest.pk, now=now)
    digest.refresh_from_db()
    return digest.state


def test_mail_arrives_whole_at_a_real_server(digest, settings):
    class Journal:
        taken = []  # noqa: RUF012

        async def handle_DATA(self, _server, _session, envelope):
            self.taken.append(envelope)
            return "250 taken"

    controller = Controller(Journal(), hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        settings.MAILERS = mailers(controller.port)
        assert send(digest) == "sent"
    finally:
        controller.stop()
    (envelope,) = Journal.taken
    assert envelope.rcpt_tos == [digest.user.email]
    message = message_from_bytes(envelope.content, policy=default)
    assert message["Message-ID"] == digest.message_id
    assert message.get_body(("plain",)).get_content().splitlines() == digest.body.text.splitlines()
    assert message.get_body(("html",)).get_content().strip() == digest.body.html


def test_sent_digest_is_not_sent_again(digest, server):
    assert [send(digest, NOW + n * HOUR) for n in range(3)] == ["sent"] * 3
    assert len(server.taken) == 1
    assert (digest.attempts, digest.sent_at, digest.error) == (1, NOW, "")


def test_digest_of_later_is_not_sent_before(server):
    assert send(planned(due_at=NOW + MINUTE)) == "planned"
    assert server.conversations == 0


@pytest.mark.parametrize(
    ("mode", "words"), [("no_banner", "timed out"), ("busy", "421"), ("drop_before_data", "closed"), ("later", "451")]
)
def test_h02_server_that_cannot_now_is_asked_again_and_takes_it_once(digest, server, settings, mode, words):
    server.mode = mode
    if mode == "no_banner":
        settings.MAILERS = mailers(server.port, timeout=0.4)
    assert send(digest) == "planned"
    assert words in digest.error
    assert NOW + MINUTE <= digest.due_at <= NOW + 1.25 * MINUTE
    assert send(digest, NOW + timedelta(seconds=30)) == "planned"
    assert server.conversations == 1, "not before its time"
    server.mode, settings.MAILERS = "ok", mailers(server.port)
    assert send(digest, NOW + 2 * MINUTE) == "sent"
    assert len(server.taken) == 1
    assert digest.error == ""


@pytest.mark.parametrize("host", ["127.0.0.1", "no-such-host.invalid"])
def test_h01_unreachable_server_is_tried_for_a_day_and_then_given_up(digest, settings, host):
    settings.MAILERS = mailers(9, host)
    moments = [NOW]
    while send(digest, moments[-1]) == "planned":
        moments.append(digest.due_at)
    assert digest.state == "failed"
    assert digest.error
    assert 8 <= digest.attempts <= 10
    assert moments[-1] <= NOW + DAY
    pauses = [(later - earlier) / MINUTE for earlier, later in pairwise(moments)]
    assert pauses[0] < 2
    assert max(pauses) <= 7.5 * 60


@pytest.mark.parametrize("mode", ["never", "never_from"])
def test_h03_refusal_for_good_ends_it_with_the_reason(digest, server, mode):
    server.mode = mode
    assert send(digest) == "failed"
    assert digest.error.startswith("550 no")
    assert send(digest, NOW + DAY) == "failed"
    assert server.conversations == 1


def test_h03_refusal_of_one_person_leaves_the_others_alone(server):
    digests = [planned() for _ in range(3)]
    server.mode, server.unknown = "never", {digests[1].user.email}
    assert [send(digest) for digest in digests] == ["sent", "failed", "sent"]
    assert server.recipients == [digests[0].user.email, digests[2].user.email]


@pytest.mark.parametrize(("mode", "count"), [("drop", 0), ("take_and_drop", 1), ("hang", 1)])
def test_h04_h05_connection_that_breaks_after_the_mail_leaves_a_doubt_and_no_second_mail(
    digest, server, settings, mode, count
):
    server.mode = mode
    if mode == "hang":
        settings.MAILERS = mailers(server.port, timeout=0.4)
    assert send(digest) == "in_doubt"
    assert digest.error
    server.mode = "ok"
    assert [send(digest, NOW + n * HOUR) for n in range(1, 30)] == ["in_doubt"] * 29
    assert len(server.taken) == count


def test_administrator_resends_a_doubtful_digest_once(digest, server):
    server.mode = "drop"
    send(digest)
    server.mode = "ok"
    assert actions.resend(digest_id=digest.pk, now=NOW + 30 * HOUR)
    assert not actions.resend(digest_id=digest.pk, now=NOW + 30 * HOUR)
    assert send(digest, NOW + 30 * HOUR) == "sent"
    assert not actions.resend(digest_id=digest.pk, now=NOW + 30 * HOUR)
    assert [message["Message-ID"] for message in server.messages] == [digest.message_id]


def test_resent_digest_is_tried_for_a_day_anew(digest, server):
    Digest.objects.filter(pk=digest.pk).update(state="failed")
    actions.resend(digest_id=digest.pk, now=NOW + 40 * HOUR)
    server.mode = "later"
    assert send(digest, NOW + 40 * HOUR) == "planned"


def test_digest_that_was_told_again_cannot_be_resent(digest):
    Digest.objects.filter(pk=digest.pk).update(state="in_doubt", repeated_in=planned())
    assert not actions.resend(digest_id=digest.pk, now=NOW)


def test_h07_server_without_tls_gets_nothing_when_tls_is_wanted(digest, server, settings):
    settings.MAILERS = mailers(server.port, use_tls=True)
    assert send(digest) == "planned"
    assert "STARTTLS" in digest.error
    assert server.taken == []


def test_refused_password_is_tried_again_because_no_mail_is_at_fault(digest, server, settings):
    settings.MAILERS = mailers(server.port, username="someone", password="wrong")
    assert send(digest) == "planned"
    assert digest.error


@pytest.mark.parametrize("email", ["evil@example.org\r\nBcc: all@example.org", "kein ort", "é@example.org"])
def test_address_that_cannot_be_written_fails_at_once(digest, server, email):
    digest.user.email = email
    digest.user.save()
    assert send(digest) == "failed"
    assert server.conversations == 0


# -- workers that die (E10–E13)


def test_e10_worker_killed_before_handing_over_is_made_up_for_once(digest, server):
    taken = Digest.objects.sendable(NOW).filter(pk=digest.pk)
    taken.update(state="claimed", lease_until=NOW + actions.LEASE, attempts=1)
    assert send(digest, NOW + actions.LEASE) == "claimed", "while the lease runs it is the other worker's"
    assert [send(digest, NOW + actions.LEASE + n * MINUTE) for n in (1, 2)] == ["sent", "sent"]
    assert len(server.taken) == 1


def test_e12_worker_killed_after_handing_over_leaves_a_doubt_that_is_found(digest, server):
    Digest.objects.update(state="handed", lease_until=NOW + actions.LEASE, attempts=1)
    assert actions.settle_abandoned(now=NOW + actions.LEASE) == 0
    assert actions.settle_abandoned(now=NOW + actions.LEASE + MINUTE) == 1
    assert send(digest, NOW + DAY) == "in_doubt"
    assert digest.error
    assert server.taken == []


def test_worker_killed_at_each_step_of_the_conversation(server, settings):
    """The kill is an exception that no code of ours catches, raised where the process would have died."""

    class Killed(BaseException):
        pass

    def killed():
        raise Killed

    before, after = planned(), planned()
    with delivery.Courier() as courier, pytest.raises(Killed):
        courier.deliver(message_of(before), before_handing=killed)
    assert server.taken == [], "nothing of the mail was sent before it was recorded as handed over"
    Digest.objects.filter(pk=before.pk).update(state="claimed", lease_until=NOW - MINUTE, attempts=1)
    with delivery.Courier() as courier:
        courier.deliver(message_of(after), before_handing=lambda: None)  # and dies before it says so
    Digest.objects.filter(pk=after.pk).update(state="handed", lease_until=NOW - MINUTE, attempts=1)
    actions.settle_abandoned(now=NOW)
    assert (send(before), send(after)) == ("sent", "in_doubt")
    assert sorted(server.recipients) == sorted([after.user.email, before.user.email])


def test_slow_worker_whose_claim_was_taken_over_sends_nothing(digest, server):
    (claimed,) = actions._claim([digest.pk], NOW)
    Digest.objects.filter(pk=digest.pk).update(claim="another", lease_until=NOW + HOUR)
    assert not actions._move(claimed, "claimed", to="handed")


@pytest.mark.django_db(transaction=True)
def test_d03_workers_that_race_for_the_same_digests_send_each_once(server):
    digests = [planned() for _ in range(12)]
    start = threading.Barrier(4)

    def work():
        try:
            start.wait(10)
            for digest in digests:
                actions.send(digest_id=digest.pk, now=NOW)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(server.recipients) == sorted(digest.user.email for digest in digests)
    assert list(Digest.objects.values_list("state").annotate(Count("pk"))) == [("sent", 12)]


# -- people who leave


def test_d07_unsubscribing_stops_a_planned_digest(digest, server):
    following.unsubscribe(key=digest.user.subscription.key)
    assert send(digest) == "cancelled"
    assert server.conversations == 0


def test_d07_unsubscribing_stops_a_digest_that_a_worker_is_about_to_hand_over(digest, server):
    (claimed,) = actions._claim([digest.pk], NOW)
    following.unsubscribe(key=digest.user.subscription.key)
    assert not actions._move(claimed, "claimed", to="handed")
    digest.refresh_from_db()
    assert digest.state == "cancelled"


def test_digest_that_comes_back_after_unsubscribing_is_not_sent(digest, server):
    following.unsubscribe(key=digest.user.subscription.key)
    Digest.objects.update(state="planned")
    assert send(digest) == "cancelled"


def test_closed_account_gets_no_mail(digest, server):
    digest.user.is_active = False
    digest.user.save()
    assert send(digest) == "cancelled"
    assert server.taken == []


def test_tick_sends_what_is_due_and_settles_what_was_abandoned(server, settings):
    from config.celery import app

    due, abandoned = planned(), planned(state="handed", lease_until=NOW)
    app.conf.task_always_eager = True
    try:
        tasks.send_planned_digests()
    finally:
        app.conf.task_always_eager = False
    due.refresh_from_db()
    abandoned.refresh_from_db()
    assert (due.state, abandoned.state) == ("sent", "in_doubt")
    assert server.recipients == [due.user.email]


def test_unknown_digest_is_nothing_to_do(db):
    tasks.send_digests([10**12])
