"""Whose a tracking number is: parcels, post, containers, air waybills, bills of lading. Guide 3.3.

Who carries what stands in `carriers.toml`. Better unknown than a guess: digits alone count only with a check digit that
holds, and only where no other carrier's numbers look the same.
"""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal
from urllib.parse import quote

Kind = Literal["parcel", "post", "container", "air", "bill"]

_LONGEST = 60
_BETWEEN = re.compile(r"[\s.\-‐‑–—_/]+")
_POST = re.compile(r"[A-Z]{2}(?P<serial>\d{8})(?P<check>\d)(?P<country>[A-Z]{2})")
_CONTAINER = re.compile(r"(?P<serial>(?P<owner>[A-Z]{3}[UJZ])\d{6})(?P<check>\d)")
_DASH = r"[\s\-‐‑–—]"
_AIR = re.compile(rf"(?P<airline>\d{{3}}){_DASH}+(?P<first>\d{{4}}){_DASH}?(?P<last>\d{{3}})(?P<check>\d)")
_BILL = re.compile(r"(?P<scac>[A-Z]{4})(?=[A-Z0-9]*\d)[A-Z0-9]{8,12}")


@dataclass(frozen=True, slots=True)
class Carrier:
    """Who carries it. `code` None: the number's form is certain, its carrier is not known (a leased container).

    `page`: where it is looked up, the number filled in; None where there is no such page.
    """

    kind: Kind
    code: str | None
    name: str
    name_zh: str
    page: str | None = None


def recognise(number: str) -> Carrier | None:
    """The carrier whose number this can only be; None: none, or it might be several's."""
    typed = number.strip().upper()
    if not typed or len(typed) > _LONGEST:
        return None
    plain = _BETWEEN.sub("", typed)
    if not plain.isascii() or not plain.isalnum():
        return None
    certain = _air(typed) or _container(plain) or _post(plain) or _bill(plain)
    if certain is not None:
        return certain
    found = {parcel.code: parcel for parcel in _parcels(plain)}
    return next(iter(found.values())) if len(found) == 1 else None


def is_container(number: str) -> bool:
    """Whether it is a container's number (ISO 6346) with its check digit right."""
    return _container(_BETWEEN.sub("", number.strip().upper())) is not None


def _air(typed: str) -> Carrier | None:
    """Written with its dash only: eleven digits in a row are a parcel's as well."""
    match = _AIR.fullmatch(typed)
    if match is None:
        return None
    names = _declared()["airlines"].get(match["airline"])
    if names is None or int(match["first"] + match["last"]) % 7 != int(match["check"]):
        return None
    return Carrier("air", f"air_{match['airline']}", names[0], names[1])


def _container(plain: str) -> Carrier | None:
    match = _CONTAINER.fullmatch(plain)
    if match is None or _iso_6346(match["serial"]) != int(match["check"]):
        return None
    line = _owners().get(match["owner"])
    return Carrier("container", None, "", "") if line is None else _carrier("container", line, plain)


def _post(plain: str) -> Carrier | None:
    match = _POST.fullmatch(plain)
    if match is None or not _upu(match["serial"], match["check"]):
        return None
    code, country = f"post_{match['country'].lower()}", match["country"]
    post = next((one for one in _declared()["post"] if one["country"] == country), None)
    if post is None:
        name = _declared()["posts"].get(country)
        return None if name is None else Carrier("post", code, name, name)
    return _carrier("post", post | {"code": code}, plain)


def _bill(plain: str) -> Carrier | None:
    match = _BILL.fullmatch(plain)
    line = _bills().get(match["scac"]) if match is not None else None
    return None if line is None else _carrier("bill", line, plain)


def _parcels(plain: str) -> Iterator[Carrier]:
    for shape in _shapes():
        match = shape.like.fullmatch(plain)
        if match is not None and shape.holds(match):
            yield _carrier("parcel", shape.carrier, plain)


