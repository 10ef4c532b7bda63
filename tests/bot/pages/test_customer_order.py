"""What a customer sees of their order: by the link, as long as it holds, and nothing that is not theirs."""

import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import async_playwright

from bot.app import subscriptions
from bot.cards.order import draw_order
from bot.pages.customer_seal import LinkSeal
from bot.wording import wording
from crm.core import history
from crm.core.errors import Conflict, Forbidden, NotFound
from crm.core.history import SYSTEM
from crm.core.rules import set_rule
from crm.fulfilment.customer_links import live_link, open_link, revoke_links
from crm.fulfilment.making import report_done
from crm.fulfilment.shipping import ShipmentDraft, ship
from crm.orders.orders import Order
from crm.people.people import Member, Role
from tests.bot.outside import Outside
from tests.conftest import Clock, MakePerson
from tests.crm.orders.trading import Trade

SEAL = LinkSeal("k" * 40)


class House:
    """An approved order of Ernst Handel in Austria, 100 Chai at CNY 20, and its link."""

    def __init__(self, outside: Outside, make_person: MakePerson) -> None:
        self.outside = outside
        self.database = outside.app.database
        self.trade = Trade(self.database, make_person)
        with self.database.write() as work:
            for key, value in (("letterhead.name", "North & Star Trading"), ("letterhead.name_zh", "北星贸易")):
                set_rule(work, actor=SYSTEM, key=key, value=value)
        self.trade.add_product("CHAI", "Chai", cost="10", stock=Decimal(0))  # so that it has to be made
        self.order = self.approved()
        self.token = self.link(self.order)

    def approved(self) -> int:
        order = self.trade.submit(self.trade.draft(customer_po="PO-7", payment_terms="net 30"))
        for person in (self.trade.boss, self.trade.finance):
            self.trade.press(order, person)
        assert self.trade.status(order) == "approved"
        return order

    def link(self, order: int, actor: Member | None = None) -> str:
        with self.database.write() as work:
            row = open_link(work, actor=actor or self.trade.rep, platform="test", order_id=order)
        return SEAL.token(row)

    def come_to(self, status: str) -> None:
        """As the rooms of production and shipping say it."""
        with self.database.write() as work:
            table = Order.table()
            before = self.trade.status(self.order)
            changed = table.update().where(table.c.id == self.order).values(status=status, changed_at=work.now)
            work.connection.execute(changed)
            told: dict[str, Any] = {"entity": "order", "entity_id": self.order, "act": "status"}
            history.record(work, actor=SYSTEM, **told, changes={"status": (before, status)})

    async def get(self, token: str | None = None, query: str = "") -> Any:
        return await self.outside.client.get(f"/o/{token or self.token}{query}")

    async def score(self, **form: str) -> Any:
        return await self.outside.client.post(f"/o/{self.token}", data=form)

    def card(self, viewer: Member) -> list[str]:
        with self.database.read() as work:
            screen = draw_order(work, self.order, viewer)
        words = wording("en", "UTC")
        labels = [words(button.label) for row in screen.rows for button in row]
        return [*(words(line.words) for line in screen.lines), *labels]


@pytest.fixture
async def house(database_url: str, clock: Clock, tmp_path: Path, make_person: MakePerson) -> AsyncIterator[House]:
    outside = Outside(database_url, clock, tmp_path)
    outside.app.database.events = subscriptions()
    yield House(outside, make_person)
    await outside.close()


async def test_it_shows_this_order_and_no_price_nor_person(house: House) -> None:
    page = await house.get()
    assert page.status_code == 200
    for told in ("SO-2026-0001", "Ernst Handel", "PO-7", "North &amp; Star Trading", "Chai", "Expected delivery"):
        assert told in page.text
    shown = page.text.partition("</style>")[2]
    for hidden in ("CNY", "2,000", "Li", "margin", "<script"):
        assert hidden not in shown
    headers = page.headers
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-robots-tag"] == "noindex"
    assert "default-src 'none'" in headers["content-security-policy"]


async def test_it_speaks_the_customers_language_or_the_one_asked_for(house: House) -> None:
    assert '<html lang="en">' in (await house.get()).text
    chinese = (await house.get(query="?lang=zh")).text
    assert '<html lang="zh-CN">' in chinese
    for told in ("订单已确认", "预计交货", "北星贸易"):
        assert told in chinese


async def test_progress_is_shown_with_its_days(house: House, clock: Clock) -> None:
    clock.now += timedelta(days=3)
    house.come_to("in_production")
    clock.now += timedelta(days=3)
    house.come_to("partly_shipped")
    text = (await house.get()).text
    assert text.count('class="done"') == 3
    assert 'class="done here" aria-current="step">Partly shipped' in text
    assert ">Ready to ship</li>" in text, "passed over: it has no day"


async def test_what_is_no_link_of_ours_tells_nothing(house: House) -> None:
    other = house.link(house.approved())
    number, _, seal = house.token.partition("-")
    wrong = (
        "1", f"{number}-", f"2-{seal}", f"{number}-{other.partition('-')[2]}", f"{house.token}A", f"99-{seal}",
        f"{number}-{'A' * 24}", "0-" + seal, "%00",
    )  # fmt: skip
    told = {(page.status_code, page.text) for page in [await house.get(token) for token in wrong]}
    assert len(told) == 1
    assert next(iter(told))[0] == 404
    assert (await house.get("..%2f..%2fetc")).status_code == 404
    assert (await house.get(other)).status_code == 200


