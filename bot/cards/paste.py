"""Texts ready to be pasted into WeChat or WhatsApp, in the language of who gets them and not of who sends them."""

import re
from collections.abc import Mapping
from typing import Any

from bot.cards.screen import Line, Style, muted
from crm.core.rules import read_rules
from crm.core.text import T
from crm.core.work import UnitOfWork
from crm.people.people import Member
from crm.sales.customers.contacts import contacts_of

CHINESE = frozenset({"CN", "HK", "MO", "TW"})
"""Countries and regions (ISO 3166) whose customers are written to in Chinese."""

_HAN = re.compile(r"[\u4e00-\u9fff]")


def paste(customer: Any, *, zh: str, en: str) -> tuple[Line, ...]:
    """A text for a customer (a row with `country` and `name`), in their language, under a line that says what for.

    Its facts are filled in already: it is drawn as it stands.
    """
    text = zh if writes_chinese(customer) else en
    return muted(T("To paste into WeChat or WhatsApp:")), Line(Style.COPY, text)


def writes_chinese(customer: Any) -> bool:
    """By its country; where none is known, by its name."""
    if customer.country:
        return customer.country in CHINESE
    return _HAN.search(customer.name) is not None


def greeting(work: UnitOfWork, customer: Any, sender: Member) -> tuple[Line, ...]:
    """The first words to a new customer's main contact."""
    who = addressed(work, customer)
    us_zh, us_en = company_name(work, chinese=True), company_name(work, chinese=False)
    from_zh = f"我是{us_zh}的{sender.name}" if us_zh else f"我是{sender.name}"
    from_en = f"this is {sender.name} of {us_en}" if us_en else f"this is {sender.name}"
    return paste(
        customer,
        zh=f"{who['zh']}{from_zh}，很高兴与您建立联系。以后您这边的询价和订单由我负责，有任何需要随时找我，我会尽快回复。",
        en=f"{who['en']} {from_en}. It is a pleasure to be in touch. From now on I look after your inquiries and "
        "orders: please write to me any time, and I will get back to you promptly.",
    )


def addressed(work: UnitOfWork, customer: Any) -> Mapping[str, str]:
    """How a letter to its main contact begins: `王经理，您好！`, `Hello Roland Mendel,`."""
    contacts = contacts_of(work, customer_ids=[customer.id])
    name = contacts[0].name if contacts else ""
    if not name or name == customer.name:
        return {"zh": "您好！", "en": "Hello,"}
    return {"zh": f"{name}，您好！" if _HAN.search(name) else f"{name} 您好！", "en": f"Hello {name},"}


def company_name(work: UnitOfWork, *, chinese: bool) -> str:
    """What we are called on our letterhead; empty where that is not set yet."""
    rules = read_rules(work)
    ours, other = ("name_zh", "name") if chinese else ("name", "name_zh")
    return rules.get(f"letterhead.{ours}") or rules.get(f"letterhead.{other}") or ""
