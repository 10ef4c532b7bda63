"""Inquiries from the website: signed posts become leads, once, and whoever gets the lead hears at once."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import event

from bot.signed_posts import sign
from crm.core.errors import AWAY, StoreUnavailable
from crm.core.history import SYSTEM
from crm.core.rules import set_rule
from crm.sales.customers.customers import CustomerDetails, create_customer
from tests.bot.outside import SECRET, Outside
from tests.conftest import Clock, MakePerson

ERNST = {
    "name": "Hans Müller",
    "company": "Ernst Handel",
    "email": "Hans@Ernst-Handel.example",
    "phone": "+49 30 901820",
    "country": "Germany",
    "message": "2,000 LED panels please",
    "product": "LED panel",
    "page": "https://tradewind.example/led",
    "utm_source": "google",
    "utm_campaign": "spring-2026",
}


@pytest.fixture
async def outside(database_url: str, clock: Clock, tmp_path: Path) -> AsyncIterator[Outside]:
    opened = Outside(database_url, clock, tmp_path)
    yield opened
    await opened.close()


def _leads(outside: Outside) -> list[Any]:
    return outside.rows("SELECT * FROM leads ORDER BY id")


async def test_an_inquiry_becomes_a_lead(outside: Outside) -> None:
    answer = await outside.post(ERNST)
    assert (answer.status_code, answer.json()) == (202, {"number": "L-1", "repeated": False})
    [lead] = _leads(outside)
    assert (lead.company, lead.contact, lead.source) == ("Ernst Handel", "Hans Müller", "website")
    assert (lead.email, lead.phone, lead.country) == ("hans@ernst-handel.example", "+4930901820", "DE")
    assert lead.product_need == "LED panel: 2,000 LED panels please"
    assert lead.notes == "page: https://tradewind.example/led"
    tags = json.loads(lead.tags) if isinstance(lead.tags, str) else lead.tags
    assert tags == ["google", "spring-2026"]
    [entry] = outside.rows("SELECT platform, person_id FROM history WHERE entity = 'lead' AND act = 'received'")
    assert (entry.platform, entry.person_id) == ("website", None)


async def test_its_owner_hears_at_once(outside: Outside, make_person: MakePerson) -> None:
    li = make_person("Li", at=outside.app.database)
    outside.link(li)
    with outside.app.database.write() as work:
        told = CustomerDetails(name="Ernst Handel", contact="Hans", email="info@ernst-handel.example")
        create_customer(work, actor=li, platform="test", details=told)
    await outside.post(ERNST)
    async with asyncio.timeout(10):
        while not outside.room.chat("Li"):
            await outside.room.arrivals.wait()
            outside.room.arrivals.clear()
    assert any("L-1 Ernst Handel" in shown.text for shown in outside.room.chat("Li"))


async def test_a_form_is_as_good_as_json(outside: Outside) -> None:
    body = urlencode({**ERNST, "color": "白色"}).encode()
    answer = await outside.post_raw(body, kind="application/x-www-form-urlencoded; charset=utf-8")
    assert answer.json()["number"] == "L-1"
    assert _leads(outside)[0].notes == "page: https://tradewind.example/led\ncolor: 白色"


async def test_the_least_that_is_enough(outside: Outside) -> None:
    await outside.post({"name": "Hans", "email": "hans@ernst.example", "message": "lamps"})
    await outside.post({"name": "Hans", "email": "hans@gmail.com", "message": "lamps"})
    await outside.post({"company": "Ernst", "phone": "+49 30 901820", "product": "lamps", "country": "Atlantis"})
    assert [(one.company, one.contact) for one in _leads(outside)] == [
        ("ernst.example", "Hans"),
        ("Hans", "Hans"),
        ("Ernst", "Ernst"),
    ]
    assert _leads(outside)[2].notes == "country: Atlantis"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "no address", "phone": ""}, "email"),
        ({"email": "a@b.example and more", "phone": ""}, "email"),
        ({"email": "", "phone": ""}, "email"),
        ({"phone": "12", "email": ""}, "phone"),
        ({"name": "", "company": " "}, "name"),
        ({"message": "", "product": ""}, "message"),
        ({"message": "x" * 4_001}, "message"),
        ({"company": "x" * 201}, "company"),
        ({"id": "x" * 101}, "id"),
        ({"name": {"first": "Hans"}}, "name"),
    ],
)
async def test_what_is_wrong_is_named(outside: Outside, change: dict[str, Any], field: str) -> None:
    answer = await outside.post(ERNST | change)
    assert (answer.status_code, answer.json()["field"]) == (400, field)
    assert answer.json()["problem"].startswith(f"{field}: ")
    assert _leads(outside) == []
    assert (await outside.post(ERNST)).status_code == 202


@pytest.mark.parametrize("change", [{"phone": "030 901820", "country": ""}, {"email": "hans at ernst"}])
async def test_a_way_that_cannot_be_read_is_kept_beside_a_good_one(outside: Outside, change: dict[str, str]) -> None:
    assert (await outside.post(ERNST | change)).status_code == 202
    (lead,) = _leads(outside)
    (field, typed) = next(iter(change.items()))
    assert f"{field}: {typed}" in lead.notes
    assert lead.email or lead.phone


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b'{"a": ' * 5_000, b"\xff", b'"text"'])
async def test_what_is_no_object_is_refused(outside: Outside, body: bytes) -> None:
    answer = await outside.post_raw(body)
    assert answer.status_code == 400
    assert "JSON" in answer.json()["problem"]


async def test_odd_letters_are_no_trouble(outside: Outside) -> None:
    body = b'{"name": "a\\u0000b \\ud800", "email": "a@b.example", "message": "\\u0000x", "\\ud800": "y"}'
    assert (await outside.post_raw(body)).status_code == 202
    assert _leads(outside)[0].contact == "ab \ufffd"


@pytest.mark.parametrize("fields", [["a=1&" * 100], [b"a=%FF"]])
async def test_a_form_that_cannot_be_read(outside: Outside, fields: list[Any]) -> None:
    body = fields[0].encode() if isinstance(fields[0], str) else fields[0]
    answer = await outside.post_raw(body, kind="application/x-www-form-urlencoded")
    assert answer.status_code == 400


async def test_another_kind_of_body_is_refused(outside: Outside) -> None:
    assert (await outside.post_raw(b"<a/>", kind="text/xml")).status_code == 415


# — who may —


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Tradewind-Signature": "0" * 64},
        {"X-Tradewind-Signature": ""},
        {"X-Tradewind-Signature": "sha256=é".encode("latin-1").decode("latin-1")},
        {"X-Tradewind-Timestamp": "1"},
        {"X-Tradewind-Timestamp": ""},
        {"X-Tradewind-Timestamp": "-5"},
        {"X-Tradewind-Timestamp": "９９"},
    ],
)
async def test_without_a_good_signature_nothing_is_taken(outside: Outside, headers: dict[str, str]) -> None:
    raw = {name: value.encode("utf-8") for name, value in headers.items()}
    answer = await outside.post_raw(json.dumps(ERNST).encode(), headers=raw)  # type: ignore[arg-type]
    assert answer.status_code == 401
    assert _leads(outside) == []


@pytest.mark.parametrize(("seconds", "status"), [(-301, 401), (-299, 202), (299, 202), (301, 401)])
async def test_a_signature_holds_for_five_minutes(outside: Outside, seconds: int, status: int) -> None:
    at = int(outside.clock.now.timestamp()) + seconds
    answer = await outside.post_raw(json.dumps(ERNST).encode(), at=at)
    assert answer.status_code == status


async def test_too_long_is_too_long(outside: Outside) -> None:
    assert (await outside.post_raw(b"x" * (64 * 1024 + 1))).status_code == 413
    assert (await outside.post_raw(b"x" * (64 * 1024))).status_code == 400


async def test_without_a_secret_there_is_nothing(database_url: str, clock: Clock, tmp_path: Path) -> None:
    closed = Outside(database_url, clock, tmp_path, inbound_secret="")
    assert (await closed.post(ERNST)).status_code == 404
    await closed.close()


# — twice —


async def test_the_same_post_again_is_the_same_lead(outside: Outside) -> None:
    body = json.dumps(ERNST).encode()
    at = int(outside.clock.now.timestamp())
    first = await outside.post_raw(body, at=at)
    outside.clock.move(minutes=4)
    again = await outside.post_raw(body, at=at)
    assert (first.json()["repeated"], again.json()) == (False, {"number": "L-1", "repeated": True})
    assert len(_leads(outside)) == 1


async def test_an_id_counts_once_however_late_it_comes_again(outside: Outside) -> None:
    await outside.post(ERNST | {"id": "form-17"})
    outside.clock.move(days=2)
    again = await outside.post(ERNST | {"id": "form-17"})
    assert (again.status_code, again.json()["number"]) == (202, "L-1")
    other = await outside.post(ERNST | {"id": "form-17", "message": "something else"})
    assert (other.status_code, other.json()["field"]) == (409, "id")
    assert "L-1" in other.json()["problem"]
    assert len(_leads(outside)) == 1


async def test_many_at_once_with_one_id(outside: Outside) -> None:
    answers = await asyncio.gather(*(outside.post(ERNST | {"id": "form-17"}) for _ in range(8)))
    assert {one.json()["number"] for one in answers} == {"L-1"}
    assert sum(not one.json()["repeated"] for one in answers) == 1


async def test_a_program_that_fills_in_everything_learns_nothing(outside: Outside) -> None:
    answer = await outside.post(ERNST | {"homepage": "https://spam.example"})
    assert (answer.status_code, answer.json()) == (202, {"number": None})
    assert _leads(outside) == []


async def test_a_flood_is_held_off(outside: Outside) -> None:
    with outside.app.database.write() as work:
        set_rule(work, actor=SYSTEM, key="inquiries.per_minute", value="3")
    statuses = [(await outside.post(ERNST | {"id": str(at)})).status_code for at in range(5)]
    assert statuses == [202, 202, 202, 429, 429]
    outside.clock.move(seconds=61)
    late = await outside.post(ERNST | {"id": "4"})
    assert (late.status_code, late.json()) == (202, {"number": "L-4", "repeated": False})


async def test_while_the_store_is_away_the_website_tries_again(outside: Outside) -> None:
    def broken(*_: Any) -> None:
        raise StoreUnavailable("gone", AWAY)

    event.listen(outside.app.database.engine, "before_cursor_execute", broken)
    answer = await outside.post_raw(json.dumps(ERNST | {"id": "1"}).encode())
    event.remove(outside.app.database.engine, "before_cursor_execute", broken)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
    assert (await outside.post(ERNST | {"id": "1"})).json() == {"number": "L-1", "repeated": False}


# — as documented —


def test_the_documented_example_is_right() -> None:
    page = (Path(__file__).parents[2] / "docs" / "website.md").read_text("utf-8")
    example = page[page.index("<!-- example -->") :]
    told = dict(re.findall(r"^(secret|timestamp|body|signature): `(.*)`$", example, re.MULTILINE))
    assert sign(told["secret"].encode(), told["timestamp"], told["body"].encode()) == told["signature"]
    assert len(told) == 4
    for name in ("X-Tradewind-Timestamp", "X-Tradewind-Signature", "homepage", "64 KB"):
        assert name in page


def test_the_secret_of_the_tests_is_long_enough() -> None:
    assert len(SECRET) >= 32


async def test_what_is_no_number_in_json_is_refused(outside: Outside) -> None:
    answer = await outside.post_raw(b'{"name": "Hans", "email": "hans@ernst.example", "message": NaN}')
    assert answer.status_code == 400
    assert _leads(outside) == []
