"""A sample company in a database of its own, made once and copied for each side, so that all begin alike."""

import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from pydantic import SecretStr

from bot.config import Settings, read_settings
from crm.core.database import Database
from crm.migrations import migrate
from crm.people.identities import tie
from crm.people.people import find_by_name
from crm.sample.people import build_people
from tests import postgres

PLATFORM, ACCOUNT = "telegram", "700000001"
REP = "Anna Keller"

Filling: TypeAlias = Callable[[Database], None]


@dataclass(frozen=True, slots=True)
class House:
    """`copy()` gives the address of one more copy of the company; copies go when the house is closed."""

    kind: str
    copy: Callable[[], str]


def sample_company(database: Database) -> None:
    """The people of the sample company, one of them (a rep who reads English) with an account."""
    with database.write() as work:
        build_people(work)
    with database.write() as work:
        rep = find_by_name(work, name=REP)
        for number in range(64):
            account = str(int(ACCOUNT) + number)
            tie(work, platform=PLATFORM, account_id=account, person_id=rep.id, chat_id=None)


@contextmanager
def open_house(kind: str, fill: Filling = sample_company) -> Iterator[House]:
    """A house of `kind` `sqlite` (real files under var/) or `postgresql` (a cluster that flushes at each commit)."""
    with ExitStack() as closes:
        made = _sqlite(closes, fill) if kind == "sqlite" else _postgresql(closes, fill)
        yield House(kind, made)


def settings_for(url: str, folder: Path, **values: object) -> Settings:
    """Settings that ask neither the environment's tokens nor an `.env`."""
    given: dict[str, Any] = {"telegram_token": SecretStr(""), "slack_bot_token": SecretStr(""), **values}
    given |= {"database_url": url, "secret_key": SecretStr("bench" * 8), "spool_dir": folder / "spool"}
    return read_settings(_env_file=None, **given)


@contextmanager
def bench_folder() -> Iterator[Path]:
    """A folder under var/: /tmp is memory on many machines, where a flush costs nothing."""
    Path("var").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir="var", prefix="bench-") as name:
        yield Path(name).resolve()


def _fill(url: str, fill: Filling) -> None:
    with closing(Database(url)) as database:
        migrate(database)
        fill(database)


def _sqlite(closes: ExitStack, fill: Filling) -> Callable[[], str]:
    folder = closes.enter_context(bench_folder())
    template = folder / "template.db"
    _fill(f"sqlite:///{template}", fill)
    numbers = iter(range(1000))

    def copy() -> str:
        file = folder / f"{next(numbers)}.db"
        shutil.copyfile(template, file)  # closed cleanly: nothing is left in its write-ahead log
        return f"sqlite:///{file}"

    return copy


_NUMBERS = itertools.count()
"""Databases made so far: two houses may stand side by side."""


def _postgresql(closes: ExitStack, fill: Filling) -> Callable[[], str]:
    def create(template: str) -> tuple[str, str]:
        name = f"bench_{next(_NUMBERS)}"
        url = postgres.create_database(name, template=template, durable=True)
        closes.callback(postgres.drop_database, name, durable=True)
        return name, url

    template, url = create("template0")
    _fill(url, fill)
    return lambda: create(template)[1]
