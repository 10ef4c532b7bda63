"""Every conversation at every place, every card, on every platform, in both languages: taken, however long it is."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import bot.handlers
from bot.cards.deck import CARDS, FOR_EVERYBODY
from bot.cards.screen import Screen, Style, prompt
from bot.conversations.definition import Conversation
from bot.conversations.draft import REVIEW, Draft
from bot.conversations.drawing import LONGEST_LIST, draw, form, review_form
from bot.conversations.turns import Turn
from bot.handlers import guided
from bot.wording import Wording, wording
from crm.core.database import Database
from crm.core.errors import NotFound
from tests.bot.platforms.acceptance import TOKEN, in_a_modal, in_slack, in_telegram, in_the_page, shown_in_telegram
from tests.bot.platforms.extremes import LANGUAGES, Extremes, forms, longest_answers, turns
from tests.conftest import Clock

assert bot.handlers.VERBS  # the handlers register their conversations
CONVERSATIONS = [guide.conversation for guide in guided._GUIDES.values()]


@pytest.fixture(scope="module")
def extremes(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Extremes]:
    file = tmp_path_factory.mktemp("extremes") / "tradewind.db"
    shutil.copyfile(migrated_file, file)
    database = Database(f"sqlite:///{file}", clock=Clock())
    yield Extremes(database)
    database.close()


BOTH = pytest.mark.parametrize("language", LANGUAGES)
EACH = pytest.mark.parametrize("conversation", CONVERSATIONS, ids=lambda one: one.name)


@BOTH
@EACH
def test_every_conversation_is_taken_at_every_place(
    extremes: Extremes, conversation: Conversation, language: str
) -> None:
    words = wording(language, "Asia/Shanghai")
    found = []
    with extremes.database.read() as work:
        world = extremes.world(work, language)
        for name, turn in turns(conversation, world):
            screen = draw(conversation, turn, world, token=TOKEN, with_form=False)
            found += [f"{name}: {problem}" for problem in (*_refusals(screen, words), *_unasked(screen, words))]
    assert found == []


@BOTH
@EACH
def test_every_conversation_is_taken_as_a_form(extremes: Extremes, conversation: Conversation, language: str) -> None:
    words = wording(language, "Asia/Shanghai")
    found = []
    with extremes.database.read() as work:
        world = extremes.world(work, language)
        for name, turn, typed in forms(conversation, world):
            beside, alone = (
                form(conversation, turn, world, token=TOKEN, typed=typed, longest=longest)
                for longest in (guided.SHORT_LIST, LONGEST_LIST)
            )
            in_page = in_the_page(Screen((prompt(conversation.title),), (), beside), words)
            found += [f"{name}: {problem}" for problem in (*in_a_modal(alone, words), *in_page)]
        for count in (20, 500):
            review = Turn(Draft(answers=longest_answers(conversation, world, lines=count), place=REVIEW))
            page = review_form(conversation, review, world, token=TOKEN)
            found += [f"review {count}: {problem}" for problem in in_a_modal(page, words)]
    assert found == []


@BOTH
@pytest.mark.parametrize("card", CARDS)
def test_every_card_is_taken_for_everybody_who_may_see_it(extremes: Extremes, card: str, language: str) -> None:
    words = wording(language, "Asia/Shanghai")
    found, seen = [], 0
    with extremes.database.read() as work:
        for subject in extremes.subjects()[card]:
            for role in extremes.viewers(card, subject):
                try:
                    screen = CARDS[card](work, subject, extremes.person(role, language))
                except NotFound:
                    continue
                seen += 1
                found += [f"{card} {subject} for {role}: {problem}" for problem in _refusals(screen, words)]
            if card in FOR_EVERYBODY:
                found += _refusals(FOR_EVERYBODY[card](work, subject), words)
    assert found == []
    assert seen >= len(extremes.subjects()[card])


def _refusals(screen: Screen, words: Wording) -> list[str]:
    return [*in_telegram(screen, words), *in_slack(screen, words), *in_the_page(screen, words)]


def _unasked(screen: Screen, words: Wording) -> list[str]:
    """A question whose last line is not all there to be read."""
    asked = screen.lines[-1]
    whole = asked.style is Style.PROMPT and shown_in_telegram(screen, words).endswith(words(asked.words))
    return [] if whole else [f"the last line is not what is asked: {asked}"]
