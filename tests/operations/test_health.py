"""What the three addresses say when one part after the other fails."""

import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.urls import reverse

from tests.factories import NOW, article, evidence, feed, pledge
from tracker.operations import actions, health, tasks
from tracker.operations.health import State
from tracker.operations.models import Heartbeat
from tracker.pledges import copies

pytestmark = pytest.mark.django_db


@pytest.fixture
def everyone_alive():
    for name in (actions.BEAT, *health.QUEUES):
        actions.record_heartbeat(name=name, now=NOW)


def states(now):
    return {name: str(part.state) for name, part in health.report(now).parts.items()}


def test_fresh_signs_are_ok(everyone_alive):
    found = states(NOW + timedelta(seconds=20))
    assert {found[name] for name in (actions.BEAT, *health.QUEUES)} == {"ok"}


def test_a_silent_queue_is_late_while_beat_goes_on(everyone_alive):
    later = NOW + timedelta(minutes=2)
    for name in (actions.BEAT, "poll", "match"):
        actions.record_heartbeat(name=name, now=later)
    found = states(later)
    assert (found["beat"], found["poll"], found["match"], found["mail"]) == ("ok", "ok", "ok", "late")


def test_a_silent_beat_leaves_the_queues_unknown_not_late(everyone_alive):
    found = states(NOW + timedelta(minutes=2))
    assert found["beat"] == "late"
    assert {found[name] for name in health.QUEUES} == {"unknown"}


def test_before_the_first_sign_beat_is_late():
    assert states(NOW)["beat"] == "late"


def test_a_queue_that_never_answered_is_late():
    actions.record_heartbeat(name=actions.BEAT, now=NOW)
    assert states(NOW)["mail"] == "late"


def test_the_heartbeat_task_signs_for_its_queue_once():
    tasks.heartbeat(queue="match")
    tasks.heartbeat(queue="match")
    assert [sign.name for sign in Heartbeat.objects.all()] == ["match"]


def test_every_queue_gets_its_own_heartbeat(settings):
    entries = [entry for entry in settings.CELERY_BEAT_SCHEDULE.values() if entry["task"].endswith(".heartbeat")]
    assert {(entry["kwargs"]["queue"], entry["options"]["queue"]) for entry in entries} == {
        (queue, queue) for queue in health.QUEUES
    }
    assert {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()} == set(health.QUEUES)


def test_the_oldest_waiting_work_is_told():
    feed(next_poll_at=NOW - timedelta(minutes=7))
    unread = article(feed(next_poll_at=NOW + timedelta(hours=1)), fetched_at=NOW - timedelta(minutes=3))
    evidence(pledge())
    copies.open_missing(now=NOW - timedelta(minutes=2), limit=1)
    found = health.as_json(health.report(NOW), NOW)["waiting"]
    assert found["feeds due"]["seconds"] == 420
    assert found["links due"]["seconds"] == 120
    assert found["articles unread"]["oldest"] == unread.fetched_at
    assert found["digests due"] == {"oldest": None, "seconds": None}


def test_health_of_the_process_asks_nobody(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = client.get(reverse("healthz"))
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert "no-store" in answer["Cache-Control"]


def test_without_a_broker_nothing_is_ready_and_the_pages_go_on(client):
    answer = client.get(reverse("readyz"))
    assert answer.status_code == 503
    assert answer.json()["parts"] == {
        "database": {"state": "ok"},
        "migrations": {"state": "ok"},
        "broker": {"state": "down"},
    }
    assert client.get(reverse("account_login")).status_code == 200


def test_a_missing_migration_is_not_ready(client):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'operations'")
    assert client.get(reverse("readyz")).json()["parts"]["migrations"] == {"state": "down"}
    found = client.get(reverse("statusz"))
    assert found.status_code == 503
    assert found.json()["parts"]["beat"] == {"state": "unknown"}


@pytest.mark.parametrize("name", ["healthz", "readyz", "statusz"])
def test_strangers_may_ask_and_only_ask(client, name):
    assert client.get(reverse(name)).status_code in (200, 503)
    assert client.head(reverse(name)).status_code in (200, 503)
    assert client.post(reverse(name)).status_code == 405


def test_status_names_no_address_and_no_secret(client, settings, everyone_alive):
    settings.REDIS_URL = "redis://:opensesame@127.0.0.1:1/0"
    said = client.get(reverse("statusz")).content.decode()
    assert json.loads(said)["parts"]["broker"]["state"] == State.DOWN
    assert "opensesame" not in said
    assert "127.0.0.1" not in said


def test_the_status_command_fails_for_the_part_it_was_asked_about(capsys, everyone_alive):
    call_command("status", "database", "migrations")
    assert capsys.readouterr().out.splitlines() == ["database   ok", "migrations ok"]
    with pytest.raises(SystemExit):
        call_command("status", "broker")
    with pytest.raises(SystemExit, match="no part gears"):
        call_command("status", "gears")
