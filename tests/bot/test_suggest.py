"""Suggestions for a form's searched fields: for the person whose form it is, of what that person may see."""

from bot.cards.screen import Choice
from crm.core.history import SYSTEM
from crm.people.people import Member, Role, disable_person
from crm.sales.customers.customers import CustomerDetails, create_customer
from tests.bot.front_desk import Desk
from tests.conftest import MakePerson


def add_customer(desk: Desk, owner: Member, name: str) -> None:
    details = CustomerDetails(name=name, contact="Roland", country="AT")
    desk.write(lambda work: create_customer(work, actor=owner, platform="test", details=details))


async def suggest(desk: Desk, account: str, token: str, query: str, path: str = "customer") -> list[Choice]:
    return await desk.reception.suggest(
        platform="test", chat_id="room", account_id=account, token=token, path=path, query=query
    )


async def begin(desk: Desk, account: str, words: str) -> str:
    """Ask for a form in the room that all share; its token."""
    await desk.say(account, words, chat_id="room", forms=True)
    form = desk.room.last("room").form
    assert form is not None
    return form.token


async def test_each_gets_what_they_may_see_in_their_language(desk: Desk, make_person: MakePerson):
    li, wang = make_person("Li", language="zh_CN"), make_person("Wang")
    add_customer(desk, li, "Ernst Handel")
    add_customer(desk, wang, "Ernst & Young")
    account = desk.link(li)
    desk.link(wang)
    token = await begin(desk, account, "/deal")
    [found] = await suggest(desk, account, token, "ernst")
    assert (found.label, found.note) == ("Ernst Handel", "C · 奥地利")


async def test_somebody_else_in_the_same_chat_gets_nothing(desk: Desk, make_person: MakePerson):
    li, wang = make_person("Li"), make_person("Wang", Role.SUPERVISOR)
    add_customer(desk, li, "Ernst Handel")
    add_customer(desk, wang, "Ernst & Young")
    account, other = desk.link(li), desk.link(wang)
    token = await begin(desk, account, "/deal")
    assert len(await suggest(desk, account, token, "ernst")) == 1
    assert await suggest(desk, other, token, "ernst") == []
    assert await suggest(desk, "stranger", token, "ernst") == []


async def test_a_disabled_person_and_a_form_that_is_over_get_nothing(desk: Desk, make_person: MakePerson):
    li = make_person("Li")
    add_customer(desk, li, "Ernst Handel")
    account = desk.link(li)
    token = await begin(desk, account, "/deal")
    await desk.say(account, "/cancel", chat_id="room")
    assert await suggest(desk, account, token, "ernst") == []
    token = await begin(desk, account, "/deal")
    assert len(await suggest(desk, account, token, "ernst")) == 1
    desk.write(lambda work: disable_person(work, actor=SYSTEM, person_id=li.id))
    assert await suggest(desk, account, token, "ernst") == []
