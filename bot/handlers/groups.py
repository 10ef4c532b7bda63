"""Whose a shared chat is: there, `settings` asks an administrator, or a supervisor, which team it belongs to."""

from dataclasses import replace

from bot.cards.screen import Button, Screen, body, muted, say
from bot.handlers.customers.customers import record_id
from bot.request import Reply, Request
from crm.core.text import T
from crm.people.people import team_names
from crm.people.team_chats import can_tie_chat, shared_chat, team_of_chat, tie_chat

MOST_TEAMS = 30


def group_settings(request: Request) -> Reply | None:
    """The teams this chat may be given to; None where it is no shared chat, or not for this person to say."""
    chat_id = _chat(request)
    if chat_id is None:
        return None
    now = team_of_chat(request.work, chat_id=chat_id)
    names = team_names(request.work)
    choices: list[tuple[int | None, Button]] = [
        (team_id, Button(name, f"group.tie:{team_id}"))
        for team_id, name in sorted(names.items(), key=lambda one: one[1])
    ]
    choices.append((None, Button(T("No team"), "group.tie:0")))
    offered = [
        button
        for team_id, button in choices
        if team_id != now and can_tie_chat(request.person, team_id=team_id, now=now) is True
    ]
    if not offered:
        return None
    whose = (
        T("This chat belongs to no team.") if now is None else T("This chat belongs to team {team}.", team=names[now])
    )
    hint = muted(T("The orders of its team are shown there for decision, without margin, cost and credit."))
    screen = Screen((body(whose), hint), tuple((button,) for button in offered[:MOST_TEAMS]))
    return replace(_answer(request, screen), instead=say(_INVITE_FIRST))


_INVITE_FIRST = T("I am not a member of that channel. Invite me there first, then ask for settings there once more.")


def tie(request: Request) -> Reply:
    """Give this chat to a team, or to nobody. Raises Forbidden and NotFound."""
    chat_id = _chat(request)
    if chat_id is None:
        return Reply(toast=T("That button belongs to a shared chat."))
    team_id = record_id(request.argument) or None
    tie_chat(request.work, actor=request.person, platform=request.platform, chat_id=chat_id, team_id=team_id)
    done = T("This chat belongs to no team now.")
    if team_id is not None:
        done = T("This chat belongs to team {team} now.", team=team_names(request.work)[team_id])
    answer = _answer(request, say(done))
    return Reply(answer.shows, toast=done, here=answer.here)


def _chat(request: Request) -> int | None:
    """The shared chat in which this was said or pressed."""
    if request.room is not None:
        return request.room
    shown_in = request.inbound.shown_in
    return shared_chat(request.work, platform=request.platform, external_id=shown_in) if shown_in else None


def _answer(request: Request, screen: Screen) -> Reply:
    """There, for all to read; where the platform shows an answer there to one person alone, to that one."""
    return Reply(here=screen) if request.room is not None else Reply((screen,))


PRESSES = {"group.tie": tie}
