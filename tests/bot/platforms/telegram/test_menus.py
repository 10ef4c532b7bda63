"""The menu behind the button: per person, in their language, told to Telegram only when it changes."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlalchemy import event, text
from structlog.testing import capture_logs

from bot.handlers import menu
from bot.platforms.telegram.menus import _fitting
from bot.wording import wording
from crm.core.database import Database
from crm.core.history import SYSTEM
from crm.people.identities import issue_code
from crm.people.people import Member, Role, add_person, disable_person, set_language, set_roles
from tests.bot.platforms.telegram.office import QUICK, Open, until
from tests.counterparts.telegram import TelegramCounterpart, TelegramUser


def hire(database: Database, name: str, *roles: Role, language: str = "en") -> Member:
    with database.write() as work:
        return add_person(work, actor=SYSTEM, name=name, roles=roles, language=language, timezone="Asia/Shanghai")


def code_for(database: Database, person: Member) -> str:
    with database.write() as work:
        return issue_code(work, actor=SYSTEM, person_id=person.id)


def write(database: Database, act: Callable[..., Any], **values: Any) -> None:
    with database.write() as work:
        act(work, actor=SYSTEM, **values)


def shown(telegram: TelegramCounterpart, user: TelegramUser) -> list[tuple[str, str]]:
    scope = {"type": "chat", "chat_id": user.id}
    return [(one["command"], one["description"]) for one in telegram.commands(scope=scope)]


async def link(telegram: TelegramCounterpart, database: Database, user: TelegramUser, person: Member) -> None:
    user.say(f"/start {code_for(database, person)}")
    await until(lambda: shown(telegram, user) == menu(person.language, person))


async def test_who_is_linked_has_the_menu_of_their_roles(
    telegram: TelegramCounterpart, office: Open, database: Database
) -> None:
    li, xu = telegram.user(5), telegram.user(6)
    async with office() as here:
        await here.is_state("up")
        await link(telegram, database, li, hire(database, "Li", Role.REP, language="zh_CN"))
        await link(telegram, database, xu, hire(database, "Xu", Role.ADMIN))
    li_verbs, xu_verbs = ([verb for verb, _ in shown(telegram, one)] for one in (li, xu))
    assert "order" in li_verbs and "people" not in li_verbs  # noqa: PT018
    assert "people" in xu_verbs and "order" not in xu_verbs  # noqa: PT018
    assert not {"start", "continue"} & {*li_verbs, *xu_verbs}
    assert dict(shown(telegram, li))["help"] == wording("zh_CN", "UTC")(_summary("help"))
    assert [one["command"] for one in telegram.commands()] == ["help", "start"]


async def test_the_usual_verbs_come_first(database: Database) -> None:
    from bot.handlers import VERBS

    person = hire(database, "Li", Role.REP)
    usual = {verb.name for verb in VERBS if verb.usual}
    is_usual = [verb in usual for verb, _ in menu("en", person)]
    assert is_usual == sorted(is_usual, reverse=True)
    assert any(is_usual)


async def test_it_follows_role_language_and_leaving(
    telegram: TelegramCounterpart, office: Open, database: Database
) -> None:
    li = telegram.user(5)
    person = hire(database, "Li", Role.REP)
    async with office() as here:
        await here.is_state("up")
        await link(telegram, database, li, person)
        before = shown(telegram, li)
        write(database, set_roles, person_id=person.id, roles=[Role.FINANCE])
        await until(lambda: shown(telegram, li) not in ([], before))
        assert "lead" not in dict(shown(telegram, li))
        write(database, set_language, person_id=person.id, language="zh_CN")
        await until(lambda: dict(shown(telegram, li)).get("help") == wording("zh_CN", "UTC")(_summary("help")))
        write(database, disable_person, person_id=person.id)
        await until(lambda: shown(telegram, li) == [])


async def test_only_what_changes_is_told(telegram: TelegramCounterpart, office: Open, database: Database) -> None:
    li = telegram.user(5)
    async with office() as here:
        await here.is_state("up")
        await link(telegram, database, li, hire(database, "Li", Role.REP))
        await until(lambda: _fingerprints(database) != [None])
    told = len(_personal(telegram))
    async with office(name="two") as here:
        await here.is_state("up")
        await link(telegram, database, telegram.user(6), hire(database, "Wang", Role.REP))
        assert len(_personal(telegram)) == told + 1


async def test_looking_costs_one_number_while_nobody_changes(
    telegram: TelegramCounterpart, office: Open, database: Database
) -> None:
    li = telegram.user(5)
    asked: list[str] = []
    async with office() as here:
        await here.is_state("up")
        await link(telegram, database, li, hire(database, "Li", Role.REP))
        await until(lambda: _fingerprints(database) != [None])
        event.listen(database.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
        await until(lambda: _looks(asked) >= 2)  # one may have been under way
        asked.clear()
        await until(lambda: _looks(asked) >= 5)
    assert [one for one in asked if "chat_identities.menu" in one] == []


async def test_what_history_does_not_tell_is_found_when_everybody_is_looked_at(
    telegram: TelegramCounterpart, office: Open, database: Database
) -> None:
    """A chat that can be reached again, here of somebody whose menu has changed meanwhile."""
    li = telegram.user(5)
    person = hire(database, "Li", Role.REP)
    async with office(pace=replace(QUICK, whole_sweep=0.3)) as here:
        await here.is_state("up")
        await link(telegram, database, li, person)
        _execute(database, "UPDATE chats SET unreachable_since = '2026-03-02 01:30:00'")
        before = shown(telegram, li)
        write(database, set_roles, person_id=person.id, roles=[Role.FINANCE])
        _execute(database, "UPDATE history SET entity = 'somebody else'")
        _execute(database, "UPDATE chats SET unreachable_since = NULL")
        await until(lambda: shown(telegram, li) not in ([], before))


async def test_what_could_not_be_told_is_told_later(
    telegram: TelegramCounterpart, office: Open, database: Database
) -> None:
    li = telegram.user(5)
    async with office() as here:
        await here.is_state("up")
        await until(lambda: len(telegram.calls("setMyCommands")) == 2)
        telegram.fail_next("setMyCommands", status=429, retry_after=1)
        await link(telegram, database, li, hire(database, "Li", Role.REP))
        assert len(_personal(telegram)) == 2


async def test_a_chat_that_takes_no_menu_does_not_stop_the_others(
    telegram: TelegramCounterpart, office: Open, database: Database
) -> None:
    li, wang = telegram.user(5), telegram.user(6)
    async with office() as here:
        await here.is_state("up")
        await until(lambda: len(telegram.calls("setMyCommands")) == 2)
        telegram.fail_next("setMyCommands", status=400, description="Bad Request: chat not found")
        li.say(f"/start {code_for(database, hire(database, 'Li', Role.REP))}")
        await asyncio.to_thread(telegram.wait_for_calls, "setMyCommands", 3)
        await link(telegram, database, wang, hire(database, "Wang", Role.REP))
        assert shown(telegram, li) == []
        assert len(_personal(telegram)) == 2  # the first is not tried again at each sweep


async def test_trouble_at_the_start_is_waited_out(telegram: TelegramCounterpart, office: Open) -> None:
    telegram.fail_next("setMyCommands", status=500)
    telegram.drop_connection("setMyCommands")
    with capture_logs():
        async with office() as here:
            await here.is_state("up")
            await until(lambda: bool(telegram.commands()) and bool(telegram.commands("zh")))


async def test_another_bot_has_been_told_nothing(
    telegram: TelegramCounterpart, office: Open, database: Database
) -> None:
    li = telegram.user(5)
    async with office() as here:
        await here.is_state("up")
        await link(telegram, database, li, hire(database, "Li", Role.REP))
        await until(lambda: _fingerprints(database) != [None])
    first = _fingerprints(database)
    with TelegramCounterpart(token="7300000002:another_token_of_thirty_five_letters") as other:
        other.user(5)
        settings = {"token": other.token, "url": other.base_url}
        async with office(**settings, name="two") as here:
            await here.is_state("up")
            await until(lambda: shown(other, li) != [])
            await until(lambda: _fingerprints(database) != first)  # noted once Telegram has taken it
        assert other.violations == []


def test_never_more_than_telegram_takes() -> None:
    fitting = _fitting([(f"v{number}", "x" * 300) for number in range(120)])
    assert (len(fitting), {len(what) for _, what in fitting}) == (100, {256})


def _summary(name: str) -> Any:
    from bot.handlers import VERBS

    return next(verb.summary for verb in VERBS if verb.name == name)


def _personal(telegram: TelegramCounterpart) -> list[Any]:
    return [call for call in telegram.calls("setMyCommands") if call.parameters.get("scope", {}).get("type") == "chat"]


def _looks(statements: list[str]) -> int:
    return len([one for one in statements if "max(history.id)" in one])


def _execute(database: Database, statement: str) -> None:
    with database.write() as work:
        work.connection.execute(text(statement))


def _fingerprints(database: Database) -> list[str | None]:
    with database.read() as work:
        return list(work.connection.execute(text("SELECT menu FROM chat_identities ORDER BY id")).scalars())
