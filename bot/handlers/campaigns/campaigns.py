"""The verb `campaign`, and presses about e-mail campaigns."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.cards import labels
from bot.cards.campaign import audience_lines, campaign_line, draw_preview, draw_results
from bot.cards.screen import Button, Line, Screen, body, muted, prompt, say, title
from bot.conversations.campaign import CAMPAIGN, CAMPAIGN_TEST
from bot.handlers.guided import Guide, begin, register
from bot.handlers.verbs import Verb
from bot.request import Card, Reply, Request
from crm.core.errors import Invalid
from crm.core.text import TN, T
from crm.people.people import Role
from crm.people.permissions import require
from crm.sales.campaigns import campaigns
from crm.sales.campaigns.audience import audience
from crm.sales.campaigns.campaign_policy import can_campaign
from crm.sales.campaigns.campaigns import CARD, CampaignDetails, get_campaign, list_campaigns
from crm.sales.campaigns.mailing import sample_reader
from crm.sales.campaigns.results import mail_results
from crm.sales.campaigns.segments import CRITERIA

PAGE = 8
_LIST_WORDS = {"list", "all", "列表", "全部"}


def campaign(request: Request) -> Reply:
    """`campaign` begins one; with the name of one there is it opens that; `campaign list` shows them."""
    named = " ".join(request.argument.split())
    if named.casefold() in _LIST_WORDS:
        return show_list(request)
    known = list_campaigns(request.work, viewer=request.person, query=named, most=2)
    if named and len(known) == 1:
        return Reply((Card(CARD, known[0].id),))
    answers = {"name": named} if 0 < len(named) <= 100 else {}
    reply = begin(request, CAMPAIGN_GUIDE, answers=answers)
    first = reply.shows[0]
    if not known or not isinstance(first, Screen):
        return reply
    earlier = (Button(T("Earlier campaigns"), "campaign.list"),)
    return replace(reply, shows=(replace(first, rows=(*first.rows, earlier)), *reply.shows[1:]))


def submit(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    """Keep it as a draft: its card says to whom it goes, and offers what comes next."""
    told = {key: values.get(key) for key in ("subject_zh", "text_zh")}
    segment = {key: [_plain(key, one) for one in values.get(key) or ()] for key in CRITERIA}
    details = CampaignDetails(
        name=values["name"], subject=values["subject"], text=values["text"], segment=segment, **told
    )
    by = _by(request)
    if subject_id is None:
        subject_id = campaigns.prepare_campaign(request.work, **by, details=details)
    else:
        campaigns.change_campaign(request.work, **by, campaign_id=subject_id, details=details)
    saved = T("Saved the campaign “{name}”. Nothing is sent before you start it.", name=details.name)
    return Reply((say(saved), Card(CARD, subject_id)))


def show_list(request: Request) -> Reply:
    require(can_campaign(request.person))
    rows = list_campaigns(request.work, viewer=request.person, most=PAGE)
    if not rows:
        return Reply((say(T("There are no campaigns yet."), Button(T("New campaign"), "verb:campaign", "primary")),))
    lines = [title(T("E-mail campaigns")), *(body(campaign_line(row)) for row in rows)]
    buttons = [(Button(row.name, f"campaign.open:{row.id}"),) for row in rows]
    return Reply((Screen(tuple(lines), (*buttons, (Button(T("New campaign"), "verb:campaign"),))),))


def open_card(request: Request) -> Reply:
    row = _row(request)
    return Reply((Card(CARD, row.id),))


def edit(request: Request) -> Reply:
    row = _row(request)
    if row.status != "draft":
        return Reply(toast=T("It was started already: what is on its way can't be changed."))
    answers: dict[str, Any] = {"name": row.name, "subject": row.subject, "text": row.text}
    answers |= {key: getattr(row, key) for key in ("subject_zh", "text_zh")}
    for key in CRITERIA:  # None: known not to be any, so that it is not asked for again
        answers[key] = [_typed(key, one) for one in row.segment.get(key, ())] or None
    return begin(request, CAMPAIGN_GUIDE, answers=answers, subject_id=row.id)


def preview(request: Request) -> Reply:
    row, at = _row(request), _page(request)
    readers = audience(request.work, actor=request.person, segment=row.segment).readers
    at = min(at, max(0, len(readers) - 1))
    reader = readers[at] if readers else sample_reader(request.work, request.person, None)
    return Reply((draw_preview(row, reader, at=at, total=len(readers)),), replaces=at > 0)


def test(request: Request) -> Reply:
    row = _row(request)
    _require_mail(request)
    return begin(request, TEST_GUIDE, subject_id=row.id)


def submit_test(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    by = _by(request)
    campaigns.order_test(request.work, **by, campaign_id=subject_id or 0, email=values["email"])
    return Reply((say(T("A test is on its way to {email}. You hear when it has left.", email=values["email"])),))


def start(request: Request) -> Reply:
    """Ask once more: what has been sent can't be taken back."""
    row = _row(request)
    _require_mail(request)
    found = audience(request.work, actor=request.person, segment=row.segment)
    if not found.readers:
        raise Invalid(T("Nobody would get this campaign: choose other customers, or complete their e-mail addresses."))
    count = len(found.readers)
    asked = prompt(TN("Send it to {n} customer?", "Send it to {n} customers?", n=count))
    lines: list[Line] = [title(row.name), *audience_lines(found), muted(T("What has been sent can't be taken back."))]
    rows = ((Button(labels.CONFIRM, f"campaign.go:{row.id}", "primary"), Button(labels.CANCEL, "campaign.leave")),)
    return Reply((Screen((*lines, asked), rows),))


