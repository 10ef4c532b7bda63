"""What is open to callers from outside, each by a signature of its own: inquiries, bounces, opting out."""

from collections.abc import Callable, Iterable

from starlette.routing import BaseRoute

from bot.bounces import Bounces
from bot.config import Settings
from bot.inquiries import Inquiries
from bot.pages.customer_order import CustomerPages
from bot.pages.customer_seal import LinkSeal
from bot.pages.opt_out import OptOutLinks, OptOutPage
from bot.signed_posts import Signed
from crm.core.database import Database


def open_routes(settings: Settings, database: Database, *, wake: Callable[[Iterable[int]], None]) -> list[BaseRoute]:
    """Their routes. `wake` is told the chats that something was written for."""
    signed = Signed(settings.inbound_secret.get_secret_value(), clock=database.clock)
    page = OptOutPage(database, OptOutLinks(settings.key()), language=settings.language)
    seal, header = LinkSeal(settings.key()), settings.address_header
    orders = CustomerPages(database, seal, header=header, language=settings.language, wake=wake)
    return [
        *Inquiries(database, signed, wake=wake).routes(),
        *Bounces(database, signed).routes(),
        *page.routes(),
        *orders.routes(),
    ]
