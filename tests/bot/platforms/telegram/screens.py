"""Screens for golden renders: what each shows is easy to judge by eye."""

from datetime import UTC, date, datetime
from decimal import Decimal

from bot.cards.screen import Button, Line, Screen, Style, body, labelled, muted, problem, prompt, say, title
from crm.core.money import Money
from crm.core.text import T


def button(label: str, action: str = "a:1", role: str = "", mark: str = "") -> Button:
    return Button(label, action, role, mark)


QUESTION = Screen(
    (
        title("New lead"),
        labelled("Company", "Ernst Handel"),
        labelled("Contact", "Roland Mendel"),
        problem("That is no phone number."),
        prompt("Phone or e-mail: +49 30 901820 or wang@example.cn"),
    ),
    ((button("Back", "c:1:back"), button("Skip", "c:1:skip"), button("Cancel", "c:1:cancel")),),
)
SOURCES = ("展会", "网站询盘", "老客户推荐", "B2B平台", "主动开发", "其他")
CHINESE = Screen(
    (
        title("新线索"),
        labelled("公司名称", "深圳市万通贸易有限公司"),
        labelled("联系人", "王经理"),
        muted("还有 3 项"),
        prompt("来源？"),
    ),
    (
        *(
            (button(label, f"c:1:choose:{at}"),)
            for at, label in enumerate(["展会", "网站询盘", "老客户推荐", "B2B平台", "主动开发", "其他"])
        ),
        (button("下一页", "c:1:next"), button("上一步", "c:1:back"), button("取消", "c:1:cancel")),
    ),
)
REVIEW = Screen(
    (title("New lead"), labelled("Company", "Ernst Handel"), prompt("Is everything right?")),
    (
        (button("Confirm", "c:1:confirm", "primary", "✅"),),
        (button("Edit", "c:1:edit"),),
        (button("Cancel", "c:1:cancel", "danger"),),
    ),
)
FACTS = Screen(
    (
        body(T("{what} by {day}", what=Money(Decimal(620000), "CNY"), day=date(2026, 3, 9))),
        labelled("At", T("{at}", at=datetime(2026, 3, 9, 1, 30, tzinfo=UTC))),
    )
)
ODD = Screen(
    (
        title("<b>&amp; bold</b>"),
        labelled("*_[`", "'; -- <@U123> <!channel>"),
        labelled("מיכל", "مرحبا بالعالم"),
        body("a\x00b\ud800c"),
        Line(Style.COPY, "Dear Mr. <Mendel>,\n\n  the price is 5 < 6 & > 4\n"),
        body("👩‍👩‍👧‍👦 🚢"),
    ),
    ((button("<b>&", "x"), button("  \n ", "y")),),
)
EMPTY = Screen(())
BLANK = say("\u200b \n")
LONG_CHOICES = Screen(
    (prompt("Customer?"),),
    (
        (button("Ernst Handel GmbH & Co. Kommanditgesellschaft auf Aktien in Graz, Steiermark, Österreich", "c:1"),),
        (button("Chop-suey Chinese", "c:2"),),
        (button("深圳市万通国际贸易有限公司", "c:3"), button("是", "c:4")),
        (button("A", "1"), button("B", "2"), button("C", "3"), button("D", "4"), button("E", "5")),
        (button("A", "1"), button("B", "2"), button("C", "3"), button("D", "4")),
    ),
)

GOLDEN = {
    "question": (QUESTION, "en"),
    "chinese": (CHINESE, "zh_CN"),
    "review": (REVIEW, "en"),
    "facts_en": (FACTS, "en"),
    "facts_zh": (FACTS, "zh_CN"),
    "odd": (ODD, "en"),
    "empty": (EMPTY, "en"),
    "blank": (BLANK, "en"),
    "long_choices": (LONG_CHOICES, "en"),
}
