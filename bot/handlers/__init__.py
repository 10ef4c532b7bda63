"""Everything that can be typed or pressed, gathered: small files by subject, one table of all."""

from bot.handlers import attachments, finding, groups, guided, replies
from bot.handlers.campaigns import campaigns
from bot.handlers.capture import capture, exhibition
from bot.handlers.company import approval_policy, company, imports, rates, rules, self_service, staff
from bot.handlers.customers import (
    changes as customer_changes,
)
from bot.handlers.customers import (
    contacts,
    customers,
    handing_over,
)
from bot.handlers.customers import (
    pages as customer_pages,
)
from bot.handlers.deals import changes as deal_changes
from bot.handlers.deals import deals, pipeline
from bot.handlers.leads import (
    form as lead_form,
)
from bot.handlers.leads import (
    held as held_leads,
)
from bot.handlers.leads import (
    leads,
    pool,
)
from bot.handlers.leads import (
    reassignment as lead_reassignment,
)
from bot.handlers.leads import (
    rule_forms as lead_rule_forms,
)
from bot.handlers.leads import (
    talk as lead_talk,
)
from bot.handlers.orders import (
    approvals,
    asking,
    cancelling,
    customer_link,
    nudging,
    orders,
    papers,
    passing_on,
    payment,
    production,
    shipping,
    urgency,
)
from bot.handlers.quotes import quotes
from bot.handlers.reminders import next as next_reminder
from bot.handlers.reminders import reminders
from bot.handlers.shared import SHARED
from bot.handlers.verbs import Handler, Verb
from bot.handlers.working_time import absence
from bot.request import Reply, Request
from bot.wording import wording
from crm.core.text import T
from crm.people.people import Member


def help_(request: Request) -> Reply:
    return Reply((self_service.help_screen(request, VERBS),))


__all__ = ["PRESSES", "SHARED", "VERBS", "find_said", "find_verb", "menu"]

VERBS: tuple[Verb, ...] = (
    *capture.reading_more(leads.VERBS),
    *pool.VERBS,
    *customers.VERBS,
    *handing_over.VERBS,
    *capture.reading_more(deals.VERBS),
    *pipeline.VERBS,
    *quotes.VERBS,
    *orders.VERBS,
    *production.VERBS,
    *shipping.VERBS,
    *payment.VERBS,
    *campaigns.VERBS,
    *approvals.VERBS,
    *absence.VERBS,
    *finding.VERBS,
    *reminders.VERBS,
    *company.VERBS,
    *rules.VERBS,
    *rates.VERBS,
    *self_service.VERBS,
    Verb("help", ("帮助",), T("what I can do"), help_, usual=True),
    Verb("continue", ("继续填写", "继续"), T("go on with a draft put aside"), guided.resume, parks=False),
    Verb("cancel", ("取消",), T("drop the draft you are in"), guided.cancel, parks=False),
)

PRESSES: dict[str, Handler] = {
    "c": guided.press,
    "continue": guided.resume,
    **leads.PRESSES,
    **lead_talk.PRESSES,
    **lead_reassignment.PRESSES,
    **staff.PRESSES,
    **held_leads.PRESSES,
    **lead_rule_forms.PRESSES,
    **lead_form.PRESSES,
    **pool.PRESSES,
    **customers.PRESSES,
    **contacts.PRESSES,
    **customer_pages.PRESSES,
    **customer_changes.PRESSES,
    **handing_over.PRESSES,
    **deals.PRESSES,
    **deal_changes.PRESSES,
    **pipeline.PRESSES,
    **quotes.PRESSES,
    **orders.PRESSES,
    **urgency.PRESSES,
    **nudging.PRESSES,
    **asking.PRESSES,
    **passing_on.PRESSES,
    **cancelling.PRESSES,
    **customer_link.PRESSES,
    **production.PRESSES,
    **shipping.PRESSES,
    **papers.PRESSES,
    **payment.PRESSES,
    **campaigns.PRESSES,
    **approvals.PRESSES,
    **absence.PRESSES,
    **reminders.PRESSES,
    **next_reminder.PRESSES,
    **company.PRESSES,
    **rules.PRESSES,
    **approval_policy.PRESSES,
    **rates.PRESSES,
    **self_service.PRESSES,
    **attachments.PRESSES,
    **exhibition.PRESSES,
    **groups.PRESSES,
    **imports.PRESSES,
    **replies.PRESSES,
}

_WORDS = {word.casefold(): verb for verb in VERBS for word in (verb.name, *verb.synonyms)}


def find_verb(text: str) -> tuple[Verb, str, bool] | None:
    """The verb a text begins with, what follows it, and whether a slash said that it is meant as a verb."""
    plain = text.strip()
    slashed = plain.startswith(("/", "／"))
    head, *rest = plain.lstrip("/／").split(maxsplit=1) or [""]
    verb = _WORDS.get(head.casefold())
    return None if verb is None else (verb, rest[0] if rest else "", slashed)


def find_said(text: str) -> tuple[Verb, str, bool] | None:
    """The verb of a text that begins with none, where a Chinese sentence holds it without a space: `明天提醒我…`."""
    plain = text.strip()
    if plain.startswith("提醒") or "提醒我" in plain:
        return _WORDS["remind"], plain.removeprefix("提醒") if not plain.startswith("提醒我") else plain, False
    return None


def menu(language: str, person: Member | None = None) -> list[tuple[str, str]]:
    """Verbs for a platform's own menu, the usual ones first: Latin names, summaries in this language.

    What this person may use; without one, what somebody nobody knows yet can do.
    """
    words = wording(language, "UTC")
    if person is None:
        shown = [verb for verb in VERBS if verb.name in {"start", "help"}]
    else:
        shown = [verb for verb in VERBS if verb.is_for(person) and verb.name not in {"start", "continue"}]
    return [(verb.name, words(verb.summary)) for verb in sorted(shown, key=lambda verb: not verb.usual)]
