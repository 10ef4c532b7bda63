"""An order of 500 lines, pasted or dropped as a file: no step of it costs more statements than one of five lines."""

import re
import time
from collections import Counter
from collections.abc import Awaitable
from decimal import Decimal

import pytest

from bot.inbound import FILE
from tests.bot.front_desk import Shown
from tests.bot.trading_desk import CHEN, LI, SUN, TERMS, ZHAO, TradingDesk
from tests.crm.exchange.making_workbooks import workbook
from tests.crm.orders.test_statements import counted

FEW, MANY = 5, 500
MOST_SECONDS = 5.0
"""For any one step, on a machine that has other things to do; each takes some tenths of a second."""


def _goods(company: TradingDesk, lines: int) -> list[str]:
    """The SKUs of so many products; the first is the beginning of others."""
    skus = [f"LED-{lines}-{number}" for number in range(1, lines + 1)]
    for number, sku in enumerate(skus, start=1):
        company.trade.add_product(
            sku, f"Panel {lines} of kind {number}", name_zh=f"面板{number}", price="2000", cost="9", stock=Decimal(0)
        )
    return skus


async def _drop(company: TradingDesk, name: str, content: bytes) -> Shown:
    path = company.desk.spool / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    values = {"name": name, "mime": "application/octet-stream", "size": len(content), "path": str(path)}
    await company.desk.take(company.desk.inbound(LI, FILE, values=values))
    return company.last(LI)


class _Road:
    """From the customer's name to the confirmation, with what each step takes."""

    def __init__(self, company: TradingDesk) -> None:
        self.company, self.statements = company, Counter[str]()
        self.seconds: dict[str, float] = {}

    async def step(self, name: str, act: Awaitable[object]) -> None:
        begun = time.perf_counter()
        with counted(self.company.desk.database, self.statements, name):
            await act
        self.seconds[name] = time.perf_counter() - begun

    async def go(self, skus: list[str]) -> Counter[str]:
        company, say, press = self.company, self.company.say, self.company.press
        await say(LI, "/order Ernst")
        await self.step("paste", say(LI, "\n".join(f"{sku} 200 @1,900" for sku in skus)))
        assert f"Line {len(skus)}: Panel {len(skus)} of kind {len(skus)}, 200, @ 1,900" in company.last(LI).lines
        await self.step("no more", say(LI, "No more lines"))
        for words in ("FOB Ningbo", "1 May 2026", "Hamburg"):
            await self.step(words, say(LI, words))
        await self.step("review", say(LI, TERMS))
        assert "Shall this be submitted?" in company.last(LI).lines
        await self.step("submit", press(LI, "Submit"))
        number = company.desk.rows("SELECT max(number) AS number FROM orders")[0].number
        for who in (ZHAO, SUN, CHEN):
            assert "kind 1 × 200" in company.card(who).text
            await self.step(f"approve {who}", press(who, "Approve"))
        await self.step("card", say(LI, f"/orders {number}"))
        assert "Papers" in company.last(LI).labels
        await self.step("papers", press(LI, "Papers"))
        await self.step("confirmation", press(LI, "Order confirmation"))
        assert company.last(LI).document is not None
        return self.statements


async def test_statements_do_not_grow_with_the_lines(company: TradingDesk) -> None:
    company.trade.set_limit("9000000000")
    short, long = _Road(company), _Road(company)
    few = await short.go(_goods(company, FEW))
    many = await long.go(_goods(company, MANY))
    # The second order finds the first: a look or two more.
    grown = {step: (few[step], count) for step, count in many.items() if count > few[step] + 3}
    assert not grown
    slow = {step: seconds for step, seconds in long.seconds.items() if seconds > MOST_SECONDS}
    assert not slow


async def test_parts_of_names_cost_no_statement_each(company: TradingDesk) -> None:
    _goods(company, MANY)
    count = Counter[str]()
    await company.say(LI, "/order Ernst")
    pasted = "\n".join(f"kind {number} Panel {MANY} 面板{number} 10 @19" for number in range(100, MANY + 1))
    with counted(company.desk.database, count, "paste"):
        shown = await company.say(LI, pasted)
    assert "Line 401: Panel 500 of kind 500, 10, @ 19" in shown.text
    assert count["paste"] < 40


