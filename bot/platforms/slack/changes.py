"""Forms that are open in Slack: what is changed or pressed in one redraws it, under the hands that fill it in."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

import structlog

from bot.gateway import DeliveryError, Vanished
from bot.inbound import CHANGE, Inbound
from bot.platforms.slack import answers
from bot.platforms.slack.client import SlackClient
from bot.platforms.slack.errors import Superseded
from bot.platforms.slack.modal import PRESS
from bot.platforms.slack.payloads import Sender, form_values
from bot.reception import Receipt, Reception
from bot.wording import Wording
from crm.core.text import T

log = structlog.get_logger()

Json = dict[str, Any]

NOT_OPEN = T("That form is not open any more. What you typed was kept as far as it could be read.")

_MOST = 1000


@dataclass(slots=True)
class _Open:
    """A form as Slack showed it last. `older`: hashes of what it showed before; `newest`: the last change of it."""

    view: Json | None = None
    older: set[str] = field(default_factory=set)
    newest: int = 0
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class OpenForms:
    """Carries out changes in open forms. Of several under way in one form the newest is drawn."""

    def __init__(self, client: SlackClient, reception: Reception) -> None:
        self._client = client
        self._reception = reception
        self._forms: OrderedDict[str, _Open] = OrderedDict()

    async def change(self, body: Json, sender: Sender, delivery: str, words: Wording) -> str:
        """Carry out one change; returns what to tell the person beside the form, empty for nothing.

        Nothing is kept on disk where it cannot be done now: all of it comes again with the next change, and at the end.
        """
        opened = self._form(str(body["view"]["id"]))
        opened.newest += 1
        number = opened.newest
        receipt = await self._reception.receive(from_change(body, sender, delivery).cleaned())
        async with opened.turn:
            if number != opened.newest:
                return ""
            return await self._draw(opened, body["view"], receipt, words)

    async def _draw(self, opened: _Open, view: Json, receipt: Receipt, words: Wording) -> str:
        base = view
        if opened.view is not None and view["hash"] in opened.older:
            # Changed before our last drawing of it arrived: what stands in it is newer, its ids and hash are not.
            base = opened.view | {"state": view.get("state")}
        drawn = answers.changed_view(receipt, base, words)
        if drawn is None:
            return ""
        try:
            answer = await self._client.call("views.update", view_id=view["id"], hash=base["hash"], view=drawn)
        except Superseded:
            log.info("slack form drawn by a newer change", view=view["id"])
            return ""
        except Vanished:
            return words(NOT_OPEN)
        except DeliveryError as error:
            log.warning("slack form not drawn anew", view=view["id"], reason=str(error))
            return ""
        opened.older.add(str(base["hash"]))
        opened.view = answer["view"]
        return ""

    def _form(self, view_id: str) -> _Open:
        opened = self._forms.setdefault(view_id, _Open())
        self._forms.move_to_end(view_id)
        if len(self._forms) > _MOST:
            self._forms.popitem(last=False)
        return opened


def from_change(body: Json, sender: Sender, delivery: str) -> Inbound:
    """A field of an open form changed (named by its path), or a button in it pressed (by its code)."""
    view, action = body["view"], (body.get("actions") or [{}])[0]
    is_button = str(action.get("action_id") or "").startswith(PRESS)
    return sender.inbound(
        CHANGE,
        delivery,
        token=str(view.get("private_metadata") or ""),
        values=form_values((view.get("state") or {}).get("values") or {}),
        button=str(action.get("value" if is_button else "block_id") or ""),
    )
