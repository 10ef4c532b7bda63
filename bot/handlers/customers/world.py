"""What conversations about customers may see: who can take them, what goes over, which may be the same company."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.cards.names import customer_note
from bot.cards.screen import Choice, Line, body, muted, problem
from crm.core.errors import NotFound, TradewindError
from crm.core.text import T, Text
from crm.language.company_names import same_company
from crm.people.people import ROLE_NAMES, Member, Role, find_member, list_members
from crm.sales.collisions.doubles import likely_doubles
from crm.sales.customers.customers import find_customers, get_customer
from crm.sales.ownership.handing_over import Book, book_of, can_hand_over
from crm.sales.ownership.merging import preview_merge

Found = tuple[Sequence[Choice], int]


def search_sellers(world: Any, query: str, offset: int, most: int) -> Found:
    """People in sales, those of the person's team first."""
    wanted = query.strip().lstrip("@＠").casefold()
    fits = [one for one in _sellers(world) if wanted in one.name.casefold()]
    fits.sort(key=lambda one: (one.team_id != world.person.team_id, one.name))
    return [_seller(one) for one in fits[offset : offset + most]], len(fits)


def search_takers(world: Any, query: str, offset: int, most: int) -> Found:
    """Offered are those to whom this person may hand over; of another one that is typed the check says why not."""
    fits, total = search_sellers(world, query, 0, _EVERYBODY)
    if not query.strip():
        allowed = {one.id for one in _sellers(world) if can_hand_over(world.person, giver=None, taker=one) is True}
        fits = [one for one in fits if int(one.value) in allowed] or fits
        total = len(fits)
    return fits[offset : offset + most], total


_EVERYBODY = 10_000


def find_seller(world: Any, value: str) -> Choice | None:
    return next((_seller(one) for one in _sellers(world) if str(one.id) == value), None)


def search_doubles(world: Any, query: str, offset: int, most: int) -> Found:
    """Other customers: those that are probably the same first, by name where one is typed."""
    own = world.subject_id or 0
    if not query.strip():
        likely = likely_doubles(world.work, viewer=world.person, customer_id=own) if own else []
        if likely:
            choices = [Choice(str(row.id), row.name, why) for row, why in likely]
            return choices[offset : offset + most], len(choices)
    rows, total = find_customers(world.work, viewer=world.person, query=query, offset=offset, most=most + 1)
    others = [row for row in rows if row.id != own]
    choices = [Choice(str(row.id), row.name, customer_note(row, world.language)) for row in others[:most]]
    return choices, total - (1 if len(others) < len(rows) else 0)


def hand_over_facts(world: Any, key: str) -> Mapping[str, Any] | None:
    """`7>9`: why these two cannot hand over so; nothing where they can."""
    giver, _, taker = key.partition(">")
    if not taker.isdecimal():
        return None
    try:
        allowed = can_hand_over(
            world.person,
            giver=find_member(world.work, person_id=int(giver)) if giver.isdecimal() else None,
            taker=find_member(world.work, person_id=int(taker)),
        )
    except NotFound as error:
        return {"problem": error.text}
    return {} if allowed is True else {"problem": allowed}


def remark_hand_over(world: Any, answers: Mapping[str, Any]) -> list[Line]:
    """What goes over, counted."""
    only = [int(one) for one in answers.get("only", ())] or None
    book = book_of(world.work, person_id=int(answers["from"]), customer_ids=only)
    return [_counted(book)]


def remark_hand_over_of_one(world: Any, answers: Mapping[str, Any]) -> list[Line]:
    row = _subject(world)
    return [] if row is None else [_counted(book_of(world.work, person_id=row.owner_id, customer_ids=[row.id]))]


def remark_customer(world: Any, answers: Mapping[str, Any]) -> list[Line]:
    """Which customer a conversation is about."""
    row = _subject(world)
    return [] if row is None else [body(T("{name} · {note}", name=row.name, note=customer_note(row, world.language)))]


_ALIKE = 0.5
"""How well two names must fit (`same_company`) for nobody to ask whether they are one company's."""


def remark_merge(world: Any, answers: Mapping[str, Any]) -> list[Line]:
    """What stays, what goes over, or why not."""
    kept_id, merged_id = world.subject_id or 0, int(answers["other"])
    try:
        kept = get_customer(world.work, viewer=world.person, customer_id=kept_id)
        merged = get_customer(world.work, viewer=world.person, customer_id=merged_id)
        moves = preview_merge(world.work, actor=world.person, kept_id=kept_id, merged_id=merged_id)
    except TradewindError as error:
        return [body(error.text)]
    moves = moves or [T("nothing but its name")]
    unlike = []
    if same_company(kept.name, merged.name) < _ALIKE:
        unlike.append(
            problem(T("{name} and {other} are not alike: is it one company?", name=kept.name, other=merged.name))
        )
    return [
        *unlike,
        body(T("To {name} goes: {items}", name=kept.name, items=moves)),
        muted(T("Grade, credit limit and own prices stay those of {name}. It can be undone.", name=kept.name)),
    ]


def _subject(world: Any) -> Any:
    """The customer a conversation is about; None where it is not there (any more), or not for this person."""
    try:
        return get_customer(world.work, viewer=world.person, customer_id=world.subject_id or 0)
    except NotFound:
        return None


def _counted(book: Book) -> Line:
    counts: list[Text] = book.counts or [T("nothing")]
    return body(T("Goes over: {items}", items=counts))


def _sellers(world: Any) -> list[Member]:
    return [one for one in list_members(world.work) if one.has(Role.REP, Role.SUPERVISOR, Role.GM)]


def _seller(member: Member) -> Choice:
    roles = [ROLE_NAMES[role] for role in sorted(member.roles)]
    return Choice(str(member.id), member.name, T("{items}", items=roles))
