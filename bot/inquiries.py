"""`POST /inbound/leads`: an inquiry from the website becomes a lead by the rules, and its owner hears at once.

Read generously and kept whole: what is no field of a lead stands in its notes. See docs/website.md.
"""

import asyncio
import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.signed_posts import Refusal, Signed, answering, read_fields
from crm.core import inbox
from crm.core.database import Database
from crm.core.inbox import InboxEntry
from crm.core.rules import whole_rule
from crm.core.work import UnitOfWork
from crm.language.contacts import email_domain, read_contact
from crm.language.countries import read_country
from crm.sales.collisions.intake import receive_lead
from crm.sales.leads.leads import LeadDetails, number

PATH = "/inbound/leads"
PLATFORM = "website"

HONEYPOT = "homepage"
"""A field that people do not see, and programs fill in."""

_MOST = {"name": 200, "company": 200, "message": 4_000, "product": 200, "id": 100}
_WAYS = ("email", "phone", "wechat", "whatsapp")
_TAGS = ("utm_source", "utm_campaign", "tags")
_OWN_NAMES = {"contact": "name", "source_page": "page", "e-mail": "email", "mail": "email", "tel": "phone"}
_PLACED = frozenset({"id", "name", "company", "country", "message", "product", HONEYPOT, *_WAYS, *_TAGS})
_MOST_TAGS, _MOST_TAG, _MOST_NOTE, _MOST_NOTES = 20, 60, 500, 4_000


class Inquiries:
    """Takes inquiries. `wake` is told the chats that something was written for."""

    def __init__(self, database: Database, signed: Signed, *, wake: Callable[[Collection[int]], None]) -> None:
        self._database = database
        self._signed = signed
        self._wake = wake

    def routes(self) -> list[BaseRoute]:
        return [Route(PATH, answering(self._take), methods=["POST"])]

    async def _take(self, request: Request) -> Response:
        body, signature = await self._signed.read(request)
        fields = {_OWN_NAMES.get(name.lower(), name.lower()): text for name, text in read_fields(request, body).items()}
        fields = {name: text for name, text in fields.items() if text}
        if fields.get(HONEYPOT):
            return JSONResponse({"number": None}, 202)  # who fills it in learns nothing
        details = read_inquiry(fields)
        delivery = f"id:{fields['id']}" if "id" in fields else f"signature:{signature}"
        outcome, is_new, wakes = await asyncio.to_thread(self._write, delivery, _digest(fields), fields, details)
        if not is_new and outcome["digest"] != _digest(fields):
            known = f"The id {fields['id']} was used for {outcome['number']}, with other content."
            raise Refusal(409, known, field="id")
        self._wake(wakes)
        return JSONResponse({"number": outcome["number"], "repeated": not is_new}, 202)

    def _write(
        self, delivery: str, digest: str, fields: Mapping[str, str], details: LeadDetails
    ) -> tuple[dict[str, Any], bool, Collection[int]]:
        """The lead, written once; what this delivery is answered with, and whether it is new."""
        with self._database.write() as work:
            known = {"platform": PLATFORM, "delivery_id": delivery}
            if not inbox.take(work, **known):
                return inbox.outcome_of(work, **known) or {"number": None, "digest": digest}, False, ()
            _keep_pace(work)
            page = fields.get("page", "")[:200]
            received = receive_lead(work, details=details, platform=PLATFORM, received_from=page or PLATFORM)
            outcome = {"number": number(received.lead_id), "digest": digest}
            inbox.keep_outcome(work, **known, outcome=outcome)
        return outcome, True, work.wakes


