"""Price terms and deposits as people write them."""

from decimal import Decimal

import pytest

from crm.orders.terms import deposit_in, read_price_terms, with_deposit


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("FOB Ningbo", ("FOB", "Ningbo")),
        ("fob, Ningbo", ("FOB", "Ningbo")),
        ("ＣＩＦ 汉堡", ("CIF", "汉堡")),
        ("CIF汉堡", ("CIF", "汉堡")),
        ("EXW", ("EXW", None)),
        ("  ddp  Wien, Austria ", ("DDP", "Wien, Austria")),
        ("C&F Hamburg", ("CFR", "Hamburg")),
        ("含税", ("TAX", None)),
        ("含税，送到苏州", ("TAX", "送到苏州")),
        ("Tax included", ("TAX", None)),
        ("出厂价 宁波", ("EXW", "宁波")),
        ("ex works Ningbo", ("EXW", "Ningbo")),
        ("FOBBED", None),
        ("whatever", None),
        ("", None),
    ],
)
def test_price_terms(typed: str, read: tuple[str, str | None] | None) -> None:
    assert read_price_terms(typed) == read


@pytest.mark.parametrize(
    ("terms", "percent"),
    [
        ("30% deposit, 70% before shipment", "30"),
        ("30 % T/T deposit, balance against B/L copy", "30"),
        ("Deposit 33.3%, rest L/C", "33.3"),
        ("30%定金，70%见提单副本", "30"),
        ("预付款30%", "30"),
        ("100% in advance", "100"),
        ("T/T 30/70", "30"),
        ("TT 30%/70%", "30"),
        ("电汇 30/70", "30"),
        ("T/T 30/60", None),
        ("net 30/70", None),
        ("T/T 0/100", None),
        ("70% before shipment", None),
        ("60 days", None),
        ("130% deposit", None),
        (None, None),
    ],
)
def test_the_deposit_in_terms(terms: str | None, percent: str | None) -> None:
    assert deposit_in(terms) == (None if percent is None else Decimal(percent))


@pytest.mark.parametrize(
    ("terms", "new"),
    [
        ("30% deposit, 70% before shipment", "50% deposit, 50% before shipment"),
        ("30%定金，70%见提单副本", "50%定金，50%见提单副本"),
        ("30% deposit, 60% before shipment, 10% after 30 days", "50% deposit, 60% before shipment, 10% after 30 days"),
        ("60 days", "50% deposit; 60 days"),
        ("预付款30%", "预付款50%"),
        ("T/T 30/70", "T/T 50/50"),
        ("T/T 30/70 against B/L copy", "T/T 50/50 against B/L copy"),
        (None, "50% deposit"),
    ],
)
def test_terms_with_another_deposit(terms: str | None, new: str) -> None:
    assert with_deposit(terms, Decimal(50)) == new
    assert deposit_in(new) == 50
