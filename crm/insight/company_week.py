"""The company's last week against the one before, by team: the general manager's figures. Guide 1.2, 4.

Figures against target come here once there are targets.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import case, func, select

from crm.core.text import T, Text
from crm.core.types import Amount
from crm.insight.figures import DayFigure
from crm.insight.ground import Ground
from crm.insight.sections import Line, Section, section
from crm.people.people import Person, Team

_FIGURES = DayFigure.table()
_PEOPLE = Person.table()
_TEAMS = Team.table()


@dataclass
class Week:
    """By measure of `figures`: how many, and their base amount."""

    count: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    base_amount: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))

    def add(self, measure: str, count: int, base_amount: Decimal) -> None:
        self.count[measure] += count
        self.base_amount[measure] += base_amount

    @property
    def win_rate(self) -> int | None:
        """Per cent of the deals that were closed; None where none was."""
        closed = self.count["won"] + self.count["lost"]
        return round(100 * self.count["won"] / closed) if closed else None


def company_week(ground: Ground) -> dict[int, list[Section]]:
    """The week that ended before each reader's; one statement for each week that is one."""
    by_monday = {}
    for monday in {_monday(reader.day) for reader in ground.of("gm")}:
        by_monday[monday] = _sections(ground, monday)
    return {reader.id: by_monday[_monday(reader.day)] for reader in ground.of("gm")}


def _monday(day: date) -> date:
    """The Monday on which the last whole week began."""
    return day - timedelta(days=day.isoweekday() - 1 + 7)


def _sections(ground: Ground, monday: date) -> list[Section]:
    last, before = _weeks(ground, monday)
    total, total_before = _all(last), _all(before)
    lines = [
        Line(_money_line(ground, total, total_before)),
        Line(
            T(
                "Orders: {orders} ({before} the week before)",
                orders=total.count["turnover"],
                before=total_before.count["turnover"],
            )
        ),
        Line(_won_line(ground, total, total_before)),
    ]
    if total.win_rate is not None:
        lines.append(Line(_rate_line(total.win_rate, total_before.win_rate)))
    teams = [Line(_team_line(ground, name, last[name], before[name])) for name in sorted({*last, *before} - {""})]
    heading = T("Last week, {since} to {until}", since=monday, until=monday + timedelta(days=6))
    return [
        *section("week", heading, lines, most=ground.most),
        *section("teams", T("By team: turnover, deals won"), teams, most=ground.most),
    ]


def _weeks(ground: Ground, monday: date) -> tuple[dict[str, Week], dict[str, Week]]:
    """The week from this Monday and the one before it, by team; who is in no team counts under an empty name."""
    is_last = case((_FIGURES.c.day >= monday, 1), else_=0).label("is_last")
    team = func.coalesce(_TEAMS.c.name, "").label("team")
    query = (
        select(
            is_last,
            team,
            _FIGURES.c.measure,
            func.sum(_FIGURES.c["count"]).label("number"),
            func.sum(_FIGURES.c.base_amount, type_=Amount).label("base_amount"),
        )
        .join(_PEOPLE, _PEOPLE.c.id == _FIGURES.c.person_id)
        .outerjoin(_TEAMS, _TEAMS.c.id == _PEOPLE.c.team_id)
        .where(
            _FIGURES.c.measure.in_(("turnover", "won", "lost")),
            _FIGURES.c.day >= monday - timedelta(days=7),
            _FIGURES.c.day < monday + timedelta(days=7),
        )
        .group_by(is_last, team, _FIGURES.c.measure)
    )
    last: dict[str, Week] = defaultdict(Week)
    before: dict[str, Week] = defaultdict(Week)
    for row in ground.work.connection.execute(query):
        (last if row.is_last else before)[row.team].add(row.measure, int(row.number), row.base_amount)
    return last, before


def _all(weeks: dict[str, Week]) -> Week:
    total = Week()
    for week in weeks.values():
        for measure, count in week.count.items():
            total.add(measure, count, week.base_amount[measure])
    return total


def _money_line(ground: Ground, last: Week, before: Week) -> Text:
    return T(
        "Turnover: {sum} ({before} the week before)",
        sum=ground.money(last.base_amount["turnover"]),
        before=ground.money(before.base_amount["turnover"]),
    )


def _won_line(ground: Ground, last: Week, before: Week) -> Text:
    return T(
        "Deals won: {count} worth {sum} ({before} the week before)",
        count=last.count["won"],
        sum=ground.money(last.base_amount["won"]),
        before=before.count["won"],
    )


def _rate_line(rate: int, before: int | None) -> Text:
    if before is None:
        return T("Win rate: {rate} %", rate=rate)
    return T("Win rate: {rate} % ({before} % the week before)", rate=rate, before=before)


def _team_line(ground: Ground, name: str, last: Week, before: Week) -> Text:
    return T(
        "{team}: {sum} ({before} the week before), {won} won",
        team=name,
        sum=ground.money(last.base_amount["turnover"]),
        before=ground.money(before.base_amount["turnover"]),
        won=last.count["won"],
    )
