"""The form beside the steps, through the front door: what the page is given, hands in, and is answered."""

from typing import Any
from uuid import uuid4

from sqlalchemy import text

from .serving import Served
from .trade import ANNA, WANG, add_customers, add_deal, add_products

LEAD = {"company": "Ernst Handel", "contact": "Roland", "source": "other", "product_need": "500 lamps"}


async def ask(served: Served, chat: str, words: str) -> dict[str, Any]:
    """Type something; returns the question it leads to."""
    await served.post(chat, id=str(uuid4()), text=words)
    return await last(served, chat)


async def last(served: Served, chat: str) -> dict[str, Any]:
    """The chat's last line, once everything that was to be said is said."""
    await served.app.delivery.settle()
    return (await served.lines(chat))[-1]


async def suggest(served: Served, chat: str, token: str, path: str, q: str) -> list[dict[str, str]]:
    query = {"token": token, "path": path, "q": q}
    answer = await served.client.get(f"/api/chats/{chat}/suggest", params=query)
    assert answer.status_code == 200
    return answer.json()["choices"]


def inputs(form: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {asked["key"]: asked for asked in form["inputs"]}


def rows(served: Served, query: str) -> list[Any]:
    with served.app.database.read() as work:
        return list(work.connection.execute(text(query)))


def words_of(message: dict[str, Any]) -> str:
    return "\n".join(line["text"] for line in message["body"]["lines"])


def key_of(message: dict[str, Any], label: str) -> str:
    return next(one["key"] for row in message["body"]["rows"] for one in row if one["label"].endswith(label))


async def test_a_question_brings_the_whole_conversation_in_the_persons_language(served: Served):
    chat = await served.open(1)
    form = (await ask(served, chat, "线索"))["body"]["form"]
    assert form["title"] == "新线索"
    asked = inputs(form)
    assert [*asked][:2] == ["company", "contact"]
    assert (asked["company"]["label"], asked["company"]["required"]) == ("公司名称", True)
    assert asked["reach"]["required"] is False
    assert {"value": "exhibition", "label": "展会"} in asked["source"]["choices"]


async def test_what_is_answered_in_steps_stands_in_the_form(served: Served):
    chat = await served.open(ANNA)
    await ask(served, chat, "lead")
    question = await ask(served, chat, "Ernst <b>Handel</b>")
    assert inputs(question["body"]["form"])["company"]["value"] == "Ernst <b>Handel</b>"


async def test_problems_come_by_path_and_what_is_right_then_is_saved_in_place_of_the_question(served: Served):
    chat = await served.open(ANNA)
    question = await ask(served, chat, "lead")
    token = question["body"]["form"]["token"]
    wrong = await served.post(chat, id="a", form=token, message=question["id"], values=LEAD | {"budget": "plenty"})
    assert set(wrong.json()["problems"]) == {"budget"}
    assert "form" not in wrong.json()
    assert rows(served, "SELECT company FROM leads") == []
    right = await served.post(chat, id="b", form=token, message=question["id"], values=LEAD | {"budget": "30k USD"})
    assert right.json() == {"status": "handled", "toast": "", "problems": {}}
    shown = await last(served, chat)
    assert shown["id"] == question["id"]
    assert "Ernst Handel" in words_of(shown)
    assert [row.company for row in rows(served, "SELECT company FROM leads")] == ["Ernst Handel"]
    again = await served.post(chat, id="c", form=token, message=question["id"], values=LEAD)
    assert again.json()["toast"]
    assert len(rows(served, "SELECT id FROM leads")) == 1


async def test_a_form_that_is_refused_leaves_the_buttons_their_meaning(served: Served):
    """The steps stay on show beside it: a button drawn for one question must not answer another."""
    chat = await served.open(ANNA)
    for words in ("lead", "Ernst Handel", "Roland", "skip", "skip"):
        question = await ask(served, chat, words)
    token = question["body"]["form"]["token"]
    values = {"source": "exhibition", "product_need": "lamps", "budget": "plenty"}
    refused = await served.post(chat, id="a", form=token, message=question["id"], values=values)
    assert set(refused.json()["problems"]) == {"budget"}
    await served.post(chat, id="b", press=key_of(question, "Website inquiry"), message=question["id"])
    shown = await last(served, chat)
    source = inputs(shown["body"]["form"])["source"]
    assert source["value"] == "website", "the press chose what its label said"


async def test_a_closed_form_puts_the_draft_aside(served: Served):
    chat = await served.open(ANNA)
    question = await ask(served, chat, "lead")
    token = question["body"]["form"]["token"]
    await served.post(chat, id="a", close=token, message=question["id"])
    shown = await last(served, chat)
    assert (shown["id"], shown["body"]["rows"][0][0]["label"]) == (question["id"], "Continue")
    forged = await served.post(chat, id="b", form="1.1~AAAAAAAA", values=LEAD)
    assert forged.json()["toast"]
    for bad in (0, "1", True, 1.5):
        assert (await served.post(chat, id="c", close=token, message=bad)).status_code == 400


async def test_long_lists_are_searched_as_one_types(served: Served):
    add_customers(served.app, "Ernst Handel", "万通贸易有限公司", more=12)
    chat = await served.open(ANNA)
    form = (await ask(served, chat, "deal"))["body"]["form"]
    customer = inputs(form)["customer"]
    assert (customer["kind"], customer.get("choices")) == ("search", None)
    [found] = await suggest(served, chat, form["token"], "customer", "ernst")
    assert found["label"] == "Ernst Handel"
    assert [one["label"] for one in await suggest(served, chat, form["token"], "customer", "wtmy")] == [
        "万通贸易有限公司"
    ]
    assert len(await suggest(served, chat, form["token"], "customer", "")) == 14
    assert await suggest(served, chat, form["token"], "customer", "\x00nobody") == []
    question = await ask(served, chat, "Ernst Handel")
    chosen = inputs(question["body"]["form"])["customer"]
    assert (chosen["value"], [one["label"] for one in chosen["choices"]]) == (found["value"], ["Ernst Handel"])


async def test_nobody_searches_through_anothers_form_nor_sees_anothers_customers(served: Served):
    add_customers(served.app, "Ernst Handel", more=12)
    add_customers(served.app, "Secret Ltd", owner=1)
    chat, other = await served.open(ANNA), await served.open(WANG)
    token = (await ask(served, chat, "deal"))["body"]["form"]["token"]
    assert await suggest(served, chat, token, "customer", "secret") == []
    assert await suggest(served, other, token, "customer", "ernst") == []
    assert await suggest(served, chat, "1.1~AAAAAAAA", "customer", "ernst") == []
    for path in ("", "nothing", "lines.0.product", "title"):
        assert await suggest(served, chat, token, path, "ernst") == []
    assert await suggest(served, "person-99", token, "customer", "ernst") == []
    await ask(served, chat, "/cancel")
    assert await suggest(served, chat, token, "customer", "ernst") == [], "the draft is over"


async def test_lines_that_the_page_adds_are_taken_and_blank_ones_are_not(served: Served):
    add_customers(served.app, "Ernst Handel")
    add_products(served.app, "Chai", "Chang")
    chat = await served.open(ANNA)
    question = await ask(served, chat, "order Ernst Handel")
    form = question["body"]["form"]
    assert "lines.0.product" in inputs(form)
    values = {asked["key"]: asked["value"] for asked in form["inputs"]} | {
        "price_terms": "FOB Ningbo",
        "delivery_on": "31/12/2098",
        "deliver_to": "Ningbo",
        "payment_terms": "T/T 30/70",
    }
    line = {"product": "", "quantity": "", "unit_price": "", "discount": ""}
    for index, filled in enumerate(
        ({"product": "Chai", "quantity": "500", "unit_price": "18"}, {}, {"product": "Chang", "quantity": "2k"})
    ):
        values |= {f"lines.{index}.{key}": value for key, value in {**line, **filled}.items()}
    lacking = await served.post(chat, id="a", form=form["token"], values=values)
    assert set(lacking.json()["problems"]) == {"lines.2.unit_price"}
    # The page's own third line has a place for it: only fields that are not there need another form.
    assert "form" not in lacking.json()
    await served.post(
        chat, id="b", form=form["token"], message=question["id"], values=values | {"lines.2.unit_price": "19"}
    )
    review = await last(served, chat)
    assert review["id"] == question["id"], "looked over before it goes, in place of the question"
    await served.post(chat, id="c", press=key_of(review, "Submit"), message=review["id"])
    lines = rows(served, "SELECT position, product_id, quantity FROM order_lines ORDER BY position")
    assert [(row.product_id, row.quantity // 10_000) for row in lines] == [(1, 500), (2, 2000)]


async def test_an_order_without_any_line_is_asked_for_one(served: Served):
    add_customers(served.app, "Ernst Handel")
    add_products(served.app, "Chai")
    chat = await served.open(ANNA)
    form = (await ask(served, chat, "order Ernst Handel"))["body"]["form"]
    values = {key: "" for key in inputs(form) if key.startswith("lines.")}
    values |= {key.replace(".0.", ".1."): "" for key in values}
    refused = await served.post(chat, id="a", form=form["token"], values=values)
    assert "lines.0.product" in refused.json()["problems"]
    assert "lines.1.product" not in refused.json()["problems"]


async def test_an_answer_that_makes_others_necessary_brings_a_fuller_form(served: Served):
    add_customers(served.app, "Ernst Handel")
    deal = add_deal(served.app)
    chat = await served.open(ANNA)
    question = await ask(served, chat, "move")
    form = question["body"]["form"]
    assert [*inputs(form)] == ["deal", "stage"]
    values = {"deal": str(deal), "stage": "lost"}
    answer = (await served.post(chat, id="a", form=form["token"], message=question["id"], values=values)).json()
    assert set(answer["problems"]) == {"reason_lost"}
    fuller = answer["form"]
    assert (fuller["token"], fuller["session"]) == (form["token"], form["session"])
    assert [*inputs(fuller)] == ["deal", "stage", "reason_lost", "reason_lost.own"]
    assert inputs(fuller)["stage"]["value"] == "lost"
    assert inputs(fuller)["reason_lost"]["problem"] == answer["problems"]["reason_lost"]
    again = (await served.post(chat, id="a", form=form["token"], message=question["id"], values=values)).json()
    assert (again["status"], again["form"]) == ("again", fuller)

    # Another stage asks for other things; what was typed stands again also where it cannot be read.
    values |= {"stage": "quotation", "reason_lost": "price", "first_response_on": "some day"}
    answer = (await served.post(chat, id="b", form=form["token"], values=values)).json()
    asked = inputs(answer["form"])
    assert "reason_lost" not in asked
    assert asked["first_response_on"]["value"] == "some day"
    told = {"product": "Lamp", "quantity": "500", "need": "light", "first_response_on": "yesterday", "reason_skip": "x"}
    handed = {key: told.get(key, asked[key]["value"]) for key in asked}
    answer = (await served.post(chat, id="c", form=form["token"], message=question["id"], values=handed)).json()
    assert (answer["problems"], answer["toast"]) == ({}, "")
    await last(served, chat)
    [row] = rows(served, "SELECT stage, lost_reason FROM deals")
    assert (row.stage, row.lost_reason) == ("quotation", None), "the reason for a stage given up again is not kept"
