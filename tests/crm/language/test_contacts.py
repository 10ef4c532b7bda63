import pytest

from crm.language.contacts import ContactReading, email_domain, read_contact, show_phone


def contact(typed, region=None):
    reading = read_contact(typed, region=region)
    assert reading is not None
    return (reading.phone, reading.email, reading.wechat, reading.whatsapp)


CONTACTS = {
    "13800138000": ("+8613800138000", None, None, None),
    "１３８００１３８０００": ("+8613800138000", None, None, None),
    "138 0013 8000": ("+8613800138000", None, None, None),
    "+86-138-0013-8000": ("+8613800138000", None, None, None),
    "0049 170 1234567": ("+491701234567", None, None, None),
    "(+49) 170 1234567": ("+491701234567", None, None, None),
    "13800138000 / wang@wt.cn": ("+8613800138000", "wang@wt.cn", None, None),
    "Wang@WT.cn, 13800138000": ("+8613800138000", "wang@wt.cn", None, None),
    "微信: wang_88": (None, None, "wang_88", None),
    "WeChat Wang_88": (None, None, "Wang_88", None),
    "微信号：wang_88\n13800138000": ("+8613800138000", None, "wang_88", None),
    "13800138000（微信同号）": ("+8613800138000", None, "+8613800138000", None),
    "WhatsApp +49 170 1234567": (None, None, None, "+491701234567"),
    "WhatsApp: +49 170 1234567, 13800138000": ("+8613800138000", None, None, "+491701234567"),
    "张总 13800138000 13900139000": ("+8613800138000", None, None, None),
}


@pytest.mark.parametrize("typed", CONTACTS)
def test_ways_to_reach_a_person(typed):
    assert contact(typed) == CONTACTS[typed]


@pytest.mark.parametrize(
    ("typed", "region", "phone"),
    [
        ("13800138000", "CN", "+8613800138000"),
        ("021-62345678", "CN", "+862162345678"),
        ("0170 1234567", "DE", "+491701234567"),
        ("(415) 555-2671", "US", "+14155552671"),
        ("+44 20 7946 0958", "DE", "+442079460958"),
    ],
)
def test_a_national_number_needs_its_region(typed, region, phone):
    assert contact(typed, region)[0] == phone


@pytest.mark.parametrize(
    ("typed", "region"),
    [
        ("021-62345678", None),
        ("0170 1234567", None),
        ("12345", "CN"),
        ("99999999999", None),
        ("a@b", None),
        ("Wang", None),
        ("", None),
        ("@", None),
        ("订单 20261225", None),
    ],
)
def test_nothing_to_reach_anyone_by(typed, region):
    assert read_contact(typed, region=region) is None


def test_the_span_reaches_from_the_first_to_the_last_way():
    typed = "联系 １３８００１３８０００ / wang@wt.cn 谢谢"
    assert read_contact(typed, region=None) == ContactReading(
        phone="+8613800138000", email="wang@wt.cn", wechat=None, whatsapp=None, span=(3, 27)
    )
    assert typed[3:27] == "１３８００１３８０００ / wang@wt.cn"


def test_a_phone_is_shown_in_international_format():
    assert show_phone("+8613800138000") == "+86 138 0013 8000"
    assert show_phone("not a number") == "not a number"


@pytest.mark.parametrize(
    ("email", "domain"),
    [
        ("wang@WT.cn", "wt.cn"),
        ("a@gmail.com", None),
        ("a@qq.com", None),
        ("a@web.de", None),
        ("a@", None),
        ("x", None),
        ("a@b c.de", None),
    ],
)
def test_the_domain_of_a_company(email, domain):
    assert email_domain(email) == domain
