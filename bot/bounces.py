"""`POST /inbound/bounces`: a mail server, or whoever reads its mailbox, tells that one of our mails did not arrive.

Signed like inquiries. The body is JSON (`message_id` or `email`, `status`, `reason`) or the returned mail itself
(`message/rfc822`), a delivery status notification (RFC 3464). See docs/website.md.
"""

import asyncio
import email
import re
from dataclasses import dataclass
from email.policy import default

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.letters import mail_of_message_id
from bot.mail import is_gone
from bot.signed_posts import Refusal, Signed, answering, read_fields
from crm.core.database import Database
from crm.language.contacts import read_contact
from crm.sales.campaigns.mailing import bounce_back

PATH = "/inbound/bounces"

_STATUS = re.compile(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Bounce:
    """What came back: our mail's id, else the address; `status` as RFC 3463 has it, empty where none was told."""

    mail_id: int | None
    address: str | None
    status: str
    reason: str

    @property
    def is_over(self) -> bool:
        """Whether nobody is trying any more; a mail that is merely late is no bounce."""
        return not self.status.startswith(("2", "4"))

    @property
    def is_gone(self) -> bool:
        """Whether the address is not there, and not merely full or unwilling."""
        return self.is_over and is_gone(550, f"{self.status} {self.reason}" if self.status else self.reason)


class Bounces:
    """Takes what came back."""

    def __init__(self, database: Database, signed: Signed) -> None:
        self._database = database
        self._signed = signed

    def routes(self) -> list[BaseRoute]:
        return [Route(PATH, answering(self._take), methods=["POST"])]

    async def _take(self, request: Request) -> Response:
        body, _ = await self._signed.read(request)
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind in {"message/rfc822", "multipart/report"}:
            bounce = read_returned_mail(body)
        else:
            bounce = _read(read_fields(request, body))
        known = bounce.is_over and await asyncio.to_thread(self._write, bounce)
        return JSONResponse({"noted": known}, 202)

    def _write(self, bounce: Bounce) -> bool:
        """Twice is once: what was noted already stays as it is."""
        detail = " ".join(part for part in (bounce.status, bounce.reason) if part)
        with self._database.write() as work:
            return bounce_back(
                work, mail_id=bounce.mail_id, email=bounce.address, is_final=bounce.is_gone, detail=detail
            )


def read_returned_mail(body: bytes) -> Bounce:
    """A delivery status notification. Raises Refusal for a mail that is none."""
    message = email.message_from_bytes(body, policy=default)
    status, reason, address = "", "", None
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status":
            for block in part.iter_parts():
                status = str(block.get("Status", status)).strip()
                reason = str(block.get("Diagnostic-Code", reason)).partition(";")[2].strip() or reason
                named = str(block.get("Final-Recipient", "")).partition(";")[2].strip()
                address = named or address
    mail_id = mail_of_message_id(body.decode("utf-8", "replace"))
    if not _STATUS.fullmatch(status) or (mail_id is None and address is None):
        raise Refusal(400, "This mail is no delivery status notification (RFC 3464).")
    return Bounce(mail_id, _address(address or "") if address else None, status, " ".join(reason.split())[:400])


def _read(fields: dict[str, str]) -> Bounce:
    mail_id = mail_of_message_id(fields.get("message_id", ""))
    address = _address(fields["email"]) if fields.get("email") else None
    if mail_id is None and address is None:
        raise Refusal(
            400, "message_id: the Message-ID of one of our mails, or an email, is needed.", field="message_id"
        )
    status = fields.get("status", "")
    if status and not _STATUS.fullmatch(status):
        raise Refusal(400, "status: write it as in 5.1.1.", field="status")
    return Bounce(mail_id, address, status, " ".join(fields.get("reason", "").split())[:400])


def _address(typed: str) -> str:
    read = read_contact(typed, region=None)
    if read is None or read.email is None:
        raise Refusal(400, "email: this is no e-mail address.", field="email")
    return read.email
