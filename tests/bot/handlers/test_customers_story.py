"""Customers as people live through them: added, found, noted; and what is nobody else's to see."""

from tests.bot.trading_desk import LI, SUN, XU, ZHAO, TradingDesk
from tests.conftest import MakePerson

TYPED = ("/newcustomer", "万通贸易", "王经理", "+86 138 0013 8000", "2", "3", "1", "skip")
ASKED = ("Company", "Contact", "Phone or e-mail", "Country or region", "Currency", "Payment terms", "Notes", "Is every")


async def test_a_customer_step_by_step(company: TradingDesk) -> None:
    for words, asked in zip(TYPED, ASKED, strict=True):
        shown = await company.say(LI, words)
        assert shown.lines[-1].startswith(asked)
    assert company.last(LI).lines[:-1] == (
        "New customer",
        "Company: 万通贸易",
        "Contact: 王经理",
        "Phone or e-mail: +86 138 0013 8000",
        "Country or region: United States",  # each the choice of that number
        "Currency: CNY",
        "Payment terms: T/T 30/70",
    )
    await company.press(LI, "Confirm")
    assert company.last(LI).labels == ["Open", "New deal", "New order"]
    await company.press(LI, "New order")
    assert "Customer: 万通贸易" in company.last(LI).lines
    assert company.last(LI).lines[-1].startswith("Product:")


async def test_the_same_in_chinese(small_company: TradingDesk) -> None:
    company = small_company
    await company.say(LI, "/settings language zh")
    asked = ("公司名称", "联系人", "电话或邮箱", "国家或地区", "币种", "付款方式", "备注")
    answers = ("新建客户", "万通贸易", "王经理", "跳过", "德国", "跳过", "跳过")
    for words, label in zip(answers, asked, strict=True):
        shown = await company.say(LI, words)
        assert shown.lines[-1].startswith(label)
    await company.say(LI, "跳过", "确认")
    assert [row.country for row in company.desk.rows("SELECT country FROM customers WHERE id > 1")] == ["DE"]


async def test_a_customer_is_found_however_it_is_written(company: TradingDesk) -> None:
    company.trade.add_customer("万通贸易")
    for typed in ("wtmy", "万通", "wantongmaoyi", "WTMY"):
        assert (await company.say(LI, f"/customer {typed}")).lines[0] == "万通贸易"
    assert (await company.say(LI, "客户 ernst")).lines[0] == "Ernst Handel"
    assert "No customer fits “zzz”." in (await company.say(LI, "/customer zzz")).text


async def test_another_teams_customer_is_not_there(small_company: TradingDesk, make_person: MakePerson) -> None:
    company = small_company
    await company.link(make_person("Qian", team="South", at=company.desk.database))
    assert "No customer fits" in (await company.say("Qian", "/customer Ernst")).text
    for verb in ("/order", "/deal"):
        shown = await company.say("Qian", verb, "Ernst")
        assert "Nothing called Ernst was found." in shown.text
        assert "Ernst Handel" not in shown.labels
    for account in (ZHAO, SUN, XU):
        assert (await company.say(account, "/customer Ernst")).lines[0] == "Ernst Handel"


async def test_a_note_stands_in_the_history(small_company: TradingDesk) -> None:
    company = small_company
    assert (await company.say(LI, "/note Ernst: asked for samples")).lines[0] == "Noted for Ernst Handel."
    await company.press(LI, "Open")
    assert "asked for samples" in company.last(LI).text
    await company.say(LI, "写跟进", "Ernst", "寄了样品")
    assert [row.text for row in company.desk.rows("SELECT text FROM communications ORDER BY id")] == [
        "asked for samples",
        "寄了样品",
    ]
