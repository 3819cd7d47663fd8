"""The program as its user meets it: real processes, real broker, killed for real."""

import os
import shutil
import signal
import sys
import time
from datetime import UTC, datetime

import pytest

from tests.operations.program import (
    DECLARATION,
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
    """An installation as its first start leaves it."""
    data = tmp_path_factory.mktemp("program") / "data"
    said = manage("set_up", "--without-data", data=data).stdout
    assert "editor@example.org, password" in said
    assert manage("load_declaration", str(DECLARATION), data=data).returncode == 0
    return data


@pytest.fixture(scope="module")
def program(data):
    """Runs through most tests of this module; those that end it take a copy of their own."""
    with Program(data) as running:
        yield running


@pytest.fixture
def own_data(data, tmp_path):
    return shutil.copytree(data, tmp_path / "data", ignore=shutil.ignore_patterns("*.sock", "broker"))


def everything_is_ok(program):
    return set(program.states().values()) == {"ok"}


def test_it_starts_serves_and_tells_its_parts_apart(program):
    assert program.get("/healthz") == (200, "ok\n")
    assert program.get("/readyz")[0] == 200
    status, page = program.get("/")
    assert status == 200
    assert "China" in page
    wait_until(lambda: everything_is_ok(program))
    assert program.get("/statusz")[0] == 200


def test_a_second_start_changes_nothing_and_prints_no_password(program):
    said = program.said()
    assert "Database … up to date" in said
    assert "Static files … up to date" in said
    assert "First account … exists" in said
    assert "password" not in said


SERVICES = ("valkey-server", "granian", "celery --quiet --app config worker", "config beat")


def test_killed_services_are_started_again_and_work_goes_on(program):
    killed_at = datetime.now(UTC).isoformat()
    before = {service: program.pid_of(service) for service in SERVICES}
    for pid in before.values():
        os.kill(pid, signal.SIGKILL)
    for service, pid in before.items():
        wait_until(lambda service=service, pid=pid: program.pid_of(service) not in (None, pid))
    assert program.said().count("killed by SIGKILL); starting it again") == len(SERVICES)
    wait_until(program.is_ready)
    wait_until(
        lambda: all(program.parts()[name].get("last_at", "") > killed_at for name in ("beat", "poll", "mail")), 40
    )


def test_a_broker_that_hangs_holds_up_no_page(program):
    broker = program.pid_of("valkey-server")
    os.kill(broker, signal.SIGSTOP)
    try:
        begun = time.monotonic()
        assert program.get("/")[0] == 200
        assert program.get("/readyz")[0] == 503
        assert time.monotonic() - begun < 3
    finally:
        os.kill(broker, signal.SIGCONT)
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


def test_a_killed_program_leaves_no_orphans_and_one_told_to_stop_takes_seconds(own_data):
    with Program(own_data) as program:
        family = children_of(program.popen.pid)
        assert len(family) >= 5  # broker, web and its worker, worker, beat
        program.popen.kill()
        program.popen.wait()
        wait_until(lambda: not [pid for pid in family if is_alive(pid)], 10)
    with Program(own_data) as program:  # neither lock nor socket of the dead one is in the way
        assert program.get("/readyz")[0] == 200
        family = children_of(program.popen.pid)
        program.popen.send_signal(signal.SIGTERM)
        assert program.popen.wait(10) == 0
        assert not [pid for pid in family if is_alive(pid)]
        assert program.said().rstrip().endswith("stopped")