def read_inquiry(fields: Mapping[str, str]) -> LeadDetails:
    """The lead that these fields (not empty, by name) tell of. Raises Refusal with the field that is wrong."""
    for name, most in _MOST.items():
        if len(fields.get(name, "")) > most:
            raise Refusal(400, f"{name}: at most {most:,} characters.", field=name)
    country = read_country(fields["country"]) if "country" in fields else None
    ways, unread = _ways(fields, country)
    name, company = _line(fields.get("name", "")), _line(fields.get("company", ""))
    if not (name or company):
        raise Refusal(400, "name: the name of a person or a company is needed.", field="name")
    need = ": ".join(fields[key] for key in ("product", "message") if key in fields)
    if not need:
        raise Refusal(400, "message: what they want is needed, in message or product.", field="message")
    own_domain = email_domain(ways["email"]) if "email" in ways else None
    return LeadDetails(
        company=company or own_domain or name,
        contact=name or company,
        source="website",
        product_need=need,
        country=country,
        tags=_tags(fields),
        notes=_notes(fields, country, unread),
        email=ways.get("email"),
        phone=ways.get("phone"),
        wechat=ways.get("wechat"),
        whatsapp=ways.get("whatsapp"),
    )


def _ways(fields: Mapping[str, str], country: str | None) -> tuple[dict[str, str], set[str]]:
    """How they can be reached, and which fields could not be read: those go to the notes, as long as one way is good.

    A website's form mostly takes national numbers; who gets an error for one leaves. Raises Refusal where none is good.
    """
    ways: dict[str, str] = {}
    refused: dict[str, Refusal] = {}
    for way in _WAYS:
        if way in fields:
            try:
                ways[way] = _way(way, fields[way], country)
            except Refusal as refusal:
                refused[way] = refusal
    if not ways:
        needed = Refusal(400, "email: an e-mail address or a phone number is needed.", field="email")
        raise next(iter(refused.values()), needed)
    return ways, set(refused)


def _way(way: str, typed: str, country: str | None) -> str:
    if way == "wechat":
        if len(typed) > 100:
            raise Refusal(400, "wechat: at most 100 characters.", field=way)
        return _line(typed)
    if way == "email":
        read = read_contact(typed, region=None)
        if read is None or read.email is None or read.email != typed.lower() or len(typed) > 254:
            raise Refusal(400, "email: this is no e-mail address; write it as wang@example.com.", field=way)
        return read.email
    read = read_contact(typed, region=country)
    phone = None if read is None else read.phone
    if phone is None:
        raise Refusal(400, f"{way}: write the number with its country code, as in +49 30 901820.", field=way)
    return phone


def _tags(fields: Mapping[str, str]) -> list[str]:
    told = [part for key in _TAGS for part in fields.get(key, "").replace("，", ",").split(",")]
    tags = dict.fromkeys(_line(part).lstrip("#")[:_MOST_TAG] for part in told)
    return [tag for tag in tags if tag][:_MOST_TAGS]


def _notes(fields: Mapping[str, str], country: str | None, unread: Collection[str]) -> str | None:
    """Everything that has no place of its own in a lead."""
    rest = {name: text for name, text in fields.items() if name not in _PLACED or name in unread}
    if "country" in fields and country is None:
        rest["country"] = fields["country"]
    lines = [f"{_line(name)[:60]}: {_line(text)[:_MOST_NOTE]}" for name, text in rest.items()]
    return "\n".join(lines)[:_MOST_NOTES] or None


def _line(text: str) -> str:
    return " ".join(text.split())


def _keep_pace(work: UnitOfWork) -> None:
    """Raise Refusal where more come than the rule lets in; this one is counted already."""
    most = whole_rule(work, "inquiries.per_minute")
    table = InboxEntry.table()
    lately = (table.c.platform == PLATFORM, table.c.received_at > work.now - timedelta(minutes=1))
    count = work.connection.execute(select(func.count()).select_from(table).where(*lately)).scalar_one()
    if count > most:
        raise Refusal(429, f"More than {most} inquiries came within a minute: try again in one.", wait_s=60)


def _digest(fields: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(dict(fields), sort_keys=True).encode()).hexdigest()