async def test_a_revoked_link_opens_no_more_and_a_new_one_does(house: House) -> None:
    assert house.link(house.order) == house.token, "the same as long as it holds"
    with house.database.write() as work:
        revoke_links(work, actor=house.trade.boss, platform="test", order_id=house.order)
    assert (await house.get()).status_code == 404
    with house.database.write() as work, pytest.raises(Conflict):
        revoke_links(work, actor=house.trade.rep, platform="test", order_id=house.order)
    assert (await house.get(house.link(house.order))).status_code == 200


async def test_it_ends_so_many_days_after_delivery(house: House, clock: Clock) -> None:
    house.come_to("delivered")
    clock.now += timedelta(days=89)
    assert (await house.get()).status_code == 200
    clock.now += timedelta(days=2)
    assert (await house.get()).status_code == 404


async def test_who_may_send_it(house: House, make_person: MakePerson) -> None:
    with pytest.raises(NotFound):
        house.link(house.order, make_person("Qian", team="South", at=house.database))
    with pytest.raises(Forbidden):
        house.link(house.order, house.trade.finance)
    pending = house.trade.submit()
    with pytest.raises(Forbidden):
        house.link(pending)
    assert {"Send to customer", "Revoke link"} <= set(house.card(house.trade.rep))
    assert not {"Send to customer", "Revoke link"} & set(house.card(house.trade.finance))


async def test_a_score_is_given_once_after_delivery(house: House) -> None:
    assert "<form" not in (await house.get()).text
    assert (await house.score(score="5")).status_code == 303
    with house.database.read() as work:
        assert live_link(work, order_id=house.order) is not None
    assert "scored" not in [entry.act for entry in house.trade.history(house.order)]
    house.come_to("delivered")
    assert "<form" in (await house.get()).text
    for refused in ({"score": "6"}, {"score": "x"}, {}, {"comment": "hello"}):
        assert (await house.score(**refused)).status_code == 303
    assert "<form" in (await house.get()).text
    assert (await house.score(score="4", comment="good <b>lamps</b>")).status_code == 303
    assert (await house.score(score="1")).status_code == 303
    page = (await house.get()).text
    assert "Thank you: you gave us 4 of 5." in page
    assert "<form" not in page
    assert [entry.act for entry in house.trade.history(house.order)].count("scored") == 1
    assert "4 of 5: “good <b>lamps</b>”" in house.card(house.trade.rep)
    assert [text for text in house.trade.told(house.trade.rep) if "4 of 5" in text]
    assert not [text for text in house.trade.told(house.trade.boss) if "of 5" in text]


async def test_a_bad_score_is_told_to_the_superior_too(house: House) -> None:
    house.come_to("delivered")
    await house.score(score="2", comment="three boxes were wet")
    for person in (house.trade.rep, house.trade.boss):
        assert [text for text in house.trade.told(person) if "three boxes were wet" in text]


async def test_after_thirty_tries_a_minute_one_waits(house: House, clock: Clock) -> None:
    for _ in range(30):
        assert (await house.get("1-" + "A" * 24)).status_code == 404
    waits = await house.get()
    assert waits.status_code == 429
    assert 1 <= int(waits.headers["retry-after"]) <= 60
    clock.now += timedelta(seconds=61)
    assert (await house.get()).status_code == 200


async def test_the_address_is_believed_of_the_named_header_alone(
    database_url: str, clock: Clock, tmp_path: Path
) -> None:
    for header, answers in (("", {429}), ("X-Real-IP", {404})):
        outside = Outside(database_url, clock, tmp_path / (header or "none"), address_header=header)
        seen = {(await outside.client.get("/o/1", headers={"X-Real-IP": f"10.0.0.{n}"})).status_code for n in range(31)}
        assert seen == {404} | answers
        await outside.close()


async def test_on_a_phone_it_needs_no_script_and_no_scrolling_sideways(house: House, tmp_path: Path) -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("There is no chromium here (apt-get install chromium): the page is not tested.")
    house.come_to("delivered")
    pages = [(await house.get(query=query)).text for query in ("", "?lang=zh")]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        context = await browser.new_context(viewport={"width": 390, "height": 800}, java_script_enabled=False)
        page = await context.new_page()
        for drawn in pages:
            await page.set_content(drawn)
            box = await page.locator("main").bounding_box()
            assert box is not None
            assert box["width"] <= 390
            for field in await page.locator("button, label, textarea, li").all():
                inside = await field.bounding_box()
                assert inside is not None
                assert inside["x"] >= 0
                assert inside["x"] + inside["width"] <= 390
            await page.emulate_media(media="print")
            assert not await page.locator("form").is_visible()
            await page.emulate_media(media="screen")
        await browser.close()


async def test_a_shipment_with_its_carriers_page(house: House, make_person: MakePerson) -> None:
    lin = make_person("Lin", Role.LOGISTICS, at=house.database)
    today = house.database.clock.now.date()
    told = {"carrier": "<b>MSC", "tracking": "MSCU6639870", "shipped_on": today, "expected_on": today}
    wu = make_person("Wu", Role.PRODUCTION, at=house.database)
    with house.database.write() as work:
        report_done(work, actor=wu, platform="test", order_id=house.order, key="ready")
        draft = ShipmentDraft(order_id=house.order, mode="sea", **told)
        ship(work, actor=lin, platform="test", draft=draft)
    body = (await house.get()).text
    assert "Shipment" in body
    assert "&lt;b&gt;MSC MSCU6639870</a>" in body
    assert "<b>MSC" not in body
    assert "Lin" not in body
