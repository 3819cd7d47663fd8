"""What set_up makes, and that it makes it once."""

import pytest
from django.core.management import CommandError, call_command

from tests.factories import declaration, feed, user
from tracker.accounts.models import User
from tracker.digests.models import Follow
from tracker.feeds.models import Feed
from tracker.operations.management.commands import set_up
from tracker.pledges.models import Pledge

pytestmark = pytest.mark.django_db


def lines(capsys):
    return dict(line.split(" … ", 1) for line in capsys.readouterr().out.splitlines() if " … " in line)


def test_an_empty_installation_gets_everything(capsys):
    call_command("set_up")
    said = lines(capsys)
    assert said["Declaration"] == "22 pledges loaded from china-kazakhstan-2024.yaml"
    assert Pledge.objects.count() == 22
    assert said["Feeds"] == f"{Feed.objects.count()} feeds loaded from feeds.opml"
    assert Feed.objects.exists()
    account = User.objects.get()
    assert (account.email, account.role) == ("editor@example.org", "admin")
    password = said["First account"].split("password ")[1].split(" ")[0]
    assert account.check_password(password)
    assert Follow.objects.get().user == account


def test_a_second_time_changes_nothing_and_prints_no_password(capsys):
    call_command("set_up")
    before = (Pledge.objects.count(), Feed.objects.count(), User.objects.get().password)
    capsys.readouterr()
    call_command("set_up")
    said = lines(capsys)
    assert said["Database"] == "up to date"
    assert said["Declaration"] == "22 pledges on record"
    assert said["First account"] == "exists"
    assert (Pledge.objects.count(), Feed.objects.count(), User.objects.get().password) == before


def test_what_people_put_there_is_left_alone():
    declaration()
    feed()
    user()
    call_command("set_up")
    assert (Pledge.objects.count(), Feed.objects.count(), User.objects.count()) == (0, 1, 1)


def test_without_data_the_record_stays_empty():
    call_command("set_up", "--without-data")
    assert not Pledge.objects.exists()
    assert not Feed.objects.exists()


def test_the_first_account_can_be_named(capsys):
    call_command("set_up", "--without-data", "--account", "Ada@Example.org")
    assert User.objects.get().email == "ada@example.org"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(28, "No space left on device"), "the disk is full. Free some space"),
        (OSError(13, "Permission denied"), "Check the rights of that folder"),
        (CommandError("Cannot read it."), "Cannot read it."),
    ],
)
def test_a_failure_is_one_line_with_its_remedy(error, words):
    assert words in set_up.explain(error)
    assert "\n" not in set_up.explain(error)
