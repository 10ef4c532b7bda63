"""A fair's cards as they are cleaned up: those of one person together, what they lack, and who knows the company."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from crm.core.text import T, Words
from crm.core.work import UnitOfWork
from crm.language.company_names import company_key
from crm.sales.collisions.collisions import Collision, collisions
from crm.sales.fairs.fairs import open_cards
from crm.sales.leads.leads import LeadDetails

NEEDED = {
    "company": T("Company"),
    "contact": T("Contact"),
    "source": T("Source"),
    "product_need": T("Product need"),
}
"""What a lead cannot be without, by the key of its form's field."""


@dataclass(frozen=True, slots=True)
class Group:
    """Cards that repeat one another, as one lead's answers. `known`: who has this company already, best first;
    empty as long as nobody has looked (`look_up`).
    """

    cards: tuple[Any, ...]
    answers: Mapping[str, Any]
    lacks: tuple[str, ...]
    known: tuple[Collision, ...]

    @property
    def is_clear(self) -> bool:
        """Whether it can be saved without a question, as far as it was looked up."""
        return not self.lacks and not self.known

    @property
    def name(self) -> Words:
        """What it is called in a list."""
        told = [str(self.answers[key]) for key in ("company", "contact") if self.answers.get(key)]
        words = " ".join(told) or " ".join(str(self.cards[0].text).split())
        if not words:
            return T("Photo")
        return words if len(words) <= 60 else f"{words[:59]}…"


def grouped(work: UnitOfWork, *, fair_id: int) -> list[Group]:
    """All that still waits, in the order of the first card of each, none of it looked up. One statement."""
    return [_group(cards) for cards in _same(open_cards(work, fair_id=fair_id))]


def group_of(work: UnitOfWork, *, card: Any) -> Group:
    """The open cards that tell of the same person as this one."""
    same = next(
        cards for cards in _same(open_cards(work, fair_id=card.fair_id)) if card.id in {one.id for one in cards}
    )
    return _group(same)


def look_up(work: UnitOfWork, group: Group) -> Group:
    """The same with who knows the company already."""
    reach = group.answers.get("reach") or {}
    if not (group.answers.get("company") or reach):
        return group
    details = LeadDetails(
        company=group.answers.get("company") or "",
        contact=group.answers.get("contact") or "",
        source="",
        product_need="",
        **reach,
    )
    return replace(group, known=tuple(collisions(work, details=details)))


def _same(cards: Sequence[Any]) -> list[list[Any]]:
    groups: list[list[Any]] = []
    by_key: dict[tuple[str, str], list[Any]] = {}
    for card in cards:
        keys = _keys(card.answers)
        found = [group for key in keys if (group := by_key.get(key)) is not None]
        group = found[0] if found else []
        if not found:
            groups.append(group)
        group.append(card)
        for other in found[1:]:
            if other is not group:  # this card has told that two groups are one
                group.extend(other)
                groups = [one for one in groups if one is not other]
                by_key.update({key: group for key, kept in by_key.items() if kept is other})
        by_key.update(dict.fromkeys(keys, group))
    return [sorted(group, key=lambda card: card.number) for group in groups]


def _keys(answers: Mapping[str, Any]) -> list[tuple[str, str]]:
    keys = [(way, str(said).casefold()) for way, said in (answers.get("reach") or {}).items()]
    company, contact = answers.get("company"), answers.get("contact")
    if company and contact:
        keys.append(("name", f"{company_key(company)}\n{contact.casefold()}"))
    return keys


def _group(cards: Sequence[Any]) -> Group:
    answers = _joined(cards)
    return Group(tuple(cards), answers, tuple(key for key in NEEDED if not answers.get(key)), ())


def _joined(cards: Sequence[Any]) -> dict[str, Any]:
    """The first card's answers, completed by the later ones; where those say otherwise, their words go to the notes."""
    joined = dict(cards[0].answers)
    for card in cards[1:]:
        more = dict(card.answers)
        reach = {**(more.pop("reach", None) or {}), **(joined.get("reach") or {})}
        differs = any(joined.get(key) not in (None, value) for key, value in more.items() if key != "tags")
        joined = {**more, **{key: value for key, value in joined.items() if value}}
        joined |= {"reach": reach} if reach else {}
        if differs:
            joined["notes"] = "\n".join(part for part in (joined.get("notes"), str(card.text)) if part)[:9_000]
    return joined