def go(request: Request) -> Reply:
    row = _row(request)
    _require_mail(request)
    by = _by(request)
    count = campaigns.start_campaign(request.work, **by, campaign_id=row.id)
    told = TN(
        "“{name}” is on its way to {n} customer.", "“{name}” is on its way to {n} customers.", n=count, name=row.name
    )
    return Reply((say(told), Card(CARD, row.id)), replaces=True)


def pause(request: Request) -> Reply:
    row = _row(request)
    campaigns.pause_campaign(request.work, actor=request.person, platform=request.platform, campaign_id=row.id)
    return Reply(toast=T("“{name}” is paused.", name=row.name))


def resume(request: Request) -> Reply:
    row = _row(request)
    _require_mail(request)
    campaigns.resume_campaign(request.work, actor=request.person, platform=request.platform, campaign_id=row.id)
    return Reply(toast=T("“{name}” goes on.", name=row.name))


def stop(request: Request) -> Reply:
    """Ask once more: a campaign that was stopped does not go on."""
    row = _row(request)
    asked = T("Stop “{name}” for good? Who has not got it yet gets nothing.", name=row.name)
    rows = ((Button(labels.CONFIRM, f"campaign.end:{row.id}", "danger"), Button(labels.CANCEL, "campaign.leave")),)
    return Reply((Screen((prompt(asked),), rows),))


def end(request: Request) -> Reply:
    row = _row(request)
    campaigns.stop_campaign(request.work, actor=request.person, platform=request.platform, campaign_id=row.id)
    return Reply((say(T("“{name}” is stopped.", name=row.name)),), replaces=True)


def leave(request: Request) -> Reply:
    return Reply((say(T("All right: nothing has changed.")),), replaces=True)


def results(request: Request) -> Reply:
    row, page = _row(request), _page(request)
    mails = mail_results(request.work, campaign_id=row.id, offset=page * PAGE, most=PAGE + 1)
    return Reply((draw_results(row, mails[:PAGE], page=page, more=len(mails) > PAGE),), replaces=page > 0)


def _row(request: Request) -> Any:
    """The campaign that is meant, where this person may see it. Raises NotFound."""
    number = request.argument.partition(".")[0]
    campaign_id = int(number[:15]) if number[:15].isdecimal() else 0
    return get_campaign(request.work, viewer=request.person, campaign_id=campaign_id)


def _by(request: Request) -> dict[str, Any]:
    return {"actor": request.person, "platform": request.platform}


def _page(request: Request) -> int:
    number = request.argument.partition(".")[2]
    return min(int(number), 10_000) if number.isdecimal() and len(number) < 6 else 0


def _require_mail(request: Request) -> None:
    if not request.settings.smtp_url.get_secret_value():
        raise Invalid(T("E-mail is not set up yet: your administrator sets TRADEWIND_SMTP_URL."))


def _plain(key: str, value: Any) -> Any:
    return int(value) if key == "product" else value


def _typed(key: str, value: Any) -> Any:
    return str(value) if key == "product" else value


CAMPAIGN_GUIDE = register(Guide(CAMPAIGN, can_campaign, submit))
TEST_GUIDE = register(Guide(CAMPAIGN_TEST, can_campaign, submit_test))

_SALES = frozenset({Role.REP, Role.SUPERVISOR, Role.GM, Role.ADMIN})
VERBS = (Verb("campaign", ("邮件营销",), T("an e-mail campaign"), campaign, _SALES),)
PRESSES = {
    "campaign.list": show_list,
    "campaign.open": open_card,
    "campaign.edit": edit,
    "campaign.preview": preview,
    "campaign.test": test,
    "campaign.start": start,
    "campaign.go": go,
    "campaign.pause": pause,
    "campaign.resume": resume,
    "campaign.stop": stop,
    "campaign.end": end,
    "campaign.leave": leave,
    "campaign.results": results,
}
