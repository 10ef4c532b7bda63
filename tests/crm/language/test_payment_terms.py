"""Payment terms as people write them: read whole, or not at all."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.language.payment_terms import ANCHORS, Instalment, read_payment_terms


def shown(instalment: Instalment) -> str:
    """`70 bl_copy+7d` and the like."""
    after = [f"+{instalment.months}m" if instalment.months else "", f"+{instalment.days}d" if instalment.days else ""]
    month_end = " eom" if instalment.month_end else ""
    by = "" if instalment.method == "transfer" else f" {instalment.method}"
    return f"{instalment.percent} {instalment.anchor}{''.join(after)}{month_end}{by}"


@pytest.mark.parametrize(
    ("terms", "read"),
    [
        ("T/T 30/70", ["30 order", "70 before_shipment"]),
        ("TT 30%/70%", ["30 order", "70 before_shipment"]),
        ("电汇 30/70", ["30 order", "70 before_shipment"]),
        ("T/T 30/70 against B/L copy", ["30 order", "70 bl_copy"]),
        ("30% deposit, 70% before shipment", ["30 order", "70 before_shipment"]),
        ("50% deposit, balance before shipment", ["50 order", "50 before_shipment"]),
        ("30% deposit, 70% against copy of B/L", ["30 order", "70 bl_copy"]),
        ("30 % T/T deposit, balance against B/L copy", ["30 order", "70 bl_copy"]),
        ("Deposit 33.3%, rest L/C", ["33.3 order", "66.7 shipment lc"]),
        ("30% T/T in advance and 70% L/C at sight", ["30 order", "70 shipment lc"]),
        ("30% deposit; balance 70% to be paid against the copy of B/L within 7 days", ["30 order", "70 bl_copy+7d"]),
        ("30% deposit, 60% before shipment, 10% after acceptance", ["30 order", "60 before_shipment", "10 acceptance"]),
        ("90% before shipment, 10% 12 months after acceptance", ["90 before_shipment", "10 acceptance+12m"]),
        ("20% with order, 80% net 30 days from shipment", ["20 order", "80 shipment+30d"]),
        ("50% down payment, 50% on delivery", ["50 order", "50 arrival"]),
        ("100% in advance", ["100 order"]),
        ("T/T in advance", ["100 order"]),
        ("full payment before shipment", ["100 before_shipment"]),
        ("net 30", ["100 invoice+30d"]),
        ("Net 60 days", ["100 invoice+60d"]),
        ("30 days EOM", ["100 invoice+30d eom"]),
        ("O/A 60 days", ["100 invoice+60d"]),
        ("T/T 60 days after B/L date", ["100 shipment+60d"]),
        ("L/C at sight", ["100 shipment lc"]),
        ("L/C 60 days", ["100 shipment+60d lc"]),
        ("D/P", ["100 bl_copy collection"]),
        ("D/A 60 days", ["100 bl_copy+60d collection"]),
        ("CAD", ["100 bl_copy collection"]),
        ("COD", ["100 arrival"]),
        ("30%定金，70%见提单副本", ["30 order", "70 bl_copy"]),
        ("30%定金,余款见提单副本付清", ["30 order", "70 bl_copy"]),
        ("三成定金，余款发货前付清", ["30 order", "70 before_shipment"]),
        ("预付30%,发货前付70%", ["30 order", "70 before_shipment"]),
        ("签约付30%，发货前付60%，验收后付10%", ["30 order", "60 before_shipment", "10 acceptance"]),
        ("款到发货", ["100 before_shipment"]),
        ("货到付款", ["100 arrival"]),
        ("收货后30天", ["100 arrival+30d"]),
        ("月结60天", ["100 invoice+60d eom"]),
        ("不可撤销即期信用证", ["100 shipment lc"]),
        ("全款预付", ["100 order"]),
        ("３０％ deposit， ７０％ before shipment", ["30 order", "70 before_shipment"]),
    ],
)
def test_terms_are_read(terms: str, read: list[str]) -> None:
    found = read_payment_terms(terms)
    assert found is not None
    assert [shown(one) for one in found] == read


@pytest.mark.parametrize(
    "terms",
    [
        "",
        "whatever you like",
        "T/T",
        "30% deposit",
        "预付款30%",
        "T/T 30/60",
        "net 30/70",
        "30% deposit, 80% before shipment",
        "30% deposit, 70% when the moon is full",
        "2% discount 10 days, net 30",
        "130% deposit",
        "see contract",
        "面议",
    ],
)
def test_what_is_not_understood_whole_is_asked_about(terms: str) -> None:
    assert read_payment_terms(terms) is None


@given(st.integers(1, 99), st.sampled_from(["deposit", "in advance", "down payment"]))
def test_shares_make_the_whole(percent: int, word: str) -> None:
    for text in (f"{percent}% {word}, balance against copy of B/L", f"T/T {percent}/{100 - percent}"):
        found = read_payment_terms(text)
        assert found is not None
        assert [one.percent for one in found] == [percent, 100 - percent]


ENGLISH = ("30%", "70%", "deposit", "balance", "before", "shipment", "after", "B/L", "copy", "net", "30", "days", "L/C")
CHINESE = ("定金", "余款", "发货前", "见提单副本", "月结", "，", "30/70", "T/T", "and", ";")
WORDS = st.sampled_from(ENGLISH + CHINESE)


@given(st.lists(WORDS, max_size=12).map(" ".join) | st.text(max_size=80))
def test_whatever_is_written_the_shares_make_the_whole_or_nothing_is_read(terms: str) -> None:
    found = read_payment_terms(terms)
    assert found is None or sum(one.percent for one in found) == Decimal(100)
    for one in found or ():
        assert one.percent > 0
        assert one.anchor in ANCHORS
