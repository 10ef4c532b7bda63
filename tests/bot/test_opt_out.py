"""Opting out of campaigns, and mails that come back: by the link in a mail, by the mail program, by the mail server."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import async_playwright
from sqlalchemy import event

from bot.cards.customer import draw_customer
from bot.pages.opt_out import OptOutLinks
from bot.wording import wording
from crm.core.errors import AWAY, StoreUnavailable
from crm.core.history import SYSTEM, history_of
from crm.core.rules import set_rule
from crm.people.people import Member
from crm.sales.campaigns import campaigns
from crm.sales.campaigns.audience import audience
from crm.sales.campaigns.campaigns import CampaignDetails
from crm.sales.campaigns.mailing import Fate, Outcome, claim_mails, mark_mail
from crm.sales.customers.customers import CustomerDetails, create_customer
from tests.bot.outside import Outside
from tests.conftest import Clock, MakePerson

BOUNCES = "/inbound/bounces"
LINKS = OptOutLinks("k" * 40)


class House:
    """A campaign to two customers, both mails sent: 1 to Ernst in Germany, 2 to 万通 in China."""

    def __init__(self, outside: Outside, rep: Member) -> None:
        self.outside, self.rep = outside, rep
        with outside.app.database.write() as work:
            for name, email, country in (
                ("Ernst Handel", "hans@ernst.example", "DE"),
                ("万通贸易", "wang@wantong.example", "CN"),
            ):
                told = CustomerDetails(name=name, contact="Hans", email=email, country=country)
                create_customer(work, actor=rep, platform="test", details=told)
            details = CampaignDetails(
                name="Spring", subject="News", text="Dear {contact}", subject_zh="新品", text_zh="{联系人}，您好"
            )
            by: dict[str, Any] = {"actor": rep, "platform": "test"}
            campaign = campaigns.prepare_campaign(work, **by, details=details)
            campaigns.start_campaign(work, **by, campaign_id=campaign)
            for letter in claim_mails(work, seconds=60):
                mark_mail(work, letter=letter, outcome=Outcome(Fate.SENT))

    def path(self, mail: int = 1) -> str:
        return f"/mail/opt-out/{LINKS.token(mail)}"

    def left(self) -> list[str]:
        """Who would get the next campaign."""
        with self.outside.app.database.read() as work:
            return [one.company for one in audience(work, actor=self.rep, segment={}).readers]

    def acts(self, customer: int = 1) -> list[tuple[str, str]]:
        with self.outside.app.database.read() as work:
            return [(one.act, one.platform) for one in history_of(work, entity="customer", entity_id=customer)]

    def states(self) -> list[str]:
        return [row.status for row in self.outside.rows("SELECT status FROM campaign_mails ORDER BY id")]


@pytest.fixture
async def house(database_url: str, clock: Clock, tmp_path: Path, make_person: MakePerson) -> AsyncIterator[House]:
    outside = Outside(database_url, clock, tmp_path, language="zh_CN")
    yield House(outside, make_person("Li", at=outside.app.database))
    await outside.close()


# — the page —


async def test_looking_changes_nothing(house: House) -> None:
    for method in ("GET", "HEAD"):
        answer = await house.outside.client.request(method, house.path(), headers={"Accept-Language": "en"})
        assert answer.status_code == 200
    assert house.left() == ["Ernst Handel", "万通贸易"]


async def test_the_button_opts_out_for_ever_and_once(house: House) -> None:
    client = house.outside.client
    page = await client.get(house.path(), headers={"Accept-Language": "en-GB,en;q=0.9"})
    assert page.text.count("<button>") == 1
    assert "No more e-mails from us?" in page.text
    for _ in range(2):
        done = await client.post(house.path(), headers={"Accept-Language": "en"})
        assert done.status_code == 200
        assert "You will get no more of these e-mails." in done.text
        assert "<button" not in done.text
    again = await client.get(house.path(), headers={"Accept-Language": "en"})
    assert "You will get no more of these e-mails." in again.text, "who comes back is not asked again"
    assert "<button" not in again.text
    assert house.left() == ["万通贸易"]
    assert house.acts().count(("opted_out", "mail")) == 1
    with house.outside.app.database.read() as work:
        card = draw_customer(work, 1, house.rep)
    words = wording("en", "UTC")
    assert "hans@ernst.example: Opted out" in [words(line.words) for line in card.lines]
    [row] = house.outside.rows("SELECT count(opted_out_at) AS n FROM campaign_mails")
    assert row.n == 1


async def test_one_click_as_mail_programs_do_it(house: House) -> None:
    answer = await house.outside.client.post(
        house.path(),
        content=b"List-Unsubscribe=One-Click",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert answer.status_code == 200
    assert house.left() == ["万通贸易"]


async def test_it_holds_whatever_address_they_have_later(house: House) -> None:
    await house.outside.client.post(house.path())
    with house.outside.app.database.write() as work:
        work.connection.exec_driver_sql("UPDATE contacts SET email = 'new@ernst.example' WHERE customer_id = 1")
    assert house.left() == ["万通贸易"]


async def test_the_page_shows_nothing_of_who_they_are(house: House) -> None:
    with house.outside.app.database.write() as work:
        set_rule(work, actor=SYSTEM, key="letterhead.name", value="Tradewind <Trading>")
    page = await house.outside.client.get(house.path(), headers={"Accept-Language": "en"})
    assert "No more e-mails from Tradewind &lt;Trading&gt;?" in page.text
    for secret in ("Ernst", "Hans", "ernst.example", "Spring", "Li<"):
        assert secret not in page.text
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("mail", "accepts", "language"),
    [
        (1, "", "en"),
        (2, "", "zh-CN"),
        (1, "zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        (2, "en-US", "en"),
        (2, "fr,en;q=0.3,zh;q=0.7", "zh-CN"),
        (1, "de", "en"),
        (1, "en;q=x", "en"),
    ],
)
async def test_in_their_language(house: House, mail: int, accepts: str, language: str) -> None:
    page = await house.outside.client.get(house.path(mail), headers={"Accept-Language": accepts})
    assert f'<html lang="{language}">' in page.text


@pytest.mark.parametrize(
    "change", [lambda t: t[:-1], lambda t: "2" + t[1:], lambda t: "x", lambda t: "1.", lambda t: "é"]
)
async def test_a_link_that_is_not_ours(house: House, change: Any) -> None:
    token = change(LINKS.token(1))
    for method in ("GET", "POST"):
        answer = await house.outside.client.request(method, f"/mail/opt-out/{token}")
        assert answer.status_code == 404
    assert len(house.left()) == 2


async def test_while_the_store_is_away_nobody_is_told_it_was_done(house: House) -> None:
    def broken(*_: Any) -> None:
        raise StoreUnavailable("gone", AWAY)

    engine = house.outside.app.database.engine
    event.listen(engine, "before_cursor_execute", broken)
    answer = await house.outside.client.post(house.path(), headers={"Accept-Language": "en"})
    event.remove(engine, "before_cursor_execute", broken)
    assert answer.status_code == 503
    assert "could not be saved" in answer.text
    assert len(house.left()) == 2


# — what comes back —

RETURNED = """\
From: MAILER-DAEMON@mail.example\r
To: sales@tradewind.example\r
Subject: Undelivered Mail Returned to Sender\r
MIME-Version: 1.0\r
Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r
\r
--b\r
Content-Type: text/plain\r
\r
Sorry.\r
--b\r
Content-Type: message/delivery-status\r
\r
Reporting-MTA: dns; mail.example\r
\r
Final-Recipient: rfc822; forwarded@elsewhere.example\r
Action: {action}\r
Status: {status}\r
Diagnostic-Code: smtp; 550 {status} User unknown\r
\r
--b\r
Content-Type: text/rfc822-headers\r
\r
Message-ID: <campaign-1.1@tradewind.example>\r
Subject: News\r
\r
--b--\r
"""


async def _returned(house: House, status: str = "5.1.1", action: str = "failed") -> dict[str, Any]:
    body = RETURNED.format(status=status, action=action).encode()
    answer = await house.outside.post_raw(body, BOUNCES, kind="message/rfc822")
    assert answer.status_code == 202
    return dict(answer.json())


async def test_a_returned_mail_stops_the_address(house: House) -> None:
    for _ in range(2):
        assert await _returned(house) == {"noted": True}
    assert house.states() == ["bounced", "sent"]
    assert house.left() == ["万通贸易"]
    assert house.acts().count(("bounced", "system")) == 1


async def test_a_full_mailbox_is_no_end(house: House) -> None:
    await _returned(house, "5.2.2")
    assert house.states() == ["failed", "sent"]
    assert len(house.left()) == 2


async def test_a_delay_is_no_bounce(house: House) -> None:
    assert await _returned(house, "4.4.1", "delayed") == {"noted": False}
    assert house.states() == ["sent", "sent"]


async def test_bounces_told_in_json(house: House) -> None:
    told = {"email": "Wang@Wantong.example", "status": "5.1.1", "reason": "no such user"}
    assert (await house.outside.post(told, BOUNCES)).json() == {"noted": True}
    assert house.left() == ["Ernst Handel"]
    unknown = await house.outside.post({"message_id": "<campaign-9.99@x>", "status": "5.1.1"}, BOUNCES)
    assert unknown.json() == {"noted": False}


@pytest.mark.parametrize(
    "told", [{}, {"email": "x"}, {"message_id": "<a@b>"}, {"email": "a@b.example", "status": "bad"}]
)
async def test_bounces_that_say_nothing(house: House, told: dict[str, str]) -> None:
    assert (await house.outside.post(told, BOUNCES)).status_code == 400


@pytest.mark.parametrize("body", [b"", b"Subject: hello\r\n\r\nhello", b"\xff\xfe\x00"])
async def test_a_mail_that_is_no_report(house: House, body: bytes) -> None:
    answer = await house.outside.post_raw(body, BOUNCES, kind="message/rfc822")
    assert answer.status_code == 400


async def test_bounces_need_a_signature(house: House) -> None:
    answer = await house.outside.client.post(BOUNCES, json={"email": "hans@ernst.example"})
    assert answer.status_code == 401


async def test_who_opted_out_stays_so_when_the_mail_bounces_later(house: House) -> None:
    await house.outside.client.post(house.path())
    await _returned(house)
    [row] = house.outside.rows("SELECT reason FROM mail_blocks")
    assert row.reason == "opted_out"


# — as one sees it —


@pytest.mark.browser
async def test_on_a_phone(house: House, tmp_path: Path) -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("There is no chromium here (apt-get install chromium): the page is not tested.")
    client = house.outside.client

    async def pass_on(route: Any) -> None:
        """The browser's requests, to the application's routes."""
        told = route.request
        path = told.url.removeprefix("http://tradewind.test")
        kept = {"accept-language": told.headers.get("accept-language", "")}
        answer = await client.request(told.method, path, headers=kept, content=told.post_data_buffer)
        await route.fulfill(status=answer.status_code, headers=dict(answer.headers), body=answer.content)

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        phone = {"viewport": {"width": 375, "height": 667}, "device_scale_factor": 2, "locale": "zh-CN"}
        page = await browser.new_page(**phone)  # type: ignore[arg-type]
        troubles: list[str] = []
        page.on("console", lambda said: troubles.append(said.text) if said.type == "error" else None)
        await page.route("http://tradewind.test/mail/**", pass_on)
        await page.goto(f"http://tradewind.test{house.path(2)}")
        button = page.get_by_role("button")
        box = await button.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert await page.evaluate("document.documentElement.scrollWidth") <= 375
        await page.screenshot(path=str(tmp_path / "before.png"))
        await button.click()
        await page.get_by_role("heading").wait_for()
        assert await page.get_by_role("button").count() == 0
        await page.screenshot(path=str(tmp_path / "after.png"))
        await browser.close()
    assert troubles == []
    assert house.left() == ["Ernst Handel"]
