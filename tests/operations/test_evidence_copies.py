"""The running program keeps what evidence said, also when its worker dies over it."""

import os
import signal
import sys

import pytest

from tests.feedserver import FeedServer
from tests.operations.program import Program, manage, wait_until
from tests.pledges.declarations import SMALL
from tests.pledges.test_extraction import SENTENCES, page

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
    pytest.mark.timeout(90),
]


def test_evidence_is_kept_though_the_worker_was_killed_and_the_broker_emptied(tmp_path):
    data, file = tmp_path / "data", tmp_path / "lake.yaml"
    with FeedServer() as server:
        link = server.serve("/dredging", page(), "text/html", delay=1.5)
        file.write_text(SMALL.replace("https://news.example.org/dredging", link))
        network = {"FETCH_ALLOWED_NETWORKS": "127.0.0.0/8", "FETCH_ALLOWED_PORTS": str(server.port)}
        assert manage("set_up", "--without-data", data=data).returncode == 0
        loaded = manage("load_declaration", str(file), data=data)
        assert loaded.returncode == 0, loaded.stderr
        with Program(data, TICK_SECONDS="1", EVIDENCE_COPIES="on", **network) as program:
            wait_until(lambda: server.hits("/dredging"))
            os.kill(program.pid_of("celery --quiet --app config worker"), signal.SIGKILL)
            program.broker().flushall()
            assert program.rows("SELECT state, sha256 FROM pledges_evidencecopy") == [("waiting", "")]
            # The lease of the dead worker ends; here it ends at once.
            program.rows("UPDATE pledges_evidencecopy SET claimed_until = '2020-01-01 00:00:00'")
            wait_until(lambda: program.rows("SELECT 1 FROM pledges_evidencecopy WHERE state = 'ok'"), 30)
            [(text,)] = program.rows("SELECT text FROM pledges_evidencecopy")
            assert SENTENCES[0] in text
            assert len(server.hits("/dredging")) == 2
