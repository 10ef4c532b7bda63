"""Administrators add people, move them between teams, say whom they report to, disable them and let them in again."""

from tests.bot.trading_desk import LI, XU, ZHAO, TradingDesk


def _person(company: TradingDesk, name: str) -> tuple[str | None, str | None, bool]:
    (row,) = company.desk.rows(
        "SELECT teams.name AS team, above.name AS superior, people.is_active AS active FROM people "
        "LEFT JOIN teams ON teams.id = people.team_id LEFT JOIN people AS above ON above.id = people.superior_id "
        f"WHERE people.name = '{name}'"
    )
    return row.team, row.superior, bool(row.active)


async def _add(company: TradingDesk, name: str, roles: str, team: str) -> None:
    await company.say(XU, "people")
    await company.press(XU, "Add somebody")
    await company.say(XU, name, roles, team, "skip", "en")
    await company.press(XU, "Confirm")


async def _edit(company: TradingDesk, name: str, field: str, value: str) -> str:
    await company.say(XU, "people")
    await company.press(XU, name)
    await company.press(XU, "Edit")
    while not any(label.endswith("Confirm") for label in company.last(XU).labels):  # what is empty is asked for first
        await company.press(XU, "Skip")
    await company.press(XU, "Edit")
    await company.press(XU, field)
    await company.say(XU, value)
    return await company.press(XU, "Confirm")


async def test_somebody_is_added_and_gets_a_code(company: TradingDesk) -> None:
    await _add(company, "Wu Lei", "业务员", "north")
    assert company.last(XU).lines == ("Wu Lei", "Roles: Sales rep", "Team: North", "Superior: Zhao")
    await company.press(XU, "Code")
    assert "The code for Wu Lei, once and within a day" in company.last(XU).text
    await company.say(XU, "people")
    await company.press(XU, "Add somebody")
    await company.say(XU, "wu lei", "rep", "skip", "skip", "en")
    assert "There is somebody named wu lei already." in await company.press(XU, "Confirm")


async def test_moved_to_a_new_team_and_given_its_supervisor(company: TradingDesk) -> None:
    await _add(company, "Ma Jun", "sales supervisor", "South")
    assert _person(company, "Ma Jun") == ("South", None, True)
    await _edit(company, LI, "Team", "south")
    assert _person(company, LI) == ("South", "Ma Jun", True)
    await _edit(company, LI, "Superior", ZHAO)
    assert _person(company, LI) == ("South", ZHAO, True)
    assert "Nobody reports to themselves" in await _edit(company, ZHAO, "Superior", LI)
    assert _person(company, ZHAO)[1] is None


async def test_a_supervisor_who_moves_leaves_nobody_behind(company: TradingDesk) -> None:
    assert _person(company, LI)[1] == ZHAO
    await _edit(company, ZHAO, "Team", "East")
    assert _person(company, ZHAO)[0] == "East"
    assert _person(company, LI)[:2] == ("North", None)


async def test_disabled_at_once_and_let_in_again(company: TradingDesk) -> None:
    await company.say(XU, "people")
    await company.press(XU, LI)
    await company.press(XU, "Disable")
    assert _person(company, LI)[2] is False
    await company.say(LI, "leads")
    assert "open leads" not in company.last(LI).text
    await company.press(XU, "Let in again")
    assert _person(company, LI)[2] is True
    await company.say(XU, "people")
    await company.press(XU, XU)
    assert "only administrator" in await company.press(XU, "Disable")
    assert _person(company, XU)[2] is True


async def test_an_administrator_no_more_changes_nobody(company: TradingDesk) -> None:
    await company.say(XU, "people")
    await company.press(XU, LI)
    card = company.last(XU)
    await company.say(XU, "people roles Zhao supervisor admin", "people roles Xu rep")
    assert "changed by an administrator" in await company.press(XU, "Disable", on=card)
    assert _person(company, LI)[2] is True
