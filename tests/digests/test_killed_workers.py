"""A worker's process, killed by the system at the two places that matter. Its mails and its rows must agree after."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from django.db import connection

from tests import factories
from tests.digests.test_sending import planned
from tests.smtpserver import SmtpServer, mailers
from tracker.digests import actions
from tracker.digests.models import Digest

pytestmark = pytest.mark.django_db(transaction=True)
LATER = factories.NOW + actions.LEASE + timedelta(minutes=1)
WORK = """
import django; django.setup()
from django.conf import settings
from tests.factories import NOW
from tests.smtpserver import mailers
from tracker.digests import actions
settings.MAILERS = mailers({port}, timeout=30)
actions.send(digest_id={pk}, now=NOW)
"""


def database_url():
    """The address of the database that this test uses."""
    at = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{at['NAME']}"
    return f"postgres://{at['USER']}:{at['PASSWORD']}@{at['HOST']}:{at['PORT']}/{at['NAME']}"


def kill_a_worker(digest, server, *, when):
    """Starts a process that sends the digest, and kills it as soon as `when` is true."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": database_url()}
    command = [sys.executable, "-c", WORK.format(pk=digest.pk, port=server.port)]
    with subprocess.Popen(command, env=environment) as worker:
        end = time.monotonic() + 30
        while not when() and time.monotonic() < end and worker.poll() is None:
            time.sleep(0.01)
        worker.send_signal(signal.SIGKILL)
    digest.refresh_from_db()
    assert worker.returncode == -signal.SIGKILL


def go_on(server, settings):
    """What the next ticks do once the lease has run out."""
    server.mode, settings.MAILERS = "ok", mailers(server.port)
    for _ in range(3):
        actions.settle_abandoned(now=LATER)
        for pk in Digest.objects.sendable(LATER).values_list("pk", flat=True):
            actions.send(digest_id=pk, now=LATER)


def test_e10_killed_while_connecting_is_sent_once(settings):
    digest = planned()
    with SmtpServer("no_banner") as server:
        kill_a_worker(digest, server, when=lambda: server.conversations)
        assert digest.state == "claimed"
        go_on(server, settings)
        assert server.recipients == [digest.user.email]
    digest.refresh_from_db()
    assert (digest.state, digest.attempts) == ("sent", 2)


def test_e12_killed_after_the_server_took_it_is_in_doubt_and_not_sent_again(settings):
    digest = planned()
    with SmtpServer("hang") as server:
        kill_a_worker(digest, server, when=lambda: server.taken)
        assert digest.state == "handed"
        go_on(server, settings)
        assert server.recipients == [digest.user.email]
    digest.refresh_from_db()
    assert digest.state == "in_doubt"
