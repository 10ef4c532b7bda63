"""Verbs and presses about quotes: making, sending, versions, papers, special prices, what the customer said."""

from collections.abc import Mapping
from typing import Any

from bot.cards import labels
from bot.cards.paste import paste
from bot.cards.quote import quote_line, status_words
from bot.cards.screen import Button, Line, Screen, body, labelled, muted, problem, say, title
from bot.conversations.order import order_currency
from bot.conversations.quote import CHANGE, DECLINED, QUOTE, REJECT, SEND_BACK, VERSION
from bot.handlers.customers.customers import paging, record_id
from bot.handlers.guided import Guide, begin, register
from bot.handlers.orders.drafts import answers_of
from bot.handlers.orders.orders import ORDER_GUIDE
from bot.handlers.quotes.drafts import answers_of_quote, quote_draft_of
from bot.handlers.verbs import Handler, Verb
from bot.handlers.world import CompanyWorld
from bot.request import Card, Document, Reply, Request
from crm.core.errors import NotFound
from crm.core.money import Money
from crm.core.text import T
from crm.orders.approvers import read_circle
from crm.orders.on_paper import price_terms
from crm.orders.quotes import papers
from crm.orders.quotes.ordering import draft_from_quote
from crm.orders.quotes.prefill import draft_of_quote, quote_from_deal, usual_validity
from crm.orders.quotes.quote_policy import can_quote
from crm.orders.quotes.quotes import (
    PRICE_STATUSES,
    STATUSES,
    company_today,
    count_by_status,
    is_quote_number,
    list_quotes,
    read_plain,
    read_quote,
)
from crm.orders.quotes.sending import accept_quote, check_answerable, decline_quote, mark_sent
from crm.orders.quotes.special_prices import Decision, check_open, decide_on_price, deciders_of, read_seen
from crm.orders.quotes.writing import (
    change_quote,
    check_changeable,
    check_followable,
    new_version,
    write_quote,
)
from crm.people.people import Member, Role
from crm.people.permissions import Allowed
from crm.sales.customers.customers import get_customer
from crm.sales.deals.deals import find_deals

PAGE = 8


def quote(request: Request) -> Reply:
    """`quote`, with a customer's name, a deal's number or a quote's own, if one follows."""
    words = request.argument.strip()
    if is_quote_number(words):
        return _opened(request, words)
    number = words.upper().removeprefix("D-")
    if words[:2].upper() == "D-" and number.isdecimal():
        rows, _ = find_deals(request.work, viewer=request.person, query=words, stages=None, most=1)
        if not rows:
            raise NotFound(T("There is no deal {number}.", number=f"D-{number[:15]}"))
        return _from_deal(request, rows[0].id)
    answers, wrong = QUOTE.heard("customer", words, CompanyWorld(request.work, request.person))
    return begin(request, QUOTE_GUIDE, answers=answers, wrong=wrong)


def quote_for(request: Request) -> Reply:
    customer_id = record_id(request.argument)
    get_customer(request.work, viewer=request.person, customer_id=customer_id)
    return begin(request, QUOTE_GUIDE, answers={"customer": str(customer_id)})


def quote_from(request: Request) -> Reply:
    """From a deal: what it says is filled in, what it does not is asked."""
    return _from_deal(request, record_id(request.argument))


def open_quote(request: Request) -> Reply:
    quote_id = record_id(request.argument)
    read_seen(request.work, quote_id=quote_id, viewer=request.person)
    return Reply((Card("quote", quote_id),))


def quotes(request: Request) -> Reply:
    """`quotes`: mine by status; `quotes Ernst` those of one customer."""
    return Reply((_page(request, 0, {"query": request.argument}, request.argument),))


def quotes_of(request: Request) -> Reply:
    """`deal.17`, `customer.4`: the quotes of a record."""
    return Reply((_page(request, 0, _of_record(request.argument), request.argument),))


def turn_page(request: Request) -> Reply:
    page, _, wanted = request.argument.partition(":")
    where = _of_record(wanted) if wanted.partition(".")[0] in _RECORDS else {"query": wanted}
    return Reply((_page(request, min(record_id(page), 10_000), where, wanted),), replaces=True)


