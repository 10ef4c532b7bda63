"""The companies that the sample company trades with, from `companies.toml`."""

import tomllib
from pathlib import Path

from crm.sales.customers.customers import CustomerDetails
from crm.sales.leads.leads import LeadDetails
from crm.sample.setting import Firm

CUSTOMERS_A_COUNTRY = 4
"""So many of each country become customers; the others stay leads."""

_SOURCES = ("exhibition", "website", "b2b", "referral", "exhibition", "outreach", "website")


def read_firms() -> list[Firm]:
    """All of them, country by country, the largest of each first."""
    countries = tomllib.loads(Path(__file__).with_name("companies.toml").read_text("utf-8"))
    return [
        Firm(
            country=country,
            place=place,
            name=name,
            contact=contact,
            position=position,
            email=f"{mail}.example",
            phone=about["phone"].replace("###", f"{100 + 7 * place:03}"),
            rep=about["rep"],
            currency=about["currency"],
            port=about["port"],
            city=about["cities"][place % len(about["cities"])],
            terms=about["terms"][place % len(about["terms"])],
        )
        for country, about in countries.items()
        for place, (name, contact, position, mail) in enumerate(about["companies"])
    ]


def source_of(firm: Firm) -> str:
    return _SOURCES[(firm.place * 3 + len(firm.name)) % len(_SOURCES)]


def as_customer(firm: Firm) -> CustomerDetails:
    """What is told of a customer that was one before the company had this program."""
    return CustomerDetails(
        name=firm.name,
        contact=firm.contact,
        position=firm.position,
        phone=firm.phone,
        email=firm.email,
        wechat=_wechat(firm),
        whatsapp=firm.phone if firm.country in {"AE", "BR", "MX", "ES"} else None,
        country=firm.country,
        currency=firm.currency,
        payment_terms=firm.terms,
        source=source_of(firm),
        tags=_tags(firm),
    )


def as_lead(firm: Firm, *, need: str, category: str, notes: str | None) -> LeadDetails:
    """What is told of the same company when it first asks."""
    return LeadDetails(
        company=firm.name,
        contact=firm.contact,
        source=source_of(firm),
        product_need=need,
        product_category=category,
        phone=firm.phone if len(firm.name) % 3 else None,
        email=firm.email,
        wechat=_wechat(firm),
        country=firm.country,
        tags=_tags(firm),
        notes=notes,
    )


def _wechat(firm: Firm) -> str | None:
    return firm.email.partition("@")[0] + "_cg" if firm.country == "CN" else None


def _tags(firm: Firm) -> list[str]:
    return ["Canton Fair"] if source_of(firm) == "exhibition" else []
