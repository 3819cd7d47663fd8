"""Digests composed and handed to a mail server a second, for 10,000 people, beside what the mail server can take.

The people follow three declarations of 22 pledges: most one of them whole, some a theme or a party, some a few pledges
of their own choice; in two languages and four time zones. Planning, composing, claiming, handing over and recording are
all in the figure. The limit, in the same run: the same bytes over one connection of Python's smtplib, and nothing else.

    python benchmarks/digest.py [people]
"""

import os
import random
import resource
import smtplib
import subprocess
import sys
import tempfile
from datetime import date, timedelta
from itertools import batched
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"

SINK = """
import sys, types
from tests.smtpserver import SmtpServer
with SmtpServer() as server:
    server.taken = types.SimpleNamespace(append=lambda mail: None)
    print(server.port, flush=True)
    sys.stdin.read()
"""
GROUP = 2_500  # people whose hour comes together
CHUNK = 50  # what one task of the mail queue sends


def main(people: int) -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection

    from tests.smtpserver import mailers

    with tempfile.TemporaryDirectory(prefix="followthrough-benchmark-") as folder:
        settings.DATABASES["default"]["TEST"]["NAME"] = f"{folder}/benchmark.sqlite3"
        connection.creation.create_test_db(verbosity=0)
        with subprocess.Popen(
            [sys.executable, "-c", SINK], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as sink:
            assert sink.stdout
            settings.MAILERS = mailers(port := int(sink.stdout.readline()))
            try:
                measure(people, port)
            finally:
                sink.kill()
        connection.close()


def measure(people: int, port: int) -> None:
    """Group by group, the limit after each, so that other work on the machine slows both alike."""
    from tests import factories
    from tracker.digests import actions, planning
    from tracker.digests.models import Digest

    populate(people)
    before, count, size, half = peak(), 0, 0, 0
    planning_time = sending_time = limit = 0.0
    groups = range(0, people, GROUP)
    for number, _group in enumerate(groups):
        due = factories.NOW + timedelta(hours=1 + number)
        start = perf_counter()
        planned = planning.plan_due(now=due)
        planning_time += perf_counter() - start
        pks = list(Digest.objects.sendable(due).values_list("pk", flat=True))
        start = perf_counter()
        for some in batched(pks, CHUNK):
            actions.send_all(digest_ids=some, now=due)
        sending_time += perf_counter() - start
        assert Digest.objects.filter(pk__in=pks, state="sent").count() == planned == len(pks)
        taken, carried = send_alone(pks, port)
        limit, size, count = limit + taken, size + carried, count + planned
        half = peak() if number == len(groups) // 2 else half
    whole = planning_time + sending_time
    print(f"{count:,} digests for {people:,} people, {size / count / 1000:.0f} kB each")
    print(
        f"planned and composed: {count / planning_time:,.0f}/s; claimed, sent, recorded: {count / sending_time:,.0f}/s"
    )
    print(f"together: {count / whole:,.0f} mails/s")
    print(f"the limit, same bytes and nothing else: {count / limit:,.0f} mails/s; ratio {whole / limit:.2f}")
    print(f"memory at its peak: {before:,} kB before, {half:,} kB half-way, {peak():,} kB after")


def send_alone(pks: list[int], port: int) -> tuple[float, int]:
    """Seconds and bytes of the same mails over one connection."""
    from tracker.digests.message import message_of
    from tracker.digests.models import Digest

    seconds, size = 0.0, 0
    with smtplib.SMTP("127.0.0.1", port) as smtp:
        for some in batched(pks, CHUNK):
            rows = Digest.objects.filter(pk__in=some).select_related("user__subscription", "body")
            mails = [(row.user.email, message_of(row).as_bytes()) for row in rows]
            size += sum(len(raw) for _to, raw in mails)
            start = perf_counter()
            for recipient, raw in mails:
                smtp.sendmail("tracker@example.org", recipient, raw)
            seconds += perf_counter() - start
    return seconds, size


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def populate(people: int) -> None:
    """News of an ordinary week: some judgements and sources, a few dates that passed."""
    from tests import factories
    from tracker.accounts.models import User
    from tracker.digests.models import Follow, Subscription

    now, chance, editor = factories.NOW, random.Random(1), factories.editor()
    minute, hour = timedelta(minutes=1), timedelta(hours=1)
    declarations, themes, pledges = [], [], []
    for _ in range(3):
        declarations.append(made := factories.declaration())
        of = [factories.theme(made) for _ in range(4)]
        themes += of
        pledges += [factories.pledge(made, theme=of[n % 4], due_latest=date(2026, 11, 20 + n % 9)) for n in range(22)]
    for pledge in pledges:
        if chance.random() < 0.2:
            factories.assessment(pledge, recorded_at=now + minute, recorded_by=editor)
        for _ in range(chance.choice((0, 0, 1, 2))):
            factories.evidence(pledge, added_at=now + minute)
    zones = ("UTC", "Asia/Almaty", "Europe/Paris", "Asia/Shanghai")
    users = User.objects.bulk_create(
        User(email=f"reader{n}@example.org", language=chance.choice(("en", "fr")), time_zone=chance.choice(zones))
        for n in range(people)
    )
    follows = []
    for user in users:
        kind = chance.random()
        if kind < 0.6:
            things = [{"declaration": chance.choice(declarations)}]
        elif kind < 0.8:
            things = [{"theme": chance.choice(themes)} if chance.random() < 0.7 else {"party": factories.party()}]
        else:
            things = [{"pledge": pledge} for pledge in chance.sample(pledges, chance.randint(1, 3))]
        follows += [Follow(user=user, created_at=now, **thing) for thing in things]
    Follow.objects.bulk_create(follows)
    Subscription.objects.bulk_create(
        Subscription(
            user=user, frequency="daily", begins_at=now, covered_until=now, next_at=now + hour * (1 + number // GROUP)
        )
        for number, user in enumerate(users)
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
