"""A campaign's letter as an e-mail: text and HTML, our footer, and the headers by which programs opt out (RFC 8058)."""

import re
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, parseaddr
from html import escape

from bot.wording import wording
from crm.core.text import T
from crm.sales.campaigns.mailing import Letter

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_LINK = re.compile(r"https?://[^\s<>\"'，。；）】]+")
_MESSAGE_ID = re.compile(r"campaign-([0-9]{1,18})\.([0-9]{1,18})@", re.ASCII)
_BODY = "margin:0;padding:24px 16px;font:15px/1.6 Arial,'PingFang SC','Microsoft YaHei',sans-serif;color:#1c2330"
_FOOTER = "margin-top:32px;padding-top:12px;border-top:1px solid #d9dde3;font-size:12px;color:#667080"


class _LongAddresses(EmailPolicy):
    """Folds headers but those that are one address: some programs do not find it on the next line."""

    def fold_binary(self, name: str, value: str) -> bytes:
        if name.lower() in {"list-unsubscribe", "message-id"}:
            return f"{name}: {value}{self.linesep}".encode("ascii")
        return super().fold_binary(name, value)


_POLICY = _LongAddresses(linesep="\r\n")


def compose(letter: Letter, *, sender: str, reply_to: str, opt_out_url: str, now: datetime) -> EmailMessage:
    """The e-mail. `sender`: `Name <address>` or an address. Raises ValueError for an address that can't be written."""
    message = EmailMessage(policy=_POLICY)
    name, address = parseaddr(sender)
    subject = letter.template.subject
    if letter.is_test:
        subject = wording(letter.language, "UTC")(T("[Test] {subject}", subject=subject))
    message["From"] = written_address(name or letter.sender_name, address)
    message["To"] = written_address(letter.to_name, letter.to)
    if reply_to:
        message["Reply-To"] = written_address(*parseaddr(reply_to))
    message["Subject"] = _line(subject)
    message["Date"] = format_datetime(now.astimezone(UTC))
    message["Message-ID"] = message_id(letter, address)
    message["List-Unsubscribe"] = f"<{opt_out_url}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message["Precedence"] = "bulk"
    message["Auto-Submitted"] = "auto-generated"
    notice, link = _footer(letter)
    plain = f"{letter.template.text}\n\n-- \n{notice}\n{link}: {opt_out_url}\n"
    message.set_content(plain)
    message.add_alternative(_html(letter, notice, link, opt_out_url), subtype="html")
    return message


def message_id(letter: Letter, address: str) -> str:
    """The same for every try of this mail, so that a mailbox that got it twice can tell."""
    domain = _ascii_domain(address.rpartition("@")[2])
    return f"<campaign-{letter.campaign_id}.{letter.mail_id}@{domain}>"


def mail_of_message_id(text: str) -> int | None:
    """Our mail's id, from a text with its Message-ID in it."""
    found = _MESSAGE_ID.search(text)
    return None if found is None else int(found.group(2))


def written_address(name: str, address: str) -> Address:
    """An address as a header takes it; what could begin another header is gone. Raises ValueError."""
    local, _, domain = address.strip().rpartition("@")
    if not local.isascii() or not local or not domain:
        raise ValueError(f"{address} can't be written to: only Latin letters may stand before the @")
    return Address(_line(name)[:200], addr_spec=f"{local}@{_ascii_domain(domain)}")


def _ascii_domain(domain: str) -> str:
    try:
        return domain.encode("idna").decode() if not domain.isascii() else domain
    except UnicodeError as error:
        raise ValueError(f"{domain} is no domain") from error


def _line(text: str) -> str:
    return " ".join(_UNPRINTABLE.sub(" ", text).split())


def _footer(letter: Letter) -> tuple[str, str]:
    words = wording(letter.language, "UTC")
    notice = T("You get this e-mail because you do business with us.")
    if letter.sender_name:
        notice = T("You get this e-mail because you do business with {company}.", company=letter.sender_name)
    return words(notice), words(T("No more of these e-mails"))


def _html(letter: Letter, notice: str, link: str, opt_out_url: str) -> str:
    paragraphs = re.split(r"\n\s*\n", letter.template.text.strip())
    text = "\n".join(f"<p>{_linked(paragraph)}</p>" for paragraph in paragraphs)
    language = "zh-CN" if letter.language == "zh_CN" else "en"
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"></head>\n'
        f'<body style="{_BODY}">\n<div style="max-width:600px;margin:0 auto">\n{text}\n'
        f'<div style="{_FOOTER}">{escape(notice)}<br><a href="{escape(opt_out_url)}">{escape(link)}</a></div>\n'
        "</div>\n</body>\n</html>\n"
    )


def _linked(text: str) -> str:
    """Plain text as HTML, its web addresses as links."""
    drawn, end = "", 0
    for found in _LINK.finditer(text):
        address = found.group(0).rstrip(".,;:!?)")
        drawn += escape(text[end : found.start()]) + f'<a href="{escape(address)}">{escape(address)}</a>'
        end = found.start() + len(address)
    return (drawn + escape(text[end:])).replace("\n", "<br>\n")
