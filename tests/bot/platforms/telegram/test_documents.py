"""Files that leave for Telegram."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest

from bot.cards.screen import Button, Screen, body, say
from bot.gateway import Away, Later, Message, Refused, Unreachable
from bot.platforms.telegram.api import Api
from bot.platforms.telegram.gateway import TelegramGateway
from bot.wording import wording
from crm.core.database import Database
from crm.core.files import FileContent
from crm.people.people import find_by_name
from crm.sales.customers.communications import communications_of
from crm.sales.customers.customers import CustomerDetails, create_customer
from tests.bot.platforms.telegram.office import Open
from tests.counterparts.telegram import TelegramCounterpart

CONTRACT = FileContent("合同 & offer.pdf", "application/pdf", b"%PDF-1.4 " + b"x" * 100_000)


@pytest.fixture
async def gateway(telegram: TelegramCounterpart) -> AsyncIterator[TelegramGateway]:
    telegram.user(5)
    api = Api(token=telegram.token, url=telegram.base_url)
    await api.connect()
    yield TelegramGateway(api)
    await api.shutdown()


def message(screen: Screen) -> Message:
    return Message(
        chat_id="5",
        is_private=True,
        screen=screen,
        wording=wording("en", "Asia/Shanghai"),
        sign=lambda action: action,
        document=CONTRACT,
    )


async def test_a_file_comes_with_its_name_and_words(telegram: TelegramCounterpart, gateway: TelegramGateway) -> None:
    ref = await gateway.send(message(say("Files of <Ernst> & Co", Button("Open", "customer.open:1"))))
    [shown] = telegram.user(5).messages()
    assert str(shown.id) == ref
    assert shown.file is not None
    assert (shown.file.name, shown.file.content) == (CONTRACT.name, CONTRACT.content)
    assert shown.text == "Files of <Ernst> & Co"
    assert [button.text for row in shown.buttons for button in row] == ["Open"]


@pytest.mark.parametrize("words", ["x" * 300, "🎁" * 110])
async def test_words_too_long_to_stand_beside_it_go_before_it(
    telegram: TelegramCounterpart, gateway: TelegramGateway, words: str
) -> None:
    ref = await gateway.send(message(Screen(tuple(body(words) for _ in range(5)))))
    told, shown = telegram.user(5).messages()
    assert told.text.count(words) == 5
    assert shown.file is not None
    assert (str(shown.id), shown.text) == (ref, "")


@pytest.mark.parametrize(
    ("fault", "meaning"),
    [
        ({"status": 502}, Away),
        ({"status": 429, "retry_after": 7}, Later),
        ({"status": 413, "description": "Request Entity Too Large"}, Refused),
        ({"status": 403, "description": "Forbidden: bot was blocked by the user"}, Unreachable),
    ],
)
async def test_what_fails_has_its_name(
    telegram: TelegramCounterpart, gateway: TelegramGateway, fault: dict[str, object], meaning: type[Exception]
) -> None:
    telegram.fail_next("sendDocument", **fault)  # type: ignore[arg-type]
    with pytest.raises(meaning):
        await gateway.send(message(say("x")))


async def test_what_can_be_no_request_is_not_taken_for_a_platform_that_is_away(gateway: TelegramGateway) -> None:
    never = replace(message(say("x")), document=replace(CONTRACT, name="a\r\nb.pdf"))
    with pytest.raises(RuntimeError, match="Unknown error"):
        await gateway.send(never)


async def test_a_document_is_attached_and_had_back(
    telegram: TelegramCounterpart, database: Database, office: Open, linked: Callable[[int], None]
) -> None:
    linked(5)
    with database.write() as work:
        rep = find_by_name(work, name="Rep 5")
        create_customer(work, actor=rep, platform="telegram", details=CustomerDetails(name="Wolza"))
    li = telegram.user(5)

    def at_the_desk() -> None:
        li.say("/customer Wolza")
        card = li.wait_for("Wolza")
        li.say("wants a contract", reply_to=card)
        noted = li.wait_for("Noted for Wolza.", after=card.id)
        li.send_file("contract.pdf", CONTRACT.content, mime="application/pdf")
        asked = li.wait_for("Attach contract.pdf to Wolza?", after=noted.id)
        li.press("Confirm", asked)
        li.wait_for("contract.pdf is attached to Wolza.")
        li.press("Files", li.wait_for(lambda message: "Files: 1" in message.text))
        listed = li.wait_for("Files of Wolza", after=asked.id)
        li.press("contract.pdf", listed)
        sent = li.wait_for(lambda message: message.file is not None)
        assert sent.file is not None
        assert sent.file.content == CONTRACT.content
        li.share_contact("+4930901820", "Hans", last_name="Müller")
        li.wait_for("Contact: Hans Müller", after=sent.id)
        li.say("We take 500 pieces", forwarded_from="Hans Müller")
        li.wait_for("Said by: Hans Müller", after=sent.id)

    async with office():
        await asyncio.to_thread(at_the_desk)
    with database.read() as work:
        assert [said.text for said in communications_of(work, customer_id=1)] == ["wants a contract"]
