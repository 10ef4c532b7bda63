"""Which handler, or which conversation, a request is for."""

from dataclasses import replace

from bot.cards import labels
from bot.cards.keys import Keys
from bot.cards.screen import Button, Screen, Style, muted, say
from bot.conversations import sessions
from bot.handlers import PRESSES, SHARED, find_said, find_verb, guided, replies
from bot.handlers.capture import capture, exhibition
from bot.handlers.leads import talk as lead_talk
from bot.handlers.verbs import Verb
from bot.inbound import CHANGE, CLOSED, FORM, HOME, PRESS, PROPOSAL, TEXT, Inbound
from bot.request import Reply, Request
from crm.core import copies
from crm.core.text import T, Words


def route(request: Request, keys: Keys) -> Reply:
    """Carry the request out. Raises what its handler raises."""
    inbound = request.inbound
    if inbound.kind == PRESS:
        return _pressed(request, keys)
    if inbound.kind == PROPOSAL:
        return _with_continue(request, capture.take_proposal(request))
    if inbound.kind == HOME:
        return _home(request)
    if inbound.kind in SHARED:
        reply = SHARED[inbound.kind](request)
        return reply if reply.asks else _with_continue(request, reply)
    if inbound.kind in {FORM, CLOSED, CHANGE}:
        token = keys.open(inbound.token, platform=inbound.platform, chat_id=inbound.chat_id)
        if token is None:
            return Reply(toast=_FORGED)
        if inbound.kind == CLOSED:
            return guided.close(request, token)
        if inbound.kind == CHANGE:
            return guided.change(request, token, inbound.values, inbound.button)
        return guided.fill(request, token, inbound.values)
    return _typed(request)


def _pressed(request: Request, keys: Keys) -> Reply:
    inbound = request.inbound
    action = keys.open(inbound.button, platform=inbound.platform, chat_id=inbound.chat_id)
    if action is None:
        return Reply(toast=_FORGED)
    name, _, argument = action.partition(":")
    request = replace(request, argument=argument)
    if name == "verb":
        return _typed(replace(request, inbound=replace(inbound, text=f"/{argument}")))
    handler = PRESSES.get(name)
    return Reply(toast=_FORGED) if handler is None else handler(request)


def is_overheard(inbound: Inbound) -> bool:
    """Whether it was said in a shared chat to somebody else: a command that is not ours, and without our name."""
    if inbound.addressed or inbound.kind != TEXT or inbound.replies_to is not None:
        return False
    return find_verb(inbound.text) is None


def refusal(inbound: Inbound, text: Words) -> Reply:
    """How an error is told: in passing for a press or a form, as a message for what was typed."""
    if inbound.kind == FORM:
        return Reply(problems={"": text})  # the page stays open, so that nothing typed is lost
    if inbound.kind in {PRESS, CLOSED, CHANGE}:
        return Reply(toast=text)
    return Reply((say(text),))


def _home(request: Request) -> Reply:
    """Their own page is one more copy of a card: drawn now, and again whenever what it shows changes."""
    copies.show_again(
        request.work,
        card="home",
        subject_id=request.person.id,
        chat_id=request.chat_id,
        person_id=request.person.id,
        message_ref=request.inbound.message_ref,
    )
    return Reply()


_FORGED = T("That button is not one of ours, or it is for another chat.")
_UNKNOWN = T("I did not understand that. Type help to see what I can do.")


def _typed(request: Request) -> Reply:
    """A verb, an answer, or something that gets a helpful sentence."""
    text = request.inbound.text
    found = find_verb(text)
    session = request.session
    if request.inbound.replies_to is not None and not (found and found[2]):
        noted = replies.to_card(request)
        if noted is not None:
            return _with_continue(request, noted)
    if request.room is not None and found is None:
        return _said_in_room(request)
    if session is not None and not session.as_form and _goes_past(request, session, text, found):
        pass
    elif request.room is None and session is not None and not session.as_form and not (found and _always_wins(*found)):
        reply = guided.answer(request, session, text)
        return (
            reply if found is None else _with_way_out(reply, found[0].spoken(request.person.language), request.platform)
        )
    if found is None and request.room is None:
        found = find_said(text)
    if found is None and (kept := exhibition.take_card(request)) is not None:
        return _with_continue(request, kept)
    if found is None and (dated := lead_talk.take_date(request)) is not None:
        return _with_continue(request, dated)
    if found is None:
        return _read_whole(request)
    verb, argument, _ = found
    if not verb.is_for(request.person):
        return Reply((say(T("{verb} is for other roles than yours.", verb=verb.spoken(request.person.language))),))
    if not verb.parks:
        return verb.handler(replace(request, argument=argument))
    guided.park(request)
    return _with_continue(request, verb.handler(replace(request, argument=argument, session=None)))


def _goes_past(request: Request, session: sessions.Session, text: str, found: tuple[Verb, str, bool] | None) -> bool:
    """Whether what was typed is no answer to the open draft: a verb at its review, or another lead as a whole."""
    if found is not None:
        return found[0].name != "cancel" and guided.is_looked_over(request, session, text)
    return not guided.takes_anything(session) and capture.is_another_lead(request, text)


def _read_whole(request: Request) -> Reply:
    """What is no verb and no answer: read as a whole, and shown to be saved; else a helpful answer."""
    read = capture.capture(request, request.inbound.text)
    if read is not None and read.asks:
        return read
    return _with_continue(request, read or capture.not_read(request))


def _said_in_room(request: Request) -> Reply:
    """In a shared chat only what is said to us is read; the form opens in their own."""
    if not request.inbound.addressed:
        return Reply()
    return capture.capture(request, request.inbound.text) or Reply(here=say(_UNKNOWN))


def _always_wins(verb: Verb, argument: str, slashed: bool) -> bool:
    """Whether a verb counts where bare text is an answer. (`Cancel Culture Ltd` is a company's name.)"""
    return slashed or (verb.name == "cancel" and not argument)


def _with_way_out(reply: Reply, verb: str, platform: str) -> Reply:
    """A word that is a verb was no answer here: how to use it all the same. The question stays the last line."""
    screen = reply.shows[0] if reply.shows else None
    if not isinstance(screen, Screen) or not any(line.style is Style.PROBLEM for line in screen.lines):
        return reply
    # Slack knows no slash of ours but one.
    command = f"/crm {verb}" if platform == "slack" else f"/{verb}"
    hint = muted(T("You are in a draft. To use {verb} now, write {command}.", verb=verb, command=command))
    told = replace(screen, lines=(*screen.lines[:-1], hint, screen.lines[-1]))
    return replace(reply, shows=(told, *reply.shows[1:]))


def _with_continue(request: Request, reply: Reply) -> Reply:
    """The same reply, and a button that leads back to the draft put aside, if there is one."""
    parked = sessions.latest_parked(request.work, chat_id=request.chat_id, person_id=request.person.id)
    if parked is None or not reply.shows or not isinstance(reply.shows[-1], Screen):
        return reply
    last = reply.shows[-1]
    row = (Button(labels.CONTINUE, f"continue:{parked.id}"),)
    return replace(reply, shows=(*reply.shows[:-1], replace(last, rows=(*last.rows, row))))
