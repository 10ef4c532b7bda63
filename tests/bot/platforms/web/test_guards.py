"""Who is turned away at the browser chat's door. It asks for no password, so these are all the protection it has."""

import json

import pytest

from bot.app import configured_platforms
from bot.platforms.web.guards import MOST_BYTES, check_host
from bot.platforms.web.platform import WebPlatform
from crm.core.database import Database
from crm.core.errors import SettingsError

from .serving import Served, make_settings

PATHS = ["/", "/api/people", "/api/events?chats=person-2:0", "/api/chats/person-2/messages", "/assets/0/chat.js"]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST", "::1", "127.0.0.5"])
def test_listening_on_a_loopback_address_is_taken(host: str):
    check_host(host)


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "", "192.168.1.5", "example.com", "localhost.example.com", "8.8.8.8"]
)
def test_listening_for_everybody_is_refused(host: str):
    with pytest.raises(SettingsError, match="TRADEWIND_HOST"):
        check_host(host)


def test_the_platform_is_not_made_for_a_host_that_others_reach(tmp_path):
    settings = make_settings(tmp_path, host="0.0.0.0")
    with pytest.raises(SettingsError, match=r"0\.0\.0\.0"):
        WebPlatform(settings, Database(settings.database_url))


@pytest.mark.parametrize(
    ("opened", "named"),
    [
        ({"telegram_mode": "webhook", "telegram_token": "1:x"}, "TRADEWIND_TELEGRAM_MODE=webhook"),
        ({"slack_mode": "http", "slack_bot_token": "xoxb-1"}, "TRADEWIND_SLACK_MODE=http"),
        ({"public_url": "https://crm.example.com"}, "TRADEWIND_PUBLIC_URL"),
        ({"public_url": "https://localhost.example.com:8080/x"}, "TRADEWIND_PUBLIC_URL"),
    ],
)
def test_it_is_not_served_where_platforms_or_people_call_from_outside(tmp_path, opened, named):
    settings = make_settings(tmp_path, **opened)
    with pytest.raises(SettingsError, match=f"^TRADEWIND_WEBCHAT=1 does not go together with {named}: [^\n]*$"):
        configured_platforms(settings, Database(settings.database_url))


@pytest.mark.parametrize(
    "closed",
    [
        {"public_url": "http://localhost:8080"},
        {"public_url": "http://[::1]:8080/"},
        {"telegram_mode": "webhook"},
        {"slack_mode": "http"},
        {"telegram_mode": "polling", "telegram_token": "1:x"},
        {"slack_mode": "socket", "slack_bot_token": "xoxb-1"},
    ],
)
def test_it_is_served_where_nobody_calls_from_outside(tmp_path, closed):
    settings = make_settings(tmp_path, **closed)
    assert WebPlatform(settings, Database(settings.database_url)).name == "web"


PASSED_ON = [
    ("Forwarded", "for=203.0.113.7"),
    ("X-Forwarded-For", "127.0.0.1"),
    ("X-Forwarded-Proto", "https"),
    ("x-forwarded-host", "crm.example.com"),
    ("Via", "1.1 proxy"),
    ("X-Real-IP", "127.0.0.1"),
    ("X-Forwarded-For", ""),
]


@pytest.mark.parametrize("header", PASSED_ON)
async def test_what_a_proxy_passes_on_gets_nothing(served: Served, header: tuple[str, str]):
    headers = dict([header])
    for path in PATHS:
        answer = await served.client.get(path, headers=headers)
        assert answer.status_code == 403, path
        assert "Anna" not in answer.text
    answer = await served.client.post("/api/chats", json={"person": 2}, headers=headers)
    assert (answer.status_code, answer.json()) == (
        403,
        {"problem": "This chat is for this machine only, not to be reached through a proxy."},
    )


FOREIGN = [
    "evil.example",
    "evil.example:8080",
    "127.0.0.1.evil.example",
    "10.0.0.1",
    "localhost.",
    "[::2]:80",
    "127.0.0.1:x",
]


@pytest.mark.parametrize("path", PATHS)
async def test_a_name_that_was_pointed_at_this_machine_gets_nothing(served: Served, path: str):
    for host in FOREIGN:
        answer = await served.client.get(path, headers={"Host": host})
        assert answer.status_code == 421, host
        assert "Anna" not in answer.text


async def test_a_foreign_name_cannot_post_even_with_its_own_origin(served: Served):
    headers = {"Host": "evil.example", "Origin": "http://evil.example"}
    answer = await served.client.post("/api/chats", json={"person": 2}, headers=headers)
    assert answer.status_code == 421


async def test_every_loopback_name_gets_the_page(served: Served):
    for host in ("127.0.0.1", "localhost:1", "LocalHost", "[::1]:8080", "[::1]", "127.0.0.1:65535"):
        assert (await served.client.get("/", headers={"Host": host})).status_code == 200, host