async def test_a_table_dropped_becomes_the_lines(small_company: TradingDesk) -> None:
    company = small_company
    skus = _goods(company, MANY)
    rows = [[sku, "a panel", 10 + at, 1900.5, 0.05 if at % 2 else None] for at, sku in enumerate(skus)]
    heads = ["货号 Item No.", "品名", "数量", "Unit price", "折扣"]
    told = ["\t".join("" if cell is None else str(cell) for cell in row[:4]) for row in rows]
    files = {
        "order.xlsx": workbook([["Item No.", *heads[1:]], *rows], percent_column=4),
        "order.csv": "\n".join(["sku,description,qty,price", *(one.replace("\t", ",") for one in told)]).encode(),
        "order.tsv": "\n".join(["货号\t品名\t数量\t单价", *told]).encode("gb18030"),
    }
    for name, content in files.items():
        await company.say(LI, "/order Ernst")
        shown = await _drop(company, name, content)
        assert "Is there more, or is that all?" in shown.text, (name, shown.text[-300:])
        assert f"Line {MANY}: Panel 500 of kind 500, 509, @ 1,900.5" in shown.text
        assert ("5%" in shown.lines[-2]) is (name == "order.xlsx")
        await company.say(LI, "/cancel")
    assert company.desk.rows("SELECT count(*) AS n FROM files")[0].n == 0


async def test_what_is_pasted_out_of_a_spreadsheet(small_company: TradingDesk) -> None:
    await small_company.say(LI, "/order Ernst")
    shown = await small_company.say(LI, "Chai\t500\t18\nChang\t1,200\t19\t5%\n")
    assert "Line 1: Chai, 500, @ 18" in shown.text
    assert re.search(r"Line 2: Chang, 1,200, @ 19, .*5", shown.text)
    shown = await small_company.say(LI, "产品\t数量\t单价\t币种\nChai\t5\t17\tCNY")
    assert "Line 3: Chai, 5, @ CNY 17" in shown.text


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("sku,qty,price\nCHAI,5,18\nNONE,5,18", "“NONE 5 18”: Nothing called NONE was found"),
        ("sku,qty,price\nCHAI,,18", "I could not read “CHAI 18”"),
        ("sku,qty,price\nCHAI,many,18", "“CHAI many 18”: "),
        ("sku,qty\nCHAI,5", "A table of lines needs columns for product (or SKU), quantity and unit price."),
        ("sku,qty,price\n" + "CHAI,5,18\n" * 501, "There can be at most 500 lines."),
        ("PK", "This workbook can't be read. Please save the sheet as CSV (UTF-8) and send that."),
    ],
)
async def test_one_row_that_cannot_be_read_refuses_the_file(small_company: TradingDesk, table: str, told: str) -> None:
    company = small_company
    await company.say(LI, "/order Ernst")
    content = b"PK\x03\x04 nonsense" if table == "PK" else table.encode()
    shown = await _drop(company, "order.xlsx" if table == "PK" else "order.csv", content)
    assert told in shown.text
    assert "Line 1" not in shown.text
    shown = await company.say(LI, "Chai 5 @18")  # the draft goes on
    assert "Line 1: Chai, 5, @ 18" in shown.text


async def test_lines_over_the_most_are_not_left_out_silently(small_company: TradingDesk) -> None:
    company = small_company
    await company.say(LI, "/order Ernst", "\n".join(["Chai 5 @18"] * 400))
    shown = await company.say(LI, "\n".join(["Chang 5 @18"] * 101))
    assert "There can be at most 500 lines." in shown.text
    assert "Chang" not in shown.text
    assert "Line 500: Chang" in (await company.say(LI, "\n".join(["Chang 5 @18"] * 100))).text


async def test_a_table_elsewhere_is_a_file_like_any_other(small_company: TradingDesk) -> None:
    company = small_company
    table = b"sku,qty,price\nCHAI,5,18"
    assert "Where does it belong?" in (await _drop(company, "order.csv", table)).text
    await company.say(LI, "/order Ernst", "Chai")  # a quantity is asked for
    assert "order.csv" in (await _drop(company, "order.csv", table)).text
    assert company.desk.rows("SELECT count(*) AS n FROM attachments")[0].n == 2
