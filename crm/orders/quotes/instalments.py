"""What is paid when, as it stands on a contract or an invoice: `Deposit 定金 USD 3,000.00 (30 %) …`."""

from collections.abc import Sequence
from decimal import Decimal

from crm.core.money import round_amount
from crm.documents import written_amount
from crm.language.payment_terms import Anchor, Instalment, read_payment_terms

_WHEN: dict[Anchor, tuple[str, str]] = {
    "order": ("with the order", "下单时"),
    "before_shipment": ("before shipment", "发货前"),
    "shipment": ("date of shipment", "装运日"),
    "bl_copy": ("against copy of the shipping documents", "见单据副本"),
    "invoice": ("invoice date", "开票日"),
    "arrival": ("on arrival of the goods", "到货时"),
    "acceptance": ("after acceptance", "验收后"),
}


def instalments_on_paper(terms: str, total: Decimal, currency: str) -> tuple[tuple[str, str, str], ...]:
    """A row (label in English, in Chinese, text in both) for each share; none where all is paid at once, or where the
    terms say something that cannot be reckoned.
    """
    read = read_payment_terms(terms)
    if read is None or len(read) < 2:
        return ()
    rows = []
    for number, (one, amount) in enumerate(zip(read, amounts_of(read, total, currency), strict=True), 1):
        is_last = number == len(read)
        sum_said = f"{currency} {written_amount(amount, currency)} ({one.percent.normalize():f} %)"
        rows.append((*_label(one, number, is_last=is_last), f"{sum_said}  {_when(one)}"))
    return tuple(rows)


def amounts_of(instalments: Sequence[Instalment], total: Decimal, currency: str) -> list[Decimal]:
    """What each share of a total is, rounded half up to the currency's smallest unit; the last takes the rest."""
    amounts = [round_amount(total * one.percent / 100, currency) for one in instalments[:-1]]
    return [*amounts, total - sum(amounts, Decimal(0))]


def _label(one: Instalment, number: int, *, is_last: bool) -> tuple[str, str]:
    if one.anchor == "order":
        return "Deposit", "定金"
    return ("Balance", "余款") if is_last else (f"Payment {number}", f"第{number}期款")


def _when(one: Instalment) -> str:
    english, chinese = _WHEN[one.anchor]
    if one.months or one.days:
        span = (f"{one.months} months", f"{one.months} 个月") if one.months else (f"{one.days} days", f"{one.days} 天")
        english, chinese = f"{span[0]} after {english}", f"{chinese}后 {span[1]}"
    if one.month_end:
        english, chinese = f"{english}, end of month", f"{chinese}，月底结"
    if one.method == "lc":
        english, chinese = f"by L/C, {english}", f"信用证，{chinese}"
    return f"{english} {chinese}"
