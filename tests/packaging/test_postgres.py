"""The tests' own PostgreSQL: shared within a run, and gone with it, however the run ends."""

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests import postgres
from tests.packaging.test_wheel import ROOT

RUN = "from tests import postgres; print(postgres.cluster(), flush=True); input()"


def test_database_is_made_from_a_template_and_dropped():
    first = postgres.create_database("packaging_first").replace("+psycopg", "")
    with psycopg.connect(first) as connection:
        connection.execute("CREATE TABLE leads (id int)")
    second = postgres.create_database("packaging_second", template="packaging_first").replace("+psycopg", "")
    with psycopg.connect(second) as connection:
        assert connection.execute("SELECT count(*) FROM leads").fetchone() == (0,)
        assert connection.info.server_version >= 150000
    for name in ("packaging_first", "packaging_second"):
        postgres.drop_database(name)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(second)


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, None], ids=["killed", "ended", "finished"])
def test_server_ends_with_its_run(end):
    alone = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_XDIST")}
    with subprocess.Popen(
        [sys.executable, "-c", RUN],
        cwd=ROOT,
        env=alone,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as run:
        home = Path(run.stdout.readline().strip().partition("host=")[2]).parent
        server = int((home / "data" / "postmaster.pid").read_text().split()[0])
        gone = os.pidfd_open(server)
        if end is None:
            run.communicate("\n")
        else:
            run.send_signal(end)
    assert select.select([gone], [], [], 20)[0], "the server still runs"
    os.close(gone)
