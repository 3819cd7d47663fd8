"""The program as its user meets it: real processes, real broker, killed for real."""

import os
import signal
import sys
import time

import pytest

from tests.operations.program import (
    Program,
    children_of,
    free_port,
    is_alive,
    manage,
    wait_until,
)

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
    pytest.mark.timeout(90),
]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Set up once; every test here starts on what the one before left, as a user's installation does."""
    return tmp_path_factory.mktemp("program") / "data"


@pytest.fixture
def program(data):
    with Program(data) as running:
        yield running


def everything_is_ok(program):
    return set(program.states().values()) == {"ok"}


def test_it_starts_serves_and_tells_its_parts_apart(program):
    assert program.get("/healthz") == (200, "ok\n")
    assert program.get("/readyz")[0] == 200
    status, page = program.get("/account/login/")
    assert status == 200
    assert "<form" in page
    wait_until(lambda: everything_is_ok(program))
    assert program.get("/statusz")[0] == 200
    assert "editor@example.org, password" in program.said()


def test_a_second_start_changes_nothing_and_prints_no_password(program):
    said = program.said()
    assert "Database … up to date" in said
    assert "Static files … up to date" in said
    assert "First account … exists" in said
    assert "password" not in said


def test_sigterm_stops_everything_in_seconds(program):
    family = children_of(program.popen.pid)
    assert len(family) >= 5  # broker, web and its worker, worker, beat
    begun = time.monotonic()
    program.popen.send_signal(signal.SIGTERM)
    assert program.popen.wait(10) == 0
    assert time.monotonic() - begun < 10
    assert not [pid for pid in family if is_alive(pid)]
    assert program.said().rstrip().endswith("stopped")


def test_a_killed_supervisor_leaves_no_orphans_and_no_lock(data, program):
    family = children_of(program.popen.pid)
    program.popen.kill()
    program.popen.wait()
    wait_until(lambda: not [pid for pid in family if is_alive(pid)], 10)
    with Program(data) as again:
        assert again.get("/readyz")[0] == 200


@pytest.mark.parametrize("service", ["granian", "celery --quiet --app config worker", "config beat", "valkey-server"])
def test_a_killed_service_is_started_again(program, service):
    before = program.pid_of(service)
    os.kill(before, signal.SIGKILL)
    after = wait_until(lambda: (pid := program.pid_of(service)) != before and pid)
    assert is_alive(after)
    assert "killed by SIGKILL; starting it again" in program.said().replace(")", "")
    wait_until(program.is_ready)


def test_a_second_instance_on_the_same_data_is_refused(program, data):
    second = manage("run", "--port", str(free_port()), data=data)
    assert second.returncode == 1
    assert second.stderr.count("\n") == 1
    assert "already runs" in second.stderr
    assert str(program.popen.pid) in second.stderr


def test_a_busy_port_is_said_in_one_line(program, tmp_path):
    refused = manage("run", "--port", str(program.port), data=tmp_path)
    assert refused.returncode == 1
    assert (
        refused.stderr
        == f"Cannot run: port {program.port} is busy. Choose another one: make run PORT={program.port + 1}\n"
    )


@pytest.mark.parametrize(("port", "words"), [("0x", "invalid int"), ("70000", "does not exist")])
def test_a_senseless_port_is_said_in_one_line(tmp_path, port, words):
    refused = manage("run", "--port", port, data=tmp_path)
    assert refused.returncode != 0
    assert words in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_data_folder_that_cannot_be_is_said_in_one_line(tmp_path):
    (tmp_path / "file").write_text("in the way")
    refused = manage("run", data=tmp_path / "file" / "data")
    assert refused.returncode == 1
    assert "cannot hold the data (Not a directory)" in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_a_socket_name_too_long_names_the_way_out(tmp_path):
    refused = manage(
        "run", "--without-data", "--port", str(free_port()), data=tmp_path, BROKER_SOCKET="/tmp/" + "x" * 120
    )
    assert refused.returncode == 1
    assert "set BROKER_SOCKET to a short one" in refused.stderr
