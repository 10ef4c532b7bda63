"""What an e-mail campaign looks like: its card with how far it is, its line, its mails, and one as a reader sees it."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.cards.screen import Button, Line, Screen, Style, body, labelled, muted, problem, title
from crm.core.text import TN, T, Words
from crm.core.work import UnitOfWork
from crm.language.countries import country_name
from crm.people.people import Member
from crm.sales.campaigns.audience import REASONS, Audience, Reader, audience
from crm.sales.campaigns.campaign_policy import can_campaign
from crm.sales.campaigns.campaigns import (
    STATUSES,
    count_left_out,
    count_mails,
    get_campaign,
    template_for,
)
from crm.sales.campaigns.mailing import TROUBLES
from crm.sales.campaigns.segments import CRITERIA
from crm.sales.campaigns.templates import fill
from crm.sales.catalogue.products import get_product

SHOWN_VALUES = 8
MAIL_STATUSES = {
    "waiting": T("waiting"),
    "sending": T("just being sent"),
    "sent": T("sent"),
    "bounced": T("bounced"),
    "failed": T("refused"),
    "left_out": T("left out"),
}


def draw_campaign(work: UnitOfWork, campaign_id: int, viewer: Member) -> Screen:
    """The card of a campaign as it stands now. Raises NotFound."""
    row = get_campaign(work, viewer=viewer, campaign_id=campaign_id)
    lines = [title(row.name), labelled(T("Status"), STATUSES[row.status])]
    lines += segment_lines(work, row.segment, viewer)
    lines.append(labelled(T("Subject"), row.subject))
    if row.status == "draft":
        lines += audience_lines(audience(work, actor=viewer, segment=row.segment))
    else:
        lines += _progress(work, campaign_id)
    if row.trouble in TROUBLES and row.status == "running":
        lines.append(problem(TROUBLES[row.trouble]))
    if row.owner_id != viewer.id:
        lines.append(muted(T("Prepared by {name}", name=row.owner_name)))
    return Screen(tuple(lines), _rows(row) if can_campaign(viewer) is True else ())


def campaign_line(row: Any) -> Words:
    return T("{name} · {status}", name=row.name, status=STATUSES[row.status])


def audience_lines(found: Audience) -> list[Line]:
    """How many get it, and how many are left out for each reason."""
    lines = [labelled(T("Goes to"), TN("{n} customer", "{n} customers", n=len(found.readers)))]
    if found.left_out:
        lines.append(labelled(T("Left out"), reasons_words(found.reasons())))
    return lines


def reasons_words(reasons: Mapping[str, int]) -> Words:
    ordered = sorted(reasons.items(), key=lambda one: -one[1])
    told = [T("{count} × {reason}", count=count, reason=REASONS.get(reason, reason)) for reason, count in ordered]
    return T("{items}", items=told)


def segment_lines(work: UnitOfWork, segment: Mapping[str, Sequence[Any]], viewer: Member) -> list[Line]:
    """Who is meant, a line for each criterion."""
    lines = []
    for key, criterion in CRITERIA.items():
        values = segment.get(key, ())
        if not values:
            continue
        shown: Words = T("{items}", items=[_value(work, key, one, viewer) for one in values[:SHOWN_VALUES]])
        if len(values) > SHOWN_VALUES:
            shown = T("{items} and {count} more", items=shown, count=len(values) - SHOWN_VALUES)
        lines.append(labelled(criterion.label, shown))
    return lines or [muted(T("To all customers you look after"))]


def draw_preview(row: Any, reader: Reader, *, at: int, total: int) -> Screen:
    """The e-mail as this customer would get it; `at` of `total` customers, from 0."""
    template = template_for(row, reader.language)
    filled = fill(template, reader.values())
    lines = [
        title(T("Preview of “{name}”", name=row.name)),
        labelled(T("Goes to"), T("{contact}, {company} <{email}>", **reader.values(), email=reader.email)),
        labelled(T("Subject"), filled.subject),
        Line(Style.BODY, filled.text),
        muted(T("Below it stands a link to opt out, as the law asks for.")),
    ]
    buttons = [Button(T("Back to the campaign"), f"campaign.open:{row.id}")]
    if at + 1 < total:
        buttons.insert(0, Button(T("Another customer"), f"campaign.preview:{row.id}.{at + 1}"))
    return Screen(tuple(lines), (tuple(buttons),))


def mail_line(mail: Any) -> Words:
    """`Ernst Handel · bounced: 550 no such user`"""
    status: Words = MAIL_STATUSES[mail.status]
    if mail.opted_out_at is not None:
        status = T("opted out")
    elif mail.status == "left_out":
        status = T("{status}: {reason}", status=status, reason=REASONS.get(mail.reason, mail.reason))
    elif mail.status in {"bounced", "failed", "waiting"} and mail.last_error:
        status = T("{status}: {reason}", status=status, reason=mail.last_error[:120])
    return T("{name} · {status}", name=mail.customer_name, status=status)


def draw_results(row: Any, mails: Sequence[Any], *, page: int, more: bool) -> Screen:
    """A page of what became of it, customer by customer."""
    lines: list[Line] = [title(T("Results of “{name}”", name=row.name)), *(body(mail_line(mail)) for mail in mails)]
    if not mails:
        lines.append(muted(T("Nothing has been sent yet.")))
    turn = [Button(T("Previous"), f"campaign.results:{row.id}.{page - 1}")] if page else []
    turn += [Button(T("Next"), f"campaign.results:{row.id}.{page + 1}")] if more else []
    back = (Button(T("Back to the campaign"), f"campaign.open:{row.id}"),)
    return Screen(tuple(lines), (tuple(turn), back) if turn else (back,))


def _progress(work: UnitOfWork, campaign_id: int) -> list[Line]:
    counts = count_mails(work, campaign_id=campaign_id)
    through = sum(counts.get(status, 0) for status in ("sent", "bounced", "failed"))
    total = through + sum(counts.get(status, 0) for status in ("waiting", "sending"))
    lines = [labelled(T("Sent", context="campaign"), T("{done} of {total}", done=counts.get("sent", 0), total=total))]
    told = [
        T("{count} × {reason}", count=counts[key], reason=words)
        for key, words in (
            ("bounced", T("bounced")),
            ("failed", T("refused")),
            ("opted_out", T("opted out")),
            ("waiting", T("waiting")),
        )
        if counts.get(key)
    ]
    if told:
        lines.append(labelled(T("Of these"), T("{items}", items=told)))
    left_out = count_left_out(work, campaign_id=campaign_id)
    if left_out:
        lines.append(labelled(T("Left out"), reasons_words(left_out)))
    return lines


def _rows(row: Any) -> tuple[tuple[Button, ...], ...]:
    """What may be done with it where it stands."""
    results = Button(T("Results"), f"campaign.results:{row.id}.0")
    stop = Button(T("Stop sending"), f"campaign.stop:{row.id}", "danger")
    match row.status:
        case "draft":
            look = (
                Button(T("Preview"), f"campaign.preview:{row.id}.0"),
                Button(T("Send a test to myself"), f"campaign.test:{row.id}"),
            )
            go = (
                Button(T("Start sending"), f"campaign.start:{row.id}", "primary"),
                Button(T("Edit"), f"campaign.edit:{row.id}"),
                Button(T("Throw away"), f"campaign.stop:{row.id}", "danger"),
            )
            return look, go
        case "running":
            return (Button(T("Pause"), f"campaign.pause:{row.id}"), stop), (results,)
        case "paused":
            return (Button(T("Go on sending"), f"campaign.resume:{row.id}", "primary"), stop), (results,)
    return ((results,),)


def _value(work: UnitOfWork, key: str, value: Any, viewer: Member) -> str:
    if key == "country":
        return country_name(str(value), viewer.language)
    if key == "product":
        product = get_product(work, product_id=int(value))
        return str(product.name_zh if viewer.language == "zh_CN" and product.name_zh else product.name)
    return str(value)
