"""E-mail campaigns: prepared, listed, started, paused, gone on with, stopped. Guide 2.2."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, insert, or_, select, update

from crm.core import copies, history
from crm.core.errors import Conflict, Invalid, NotFound
from crm.core.history import Actor
from crm.core.text import T
from crm.core.work import UnitOfWork
from crm.people.people import Member, Person
from crm.people.permissions import require
from crm.sales.campaigns.audience import audience
from crm.sales.campaigns.campaign_policy import can_campaign, can_see_campaign
from crm.sales.campaigns.rows import Campaign, CampaignMail
from crm.sales.campaigns.segments import Segment, checked_segment
from crm.sales.campaigns.templates import Template, checked_template
from crm.sales.lengths import tidy

CARD = "campaign"

STATUSES = {
    "draft": T("Draft", context="campaign"),
    "running": T("Being sent"),
    "paused": T("Paused"),
    "stopped": T("Stopped"),
    "done": T("Sent", context="campaign"),
}
UNFINISHED = ("draft", "running", "paused")

MOST_READERS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignDetails:
    """What somebody tells of a campaign. The Chinese pair is both or neither."""

    name: str
    subject: str
    text: str
    subject_zh: str | None = None
    text_zh: str | None = None
    segment: Segment = field(default_factory=dict)


_CAMPAIGNS = Campaign.table()
_MAILS = CampaignMail.table()
_OWNERS = Person.table().alias("owners")
_ROWS = select(*_CAMPAIGNS.c, _OWNERS.c.name.label("owner_name"), _OWNERS.c.team_id.label("owner_team_id")).join(
    _OWNERS, _OWNERS.c.id == _CAMPAIGNS.c.owner_id
)


def prepare_campaign(work: UnitOfWork, *, actor: Member, platform: str, details: CampaignDetails) -> int:
    """Keep a campaign, to be looked over and started; returns its id. Raises Forbidden, Invalid."""
    require(can_campaign(actor))
    values = _values(details) | {"status": "draft", "owner_id": actor.id, "created_at": work.now}
    campaign_id = int(work.connection.execute(insert(_CAMPAIGNS).returning(_CAMPAIGNS.c.id), values).scalar_one())
    _record(work, actor, platform, campaign_id, "prepared", {"status": (None, "draft")})
    return campaign_id


def change_campaign(
    work: UnitOfWork, *, actor: Member, platform: str, campaign_id: int, details: CampaignDetails
) -> None:
    """Write a campaign anew that was not started yet. Raises NotFound, Invalid, Conflict."""
    row = get_campaign(work, viewer=actor, campaign_id=campaign_id)
    values = _values(details)
    _step(work, row, only_from=("draft",), values=values)
    changes = {name: (getattr(row, name), value) for name, value in values.items() if getattr(row, name) != value}
    _record(work, actor, platform, campaign_id, "changed", changes)


def get_campaign(work: UnitOfWork, *, viewer: Member, campaign_id: int) -> Any:
    """The campaign as a row (columns of `campaigns`, `owner_name`, `owner_team_id`). Raises NotFound."""
    row = work.connection.execute(_ROWS.where(_CAMPAIGNS.c.id == campaign_id)).one_or_none()
    if row is None or can_see_campaign(viewer, row) is not True:
        raise NotFound(T("There is no such campaign."))
    return row


def list_campaigns(work: UnitOfWork, *, viewer: Member, query: str = "", most: int = 10) -> list[Any]:
    """The campaigns this person may see, newest first, as rows of `get_campaign`; `query`: part of the name."""
    rows = _ROWS.order_by(_CAMPAIGNS.c.id.desc())
    if query:
        rows = rows.where(_CAMPAIGNS.c.name.icontains(query, autoescape=True))
    seen = (row for row in work.connection.execute(rows.limit(500)) if can_see_campaign(viewer, row) is True)
    return [row for row, _ in zip(seen, range(most), strict=False)]


def start_campaign(work: UnitOfWork, *, actor: Member, platform: str, campaign_id: int) -> int:
    """Begin to send: a row for each customer of the segment, with who is left out and why; returns how many get it.

    Raises NotFound, Forbidden, Invalid, Conflict.
    """
    row = get_campaign(work, viewer=actor, campaign_id=campaign_id)
    require(can_campaign(actor))
    found = audience(work, actor=actor, segment=row.segment)
    if not found.readers:
        raise Invalid(T("Nobody would get this campaign: choose other customers, or complete their e-mail addresses."))
    if len(found.readers) > MOST_READERS:
        raise Invalid(T("At most {most} customers fit into one campaign.", most=MOST_READERS))
    values = {"status": "running", "started_by_id": actor.id, "started_at": work.now, "trouble": None}
    _step(work, row, only_from=("draft",), values=values)
    blank = {"campaign_id": campaign_id, "created_at": work.now, "attempts": 0}
    rows = [
        blank | {"customer_id": one.customer_id, "email": one.email, "status": "waiting", "reason": None}
        for one in found.readers
    ]
    rows += [
        blank | {"customer_id": one.customer_id, "email": None, "status": "left_out", "reason": one.reason}
        for one in found.left_out
    ]
    work.connection.execute(insert(_MAILS), rows)
    _record(work, actor, platform, campaign_id, "started", {"status": ("draft", "running")})
    return len(found.readers)


def pause_campaign(work: UnitOfWork, *, actor: Member, platform: str, campaign_id: int) -> None:
    """Send no more for now. What is just being handed over still leaves. Raises NotFound, Conflict."""
    _move(work, actor, platform, campaign_id, "paused", only_from=("running",))


def resume_campaign(work: UnitOfWork, *, actor: Member, platform: str, campaign_id: int) -> None:
    """Go on sending; who goes on answers for it from now. Raises NotFound, Forbidden, Conflict."""
    require(can_campaign(actor))
    more = {"started_by_id": actor.id, "trouble": None}
    _move(work, actor, platform, campaign_id, "running", only_from=("paused",), more=more)


def stop_campaign(work: UnitOfWork, *, actor: Member, platform: str, campaign_id: int) -> None:
    """Send no more, ever; a draft is thrown away. Raises NotFound, Conflict."""
    more = {"finished_at": work.now, "trouble": None}
    _move(work, actor, platform, campaign_id, "stopped", only_from=UNFINISHED, more=more)
    waiting = (_MAILS.c.campaign_id == campaign_id, _MAILS.c.status == "waiting", _MAILS.c.person_id.is_(None))
    work.connection.execute(update(_MAILS).where(*waiting).values(status="left_out", reason="stopped"))


def order_test(work: UnitOfWork, *, actor: Member, platform: str, campaign_id: int, email: str) -> None:
    """Send the campaign to oneself, filled in as for its first customer. Raises NotFound, Forbidden, Invalid."""
    row = get_campaign(work, viewer=actor, campaign_id=campaign_id)
    require(can_campaign(actor))
    found = audience(work, actor=actor, segment=row.segment)
    values = {
        "campaign_id": campaign_id,
        "customer_id": found.readers[0].customer_id if found.readers else None,
        "person_id": actor.id,
        "email": email,
        "status": "waiting",
        "attempts": 0,
        "created_at": work.now,
    }
    work.connection.execute(insert(_MAILS), values)


def last_test_address(work: UnitOfWork, *, person_id: int) -> str | None:
    """Where this person had a test sent last."""
    query = select(_MAILS.c.email).where(_MAILS.c.person_id == person_id).order_by(_MAILS.c.id.desc()).limit(1)
    return work.connection.execute(query).scalar()


def templates_of(row: Any) -> tuple[Template, Template | None]:
    """The texts of a campaign: the one for everybody, and the Chinese one if there is one."""
    chinese = Template(row.subject_zh, row.text_zh) if row.text_zh else None
    return Template(row.subject, row.text), chinese


def template_for(row: Any, language: str) -> Template:
    """The text for a reader of this language."""
    main, chinese = templates_of(row)
    return chinese if chinese is not None and language == "zh_CN" else main


def count_mails(work: UnitOfWork, *, campaign_id: int) -> dict[str, int]:
    """How many e-mails stand where: by status, and those `opted_out` among them; tests not counted."""
    mine = (_MAILS.c.campaign_id == campaign_id, _MAILS.c.person_id.is_(None))
    query = select(_MAILS.c.status, func.count(), func.count(_MAILS.c.opted_out_at)).where(*mine)
    counts: dict[str, int] = {"opted_out": 0}
    for status, count, opted_out in work.connection.execute(query.group_by(_MAILS.c.status)):
        counts[status] = count
        counts["opted_out"] += opted_out
    return counts


def count_left_out(work: UnitOfWork, *, campaign_id: int) -> dict[str, int]:
    """How many customers were left out, by reason."""
    mine = (_MAILS.c.campaign_id == campaign_id, _MAILS.c.person_id.is_(None), _MAILS.c.status == "left_out")
    query = select(_MAILS.c.reason, func.count()).where(*mine).group_by(_MAILS.c.reason)
    return {row.reason: row[1] for row in work.connection.execute(query)}


def _values(details: CampaignDetails) -> dict[str, Any]:
    name = tidy(details.name)
    if name is None or len(name) > 100:
        raise Invalid(T("A campaign needs a name of at most 100 characters."))
    main = checked_template(details.subject, details.text)
    values: dict[str, Any] = {"name": name, "subject": main.subject, "text": main.text}
    chinese = None
    if details.subject_zh or details.text_zh:
        chinese = checked_template(details.subject_zh or "", details.text_zh or "")
    values["subject_zh"] = None if chinese is None else chinese.subject
    values["text_zh"] = None if chinese is None else chinese.text
    return values | {"segment": checked_segment(details.segment)}


def _move(
    work: UnitOfWork,
    actor: Member,
    platform: str,
    campaign_id: int,
    to: str,
    *,
    only_from: Sequence[str],
    more: Mapping[str, Any] | None = None,
) -> None:
    row = get_campaign(work, viewer=actor, campaign_id=campaign_id)
    _step(work, row, only_from=only_from, values={"status": to, **(more or {})})
    _record(work, actor, platform, campaign_id, to, {"status": (row.status, to)})


def _step(work: UnitOfWork, row: Any, *, only_from: Sequence[str], values: Mapping[str, Any]) -> None:
    """Change a campaign as long as it stands where it must. Raises Conflict with where it stands."""
    mine = (_CAMPAIGNS.c.id == row.id, or_(*(_CAMPAIGNS.c.status == status for status in only_from)))
    if work.connection.execute(update(_CAMPAIGNS).where(*mine).values(**values)).rowcount != 1:
        now = work.connection.execute(select(_CAMPAIGNS.c.status).where(_CAMPAIGNS.c.id == row.id)).scalar_one()
        raise Conflict(T("The campaign “{name}” is: {status}.", name=row.name, status=STATUSES[now]))


def _record(
    work: UnitOfWork, actor: Member, platform: str, campaign_id: int, act: str, changes: Mapping[str, tuple[Any, Any]]
) -> None:
    by = Actor(actor.id, platform)
    history.record(work, actor=by, entity="campaign", entity_id=campaign_id, act=act, changes=changes)
    copies.touch_card(work, card=CARD, subject_id=campaign_id)
