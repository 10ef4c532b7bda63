"""What the sample company writes on its papers."""

from crm.core.history import SYSTEM
from crm.core.rules import set_rule
from crm.core.work import UnitOfWork

_LETTERHEAD = {
    "name": "Ningbo Bright Horizon Import & Export Co., Ltd.",
    "name_zh": "宁波明景进出口有限公司",
    "address": r"Room 1808, No. 288 Zhongshan East Road\nYinzhou District, Ningbo 315040, China",
    "address_zh": "宁波市鄞州区中山东路288号1808室",
    "phone": "+86 574 5550 1808",
    "email": "sales@bright-horizon.example",
    "website": "www.bright-horizon.example",
    "bank_beneficiary": "Ningbo Bright Horizon Import & Export Co., Ltd.",
    "bank_name": "Sample Bank, Ningbo Branch",
    "bank_account": "0000 1111 2222 3333",
    "bank_swift": "SAMPCNBNXXX",
}


def build_letterhead(work: UnitOfWork) -> None:
    for name, value in _LETTERHEAD.items():
        set_rule(work, actor=SYSTEM, key=f"letterhead.{name}", value=value)
