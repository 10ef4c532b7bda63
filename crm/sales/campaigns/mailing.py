"""The mails of campaigns on their way: claimed at a set pace, handed to a mail server elsewhere, marked.

Each is claimed in one transaction, handed over, and marked in another. Who dies between the server's "accepted" and
the mark has it sent once more, under the same Message-ID, which most mailboxes then show once; nothing is lost.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from math import ceil
from typing import Any

from sqlalchemy import and_, bindparam, exists, func, or_, select, text, update

from crm.core import copies, history
from crm.core.history import SYSTEM
from crm.core.rules import text_rule, whole_rule
from crm.core.text import T
from crm.core.work import UnitOfWork
from crm.people.people import Member, Role, find_member, list_members
from crm.people.reach import tell
from crm.sales.campaigns.audience import Reader, audience
from crm.sales.campaigns.blocks import as_kept, block
from crm.sales.campaigns.campaign_policy import can_campaign
from crm.sales.campaigns.campaigns import CARD, template_for
from crm.sales.campaigns.rows import Campaign, CampaignMail
from crm.sales.campaigns.templates import Template, fill

LEASE = timedelta(minutes=5)
"""How long a mail may take to be handed over before somebody else tries."""
PAUSES = (timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=6), timedelta(hours=24))
"""Before a mail that was refused for now is tried again; after the last one it has failed."""
SERVER_PAUSE = timedelta(minutes=1)
"""Before a mail server that takes nothing is asked again."""

TROUBLES = {
    "away": T("The mail server cannot be reached. Sending goes on by itself as soon as it can."),
    "login": T("The mail server refuses our name and password: please tell your administrator."),
    "sender": T("The mail server refuses our sender's address: please tell your administrator."),
}


class Fate(StrEnum):
    """What became of a mail that was to be handed over. SERVER: nothing did, for no fault of this mail."""

    SENT = "sent"
    LATER = "later"
    BOUNCED = "bounced"
    FAILED = "failed"
    SERVER = "server"


@dataclass(frozen=True, slots=True)
class Outcome:
    """`detail`: what the server said; for SERVER a key of TROUBLES stands in `trouble`."""

    fate: Fate
    detail: str = ""
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """One e-mail, filled in, to be handed over. `attempt` names this try; `language`: of what is added to the text."""

    mail_id: int
    campaign_id: int
    attempt: int
    to: str
    to_name: str
    sender_name: str
    template: Template
    language: str
    is_test: bool


_CAMPAIGNS = Campaign.table()
_MAILS = CampaignMail.table()
_HOLD = select(_CAMPAIGNS.c.id).where(_CAMPAIGNS.c.id == bindparam("campaign")).with_for_update(key_share=True)
_OPEN = text("campaign_mails.status IN ('waiting', 'sending')")  # an index's very words


def claim_mails(work: UnitOfWork, *, seconds: float) -> list[Letter]:
    """Take what may leave in the next so many seconds, tests first; nothing where the pace leaves no room."""
    _give_up_abandoned(work)
    room = _room(work, seconds)
    if room <= 0:
        return []
    query = select(_MAILS).join(_CAMPAIGNS, _CAMPAIGNS.c.id == _MAILS.c.campaign_id).where(*_due(work))
    rows = work.connection.execute(query.order_by(_MAILS.c.person_id.is_(None), _MAILS.c.id).limit(room)).all()
    claim = _Claim(work)
    return [letter for row in rows if (letter := claim.letter(row)) is not None]


def anything_waits(work: UnitOfWork) -> bool:
    """Whether any mail is to leave now, were it not for the pace; asked often, so that mostly nothing is written."""
    query = select(_MAILS.c.id).join(_CAMPAIGNS, _CAMPAIGNS.c.id == _MAILS.c.campaign_id)
    ways = or_(and_(*_due(work)), and_(*_abandoned(work)))
    return work.connection.execute(query.where(ways).limit(1)).first() is not None


def keep_claim(work: UnitOfWork, *, letter: Letter) -> bool:
    """Right before a claimed mail is handed over: that it is still ours, and for as long as that may take.

    A slow server lets the claims of those behind it lapse; what another process has taken by then is its to send.
    """
    mine = (_MAILS.c.id == letter.mail_id, _MAILS.c.status == "sending", _MAILS.c.attempts == letter.attempt)
    longer = update(_MAILS).where(*mine).values(lease_until=work.now + LEASE)
    return work.connection.execute(longer).rowcount == 1


def mark_mail(work: UnitOfWork, *, letter: Letter, outcome: Outcome) -> None:
    """Write down what became of a claimed mail. One claimed by somebody else meanwhile stays as it is."""
    values: dict[str, Any] = {"lease_until": None, "last_error": outcome.detail[:500] or None}
    match outcome.fate:
        case Fate.SENT:
            values |= {"status": "sent", "sent_at": work.now}
        case Fate.BOUNCED | Fate.FAILED:
            values |= {"status": outcome.fate.value}
        case Fate.LATER if letter.attempt > len(PAUSES):
            values |= {"status": "failed"}
        case Fate.LATER:
            values |= {"status": "waiting", "not_before": work.now + PAUSES[letter.attempt - 1]}
        case Fate.SERVER:
            # It is no try of this mail's, and did not use up any of the pace.
            values |= {"status": "waiting", "attempts": letter.attempt - 1, "tried_at": None}
            values |= {"not_before": work.now + SERVER_PAUSE}
    if values["status"] == "waiting" and not letter.is_test and not _goes_on(work, letter.campaign_id):
        values |= {"status": "left_out", "reason": "stopped"}
    mine = (_MAILS.c.id == letter.mail_id, _MAILS.c.status == "sending", _MAILS.c.attempts == letter.attempt)
    if work.connection.execute(update(_MAILS).where(*mine).values(values)).rowcount != 1:
        return
    if outcome.fate is Fate.BOUNCED and not letter.is_test:
        block(work, by=SYSTEM, email=letter.to, reason="bounced", campaign_id=letter.campaign_id, detail=outcome.detail)
    trouble = outcome.trouble if outcome.fate is Fate.SERVER else None
    _note_trouble(work, letter.campaign_id, trouble)
    if letter.is_test:
        _tell_tester(work, letter, outcome)
    else:
        _finish_if_done(work, letter.campaign_id)
    copies.touch_card(work, card=CARD, subject_id=letter.campaign_id)


def bounce_back(work: UnitOfWork, *, mail_id: int | None, email: str | None, is_final: bool, detail: str) -> bool:
    """A server told later that a mail did not arrive. `is_final`: the address is not there; False: nothing to note.

    Known by our mail's id, or else by the address it went to.
    """
    mine = _MAILS.c.id == mail_id if mail_id is not None else _MAILS.c.email == as_kept(email or "")
    rows = _MAILS.c.person_id.is_(None) & _MAILS.c.status.in_(("sent", "bounced"))
    query = select(_MAILS).where(mine, rows).order_by(_MAILS.c.id.desc()).limit(1)
    row = work.connection.execute(query).one_or_none()
    if row is None or row.email is None:
        return False
    if row.status == "sent":
        values = {"status": "bounced" if is_final else "failed", "last_error": detail[:500]}
        work.connection.execute(update(_MAILS).where(_MAILS.c.id == row.id).values(values))
    if is_final:
        block(work, by=SYSTEM, email=row.email, reason="bounced", campaign_id=row.campaign_id, detail=detail[:500])
    copies.touch_card(work, card=CARD, subject_id=row.campaign_id)
    return True


class _Claim:
    """Claims rows one by one; who started each campaign is looked up once."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work
        self._campaigns: dict[int, Any] = {}
        self._senders: dict[int, Member | None] = {}
        self._signatures: dict[str, str] = {}

    def letter(self, row: Any) -> Letter | None:
        """The mail filled in for its reader as they are now; None where it is not for them any more."""
        campaign = self._campaign(row.campaign_id)
        is_test = row.person_id is not None
        sender = self._sender(row.person_id if is_test else campaign.started_by_id)
        if sender is None:
            self._pause(campaign, row)
            return None
        reader = self._reader(row, sender)
        if isinstance(reader, str):
            self._leave_out(row, reason=reader)
            return None
        attempt = row.attempts + 1
        email = row.email if is_test else reader.email
        values = {"status": "sending", "attempts": attempt, "email": email}
        values |= {"tried_at": self._work.now, "lease_until": self._work.now + LEASE}
        if not self._change(row, values):
            return None
        template = template_for(campaign, reader.language)
        return Letter(
            mail_id=row.id,
            campaign_id=campaign.id,
            attempt=attempt,
            to=email,
            to_name=sender.name if is_test else reader.contact,
            sender_name=self._company(template.language),
            template=fill(template, reader.values()),
            language=template.language,
            is_test=is_test,
        )

    def _reader(self, row: Any, sender: Member) -> Reader | str:
        """Whom it is for, or why it is for nobody: asked again now, whatever held when it was started."""
        if row.person_id is not None:
            return sample_reader(self._work, sender, row.customer_id)
        found = audience(self._work, actor=sender, segment={}, only=[row.customer_id])
        if not found.readers:
            return found.left_out[0].reason if found.left_out else "not_theirs"
        reader = found.readers[0]
        twice = select(_MAILS.c.id).where(
            _MAILS.c.campaign_id == row.campaign_id,
            _MAILS.c.person_id.is_(None),
            _MAILS.c.id != row.id,
            _MAILS.c.email == reader.email,
            _MAILS.c.status.in_(("sending", "sent", "bounced")),
        )
        return "same_address" if self._work.connection.execute(twice.limit(1)).first() else reader

    def _campaign(self, campaign_id: int) -> Any:
        if campaign_id not in self._campaigns:
            query = select(_CAMPAIGNS).where(_CAMPAIGNS.c.id == campaign_id)
            self._campaigns[campaign_id] = self._work.connection.execute(query).one()
        return self._campaigns[campaign_id]

    def _sender(self, person_id: int) -> Member | None:
        """Who answers for it, None when they may not send campaigns any more."""
        if person_id not in self._senders:
            found = find_member(self._work, person_id=person_id)
            self._senders[person_id] = found if found.is_active and can_campaign(found) is True else None
        return self._senders[person_id]

    def _company(self, language: str) -> str:
        if language not in self._signatures:
            self._signatures[language] = company_name(self._work, language)
        return self._signatures[language]

    def _pause(self, campaign: Any, row: Any) -> None:
        if row.person_id is not None:
            self._change(row, {"status": "failed"})
            return
        running = update(_CAMPAIGNS).where(_CAMPAIGNS.c.id == campaign.id, _CAMPAIGNS.c.status == "running")
        if self._work.connection.execute(running.values(status="paused")).rowcount != 1:
            return
        changes = {"status": ("running", "paused")}
        history.record(self._work, actor=SYSTEM, entity=CARD, entity_id=campaign.id, act="paused", changes=changes)
        sender = find_member(self._work, person_id=campaign.started_by_id)
        told = T(
            "The campaign “{name}” is paused: {person}, who started it, may not send campaigns any more.",
            name=campaign.name,
            person=sender.name,
        )
        about, key = (CARD, campaign.id), f"campaign:{campaign.id}:paused:{sender.id}"
        for administrator in list_members(self._work, role=Role.ADMIN, active_only=True):
            tell(self._work, person_id=administrator.id, text=told, about=about, key=f"{key}:{administrator.id}")
        copies.touch_card(self._work, card=CARD, subject_id=campaign.id)

    def _leave_out(self, row: Any, *, reason: str) -> None:
        if self._change(row, {"status": "left_out", "reason": reason, "lease_until": None}):
            _finish_if_done(self._work, row.campaign_id)
            copies.touch_card(self._work, card=CARD, subject_id=row.campaign_id)

    def _change(self, row: Any, values: dict[str, Any]) -> bool:
        same = (_MAILS.c.id == row.id, _MAILS.c.status == row.status, _MAILS.c.attempts == row.attempts)
        return self._work.connection.execute(update(_MAILS).where(*same).values(**values)).rowcount == 1


