"""What `make check` finds in a lock by reading it."""

import pytest

from checks.lock import LOCKS, check_text
from tests.packaging.test_wheel import ROOT

HASH = "--hash=sha256:" + "0" * 64
GOOD = f"anyio==4.1.0 \\\n    {HASH} \\\n    {HASH}\ncolorama==0.4.6 ; sys_platform == 'win32' \\\n    {HASH}\n"


@pytest.mark.parametrize("name", LOCKS)
def test_our_locks_pass(name):
    assert check_text(name, (ROOT / name).read_text()) == []


def test_good_lock_passes():
    assert check_text("a.lock", GOOD) == []


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (f"b @ https://files.example.org/b-1.0.whl {HASH}", "host or a path"),
        ("--index-url https://example.org/simple", "host or a path"),
        ("--find-links /srv/wheels", "host or a path"),
        (f"b @ file:///srv/b-1.0.whl {HASH}", "host or a path"),
        (f"/srv/b-1.0.whl {HASH}", "host or a path"),
        ("-e .", "host or a path"),
        (f"b>=1.0 {HASH}", "no pinned requirement"),
        (f"b {HASH}", "no pinned requirement"),
        ("b==1.0", "no hash"),
        ("b==1.0 --hash=md5:" + "0" * 32, "no hash"),
    ],
)
def test_faulty_lock_is_found(line, fault):
    (problem,) = check_text("a.lock", GOOD + line + "\n")
    assert fault in problem
