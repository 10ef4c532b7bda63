"""What the conversations of campaigns may see: how many would get it, and where the last test went."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.cards.campaign import audience_lines
from bot.cards.screen import Line, problem
from crm.core.errors import TradewindError
from crm.sales.campaigns.audience import audience
from crm.sales.campaigns.campaigns import last_test_address
from crm.sales.campaigns.segments import CRITERIA, checked_segment


def remark_campaign(world: Any, answers: Mapping[str, Any]) -> Sequence[Line]:
    """Under the review: to how many it would go, and who is left out."""
    try:
        segment = checked_segment({key: answers.get(key) or [] for key in CRITERIA})
    except TradewindError as error:
        return [problem(error.text)]
    return audience_lines(audience(world.work, actor=world.person, segment=segment))


def own_mail(world: Any, key: str) -> Mapping[str, Any] | None:
    return {"email": last_test_address(world.work, person_id=world.person.id)}
