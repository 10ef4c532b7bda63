"""A fair's day: sixty cards in an afternoon, one message each, and the evening in which they are cleaned up."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from crm.core.text import Text
from crm.sales.fairs.fairs import FairCard
from tests.scenarios.fair import ANNA, LI_WEI, ZHOU_TING, Fair, Voice, shanghai
from tests.scenarios.fair_cards import CARDS, Fate, Met

LABELS = {"company": "Company", "contact": "Contact", "product_need": "Product need"}


def afternoon(fair: Fair, voices: dict[str, Voice]) -> None:
    """Everybody sends a card every few minutes; each is answered, and nobody is asked anything."""
    voices[LI_WEI].ask("线索 展会 广交会", "展会模式：广交会")
    voices[ANNA].ask("settings timezone Asia/Shanghai", "Asia/Shanghai")
    voices[ANNA].ask("lead expo Canton Fair", "Exhibition mode: Canton Fair")
    voices[ZHOU_TING].ask("线索 展会 广交会", "展会模式：广交会")
    for at in range(20):
        fair.clock.now += timedelta(minutes=12)
        for name, cards in CARDS.items():
            kept = "is kept" if name == ANNA else "已存好"
            voices[name].ask(cards[at].text, kept)
    fair.live_until(shanghai(4, 15, 18, 30))


def evening(fair: Fair, voices: dict[str, Voice]) -> None:
    """What was read wrongly is put right, the clear ones are saved at once, and the rest is settled one by one."""
    for name, cards in CARDS.items():
        for met in cards:
            if met.fate != "joined":
                _put_right(fair, voices[name], met)
        _show(voices[name])
        voices[name].tap("Save all clear ones", "leads are saved" if name == ANNA else "条线索。")
    for name, met in ((LI_WEI, _of(LI_WEI, "note")), (ANNA, _of(ANNA, "note"))):
        _open(fair, voices[name], met, "Is everything right?")
        voices[name].tap("Save", "What is to be done? Nothing is logged yet.")
        voices[name].tap(
            "Add as a note", Text("{company}: what you were told is a note there now.", facts={"company": met.company})
        )
    rep, owner = voices[ZHOU_TING], voices[ANNA]
    _open(fair, rep, _of(ZHOU_TING, "anyway"), "Is everything right?")
    rep.tap("Save", "Log anyway")
    rep.tap("Log anyway", "已保存线索")
    _open(fair, rep, _of(ZHOU_TING, "given"), "Is everything right?")
    rep.tap("Save", "Ask for hand-over")
    rep.tap("Ask for hand-over", "已向 Anna Keller 申请移交")
    owner.wait("周婷 asks for Ernst Handel GmbH")
    owner.tap("Hand over", "Handed over to 周婷 by Anna Keller.")
    rep.wait("Ernst Handel GmbH")
    for voice in voices.values():
        if voice.name in CARDS:
            _show(voice)


def _put_right(fair: Fair, rep: Voice, met: Met) -> None:
    """As whoever was there would: say what is lacking, and edit what was read wrongly."""
    answers = card_of(fair, rep.name, met)["answers"]
    lacking = [key for key in ("company", "contact") if not answers.get(key)]
    if not lacking and answers["company"] == met.company:
        return
    _open(fair, rep, met, LABELS[lacking[0]] if lacking else "Is everything right?")
    for at, key in enumerate(lacking):
        rep.tell(getattr(met, key), LABELS[lacking[at + 1]] if at + 1 < len(lacking) else "Is everything right?")
    if answers.get("company", met.company) != met.company:
        rep.tap("Edit", "What shall be changed?")
        rep.tap("Company", Text("So far: {value}", facts={"value": answers["company"]}))
        rep.tell(met.company, "Is everything right?")
    rep.tap("Save", "Another lead")


def _show(rep: Voice) -> None:
    rep.tell("lead expo", "Canton Fair" if rep.name == ANNA else "广交会")


def _open(fair: Fair, rep: Voice, met: Met, shows: str) -> None:
    """Find the card in the list, however many pages there are, and press it."""
    number = card_of(fair, rep.name, met)["number"]
    _show(rep)
    while not any(label.startswith(f"{number}. ") for _, _, labels in rep.shown()[-1:] for label in labels):
        before = rep.shown()[-1]
        rep.press("Next")
        while rep.shown()[-1] == before:
            pass
    rep.press(next(label for label in rep.shown()[-1][2] if label.startswith(f"{number}. ")))
    rep.wait(shows)


def card_of(fair: Fair, name: str, met: Met) -> Any:
    """The row of this card."""
    with fair.house.database.read() as work:
        card = FairCard.table()
        return work.connection.execute(select(card).where(card.c.text == met.text)).mappings().one()


def _of(name: str, fate: Fate) -> Met:
    return next(met for met in CARDS[name] if met.fate == fate)
