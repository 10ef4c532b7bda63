"""A table sent by an administrator: what it is taken for, what importing it would do, and doing so."""

from bot.cards import labels
from bot.cards.screen import Button, Line, Screen, body, labelled, muted, problem, prompt, say, title
from bot.handlers.customers.customers import record_id
from bot.request import Reply, Request
from crm.core import files
from crm.core.errors import Invalid, NotFound
from crm.core.history import Actor
from crm.core.text import T, Words
from crm.exchange.importing import Kind, kind_of, plan_import, run_import
from crm.exchange.plan import ImportPlan
from crm.people.people import Role
from crm.people.permissions import Allowed, require

MOST_REASONS = 5
MOST_ROWS = 5_000
"""So many are looked up, and written, in the one transaction that a message has: others wait for it."""


def offer_import(request: Request, *, attachment_id: int, name: str, content: bytes) -> Screen | Words:
    """What importing this would do, to be confirmed; or why it cannot be imported."""
    try:
        kind = kind_of(content)
        if kind is None:
            return T("This can't be imported as a table: it needs a header line with a company's or a product's name.")
        plan = plan_import(request.work, kind=kind, data=content, most=MOST_ROWS)
    except Invalid as error:
        return error.text
    lines = [title(_heading(kind, name)), *_counts(plan), *_reasons(plan)]
    buttons = [
        Button(T("Attach it instead"), f"file.choose:{attachment_id}"),
        Button(labels.CANCEL, f"file.drop:{attachment_id}"),
    ]
    if not plan.writes():
        return Screen((*lines, body(T("There is nothing new in it."))), (tuple(buttons),))
    confirm = Button(labels.CONFIRM, f"file.import:{attachment_id}", "primary")
    asked = prompt(T("Nothing is written yet. Import it?"))
    return Screen((*lines, asked), ((confirm,), tuple(buttons)))


def run(request: Request) -> Reply:
    """Import the file that was looked at, once; faulty and duplicate rows are left out. Raises Forbidden."""
    require(_can_import(request))
    row = files.get_attachment(request.work, attachment_id=record_id(request.argument))
    found = None if row is None else files.read_file(request.work, file_id=row.file_id, name=row.name)
    if found is None or files.drop_file(request.work, person_id=request.person.id, attachment_id=row.id) is None:
        raise NotFound(T("This was answered already."))
    kind = kind_of(found.content)
    if kind is None:
        raise NotFound(T("This was answered already."))
    actor = Actor(request.person.id, request.platform)
    done = run_import(request.work, actor=actor, kind=kind, data=found.content).counts()
    told = T(
        "{file} is imported: {new} new, {changed} changed.", file=found.name, new=done["new"], changed=done["changed"]
    )
    return Reply((say(told),), replaces=True)


def _can_import(request: Request) -> Allowed:
    if request.person.has(Role.ADMIN):
        return True
    return T("Tables are imported by an administrator.")


def _heading(kind: Kind, name: str) -> Words:
    if kind is Kind.CUSTOMERS:
        return T("Import customers from {file}", file=name)
    return T("Import products from {file}", file=name)


def _counts(plan: ImportPlan) -> list[Line]:
    counts = plan.counts()
    words = T(
        "{new} new, {changed} changed, {same} the same, {duplicate} twice, {faulty} faulty",
        new=counts["new"],
        changed=counts["changed"],
        same=counts["same"],
        duplicate=counts["duplicate"],
        faulty=counts["faulty"],
    )
    lines = [labelled(T("Rows"), words)]
    if plan.unread:
        lines.append(muted(T("Columns that are not read: {columns}", columns=", ".join(plan.unread)[:300])))
    return lines


def _reasons(plan: ImportPlan) -> list[Line]:
    """The first rows that would be left out, and why."""
    left_out = [row for row in plan.rows if row.reason is not None]
    lines = [problem(T("Line {line}: {reason}", line=row.line, reason=row.reason)) for row in left_out[:MOST_REASONS]]
    if len(left_out) > MOST_REASONS:
        lines.append(muted(T("… and {count} more lines", count=len(left_out) - MOST_REASONS)))
    return lines


PRESSES = {"file.import": run}
