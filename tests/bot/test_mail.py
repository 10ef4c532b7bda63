"""The mail server's address as it is set, and the whole program with a mail server behind it."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from bot.app import Application
from bot.config import Settings, read_settings
from bot.letters import written_address
from bot.mail import is_gone, open_post, read_mail_server
from crm.core.database import Database, utc_now
from crm.core.errors import SettingsError
from crm.people.people import Member
from crm.sales.campaigns import campaigns
from crm.sales.campaigns.campaigns import CampaignDetails
from crm.sales.customers.customers import CustomerDetails, create_customer
from tests.bot.front_desk import MemoryDoor, Room
from tests.conftest import MakePerson
from tests.counterparts.mail import MailCounterpart


def test_a_whole_address() -> None:
    url = "smtps://sales%40trade.example:p%40ss%2Fword@mail.example?from=Handel %26 Co <a+b@trade.example>"
    server = read_mail_server(url)
    assert server is not None
    assert (server.host, server.port, server.is_tls) == ("mail.example", 465, True)
    assert (server.user, server.password) == ("sales@trade.example", "p@ss/word")
    assert (server.sender, server.bounces) == ("Handel & Co <a+b@trade.example>", "a+b@trade.example")


def test_the_user_is_the_sender_where_none_is_told() -> None:
    server = read_mail_server("smtp://sales%40trade.example:x@mail.example")
    assert server is not None
    assert (server.port, server.sender) == (587, "sales@trade.example")
    assert read_mail_server(" ") is None


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mail.example:587", "must begin with smtp://"),
        ("http://mail.example", "must begin with smtp://"),
        ("smtp://", "name a server"),
        ("smtp://mail.example:port?from=a@b.example", "the port is no number"),
        ("smtp://mail.example", "from must be an e-mail address"),
        ("smtp://mail.example?from=nobody", "from must be an e-mail address"),
        ("smtp://mail.example?from=a@b.example&tls=no", "tls is not known"),
        ("smtp://mail.example?from=a@b.example&bounces=x", "bounces must be an e-mail address"),
    ],
)
def test_what_is_wrong_with_it(url: str, said: str) -> None:
    with pytest.raises(SettingsError, match="TRADEWIND_SMTP_URL") as error:
        read_mail_server(url)
    assert said in str(error.value)


def test_every_mail_needs_a_way_to_opt_out() -> None:
    settings = Settings(_env_file=None, secret_key="k" * 32, smtp_url="smtp://m.example?from=a@b.example")
    with pytest.raises(SettingsError, match="TRADEWIND_PUBLIC_URL"):
        open_post(settings, name="one", clock=utc_now)


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(SettingsError, match="TRADEWIND_INBOUND_SECRET"):
        read_settings(_env_file=None, inbound_secret="short")


@pytest.mark.parametrize(
    ("code", "said", "gone"),
    [
        (550, "5.1.1 no such user", True),
        (550, "no such user", True),
        (553, "mailbox name not allowed", True),
        (550, "5.7.1 relaying denied", False),
        (552, "5.2.2 over quota", False),
        (554, "transaction failed", False),
        (556, "5.1.10 null mx", True),
    ],
)
def test_which_refusals_are_for_ever(code: int, said: str, gone: bool) -> None:
    assert is_gone(code, said) is gone


def test_addresses_of_other_alphabets() -> None:
    assert str(written_address("王", "wang@例子.中国")).endswith("<wang@xn--fsqu00a.xn--fiqs8s>")
    with pytest.raises(ValueError, match="Latin letters"):
        written_address("王", "王@example.cn")


# — the program —


@asynccontextmanager
async def _running(database: Database, folder: Path, url: str) -> AsyncIterator[Application]:
    more: dict[str, Any] = {"smtp_url": url, "public_url": "http://127.0.0.1:1", "language": "en"}
    settings = Settings(
        _env_file=None, database_url=database.url, port=0, secret_key="k" * 40, spool_dir=folder / "s", **more
    )
    app = Application(settings, platforms=[MemoryDoor(Room())])
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(app.serve(ready=ready.set_result))
    try:
        await asyncio.wait_for(ready, 10)
        yield app
    finally:
        serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving


def _start(database: Database, rep: Member) -> None:
    with database.write() as work:
        told = CustomerDetails(name="Ernst Handel", contact="Hans", email="hans@ernst.example", country="DE")
        create_customer(work, actor=rep, platform="test", details=told)
        by: dict[str, Any] = {"actor": rep, "platform": "test"}
        details = CampaignDetails(name="Spring", subject="News", text="Dear {contact}")
        campaigns.start_campaign(work, **by, campaign_id=campaigns.prepare_campaign(work, **by, details=details))


async def test_the_program_sends_by_itself(sqlite: Database, make_person: MakePerson, tmp_path: Path) -> None:
    _start(sqlite, make_person("Li", at=sqlite))
    with MailCounterpart().up() as mail:
        async with _running(sqlite, tmp_path, mail.url), asyncio.timeout(20):
            while not mail.taken:  # noqa: ASYNC110 - the server is another thread, and rings no bell
                await asyncio.sleep(0.05)
    assert mail.recipients == ["hans@ernst.example"]


async def test_a_mail_server_that_hangs_holds_no_stop_up(
    sqlite: Database, make_person: MakePerson, tmp_path: Path
) -> None:
    _start(sqlite, make_person("Li", at=sqlite))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"smtp://127.0.0.1:{silent.getsockname()[1]}?from=sales@tradewind.example"
        async with _running(sqlite, tmp_path, url):
            silent.settimeout(20)
            called, _ = await asyncio.to_thread(silent.accept)
            asked = time.monotonic()
        # Nothing that the end of asyncio.run waits for is left, either.
        await asyncio.get_running_loop().shutdown_default_executor()
        took = time.monotonic() - asked
        called.close()
    assert took < 5
