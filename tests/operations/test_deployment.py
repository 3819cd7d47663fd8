"""The deployment files say what the settings take, and the settings say what is missing."""

import ast
import re
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.operations.program import ROOT, manage

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
OURS = {name: service for name, service in COMPOSE["services"].items() if "build" in service}
PRODUCTION = {
    "FOLLOWTHROUGH_MODE": "production",
    "SECRET_KEY": "x" * 50,
    "ALLOWED_HOSTS": "tracker.example.org",
    "SITE_URL": "http://tracker.example.org",
    "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
    "REDIS_URL": "redis://:opensesame@127.0.0.1:1/0",
}


def variables_of_the_settings():
    tree = ast.parse((ROOT / "config" / "settings.py").read_text())
    return {
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "env"
    }


def test_the_manual_lists_exactly_the_variables_there_are():
    manual = re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "docs" / "operations.md").read_text(), re.MULTILINE)
    assert sorted(manual) == sorted(variables_of_the_settings())


def test_the_example_file_names_only_variables_that_something_reads():
    names = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    asked = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))
    assert names <= asked
    assert {name for name in asked if f"${{{name}:?" in (ROOT / "docker-compose.yml").read_text()} <= names


@pytest.mark.parametrize("name", OURS)
def test_compose_sets_only_variables_that_the_settings_take(name):
    given = set(OURS[name]["environment"])
    assert given <= variables_of_the_settings()
    assert set(PRODUCTION) <= given


def command_of(service):
    if "command" in service:
        return service["command"]
    found = re.search(r"^CMD (\[.*\])$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    return yaml.safe_load(found[1])


@pytest.mark.parametrize("name", OURS)
def test_the_commands_of_compose_exist(name):
    for command in (command_of(OURS[name]), OURS[name].get("healthcheck", {}).get("test", ["CMD", "python"])[1:]):
        assert (Path(sys.executable).parent / command[0]).exists(), command
        if command[1:2] == ["manage.py"]:
            assert (ROOT / f"tracker/operations/management/commands/{command[2]}.py").exists()


def test_the_worker_of_compose_serves_every_queue(settings):
    queues = command_of(OURS["worker"])[-1].split(",")
    assert set(queues) == {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()}


def test_the_image_copies_only_what_exists():
    for line in re.findall(r"^COPY (?!--from)(.+) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE):
        for source in line.split():
            assert (ROOT / source).exists(), source


def test_every_dependency_is_in_the_lock_with_its_hash():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    asked = {"run": project["project"]["dependencies"], "dev": project["dependency-groups"]["dev"]}
    for name, requirements in asked.items():
        lock = (ROOT / "requirements" / f"{name}.txt").read_text()
        locked = set(re.findall(r"^([a-z0-9-]+)==", lock, re.MULTILINE))
        assert {re.match(r"[A-Za-z0-9-]+", line)[0].lower() for line in requirements} <= locked
        assert len(re.findall(r"--hash=sha256:", lock)) > len(locked)


def test_production_names_everything_that_is_missing(tmp_path):
    refused = manage("check", data=tmp_path, FOLLOWTHROUGH_MODE="production")
    assert refused.returncode == 1
    assert refused.stderr == (
        "Settings: In production these variables must be set: "
        "SECRET_KEY, ALLOWED_HOSTS, SITE_URL, DATABASE_URL, REDIS_URL.\n"
    )


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("SECRET_KEY", "short", "at least 32"),
        ("SITE_URL", "tracker.example.org", "SITE_URL must start with http:// or https://"),
        ("DATABASE_URL", "nonsense", "DATABASE_URL must start with"),
        ("REDIS_URL", "amqp://:opensesame@queue", "REDIS_URL must start with"),
        ("EMAIL_URL", "mail.example.org", "EMAIL_URL must start with smtp://"),
        ("EMAIL_URL", "smtp://mail.example.org", "set MAIL_FROM too"),
        ("TRUSTED_PROXY_COUNT", "one", "it takes numbers only"),
        ("DEBUG", "perhaps", "'on' or 'off'"),
        ("LOG_LEVEL", "loud", "it takes DEBUG, INFO"),
        ("FOLLOWTHROUGH_MODE", "testing", "'embedded' or 'production'"),
    ],
)
def test_a_senseless_value_is_said_in_one_line_without_secrets(tmp_path, variable, value, words):
    refused = manage("check", data=tmp_path, **{**PRODUCTION, variable: value})
    assert refused.returncode == 1
    assert words in refused.stderr
    assert refused.stderr.count("\n") == 1
    assert "opensesame" not in refused.stderr


def test_an_empty_variable_is_an_unset_one(tmp_path):
    accepted = manage("check", data=tmp_path, **PRODUCTION, EMAIL_URL="", TRUSTED_PROXY_COUNT="", LOG_LEVEL="")
    assert accepted.returncode == 0, accepted.stderr


def test_a_database_that_is_away_is_told_not_thrown(tmp_path):
    asked = manage("status", data=tmp_path, **PRODUCTION)
    assert asked.returncode == 1
    assert "database   down" in asked.stdout
    assert "broker     down" in asked.stdout
    assert "Traceback" not in asked.stderr
    refused = manage("set_up", data=tmp_path, **PRODUCTION)
    assert refused.returncode == 1
    assert "Check DATABASE_URL and that the server runs" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_page_without_its_database_answers_503_and_when_to_come_back(tmp_path):
    code = (
        "from django.test import Client\n"
        "answer = Client(raise_request_exception=False, HTTP_HOST='tracker.example.org').get('/')\n"
        "print(answer.status_code, answer['Retry-After'], 'Traceback' in answer.content.decode())"
    )
    static = manage("set_up", "--only-static", data=tmp_path)
    assert static.returncode == 0
    asked = manage("shell", "--no-imports", "-c", code, data=tmp_path, **PRODUCTION)
    assert asked.stdout.splitlines()[-1] == "503 30 False", asked.stderr
