"""The text of a campaign with its fields: `Dear {contact}` becomes `Dear Hans`. Filled in once, never twice."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from crm.core.errors import Invalid
from crm.core.text import T

FIELDS = {
    "contact": ("contact", "联系人", "姓名"),
    "company": ("company", "公司", "公司名称", "客户"),
    "rep": ("rep", "业务员", "销售"),
}
"""What each field may be called."""

MOST_SUBJECT, MOST_TEXT = 150, 8_000

_FIELD = re.compile(r"[{｛]\s*([^{}｛｝\n]{1,40}?)\s*[}｝]")
_BY_NAME = {name: field for field, names in FIELDS.items() for name in names}
_HAN = re.compile(r"[㐀-鿿]")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Template:
    """A subject (one line) and a text, both with fields."""

    subject: str
    text: str

    @property
    def language(self) -> str:
        """The language it seems to be written in, for what we add: `zh_CN` or `en`."""
        return "zh_CN" if _HAN.search(self.text) else "en"


def checked_template(subject: str, text: str) -> Template:
    """The template as it is kept. Raises Invalid: empty, too long, a field there is not."""
    subject = " ".join(_CONTROLS.sub(" ", subject).split())
    text = _CONTROLS.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if not subject or not text:
        raise Invalid(T("An e-mail needs a subject and a text."))
    if len(subject) > MOST_SUBJECT or len(text) > MOST_TEXT:
        raise Invalid(
            T(
                "A subject has at most {subject} characters, a text at most {text}.",
                subject=MOST_SUBJECT,
                text=MOST_TEXT,
            )
        )
    unknown = unknown_field(f"{subject}\n{text}")
    if unknown is not None:
        raise Invalid(T("There is no field {name}. The fields are {fields}.", name=unknown, fields=field_names()))
    return Template(subject, text)


def unknown_field(text: str) -> str | None:
    """The first field in a text that there is not, as it is written."""
    return next((found.group(0) for found in _FIELD.finditer(text) if found.group(1).lower() not in _BY_NAME), None)


def field_names() -> list[str]:
    return [f"{{{name}}}" for name in FIELDS]


def fill(template: Template, values: Mapping[str, str]) -> Template:
    """The template with these values of FIELDS. What a value says is no field, whatever it looks like."""

    def value(found: re.Match[str]) -> str:
        return values[_BY_NAME[found.group(1).lower()]]

    subject = " ".join(_CONTROLS.sub(" ", _FIELD.sub(value, template.subject)).split())
    return Template(subject, _CONTROLS.sub(" ", _FIELD.sub(value, template.text)))