def sample_reader(work: UnitOfWork, sender: Member, customer_id: int | None) -> Reader:
    """A customer to show the text with; one made up where there is none."""
    if customer_id is not None:
        found = audience(work, actor=sender, segment={}, only=[customer_id])
        if found.readers:
            return found.readers[0]
    return Reader(0, "Example Trading Ltd", "Alex Example", "alex@example.com", sender.name, "en")


def company_name(work: UnitOfWork, language: str) -> str:
    """How the company calls itself in this language, empty where nobody has said."""
    name, name_zh = text_rule(work, "letterhead.name").strip(), text_rule(work, "letterhead.name_zh").strip()
    return (name_zh or name) if language == "zh_CN" else (name or name_zh)


def _due(work: UnitOfWork) -> tuple[Any, ...]:
    """Conditions on a mail and its campaign: it may leave now, and nobody else is about it."""
    now = work.now
    lapsed = or_(_MAILS.c.lease_until < now, _MAILS.c.lease_until > now + 2 * LEASE)  # by a clock that was set back
    return (
        _OPEN,
        or_(_MAILS.c.status == "waiting", lapsed),
        or_(_MAILS.c.not_before.is_(None), _MAILS.c.not_before <= now),
        or_(_CAMPAIGNS.c.status == "running", _MAILS.c.person_id.is_not(None)),
    )