STRANGE = [
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1:1"},
    {"Origin": "https://{own}"},
    {"Origin": ""},
    {},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": "http://{own}", "Sec-Fetch-Site": "same-site"},
]


async def test_another_page_in_the_same_browser_cannot_post(served: Served):
    chat = await served.open(2)
    own = served.url.removeprefix("http://")
    del served.client.headers["Origin"]
    for number, strange in enumerate(STRANGE):
        headers = {name: value.format(own=own) for name, value in strange.items()}
        packed = {"id": f"a{number}", "text": "lead"}
        answer = await served.client.post(f"/api/chats/{chat}/messages", json=packed, headers=headers)
        assert answer.status_code == 403, strange
    assert await served.lines(chat) == []


@pytest.mark.parametrize("headers", [{"Origin": "http://{own}"}, {"Sec-Fetch-Site": "same-origin"}])
async def test_the_own_page_can_post(served: Served, headers: dict[str, str]):
    own = served.url.removeprefix("http://")
    del served.client.headers["Origin"]
    headers = {name: value.format(own=own) for name, value in headers.items()}
    assert (await served.client.post("/api/chats", json={"person": 2}, headers=headers)).status_code == 200


async def test_another_page_cannot_read_nor_hold_streams_open(served: Served):
    await served.open(2)
    for path in PATHS[1:4]:
        for site in ("cross-site", "same-site"):
            answer = await served.client.get(path, headers={"Sec-Fetch-Site": site})
            assert answer.status_code == 403, (path, site)


async def test_what_a_plain_form_can_send_is_refused(served: Served):
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        answer = await served.client.post("/api/chats", content=b'{"person": 2}', headers={"Content-Type": kind})
        assert answer.status_code == 403, kind


async def test_a_body_that_is_too_long_is_refused(served: Served):
    chat = await served.open(2)
    answer = await served.post(chat, id="a", text="x" * MOST_BYTES)
    assert answer.status_code == 413
    assert (await served.post(chat, id="a", text="x" * (MOST_BYTES - 100))).status_code == 200


async def test_a_body_without_a_length_is_counted_too(served: Served):
    async def endless():
        yield b'{"person": "'
        for _ in range(100):
            yield b"x" * 1024

    answer = await served.client.post("/api/chats", content=endless(), headers={"Content-Type": "application/json"})
    assert answer.status_code == 413


BAD = [
    b"",
    b"{",
    b"\xff\xfe",
    b"[]",
    b'"text"',
    b'{"id": "a", "text": "lead", "more": NaN}',
    b"[" * 20_000,
    b"1" * 5_000,
    *(
        json.dumps(packed).encode()
        for packed in (
            {},
            {"id": "a"},
            {"id": "a", "text": ""},
            {"id": "a", "text": " \n\x00"},
            {"id": "a", "text": 5},
            {"id": "a", "text": None},
            {"id": 5, "text": "lead"},
            {"id": "", "text": "lead"},
            {"id": "a b", "text": "lead"},
            {"id": "a" * 65, "text": "lead"},
            {"text": "lead"},
            {"id": "a", "text": "lead", "press": "x"},
            {"id": "a", "press": "x"},
            {"id": "a", "press": "x", "message": "1"},
            {"id": "a", "press": "x", "message": True},
            {"id": "a", "press": "x", "message": 2**63},
            {"id": "a", "press": ["x"], "message": 1},
            {"id": "a", "form": "x"},
            {"id": "a", "form": "x", "values": []},
            {"id": "a", "form": "x", "values": {"company": 5}},
            {"id": "a", "form": "x", "values": {"company": [5]}},
            {"id": "a", "form": 5, "values": {}},
        )
    ),
]


async def test_a_bad_post_is_answered_in_a_sentence(served: Served):
    chat = await served.open(2)
    for body in BAD:
        headers = {"Content-Type": "application/json"}
        answer = await served.client.post(f"/api/chats/{chat}/messages", content=body, headers=headers)
        assert answer.status_code == 400, body[:80]
        assert answer.json()["problem"].endswith(".")
    assert await served.lines(chat) == []


async def test_a_bad_stream_is_answered_in_a_sentence(served: Served):
    for query in ("", "chats=", "chats=person-2", "chats=person-2:x", "chats=a:1,,", "chats=a:-1"):
        answer = await served.client.get(f"/api/events?{query}")
        assert answer.status_code == 400, query
        assert answer.json()["problem"]


async def test_the_page_may_load_nothing_from_elsewhere_and_nobody_may_frame_it(served: Served):
    for path in ("/", "/api/people"):
        headers = (await served.client.get(path)).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy
        assert headers["x-content-type-options"] == "nosniff"


async def test_refusals_carry_the_same_headers(served: Served):
    answer = await served.client.get("/", headers={"Host": "evil.example"})
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