def _carrier(kind: Kind, declared: Mapping[str, Any], plain: str) -> Carrier:
    page = declared.get("page")
    found = None if page is None else page.format(number=quote(plain))
    return Carrier(kind, declared["code"], declared["name"], declared.get("name_zh", declared["name"]), found)


@dataclass(frozen=True, slots=True)
class _Shape:
    carrier: Mapping[str, Any]
    like: re.Pattern[str]
    by: Mapping[str, Any]

    def holds(self, match: re.Match[str]) -> bool:
        """Whether the check digit follows from the serial number; a shape without one holds."""
        if "by" not in self.by:
            return True
        serial = str(self.by.get("before", "")) + match["serial"]
        return _CHECKS[self.by["by"]](serial, match["check"], self.by)


@cache
def _declared() -> dict[str, Any]:
    return tomllib.loads(resources.files("crm.language").joinpath("carriers.toml").read_text("utf-8"))


@cache
def _shapes() -> tuple[_Shape, ...]:
    return tuple(
        _Shape(carrier, re.compile(shape["like"]), shape)
        for carrier in _declared()["parcel"]
        for shape in carrier["shapes"]
    )


@cache
def _owners() -> dict[str, Mapping[str, Any]]:
    return {owner: line for line in _declared()["line"] for owner in line["owners"]}


@cache
def _bills() -> dict[str, Mapping[str, Any]]:
    return {scac: line for line in _declared()["line"] for scac in line["bills"]}


def _mod10(serial: str, check: str, by: Mapping[str, Any]) -> bool:
    """Digits times `even` and `odd` by their place from 0; a letter counts as its digit in the carriers' table."""
    values = (int(sign) if sign.isdigit() else (ord(sign) - 3) % 10 for sign in serial)
    total: int = sum(value * (by["odd"] if place % 2 else by["even"]) for place, value in enumerate(values))
    return -total % 10 == int(check)


def _mod7(serial: str, check: str, by: Mapping[str, Any]) -> bool:
    return int(serial) % 7 == int(check)


def _weighted(serial: str, check: str, by: Mapping[str, Any]) -> bool:
    return _sum(serial, by["weights"]) % 11 % 10 == int(check)


def _luhn(serial: str, check: str, by: Mapping[str, Any]) -> bool:
    doubled = (int(sign) * (1 if place % 2 else 2) for place, sign in enumerate(reversed(serial)))
    return -sum(value - 9 if value > 9 else value for value in doubled) % 10 == int(check)


def _mod37(serial: str, check: str, by: Mapping[str, Any]) -> bool:
    """ISO 7064, MOD 37,36."""
    carry = 36
    for sign in serial:
        carry = (carry + int(sign, 36)) % 36 or 36
        carry = carry * 2 % 37
    return (37 - carry) % 36 == int(check, 36)


def _upu(serial: str, check: str) -> bool:
    """UPU S10: 11 less the weighted sum modulo 11; 10 is written as 0, 11 as 5."""
    found = 11 - _sum(serial, (8, 6, 4, 2, 3, 5, 9, 7)) % 11
    return {10: 0, 11: 5}.get(found, found) == int(check)


def _iso_6346(serial: str) -> int:
    """The check digit of a container: letters count from 10, multiples of 11 left out; places by powers of two."""
    values = (int(sign) if sign.isdigit() else _LETTERS[sign] for sign in serial)
    return sum(value << place for place, value in enumerate(values)) % 11 % 10


def _sum(serial: str, weights: Sequence[int]) -> int:
    return sum(int(sign) * weight for sign, weight in zip(serial, weights, strict=True))


_LETTERS = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", (n for n in range(10, 39) if n % 11), strict=True))
_CHECKS: Mapping[str, Callable[[str, str, Mapping[str, Any]], bool]] = {
    "mod10": _mod10,
    "mod7": _mod7,
    "weighted": _weighted,
    "luhn": _luhn,
    "mod37": _mod37,
}