def _abandoned(work: UnitOfWork) -> tuple[Any, ...]:
    """Conditions on a mail under way whose process has died, of a campaign that was stopped meanwhile."""
    now = work.now
    lapsed = or_(_MAILS.c.lease_until < now, _MAILS.c.lease_until > now + 2 * LEASE)
    return (_MAILS.c.status == "sending", lapsed, _MAILS.c.person_id.is_(None), _CAMPAIGNS.c.status == "stopped")


def _give_up_abandoned(work: UnitOfWork) -> None:
    """Whether they have arrived nobody can say; they are not tried again."""
    ids = select(_MAILS.c.id).join(_CAMPAIGNS, _CAMPAIGNS.c.id == _MAILS.c.campaign_id).where(*_abandoned(work))
    values = {"status": "left_out", "reason": "stopped", "lease_until": None}
    left = update(_MAILS).where(_MAILS.c.id.in_(ids)).values(**values).returning(_MAILS.c.campaign_id)
    for campaign_id in set(work.connection.execute(left).scalars()):
        copies.touch_card(work, card=CARD, subject_id=campaign_id)


def _room(work: UnitOfWork, seconds: float) -> int:
    """How many may leave now: no more than a minute's less what left in the last one, and not all of it at once."""
    per_minute = whole_rule(work, "campaigns.mails_per_minute")
    since = work.now - timedelta(minutes=1)
    tried = select(func.count()).select_from(_MAILS).where(_MAILS.c.tried_at > since, _MAILS.c.tried_at <= work.now)
    left = work.connection.execute(tried)
    return min(per_minute - left.scalar_one(), ceil(per_minute * seconds / 60))


