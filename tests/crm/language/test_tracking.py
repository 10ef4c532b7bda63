"""Whose a tracking number is: rather unknown than the wrong carrier's."""

import string
import tomllib
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.language.tracking import is_container, recognise

DIGITS = st.text(string.digits, min_size=8, max_size=8)


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("1Z5R89390357567127", "ups"),
        ("1Z 879E 9303 4683 4440", "ups"),
        ("986578788855", "fedex"),
        ("0414 4176 0228 964", "fedex"),
        ("3318810025", "dhl"),
        ("9400 1112 0108 0805 4830 16", "usps"),
        ("7196 9010 7560 0307 7385", "usps"),
        ("420 22153 9361289878700317633795", "usps"),
        ("C11031500001879", "ontrac"),
        ("TBA000000000000", "amazon"),
        ("RB123456785GB", "post_gb"),
        ("rb 123 456 785 cn", "post_cn"),
        ("RB123456785AF", "post_af"),
        ("SF1234567890123", "sf"),
        ("YT1234567890123", "yto"),
        ("YT1234567890123456", "yunexpress"),
        ("JD0001234567890", "jd"),
        ("MSKU 123456-5", "maersk"),
        ("COSU6123456789", "cosco"),
        ("020-12345675", "air_020"),
        ("999-1234 5675", "air_999"),
    ],
)
def test_a_number_tells_its_carrier(number: str, code: str) -> None:
    found = recognise(number)
    assert found is not None
    assert found.code == code


@pytest.mark.parametrize(
    "number",
    [
        "1Z5R89390357567128",  # the check digit is wrong
        "986578788856",
        "RB123456786GB",
        "RB123456785XX",  # no such country
        "MSKU1234566",
        "020-12345676",
        "02012345675",  # an air waybill without its dash might be anybody's
        "13800138000",
        "773012345678",
        "ABC",
        "see mail",
        "顺丰 123",
        "１２３",
        "",
        "9" * 100,
    ],
)
def test_what_might_be_anybodys_is_nobodys(number: str) -> None:
    assert recognise(number) is None


def test_a_leased_container_is_a_container_without_a_line() -> None:
    found = recognise("CSQU3054383")
    assert found is not None
    assert (found.kind, found.code, found.page) == ("container", None, None)
    assert is_container("CSQU 305438 3")
    assert not is_container("CSQU 305438 4")


def test_the_page_has_the_number_filled_in() -> None:
    found = recognise("1Z 5R89 3903 5756 7127")
    assert found is not None
    assert found.page is not None
    assert found.page.endswith("1Z5R89390357567127")


@given(DIGITS, st.integers(0, 7), st.integers(1, 9))
def test_one_wrong_digit_is_no_post_number(serial: str, place: int, more: int) -> None:
    right = [f"RB{serial}{check}CN" for check in range(10) if recognise(f"RB{serial}{check}CN") is not None]
    assert len(right) == 1
    wrong = list(right[0])
    wrong[2 + place] = str((int(wrong[2 + place]) + more) % 10)
    found = recognise("".join(wrong))
    # 0 stands for 10 and 5 for 11: the one slip that the check digit cannot see is between those sums.
    assert found is None or right[0][10] in "05"


@given(st.text(string.ascii_uppercase + string.digits, max_size=40))
def test_whatever_is_typed_nothing_breaks_and_what_is_found_has_a_name(number: str) -> None:
    found = recognise(number)
    assert found is None or found.name or found.kind == "container"


def test_what_is_declared_is_whole() -> None:
    declared = tomllib.loads(resources.files("crm.language").joinpath("carriers.toml").read_text("utf-8"))
    codes = [one["code"] for one in (*declared["parcel"], *declared["line"])]
    assert len(set(codes)) == len(codes)
    owners = [owner for line in declared["line"] for owner in line["owners"]]
    assert len(set(owners)) == len(owners)
    for shape in (shape for parcel in declared["parcel"] for shape in parcel["shapes"]):
        is_digits_alone = not any(
            sign.isalpha()
            for sign in shape["like"].replace("(?P<serial>", "").replace("(?P<check>", "").replace(r"\d", "")
        )
        assert "by" in shape or not is_digits_alone, shape
