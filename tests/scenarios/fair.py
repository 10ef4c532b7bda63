"""A fair in the life of the sample company: who is at which door, what they say and press, and the time that passes."""

from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, time, timedelta
from functools import partial
from pathlib import Path
from time import monotonic, sleep
from zoneinfo import ZoneInfo

from bot.wording import wording
from crm.core.text import Text
from crm.insight.recounting import rebuild_figures
from crm.sample.company import build_company
from scheduler.absences import tell_absences
from scheduler.digests import tell_digests
from scheduler.fairs import tell_of_fairs
from scheduler.looking_after import keep_service
from scheduler.quotes import expire_all
from scheduler.reminders import tell_reminders
from scheduler.watches import tell_watched
from tests.conftest import Clock
from tests.counterparts.slack import SlackCounterpart
from tests.counterparts.telegram import TelegramCounterpart
from tests.scenarios.house import House
from tests.scenarios.seats import PATIENCE, Seat, SlackSeat, TelegramSeat, WebSeat
from tests.scenarios.week import Days, Heard

SHANGHAI = ZoneInfo("Asia/Shanghai")
JOBS = (tell_reminders, tell_watched, tell_absences, tell_digests, tell_of_fairs, expire_all, keep_service)
LI_WEI, ANNA, ZHOU_TING = "李伟", "Anna Keller", "周婷"
SUPERVISOR, OTHER_SUPERVISOR, FINANCE, GM, ADMIN = "林雅琴", "赵明辉", "孙丽华", "陈国栋", "徐静"
LOOKS = tuple(time(hour, minute) for hour, minute in ((0, 15), (8, 30), (9, 30), (11, 0), (14, 30), (16, 0), (18, 30)))
BEGINS = datetime(2026, 4, 15, 12, tzinfo=SHANGHAI)
"""Noon of the fair's first day, a Wednesday."""


def shanghai(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI)


class Voice:
    """Somebody in the story. Labels are given as the program's own words and pressed as this person reads them."""

    def __init__(self, days: Days, name: str, seat: Seat, language: str) -> None:
        self.name, self.seat = name, seat
        self._days, self._words = days, wording(language, "Asia/Shanghai")

    def read(self, words: Text | str) -> str:
        """The program's own words as this person reads them; any other as they are."""
        return str(self._words(Text(words) if isinstance(words, str) else words))

    def ask(self, said: str, answer: Text | str) -> None:
        """Say it, and wait until a new message shows the answer."""
        self._note(f"» {said}")
        self.seat.ask(said, self.read(answer))

    def press(self, label: Text | str) -> None:
        self._note(f"» [{self.read(label)}]")
        self.seat.press(self._whole(self.read(label)))

    def fill(self, button: Text | str, answers: dict[str, str], answer: Text | str, *, ends: str = "") -> None:
        """Press it, go through the conversation that it begins, and wait for what comes of it."""
        before = set(self.shown())
        self._note(f"» [{self.read(button)}] {answers}")
        said = {self.read(label): text for label, text in answers.items()}
        self.seat.guide(self._whole(self.read(button)), said, by_button=True, ends=ends)
        self.wait(answer, before)

    def tap(self, label: Text | str, answer: Text | str) -> None:
        """Press it, and wait until one of the newest messages shows the answer, or has it as a button."""
        before = set(self.shown())
        self.press(label)
        self.wait(answer, before)

    def tell(self, said: str, answer: Text | str) -> None:
        """The same with something typed."""
        before = set(self.shown())
        self._note(f"» {said}")
        self.seat.say(said)
        self.wait(answer, before)

    def wait(self, answer: Text | str, before: Collection[object] = ()) -> None:
        """Wait for a message that was not so before and shows this, or has it as a button."""
        read, until = self.read(answer), monotonic() + PATIENCE
        while not any(read in "\n".join((one[1], *one[2])) for one in self.shown()[-4:] if one not in before):
            assert monotonic() < until, f"waited for {read!r} at {self.name}'s:\n{self.shown()[-1]}"
            sleep(0.005)

    def shown(self) -> list[tuple[object, str, tuple[str, ...]]]:
        """What the bot has said here, each by its id, as it reads now, with its buttons."""
        return list(_said(self.seat))

    def _whole(self, label: str) -> str:
        """The newest label that holds this: Slack's people press whole ones."""
        if not isinstance(self.seat, SlackSeat):
            return label
        shown = [button for message in reversed(self.seat.user.messages()) for button in message.buttons]
        return next((one for one in shown if label in one), label)

    def _note(self, said: str) -> None:
        self._days.keep()
        self._days.heard.append(Heard(self._days.clock.now.astimezone(SHANGHAI), self.name, said, ()))


def _said(seat: Seat) -> Iterator[tuple[object, str, tuple[str, ...]]]:
    """The bot's messages that still stand."""
    match seat:
        case TelegramSeat():
            yield from ((one.id, one.text, tuple(one.labels)) for one in seat.user.messages())
        case SlackSeat():
            yield from ((one.ts, one.shown, one.buttons) for one in seat.user.messages() if one.from_bot)
        case WebSeat():
            yield from seat.shown()


class Fair(Days):
    """The sample company on the fair's first day, its people at their doors."""

    def keep(self) -> None:
        """Keep what has come to everybody so far."""
        self._listen_in()

    def live_until(self, at: datetime) -> None:
        """Let the time pass, looked at a few times a day: weeks go by, and what is due waits an hour at most."""
        self.keep()
        day = self.clock.now.astimezone(SHANGHAI).date()
        while day <= at.date():
            for moment in (datetime.combine(day, one, SHANGHAI) for one in LOOKS):
                if self.clock.now < moment < at:
                    self.clock.now = moment.astimezone(UTC)
                    self.pass_by()
            day += timedelta(days=1)
        self.clock.now = at.astimezone(UTC)
        self.pass_by()

    def voice(self, name: str, seat: Seat, language: str) -> Voice:
        self._listen(name, partial(_said, seat), "Asia/Shanghai")
        return Voice(self, name, seat, language)


@contextmanager
def opened(url: str, folder: Path, clock: Clock) -> Iterator[tuple[Fair, dict[str, Voice]]]:
    """Three reps at three doors in two languages, and those who decide with them."""
    clock.now = BEGINS
    with ExitStack() as stack:
        telegram, slack = stack.enter_context(TelegramCounterpart()), stack.enter_context(SlackCounterpart())
        house = House(url, folder, telegram=telegram, slack=slack, web=True, clock=clock)
        with house.database.write() as work:
            build_company(work)
            rebuild_figures(work)
        stack.enter_context(house)
        fair = Fair(house, clock, JOBS)
        seats: dict[str, tuple[Seat, str]] = {
            LI_WEI: (TelegramSeat(telegram, 1001, house.code(LI_WEI)), "zh_CN"),
            ANNA: (SlackSeat(slack, "U1", house.code(ANNA), language="en"), "en"),
            SUPERVISOR: (SlackSeat(slack, "U2", house.code(SUPERVISOR)), "zh_CN"),
            FINANCE: (TelegramSeat(telegram, 1002, house.code(FINANCE)), "zh_CN"),
        }
        for name in (ZHOU_TING, OTHER_SUPERVISOR, GM, ADMIN):
            seats[name] = WebSeat(house.address, name), "zh_CN"
        voices = {name: fair.voice(name, seat, language) for name, (seat, language) in seats.items()}
        fair.pass_by()
        fair.heard.clear()
        yield fair, voices
        assert telegram.violations == []
        assert slack.violations == []