def _goes_on(work: UnitOfWork, campaign_id: int) -> bool:
    """Whether there is anything to wait for: it was not stopped meanwhile."""
    query = select(_CAMPAIGNS.c.status).where(_CAMPAIGNS.c.id == campaign_id)
    return work.connection.execute(query).scalar_one() in {"running", "paused"}


def _note_trouble(work: UnitOfWork, campaign_id: int, trouble: str | None) -> None:
    changed = _CAMPAIGNS.c.trouble.is_distinct_from(trouble)
    work.connection.execute(update(_CAMPAIGNS).where(_CAMPAIGNS.c.id == campaign_id, changed).values(trouble=trouble))


def _tell_tester(work: UnitOfWork, letter: Letter, outcome: Outcome) -> None:
    """A test that is tried again later is told of when it has ended."""
    query = select(_MAILS.c.person_id, _MAILS.c.status).where(_MAILS.c.id == letter.mail_id)
    person_id, status = work.connection.execute(query).one()
    about = (CARD, letter.campaign_id)
    if status == "sent":
        said = T("The test was sent to {email}.", email=letter.to)
        tell(work, person_id=person_id, text=said, about=about)
    elif status in {"bounced", "failed"}:
        said = T("The test to {email} did not leave: {reason}", email=letter.to, reason=outcome.detail[:200])
        tell(work, person_id=person_id, text=said, about=about)
    elif outcome.trouble is not None:
        key = f"test:{letter.mail_id}:{outcome.trouble}"
        tell(work, person_id=person_id, text=TROUBLES[outcome.trouble], about=about, key=key)


def _finish_if_done(work: UnitOfWork, campaign_id: int) -> None:
    """End a campaign none of whose mails is under way any more, and tell who started it.

    Its row is held first: of two that mark the last two mails the second sees what the first has marked.
    """
    work.connection.execute(_HOLD, {"campaign": campaign_id})
    under_way = exists().where(_MAILS.c.campaign_id == campaign_id, _MAILS.c.person_id.is_(None), _OPEN)
    goes_on = _CAMPAIGNS.c.status.in_(("running", "paused"))
    done = update(_CAMPAIGNS).where(_CAMPAIGNS.c.id == campaign_id, goes_on, ~under_way)
    row = work.connection.execute(
        done.values(status="done", finished_at=work.now, trouble=None).returning(
            _CAMPAIGNS.c.name, _CAMPAIGNS.c.started_by_id
        )
    ).one_or_none()
    if row is not None:
        said = T("The campaign “{name}” has been sent.", name=row.name)
        tell(
            work, person_id=row.started_by_id, text=said, about=(CARD, campaign_id), key=f"campaign:{campaign_id}:done"
        )
