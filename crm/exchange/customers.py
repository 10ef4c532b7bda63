"""Customers out of a file: found again by their number there, else by name; without an owner they are in the pool."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from crm.core.errors import Invalid
from crm.core.history import Actor
from crm.core.text import T, Text
from crm.core.work import UnitOfWork
from crm.exchange import cells
from crm.exchange.headers import Column
from crm.exchange.plan import PlannedRow, in_pieces
from crm.people.people import Member, Role, list_members
from crm.sales.customers.changes import KnownCustomer, differences, known_customers, save_customer
from crm.sales.customers.customers import CustomerDetails, checked_customer
from crm.sales.searching import name_key

COLUMNS = (
    Column(
        "external_id",
        T("Customer number"),
        "customerid customerno customernumber customercode externalid id code number "
        "客户编号 客户代码 客户编码 客户号 客户id 编号",
    ),
    Column(
        "name",
        T("Company"),
        "companyname company customername customer name accountname account "
        "公司名称 客户名称 公司 客户 企业名称 单位名称 名称",
        is_needed=True,
    ),
    Column("contact", T("Contact"), "contactname contact contactperson 联系人 联系人姓名 主要联系人"),
    Column("position", T("Position"), "contacttitle position jobtitle title 职位 职务"),
    Column(
        "phone",
        T("Phone"),
        "phone phonenumber telephone tel mobile mobilephone cell 电话 联系电话 手机 手机号 手机号码 电话号码",
    ),
    Column("email", T("E-mail"), "email emailaddress mail 邮箱 电子邮箱 邮件 电子邮件"),
    Column("wechat", T("WeChat"), "wechat weixin wechatid 微信 微信号"),
    Column("whatsapp", T("WhatsApp"), "whatsapp"),
    Column("country", T("Country or region"), "country countryregion countrycode 国家 国家地区 国家或地区 国别 地区"),
    Column("currency", T("Currency"), "currency currencycode 币种 结算币种 货币"),
    Column("payment_terms", T("Payment terms"), "paymentterms terms payment 付款方式 付款条件 结算方式 账期"),
    Column("source", T("Source"), "source leadsource customersource 来源 客户来源"),
    Column("referred_by", T("Referred by"), "referredby referrer 介绍人 推荐人"),
    Column("tags", T("Tags"), "tags tag labels 标签 客户标签"),
    Column("notes", T("Notes"), "notes note remarks remark comments comment 备注 说明"),
    Column("owner", T("Owner"), "owner salesrep salesperson rep accountmanager 负责人 业务员 销售 客户经理 跟单人"),
)

_SOURCES = {
    "exhibition": "exhibition tradeshow fair tradefair 展会 展会客户 广交会",
    "website": "website websiteinquiry inquiry web 网站 网站询盘 官网 询盘",
    "referral": "referral customerreferral 转介绍 老客户推荐 老客户介绍 推荐 介绍",
    "b2b": "b2b b2bplatform alibaba b2b平台 阿里巴巴 平台",
    "outreach": "outreach coldoutreach coldcall coldemail 主动开发 开发 开发信 陌拜",
    "other": "other 其他 其它",
}
_SOURCE_BY_FORM = {form: source for source, forms in _SOURCES.items() for form in forms.split()}
_LINES = ("name", "contact", "position", "wechat", "payment_terms", "referred_by", "external_id")
_MAY_OWN = (Role.REP, Role.SUPERVISOR, Role.GM)

Told = Mapping[str, str]


@dataclass
class _Register:
    """What is known while the rows are gone through: of the database, and of the rows before."""

    owners: Mapping[str, Member]
    by_external_id: dict[str, KnownCustomer] = field(default_factory=dict)
    by_name: dict[str, list[KnownCustomer]] = field(default_factory=dict)
    lines_by_external_id: dict[str, int] = field(default_factory=dict)
    lines_by_name: dict[str, int] = field(default_factory=dict)
    taken: set[int] = field(default_factory=set)

    def learn(self, known: Sequence[KnownCustomer]) -> None:
        for customer in known:
            if customer.details.external_id is not None:
                self.by_external_id[customer.details.external_id] = customer
            namesakes = self.by_name.setdefault(customer.name_key, [])
            if customer.status == "active" and all(other.id != customer.id for other in namesakes):
                namesakes.append(customer)

    def take(self, line: int, values: Mapping[str, Any], known: KnownCustomer | None) -> None:
        """A row is good: later ones that mean the same are duplicates of it."""
        if "external_id" in values:
            self.lines_by_external_id[values["external_id"]] = line
        self.lines_by_name.setdefault(name_key(values["name"]), line)
        if known is not None:
            self.taken.add(known.id)


class _Duplicate(Exception):
    def __init__(self, reason: Text) -> None:
        super().__init__(reason.message)
        self.reason = reason


def plan_customers(work: UnitOfWork, rows: Sequence[tuple[int, Told]], *, currency: str | None) -> list[PlannedRow]:
    """What each row (its line, what it tells) would do. `currency`: of new customers that tell none themselves."""
    owners = {member.name.casefold(): member for member in list_members(work, active_only=True)}
    register = _Register({name: member for name, member in owners.items() if member.has(*_MAY_OWN)})
    for piece in in_pieces(rows):
        external_ids = [cells.line(told["external_id"]) for _, told in piece if "external_id" in told]
        names = [cells.line(told["name"]) for _, told in piece if "name" in told]
        register.learn(known_customers(work, external_ids=external_ids, names=names))
    return [_planned(line, told, register, currency) for line, told in rows]


def _planned(line: int, told: Told, register: _Register, currency: str | None) -> PlannedRow:
    remarks: list[Text] = []
    try:
        values = _values(told, remarks)
        owner_id = _owner_id(told, register)
        known = _known(values, register)
        if known is None:
            details = checked_customer(CustomerDetails(**{"currency": currency, **values}))
        else:
            details = checked_customer(replace(known.details, **values))
    except _Duplicate as duplicate:
        return PlannedRow(line, "duplicate", duplicate.reason)
    except Invalid as error:
        return PlannedRow(line, "faulty", error.text)
    register.take(line, values, known)
    if known is not None and not differences(known, details, owner_id=owner_id):
        return PlannedRow(line, "same", remarks=tuple(remarks))
    customer_id = None if known is None else known.id
    save = partial(_save, details=details, customer_id=customer_id, owner_id=owner_id)
    return PlannedRow(line, "new" if known is None else "changed", remarks=tuple(remarks), save=save)


def _values(told: Told, remarks: list[Text]) -> dict[str, Any]:
    """What the row tells, in the form it is kept in. Raises Invalid."""
    values: dict[str, Any] = {key: cells.line(told[key]) for key in _LINES if key in told}
    if not values.get("name"):
        raise Invalid(T("no company name"))
    for key, read in (("country", cells.country), ("currency", cells.currency), ("email", cells.email)):
        if key in told:
            values[key] = read(told[key])
    for key in ("phone", "whatsapp"):
        if key in told:
            values[key] = _phone(told[key], values.get("country"), remarks)
    if "source" in told:
        values["source"] = _source(told["source"], remarks)
    if "tags" in told:
        values["tags"] = cells.tags(told["tags"])
    if "notes" in told:
        values["notes"] = told["notes"]
    return values


def _known(values: Mapping[str, Any], register: _Register) -> KnownCustomer | None:
    """The customer the row is about; None: a new one. Raises _Duplicate where that is not clear, or is said twice."""
    external_id, key = values.get("external_id"), name_key(values["name"])
    if external_id is not None and external_id in register.lines_by_external_id:
        earlier = register.lines_by_external_id[external_id]
        raise _Duplicate(T("the same customer number as in line {line}", line=earlier))
    if external_id is None and key in register.lines_by_name:
        raise _Duplicate(T("the same company as in line {line}", line=register.lines_by_name[key]))
    known = register.by_external_id.get(external_id or "") or _namesake(external_id, key, register)
    if known is not None and known.status == "merged":
        raise _Duplicate(T("{name} was merged into another customer", name=known.details.name))
    return known


def _namesake(external_id: str | None, key: str, register: _Register) -> KnownCustomer | None:
    """The one customer of this name: for a row with a number, one that has none yet."""
    namesakes = [one for one in register.by_name.get(key, ()) if one.id not in register.taken]
    if external_id is not None:
        namesakes = [one for one in namesakes if one.details.external_id is None]
    if len(namesakes) > 1:
        raise _Duplicate(T("{n} customers are called so; a customer number would tell which", n=len(namesakes)))
    return namesakes[0] if namesakes else None


def _owner_id(told: Told, register: _Register) -> int | None:
    if "owner" not in told:
        return None
    owner = register.owners.get(cells.line(told["owner"]).casefold())
    if owner is None:
        raise Invalid(T("nobody in sales is called {name}", name=told["owner"][:60]))
    return owner.id


def _phone(text: str, region: str | None, remarks: list[Text]) -> str:
    number = cells.phone(text, region=region)
    if number is None:
        remarks.append(T("{text} is no possible phone number, and kept as it is written", text=text[:60]))
        return cells.line(text)
    return number


def _source(text: str, remarks: list[Text]) -> str:
    plain = "".join(character for character in text.casefold() if character.isalnum())
    source = _SOURCE_BY_FORM.get(plain)
    if source is None:
        remarks.append(T("{text} is none of the sources, and kept as Other", text=text[:60]))
    return source or "other"


def _save(
    work: UnitOfWork, actor: Actor, *, details: CustomerDetails, customer_id: int | None, owner_id: int | None
) -> None:
    save_customer(work, actor=actor, details=details, customer_id=customer_id, owner_id=owner_id)