def submit(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    draft = _draft(request, values)
    quote_id = write_quote(request.work, actor=request.person, platform=request.platform, draft=draft)
    return Reply((_saved(request, quote_id),))


def start_change(request: Request) -> Reply:
    quote_id = record_id(request.argument)
    check_changeable(request.work, actor=request.person, quote_id=quote_id)  # said before any question
    draft = draft_of_quote(request.work, quote=read_plain(request.work, quote_id=quote_id))
    return begin(
        request,
        CHANGE_GUIDE,
        answers={"lead_time": None, **answers_of_quote(draft, zone=request.person.zone)},
        subject_id=quote_id,
    )


def submit_change(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    quote_id, draft = subject_id or 0, _draft(request, values)
    change_quote(request.work, actor=request.person, platform=request.platform, quote_id=quote_id, draft=draft)
    return Reply((_saved(request, quote_id),))


def start_version(request: Request) -> Reply:
    """The same again, to be changed; a day of validity that is past is proposed anew."""
    quote_id = record_id(request.argument)
    check_followable(request.work, actor=request.person, quote_id=quote_id)
    draft = draft_of_quote(request.work, quote=read_plain(request.work, quote_id=quote_id))
    answers = {"lead_time": None, **answers_of_quote(draft, zone=request.person.zone)}
    if draft.valid_until is not None and draft.valid_until < company_today(request.work):
        later = QUOTE.known(
            "valid_until", usual_validity(request.work).isoformat(), CompanyWorld(request.work, request.person)
        )
        answers |= later
    return begin(request, VERSION_GUIDE, answers=answers, subject_id=quote_id)


def submit_version(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    draft = _draft(request, values)
    told: dict[str, Any] = {"actor": request.person, "platform": request.platform, "quote_id": subject_id or 0}
    return Reply((_saved(request, new_version(request.work, draft=draft, **told)),))


def sent(request: Request) -> Reply:
    """It went to the customer; or its special price has to be approved first after all."""
    quote_id = record_id(request.argument)
    if mark_sent(request.work, actor=request.person, platform=request.platform, quote_id=quote_id):
        return Reply((_sent(request, quote_id),))
    row = read_plain(request.work, quote_id=quote_id)
    why = T("Quote {number} is not sent yet: its prices were looked at again, at today's rates.", number=row.number)
    return Reply((Screen((problem(why), *_asked(request, row)), ((_open(quote_id),),)),))


def accepted(request: Request) -> Reply:
    quote_id = record_id(request.argument)
    accept_quote(request.work, actor=request.person, platform=request.platform, quote_id=quote_id)
    row = read_plain(request.work, quote_id=quote_id)
    facts: dict[str, Any] = {"number": row.number, "customer": row.customer_name}
    told = T("Quote {number} is accepted by {customer}.", **facts)
    if row.version > 1:
        told = T("Version {version} of quote {number} is accepted by {customer}.", version=row.version, **facts)
    return Reply((say(told, Button(labels.MAKE_ORDER, f"quote.order:{quote_id}", "primary"), _open(quote_id)),))


def start_declined(request: Request) -> Reply:
    quote_id = record_id(request.argument)
    check_answerable(request.work, actor=request.person, quote_id=quote_id)
    return begin(request, DECLINED_GUIDE, subject_id=quote_id)


def submit_declined(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
    quote_id = subject_id or 0
    told: dict[str, Any] = {"actor": request.person, "platform": request.platform, "quote_id": quote_id}
    decline_quote(request.work, reason=values["reason"], **told)
    row = read_plain(request.work, quote_id=quote_id)
    again = Button(labels.NEW_VERSION, f"quote.version:{quote_id}")
    return Reply((say(T("Quote {number} is noted as declined.", number=row.number), again, _open(quote_id)),))


def make_order(request: Request) -> Reply:
    """The order filled in with the quote; only the review is shown where nothing lacks."""
    draft = draft_from_quote(request.work, actor=request.person, quote_id=record_id(request.argument))
    return begin(request, ORDER_GUIDE, answers=answers_of(draft, zone=request.person.zone))


def print_paper(paper: papers.Paper) -> Handler:
    """A handler that prints this paper and sends it here."""

    def send(request: Request) -> Reply:
        quote_id = record_id(request.argument)
        file_id, name = papers.print_paper(request.work, viewer=request.person, quote_id=quote_id, paper=paper)
        row = read_plain(request.work, quote_id=quote_id)
        beside = T("{number} {customer}", number=row.number, customer=row.customer_name)
        return Reply((Document(file_id, name, beside),))

    return send


def approve(request: Request) -> Reply:
    return Reply(toast=_decide(request, record_id(request.argument), "approve"))


def start_decision(name: str) -> Handler:
    """A handler that asks why, about the special price the button names."""

    def begin_asking(request: Request) -> Reply:
        approval_id = record_id(request.argument)
        check_open(request.work, actor=request.person, approval_id=approval_id)  # said before any question
        return begin(request, _DECISIONS[name], subject_id=approval_id)

    return begin_asking


def _submit_decision(decision: Decision, field: str) -> Any:
    def submit(request: Request, values: Mapping[str, Any], subject_id: int | None) -> Reply:
        return Reply((say(_decide(request, subject_id or 0, decision, values[field])),))

    return submit


def _decide(request: Request, approval_id: int, decision: Decision, reason: str | None = None) -> Any:
    told: dict[str, Any] = {"actor": request.person, "platform": request.platform, "approval_id": approval_id}
    row = decide_on_price(request.work, decision=decision, reason=reason, **told)
    return T("Quote {number}: {status}", number=row.number, status=PRICE_STATUSES[row.price_status])


def _opened(request: Request, words: str) -> Reply:
    rows, total = list_quotes(request.work, viewer=request.person, query=words, most=1)
    if not total:
        raise NotFound(T("No quote fits “{text}”.", text=words[:60]))
    return Reply((Card("quote", rows[0].id),))


def _from_deal(request: Request, deal_id: int) -> Reply:
    draft = quote_from_deal(request.work, actor=request.person, deal_id=deal_id)
    return begin(request, QUOTE_GUIDE, answers={"lead_time": None, **answers_of_quote(draft, zone=request.person.zone)})


def _draft(request: Request, values: Mapping[str, Any]) -> Any:
    world = CompanyWorld(request.work, request.person)
    plain = {
        "currency": values.get("currency"),
        "lines": [{"unit_price": {"currency": line["unit_price"][1]}} for line in values.get("lines", ())],
        "_": world.recall("order defaults", values["customer"]) or {},
    }
    return quote_draft_of(values, currency=order_currency(plain, world))


def _saved(request: Request, quote_id: int) -> Screen:
    row = read_quote(request.work, quote_id=quote_id, viewer=request.person)
    facts = {"number": row.number, "customer": row.customer_name, "total": Money(row.total, row.currency)}
    saved = T("Quote {number} is saved: {customer}, {total}", **facts)
    if row.version > 1:
        saved = T("Quote {number} (version {version}) is saved: {customer}, {total}", version=row.version, **facts)
    if row.price_status == "pending":
        return Screen((body(saved), *_asked(request, row)), ((_open(quote_id),),))
    buttons = (
        Button(labels.PDF, f"quote.pdf:{quote_id}"),
        Button(labels.MARK_SENT, f"quote.sent:{quote_id}", "primary"),
        _open(quote_id),
    )
    return Screen((body(saved),), (buttons,))


def _asked(request: Request, row: Any) -> list[Line]:
    """Who was asked for the special price."""
    asked = deciders_of(row, read_circle(request.work, row.owner_id)).asked
    if not asked:
        return [problem(T("Nobody can decide on this step; the administrators were told."))]
    names = [one.name for one in asked]
    return [muted(T("A price is under the floor. Asked for special price approval: {names}", names=names))]


def _sent(request: Request, quote_id: int) -> Screen:
    row = read_plain(request.work, quote_id=quote_id)
    told = T("Quote {number} is sent; it holds until {date}.", number=row.number, date=row.valid_until)
    lines = (body(told), *_for_customer(request, row))
    buttons = (Button(labels.PDF, f"quote.pdf:{quote_id}"), _open(quote_id))
    return Screen(lines, (buttons,))


def _for_customer(request: Request, row: Any) -> tuple[Line, ...]:
    """A text to paste into WeChat or WhatsApp, in the customer's language."""
    customer = get_customer(request.work, viewer=request.person, customer_id=row.customer_id)
    total = f"{row.currency} {Money(row.total, row.currency).rounded().amount:,}"
    day, terms = row.valid_until, price_terms(row)
    zh = (
        f"您好，附件是我们的报价单 {row.number}，总额 {total}，价格条款 {terms}，付款方式 {row.payment_terms}，"
        f"有效期至 {day.year}年{day.month}月{day.day}日。有任何问题请随时联系我。"
    )
    en = (
        f"Hello, please find attached our quotation {row.number}: {total}, {terms}, payment {row.payment_terms}, "
        f"valid until {day.day} {day:%B} {day.year}. Please let me know if you have any questions."
    )
    return paste(customer, zh=zh, en=en)


def _page(request: Request, page: int, where: Mapping[str, Any], wanted: str) -> Screen:
    rows, total = list_quotes(request.work, viewer=request.person, **where, offset=page * PAGE, most=PAGE)
    if not total:
        return say(T("There are no quotes yet."), Button(T("New quote"), "verb:quote", "primary"))
    lines: list[Line] = [title(labels.QUOTES)]
    if not wanted:
        counts = count_by_status(request.work, viewer=request.person)
        shown = [status for status in STATUSES if counts.get(status)]
        lines += [labelled(STATUSES[status], T("{count}", count=counts[status])) for status in shown]
    lines += [body(quote_line(row)) for row in rows]
    if total > PAGE:
        lines.append(muted(T("Page {page}", page=page + 1)))
    names = [T("{number} · {status}", number=row.number, status=status_words(row)) for row in rows]
    buttons = tuple((Button(name, f"quote.open:{row.id}"),) for row, name in zip(rows, names, strict=True))
    turning = paging("quotes.page", page, total, wanted[:20])
    return Screen(tuple(lines), (*buttons, *turning))


def _of_record(wanted: str) -> dict[str, int]:
    kind, _, subject = wanted.partition(".")
    if kind not in _RECORDS:
        raise NotFound(T("There is no such record."))
    return {_RECORDS[kind]: record_id(subject)}


def _open(quote_id: int) -> Button:
    return Button(labels.OPEN, f"quote.open:{quote_id}")


def _changeable(request: Request, quote_id: int) -> None:
    check_changeable(request.work, actor=request.person, quote_id=quote_id)


def _followable(request: Request, quote_id: int) -> None:
    check_followable(request.work, actor=request.person, quote_id=quote_id)


def _answerable(request: Request, quote_id: int) -> None:
    check_answerable(request.work, actor=request.person, quote_id=quote_id)


def _undecided(request: Request, approval_id: int) -> None:
    check_open(request.work, actor=request.person, approval_id=approval_id)


def _anybody(person: Member) -> Allowed:
    # Who may decide on this very price is asked by the service, as things stand at that moment.
    return True


_RECORDS = {"deal": "deal_id", "customer": "customer_id"}
QUOTE_GUIDE = register(Guide(QUOTE, can_quote, submit))
CHANGE_GUIDE = register(Guide(CHANGE, can_quote, submit_change, _changeable))
VERSION_GUIDE = register(Guide(VERSION, can_quote, submit_version, _followable))
DECLINED_GUIDE = register(Guide(DECLINED, can_quote, submit_declined, _answerable))
_DECISIONS = {
    "reject": register(Guide(REJECT, _anybody, _submit_decision("reject", "reason"), _undecided)),
    "send_back": register(Guide(SEND_BACK, _anybody, _submit_decision("send_back", "change"), _undecided)),
}

_SELLERS = frozenset({Role.REP, Role.SUPERVISOR, Role.GM})
_READERS = frozenset({*_SELLERS, Role.FINANCE, Role.ADMIN})
VERBS = (
    Verb("quote", ("报价",), T("make a quote, get the PDF"), quote, _SELLERS, parks=False, usual=True),
    Verb("quotes", ("我的报价", "报价单"), T("my quotes by status"), quotes, _READERS),
)
PRESSES: dict[str, Handler] = {
    "quote.open": open_quote,
    "quote.for": quote_for,
    "quote.from": quote_from,
    "quote.change": start_change,
    "quote.version": start_version,
    "quote.sent": sent,
    "quote.accepted": accepted,
    "quote.declined": start_declined,
    "quote.order": make_order,
    "quote.pdf": print_paper("quote"),
    "quote.contract": print_paper("contract"),
    "quote.proforma": print_paper("proforma"),
    "quote.approve": approve,
    "quote.reject": start_decision("reject"),
    "quote.send_back": start_decision("send_back"),
    "quotes.of": quotes_of,
    "quotes.page": turn_page,
}
