"""500 digests, a mail server of every bad mood, and workers killed at random 50 times: nobody gets two, nobody is
silently left without. The rows and the server's own journal must agree.

    FOLLOWTHROUGH_KILLS=200 FOLLOWTHROUGH_DIGESTS=2000 pytest tests/digests/test_many_killed_workers.py   # a longer run
"""

import json
import os
import random
import subprocess
import sys
from collections import Counter

import pytest

from tests import factories
from tests.digests.test_killed_workers import database_url
from tests.smtpserver import SmtpServer
from tracker.accounts.models import User
from tracker.digests.models import Digest, DigestBody, Follow, Subscription

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes, pytest.mark.timeout(300)]
NOW = factories.NOW
DIGESTS = int(os.environ.get("FOLLOWTHROUGH_DIGESTS", "500"))
KILLS = int(os.environ.get("FOLLOWTHROUGH_KILLS", "50"))
MOODS = {
    "ok": 60, "busy": 4, "later": 4, "drop_before_data": 4, "drop": 4, "take_and_drop": 4, "hang": 2, "no_banner": 1,
}  # fmt: skip

# One process that has everything loaded forks a worker for each round, kills it, and lets an hour of leases pass.
ROUNDS = """
import json, os, random, signal, sys, time
import django; django.setup()
from datetime import timedelta
from itertools import batched
from django.conf import settings
from django.db import connection
from tests.factories import NOW
from tests.smtpserver import mailers
from tracker.digests import actions
from tracker.digests.models import Digest

settings.MAILERS = mailers({port}, timeout=0.3)
chance = random.Random({seed})

def work(now):
    actions.settle_abandoned(now=now)
    for some in batched(list(Digest.objects.sendable(now).values_list("pk", flat=True)), 10):
        actions.send_all(digest_ids=some, now=now)

def round(now, seconds):
    begun, begin = os.pipe()
    worker = os.fork()
    if not worker:
        try:
            Digest.objects.exists()  # the connection is open
            os.write(begin, b"!")
            work(now)
        finally:
            os._exit(0)
    if seconds is not None:
        os.read(begun, 1)
        time.sleep(seconds)
        os.kill(worker, signal.SIGKILL)
    _pid, status = os.waitpid(worker, 0)
    os.close(begun), os.close(begin)
    return os.WIFSIGNALED(status)

killed, at_work, now = 0, 0, NOW
while killed < {kills}:
    killed += round(now, chance.uniform(0.005, 0.06))
    at_work += Digest.objects.filter(state__in=("claimed", "handed")).exists()
    connection.close()  # a fork must not share it
    now += timedelta(minutes=11)
for _ in range(40):
    round(now, None)
    now += timedelta(minutes=40)
print(json.dumps([killed, at_work]))
"""


class MoodyServer(SmtpServer):
    """Every conversation goes by another mood; some recipients it never takes."""

    chance = random.Random(2)

    @property
    def mode(self):
        moods, weights = zip(*MOODS.items(), strict=True)
        return self.chance.choices([*moods, "never"], [*weights, 60])[0]

    @mode.setter
    def mode(self, _value):
        """It cannot be told."""


def everyone():
    """So many people, each with a digest that is due."""
    pledge = factories.pledge()
    people = User.objects.bulk_create(User(email=f"reader{n}@example.org") for n in range(DIGESTS))
    Follow.objects.bulk_create(Follow(user=person, pledge=pledge, created_at=NOW) for person in people)
    moments = {"begins_at": NOW, "covered_until": NOW, "next_at": None}
    Subscription.objects.bulk_create(Subscription(user=person, frequency="daily", **moments) for person in people)
    digests = Digest.objects.bulk_create(
        Digest(
            user=person, period_start=NOW, period_end=NOW, subject="News", message_id=f"<digest.{person.pk}@127.0.0.1>",
            created_at=NOW, due_at=NOW, give_up_at=NOW.replace(year=2027),
        )
        for person in people
    )  # fmt: skip
    DigestBody.objects.bulk_create(DigestBody(digest=digest, text="News.", html="<p>News.") for digest in digests)


def test_h08_nobody_gets_two_and_nobody_is_silently_left_without():
    everyone()
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": database_url()}
    with MoodyServer() as server:
        server.unknown = {f"reader{n}@example.org" for n in range(0, DIGESTS, 25)}
        script = ROUNDS.format(port=server.port, seed=3, kills=KILLS)
        done = subprocess.run(
            [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False
        )
        journal = Counter(server.recipients)
    assert done.returncode == 0, done.stderr
    killed, at_work = json.loads(done.stdout)
    assert killed == KILLS
    assert at_work > KILLS / 5, "most were killed with mails in their hands"
    by_state = {}
    for state, email in Digest.objects.values_list("state", "user__email"):
        by_state.setdefault(state, set()).add(email)
    sent, failed, doubtful = (by_state.pop(state, set()) for state in ("sent", "failed", "in_doubt"))
    assert not by_state, "every one has come to an end"
    assert len(sent) + len(failed) + len(doubtful) == DIGESTS
    assert max(journal.values()) == 1, "nobody gets two"
    assert sent <= journal.keys(), "whose mail counts as sent got it"
    assert journal.keys() <= sent | doubtful, "whose mail counts as failed did not get it"
    assert doubtful, "the server's moods left doubts"
