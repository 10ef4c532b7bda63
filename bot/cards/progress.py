"""An order's progress as its customer reads it in a chat: no price, no person, no other order."""

from bot.cards.screen import Line, Screen, body, labelled, title
from crm.core.text import T
from crm.insight.order_progress import STEPS, Progress


def draw_progress(progress: Progress) -> Screen:
    lines: list[Line] = [title(T("Order {number}", number=progress.number))]
    if progress.status == "cancelled":
        lines.append(body(T("This order was cancelled.")))
    if progress.expected_on is not None:
        lines.append(body(T("Expected delivery: {date}", date=progress.expected_on)))
    for step in progress.steps:
        sign = "●" if step.is_here else "✓" if step.is_done else "○"
        if step.is_done and step.on is not None:
            lines.append(body(T("{sign} {step}, {day}", sign=sign, step=STEPS[step.key], day=step.on)))
        else:
            lines.append(body(T("{sign} {step}", sign=sign, step=STEPS[step.key])))
    for parcel in progress.parcels:
        by = " ".join(part for part in (parcel.carrier, parcel.tracking) if part)
        day = T("arrived on {day}", day=parcel.arrived_on) if parcel.arrived_on else None
        day = day or T("expected on {day}", day=parcel.expected_on)
        lines.append(body(T("{mode} {carrier}, {day}", mode=parcel.mode, carrier=by, day=day)))
    lines += [
        labelled(one.name.name, T("{quantity} {unit}", quantity=one.quantity, unit=one.unit)) for one in progress.goods
    ]
    return Screen(tuple(lines))
