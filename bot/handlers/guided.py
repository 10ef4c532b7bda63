"""Guided conversations: begun, answered, put aside, continued, cancelled, submitted.

The engine decides what an answer means; here its turns become rows, and its completion a call of a service.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.cards import labels
from bot.cards.screen import Button, Choice, Form, Screen, body, muted, problem, say, title
from bot.conversations import changing, engine, sessions
from bot.conversations.definition import Conversation, Group, World
from bot.conversations.draft import ANOTHER, ASK, EDIT, REVIEW, Draft, read_path
from bot.conversations.drawing import draw, form, note_form, review_form
from bot.conversations.engine import Fill, Press, Say
from bot.conversations.kinds.words import Passage
from bot.conversations.sessions import Session
from bot.conversations.turns import Turn
from bot.conversations.values import load_values
from bot.handlers.typed_labels import typed_press
from bot.handlers.world import CompanyWorld
from bot.request import Reply, Request
from crm.core.errors import NotFound, TradewindError
from crm.core.text import T, Text
from crm.core.work import UnitOfWork
from crm.people.people import Member
from crm.people.permissions import Allowed, require

Submit = Callable[[Request, Mapping[str, Any], int | None], Reply]
Stands = Callable[[Request, int], None]

SUGGESTIONS = 20
"""Shown at once for what is typed into a searched field."""
SHORT_LIST = 12
"""Records a form lists where it stands beside the steps; where it stands alone they are all searched."""


@dataclass(frozen=True, slots=True)
class Guide:
    """A conversation with who may have it, and what its values are given to.

    `submit(request, values, subject_id)`: values as the kinds load them, by field key. `stands(request, subject_id)`
    raises why the record it is about needs it no more: decided by somebody else, say. `shaped`: the conversation as
    the company has it now, where its fields are a template.
    """

    conversation: Conversation
    allowed: Callable[[Member], Allowed]
    submit: Submit
    stands: Stands | None = None
    shaped: Callable[[UnitOfWork], Conversation] | None = None

    def now(self, work: UnitOfWork) -> "Guide":
        """With its conversation as it stands."""
        return self if self.shaped is None else replace(self, conversation=self.shaped(work))


_GUIDES: dict[str, Guide] = {}


def register(guide: Guide) -> Guide:
    """Make a conversation known by its name, so that sessions under way find it."""
    _GUIDES[guide.conversation.name] = guide
    return guide


def anybody(person: Member) -> Allowed:
    """For a Guide: who may is asked of the record, by the service, as things stand when it is called."""
    return True


def begin(
    request: Request,
    guide: Guide,
    *,
    answers: Mapping[str, Any] | None = None,
    subject_id: int | None = None,
    replaces: bool = False,
    wrong: Text | None = None,
    captured: bool = False,
) -> Reply:
    """Start a conversation here; the one before is put aside. `wrong`: what is, of what was said; `captured`: its
    answers were read out of one message, and are shown where that stands. Raises Forbidden.
    """
    require(guide.allowed(request.person))
    guide = guide.now(request.work)
    parked = None if _is_same_and_empty(request, guide) else park(request)
    world = _world(request, subject_id, answers)
    conversation = guide.conversation
    draft = engine.begin(conversation, world, answers, captured=captured)
    session = sessions.start_session(
        request.work,
        chat_id=request.chat_id,
        person_id=request.person.id,
        conversation=conversation.name,
        version=conversation.version,
        draft=draft,
        subject_id=subject_id,
        as_form=request.inbound.forms and not (captured and not request.inbound.shown_in),
    )
    shown = _show(request, session, conversation, Turn(draft, problem=wrong), world)
    if parked is not None:
        kept = T("Your draft “{title}” is put aside.", title=parked.conversation.title)
        shown = Screen((muted(kept), *shown.lines), shown.rows, shown.form)
    return Reply((shown,), replaces=replaces, asks=True)


def _is_same_and_empty(request: Request, guide: Guide) -> bool:
    """Whether the open draft is one of this conversation that holds nothing yet: it ends, and the new one follows."""
    session = request.session
    if session is None or session.as_form or session.draft.answers:
        return False
    if session.conversation != guide.conversation.name:
        return False
    sessions.set_status(request.work, session, "cancelled")
    return True


def park(request: Request) -> Guide | None:
    """Put the active conversation of this chat aside; returns it, None when there is none."""
    if request.session is None:
        return None
    sessions.set_status(request.work, request.session, "parked")
    return _GUIDES.get(request.session.conversation)


def answer(request: Request, session: Session, text: str) -> Reply:
    """A typed answer to the active conversation."""
    guide = _guide(session).now(request.work)
    session = _current(request, guide, session)
    code = typed_press(guide.conversation, session, text, _world(request, session.subject_id, session.draft.answers))
    return _act(request, guide, session, Say(text) if code is None else Press(code), pressed=False)


def takes_anything(session: Session) -> bool:
    """Whether what is asked for now is free text of any length, which no message is too whole for."""
    if session.draft.place not in {ASK, EDIT}:
        return False
    try:
        return isinstance(_guide(session).conversation.field(session.draft.path).kind, Passage)
    except (KeyError, IndexError):
        return False


def takes_lines(session: Session) -> bool:
    """Whether several lines may be written now in one message: where one begins, or one more may be added."""
    steps = _guide(session).conversation.steps
    group = next((step for step in steps if isinstance(step, Group) and step.key == session.draft.path[0]), None)
    if group is None or group.read is None:
        return False
    if session.draft.place == ANOTHER:
        return True
    return session.draft.place == ASK and session.draft.path[2] == group.fields[0].key and not session.draft.returning


def is_looked_over(request: Request, session: Session, text: str) -> bool:
    """Whether the draft stands at its review, where words that press none of its buttons answer nothing."""
    conversation = _guide(session).now(request.work).conversation
    return session.draft.place == REVIEW and (
        typed_press(conversation, session, text, _world(request, session.subject_id, session.draft.answers)) is None
    )


def press(request: Request) -> Reply:
    """A button of a conversation: `session.turn:code`."""
    token, _, code = request.argument.partition(":")
    session, stale = _session_of(request, token)
    if stale is not None:
        return stale
    guide = _guide(session).now(request.work)
    session = _current(request, guide, session)
    if code == "cancel":
        return cancel_session(request, session, replaces=True)
    return _act(request, guide, session, Press(code), pressed=True)


def fill(request: Request, token: str, values: Mapping[str, Any]) -> Reply:
    """A form handed in."""
    session, stale = _session_of(request, token)
    if stale is not None:
        return _told_in_form(request, session, stale, token, values)
    guide = _guide(session).now(request.work)
    # Where the form stands in a message, that message becomes the answer, like one whose button was pressed.
    return _act(request, guide, _current(request, guide, session), Fill(values), pressed=True)


def change(request: Request, token: str, values: Mapping[str, Any], what: str) -> Reply:
    """Something in a form that is still open was changed (`what`: a field's path) or one of its buttons pressed.

    No turn is used up: the same form, drawn anew with what hangs on the change. The draft keeps what could be read.
    """
    session, stale = _session_of(request, token)
    if stale is not None:
        return _told_in_form(request, session, stale, token, values)
    guide = _guide(session).now(request.work)
    require(guide.allowed(request.person))
    ended = _ended(request, guide, session, replaces=False)
    if ended is not None:
        return ended
    session = _current(request, guide, session)
    world = _world(request, session.subject_id, session.draft.answers)
    changed = changing.change(guide.conversation, session.draft, values, what, world)
    kept = changed.draft.standing_as(session.draft)
    sessions.keep(request.work, session, kept)
    turn = Turn(kept, problems=changed.problems)
    return Reply(form=_page(request, guide.conversation, turn, world, token=session.token, typed=changed.typed))


def _told_in_form(request: Request, session: Session, stale: Reply, token: str, values: Mapping[str, Any]) -> Reply:
    """Why a form cannot be handed in any more, said in its place.

    One that was put aside while it was being filled in is continued with all that could be read of it.
    """
    if not session.as_form or stale.toast is None:
        return stale
    guide, told = _guide(session).now(request.work), stale.toast
    if session.status in {"parked", "cancelled"} and token == f"{session.id}.{session.turn - 1}":
        world = _world(request, session.subject_id, session.draft.answers)
        taken = changing.change(guide.conversation, session.draft, values, "", world).draft
        sessions.keep(request.work, session, taken.standing_as(session.draft))
        told = T("{what} What was typed here is kept: press Continue to go on.", what=told)
    return replace(stale, form=note_form(guide.conversation, told))


def close(request: Request, token: str) -> Reply:
    """A form closed without being handed in: the conversation is put aside and offered again.

    One with nothing in it is offered only now: whoever opened it by mistake is not reminded of it with every answer.
    """
    session, stale = _session_of(request, token)
    if stale is not None:
        return Reply()
    is_begun = bool(session.draft.answers) or not session.as_form
    sessions.set_status(request.work, session, "parked" if is_begun else "cancelled")
    closed = T("“{title}” is closed; nothing was saved.", title=_guide(session).conversation.title)
    return Reply((say(closed, continue_button(session)),), replaces=True)


def suggest(work: UnitOfWork, person: Member, token: str, path: str, query: str) -> Sequence[Choice]:
    """Choices for what was typed so far into a searched field of this person's own form; none for anybody else's."""
    session_id = token.partition(".")[0]
    session = sessions.get_session(work, int(session_id[:15])) if session_id.isdecimal() else None
    if session is None or session.person_id != person.id or session.status not in {"active", "parked"}:
        return ()
    guide = _GUIDES.get(session.conversation)
    if guide is None or guide.allowed(person) is not True:
        return ()
    try:
        asked = guide.now(work).conversation.field(read_path(path))
    except (KeyError, IndexError):
        return ()
    query, world = query.strip()[:100], CompanyWorld(work, person)
    likely = asked.seek(session.draft.answers, world) if asked.seek is not None and not query else None
    found = asked.kind.offer(likely, world, offset=0, most=SUGGESTIONS)[0] if likely else ()
    found = found or asked.kind.offer(query, world, offset=0, most=SUGGESTIONS)[0]
    is_named = any(isinstance(one.label, str) and one.label.casefold() == query.casefold() for one in found)
    if not query or is_named or not getattr(asked.kind, "open", False):
        return found
    return [*found, Choice(query, query, T("as typed"))]


def resume(request: Request) -> Reply:
    """Go on with a draft put aside: the one the button names, else the latest. Raises NotFound."""
    session = None
    if request.argument.isdecimal():
        session = sessions.get_session(request.work, int(request.argument[:15]))
        if session is not None and (session.person_id, session.chat_id) != (request.person.id, request.chat_id):
            session = None
        if session is not None and session.status in _OVER:
            return Reply(toast=_OVER[session.status])
    else:
        session = request.session or sessions.latest_parked(
            request.work, chat_id=request.chat_id, person_id=request.person.id
        )
    if session is None:
        raise NotFound(T("There is nothing to continue here."))
    if request.session is not None and request.session.id != session.id:
        park(request)
    guide = _guide(session).now(request.work)
    require(guide.allowed(request.person))
    ended = _ended(request, guide, session, replaces=False)
    if ended is not None:
        return ended
    world = _world(request, session.subject_id, session.draft.answers)
    draft = engine.revive(guide.conversation, session.draft, world)
    moved = sessions.advance(request.work, session, draft, version=guide.conversation.version)
    if moved is None:
        return Reply(toast=ANSWERED)
    return Reply((_show(request, moved, guide.conversation, Turn(draft), world),), asks=True)


def cancel(request: Request) -> Reply:
    """The verb: drop the active draft here, else the one put aside last."""
    session = request.session or sessions.latest_parked(
        request.work, chat_id=request.chat_id, person_id=request.person.id
    )
    if session is None:
        return Reply((say(T("There is nothing to cancel.")),))
    return cancel_session(request, session, replaces=False)


def cancel_session(request: Request, session: Session, *, replaces: bool) -> Reply:
    sessions.set_status(request.work, session, "cancelled")
    dropped = T("“{title}” is cancelled; nothing was saved.", title=_guide(session).conversation.title)
    return Reply((say(dropped, continue_button(session)),), replaces=replaces)


def continue_button(session: Session) -> Button:
    return Button(labels.CONTINUE, f"continue:{session.id}")


ANSWERED = T("This was answered already.")
_OVER = {
    "done": T("This is saved already."),
    "expired": T("This draft is too old to be continued."),
    "over": T("This draft has ended: there is nothing left to decide or to change."),
}


def _act(request: Request, guide: Guide, session: Session, action: Say | Press | Fill, *, pressed: bool) -> Reply:
    ended = _ended(request, guide, session, replaces=pressed)
    if ended is not None:
        return ended
    world = _world(request, session.subject_id, session.draft.answers)
    turn = engine.apply(guide.conversation, session.draft, action, world)
    if not turn.understood:
        return Reply(toast=T("That button does not fit here any more."))
    is_last = guide.conversation.submits or guide.conversation.looked_over
    if turn.complete and isinstance(action, Fill) and action.values and is_last:
        return _last_page(request, guide, session, turn, world, pressed=pressed)
    if turn.complete:
        return _finish(request, guide, session, turn.draft, world, pressed=pressed)
    if turn.problems:
        # The page stays open with its problems, to be handed in again under the same token: no turn is used up.
        # Nor does the question beside it move: its buttons go on to mean what they meant when they were drawn.
        kept = turn.draft.standing_as(session.draft)
        sessions.keep(request.work, session, kept)
        values = action.values if isinstance(action, Fill) else {}
        page = None
        if not set(turn.problems) <= set(values):
            # An answer has made others necessary that the form handed in does not ask for.
            page = _page(request, guide.conversation, turn, world, token=session.token, typed=values)
        return Reply(problems=turn.problems, form=page)
    moved = sessions.advance(request.work, session, turn.draft)
    if moved is None:
        return Reply(toast=ANSWERED)
    return Reply((_show(request, moved, guide.conversation, turn, world),), replaces=pressed, asks=True)


def _ended(request: Request, guide: Guide, session: Session, *, replaces: bool) -> Reply | None:
    """Why there is nothing to go on with, where what the draft is about was dealt with meanwhile: it ends there."""
    if guide.stands is None or session.subject_id is None:
        return None
    try:
        guide.stands(request, session.subject_id)
    except TradewindError as error:
        sessions.set_status(request.work, session, "over")
        told = T("{why} The draft “{title}” has ended.", why=error.text, title=guide.conversation.title)
        page = note_form(guide.conversation, told) if session.as_form else None
        return Reply((say(told),), toast=told, replaces=replaces, form=page)
    return None


def _last_page(request: Request, guide: Guide, session: Session, turn: Turn, world: World, *, pressed: bool) -> Reply:
    """A form that is submitted for approval is looked over first: a page of its own, or the review card."""
    moved = sessions.advance(request.work, session, turn.draft)
    if moved is None:
        return Reply(toast=ANSWERED)
    if session.as_form:
        return Reply(form=review_form(guide.conversation, turn, world, token=moved.token))
    return Reply((_show(request, moved, guide.conversation, Turn(turn.draft), world),), replaces=pressed, asks=True)


def _finish(request: Request, guide: Guide, session: Session, draft: Draft, world: World, *, pressed: bool) -> Reply:
    require(guide.allowed(request.person))
    if sessions.advance(request.work, session, draft, status="done") is None:
        return Reply(toast=_OVER["done"])
    values = load_values(guide.conversation, draft.answers, world)
    reply = guide.submit(request, values, session.subject_id)
    return Reply(reply.shows, reply.toast, pressed, reply.problems)


def _show(request: Request, session: Session, conversation: Conversation, turn: Turn, world: World) -> Screen:
    token, beside = session.token, request.inbound.both_views
    if not session.as_form:
        return draw(conversation, turn, world, token=token, with_form=beside, longest=SHORT_LIST)
    if turn.draft.place == REVIEW and (conversation.submits or conversation.looked_over):
        page = review_form(conversation, turn, world, token=token)
    else:
        page = _page(request, conversation, turn, world, token=token)
    # Where forms can be opened, these lines stand in for one that could not be: a way to open it.
    wrong = () if turn.problem is None else (problem(turn.problem),)
    invitation = (title(conversation.title), *wrong, body(T("Press Continue to fill it in.")))
    return Screen(invitation, ((continue_button(session),),), page)


def _page(
    request: Request,
    conversation: Conversation,
    turn: Turn,
    world: World,
    *,
    token: str,
    typed: Mapping[str, Any] | None = None,
) -> Form:
    """The form of this door. Beside the steps it is whole, and its lists are short: each question carries it."""
    beside = request.inbound.both_views
    longest = SHORT_LIST if beside else 0
    return form(conversation, turn, world, token=token, typed=typed, longest=longest, whole=beside)


def _session_of(request: Request, token: str) -> tuple[Session, Reply | None]:
    """The session a token names, and the answer to give instead where the token is not of its present turn."""
    session_id, _, turn = token.partition(".")
    session = sessions.get_session(request.work, int(session_id)) if session_id.isdecimal() else None
    if session is None or session.person_id != request.person.id:
        raise NotFound(T("That button is not for you."))
    if session.status == "active" and turn == str(session.turn):
        return session, None
    if session.status in _OVER:
        return session, Reply(toast=_OVER[session.status])
    if session.status in {"parked", "cancelled"}:
        put_aside = T("“{title}” was put aside.", title=_guide(session).conversation.title)
        return session, Reply((say(put_aside, continue_button(session)),), toast=put_aside)
    return session, Reply(toast=ANSWERED)


def _current(request: Request, guide: Guide, session: Session) -> Session:
    """The session looked over if its conversation has changed since it was begun."""
    if session.version == guide.conversation.version:
        return session
    draft = engine.revive(guide.conversation, session.draft, _world(request, session.subject_id, session.draft.answers))
    return Session(**{**_fields(session), "draft": draft, "version": guide.conversation.version})


def _fields(session: Session) -> dict[str, Any]:
    return {name: getattr(session, name) for name in Session.__slots__}


def _guide(session: Session) -> Guide:
    guide = _GUIDES.get(session.conversation)
    if guide is None:
        raise TradewindError(T("This draft belongs to an older version and cannot be continued."))
    return guide


def _world(request: Request, subject_id: int | None, answers: Mapping[str, Any] | None) -> CompanyWorld:
    return CompanyWorld(request.work, request.person, subject_id, answers)
