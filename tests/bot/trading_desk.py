"""The people of a small trading company at one desk: each in a chat of their own, named like them."""

from functools import partial
from typing import Any

from bot.app import subscriptions
from crm.core.history import SYSTEM
from crm.people.identities import issue_code
from crm.people.people import Member
from crm.sales.catalogue.products import discontinue_product
from tests.bot.front_desk import Desk, Shown
from tests.conftest import MakePerson
from tests.crm.orders.trading import Trade

LI, ZHAO, SUN, CHEN, XU = "Li", "Zhao", "Sun", "Chen", "Xu"
"""The rep, their supervisor, finance, the general manager, the administrator: names, accounts and chats alike."""

ORDER = ("/order Ernst", "Chai", "500", "18", "skip", "No more lines", "FOB Ningbo", "1 May 2026", "Hamburg")
"""What Li types for an order of CNY 9,000 up to the last question, the payment terms."""
TERMS = "T/T 30/70"


class TradingDesk:
    """`trade` does things past the chats, `desk` through them."""

    def __init__(self, desk: Desk, trade: Trade) -> None:
        self.desk, self.trade = desk, trade
        self.people = (trade.rep, trade.boss, trade.finance, trade.gm, trade.admin)

    async def link(self, *people: Member) -> None:
        """Let each send their one-time code from an account of their name."""
        for person in people:
            give = partial(issue_code, actor=SYSTEM, person_id=person.id)
            await self.desk.say(person.name, f"/start {self.desk.write(give)}")

    async def say(self, account: str, *words: str) -> Shown:
        """Type these one after another; returns the newest message then."""
        for one in words:
            await self.desk.say(account, one)
        return self.last(account)

    async def press(self, account: str, label: str, **more: Any) -> str:
        """Press a button of the newest message that has it; returns what is answered in passing."""
        return (await self.desk.press(account, label, **more)).toast

    async def order(self, account: str = LI, **instead: str) -> int:
        """Submit the order of `ORDER` by the conversation; `instead`: quantity, price, terms."""
        typed = {"500": instead.get("quantity", "500"), "18": instead.get("price", "18")}
        await self.say(account, *(typed.get(words, words) for words in ORDER), instead.get("terms", TERMS))
        await self.press(account, "Submit")
        return int(self.desk.rows("SELECT max(id) AS id FROM orders")[0].id)

    async def approve(self, *accounts: str) -> None:
        for account in accounts:
            await self.press(account, "Approve")

    def discontinue(self, product: int) -> None:
        self.desk.write(partial(discontinue_product, actor=SYSTEM, product_id=product))

    def last(self, account: str) -> Shown:
        return self.desk.room.last(account)

    def card(self, account: str) -> Shown:
        """The newest decision card in a chat: the one that shows who decides."""
        return next(s for s in reversed(self.desk.room.chat(account)) if "Submitted by" in s.text)

    def everything(self, account: str) -> str:
        """Every text that ever stood in a chat, also under what has replaced it."""
        return "\n".join(
            "\n".join((*shown.lines, *shown.labels)) for _, shown in self.desk.room.calls if shown.chat == account
        )

    def notices(self, account: str, part: str) -> int:
        """How many messages of a chat say this now."""
        return sum(part in shown.text for shown in self.desk.room.chat(account))


async def open_trading_desk(desk: Desk, make_person: MakePerson) -> TradingDesk:
    """All five linked."""
    desk.database.events = subscriptions()
    opened = TradingDesk(desk, Trade(desk.database, make_person))
    await opened.link(*opened.people)
    return opened
