"""Products out of a file: one per SKU (or product number), new ones added, known ones brought up to date."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from crm.core.errors import Invalid
from crm.core.history import Actor
from crm.core.rules import text_rule
from crm.core.text import T, Text
from crm.core.work import UnitOfWork
from crm.exchange import cells
from crm.exchange.headers import Column
from crm.exchange.plan import PlannedRow, in_pieces
from crm.sales.catalogue.categories import add_category, list_categories
from crm.sales.catalogue.products import ProductDetails, checked_product, details_by_sku, save_product

COLUMNS = (
    Column(
        "sku",
        T("SKU"),
        "sku sku编码 货号 产品编号 商品编号 产品编码 商品编码 物料编码 编码 编号 itemno itemnumber itemcode "
        "productcode partno partnumber articleno code productid id 产品id",
        is_needed=True,
    ),
    Column(
        "name",
        T("Product name"),
        "englishname nameen 英文名称 英文品名 productname product name item itemname description "
        "产品名称 商品名称 品名 产品 名称",
    ),
    Column("name_zh", T("Chinese name"), "namezh chinesename namecn 中文名称 中文名 中文品名 产品名称 商品名称 品名"),
    Column(
        "category",
        T("Category"),
        "categoryname category productcategory 产品类别 产品分类 商品分类 类别 分类 categoryid",
    ),
    Column("unit", T("Unit"), "unit uom unitofmeasure 单位 计量单位"),
    Column("currency", T("Currency"), "currency currencycode 币种 货币"),
    Column(
        "list_price", T("List price"), "listprice unitprice price salesprice 标准价 标价 单价 售价 销售价 价格 报价"
    ),
    Column("floor_price", T("Floor price"), "floorprice floor minprice minimumprice 底价 最低价 最低售价"),
    Column("cost", T("Cost"), "cost unitcost costprice purchaseprice standardcost 成本 成本价 单位成本 采购价 进价"),
    Column(
        "stock",
        T("Stock"),
        "unitsinstock stock instock stockqty onhand quantityonhand inventory 库存 库存数量 现有库存",
    ),
    Column("lead_time", T("Lead time (days)"), "leadtimedays leadtime leadtimeindays 交期 交货周期 生产周期 交期天数"),
    Column("discontinued", T("Discontinued"), "discontinued isdiscontinued 停产 已停产 是否停产 停售"),
)

_PRICES = ("list_price", "floor_price", "cost")


@dataclass
class _Catalogue:
    """What is known while the rows are gone through."""

    base_currency: str
    default_currency: str | None
    categories: dict[str, str]
    new_categories: set[str] = field(default_factory=set)
    lines: dict[str, int] = field(default_factory=dict)


def plan_products(
    work: UnitOfWork, rows: Sequence[tuple[int, Mapping[str, str]]], *, currency: str | None
) -> list[PlannedRow]:
    """What each row (its line, what it tells) would do. `currency`: of prices that tell none themselves."""
    catalogue = _Catalogue(
        base_currency=text_rule(work, "company.base_currency"),
        default_currency=currency,
        categories={form.casefold(): c.name for c in list_categories(work) for form in (c.name_zh, c.name)},
    )
    known: dict[str, ProductDetails] = {}
    for piece in in_pieces([cells.line(told["sku"]) for _, told in rows if "sku" in told]):
        known |= details_by_sku(work, skus=piece)
    return [_planned(line, told, known, catalogue) for line, told in rows]


def _planned(
    line: int, told: Mapping[str, str], known: Mapping[str, ProductDetails], catalogue: _Catalogue
) -> PlannedRow:
    sku = cells.line(told.get("sku", ""))
    if not sku:
        return PlannedRow(line, "faulty", T("no SKU"))
    if sku in catalogue.lines:
        return PlannedRow(line, "duplicate", T("the same SKU as in line {line}", line=catalogue.lines[sku]))
    remarks: list[Text] = []
    before = known.get(sku)
    try:
        details = checked_product(_details(sku, told, before, catalogue, remarks))
    except Invalid as error:
        return PlannedRow(line, "faulty", error.text)
    catalogue.lines[sku] = line
    if details == before:
        return PlannedRow(line, "same", remarks=tuple(remarks))
    save = partial(_save, details=details, has_new_category=details.category in catalogue.new_categories)
    return PlannedRow(line, "new" if before is None else "changed", remarks=tuple(remarks), save=save)


def _details(
    sku: str,
    told: Mapping[str, str],
    before: ProductDetails | None,
    catalogue: _Catalogue,
    remarks: list[Text],
) -> ProductDetails:
    """What is known with what the row tells put over it. Raises Invalid."""
    values: dict[str, Any] = {key: cells.line(told[key]) for key in ("name", "name_zh", "unit") if key in told}
    values |= _prices(told, before, catalogue)
    for key, name, read in (
        ("stock", "stock", cells.number),
        ("lead_time", "lead_time_days", cells.whole_number),
        ("discontinued", "is_discontinued", cells.flag),
    ):
        if key in told:
            values[name] = read(told[key])
    if "category" in told:
        category = _category(cells.line(told["category"]), catalogue, remarks)
        values |= {} if category is None else {"category": category}
    if before is not None:
        return replace(before, **values)
    if "name" not in values or "list_price" not in values:
        raise Invalid(T("a new product needs a name and a price"))
    return ProductDetails(sku=sku, **values)


def _prices(told: Mapping[str, str], before: ProductDetails | None, catalogue: _Catalogue) -> dict[str, Any]:
    """The prices the row tells, and their currency: written beside them, in its column, given, known, or the base."""
    named = cells.currency(told["currency"]) if "currency" in told else None
    usual = named or catalogue.default_currency or (before.currency if before else catalogue.base_currency)
    read = {key: cells.price(told[key], default_currency=usual) for key in _PRICES if key in told}
    currencies = {reading.currency for reading in read.values()} | ({named} if named else set())
    if len(currencies) > 1:
        raise Invalid(T("the prices are in several currencies"))
    currency = next(iter(currencies), before.currency if before else usual)
    if before is not None and currency != before.currency:
        kept = [key for key in _PRICES if getattr(before, key) is not None and key not in read]
        if kept:
            raise Invalid(
                T("the prices change from {old} to {new}, but not all are told", old=before.currency, new=currency)
            )
    return {"currency": currency, **{key: reading.amount for key, reading in read.items()}}


def _category(told: str, catalogue: _Catalogue, remarks: list[Text]) -> str | None:
    """The category's name; one not heard of is made when the row is written, a mere number says nothing here."""
    known = catalogue.categories.get(told.casefold())
    if known is not None:
        return known
    if told.isdecimal():
        remarks.append(T("category {number} is a number without a name here, and left out", number=told))
        return None
    remarks.append(T("new category {name}", name=told))
    catalogue.categories[told.casefold()] = told
    catalogue.new_categories.add(told)
    return told


def _save(work: UnitOfWork, actor: Actor, *, details: ProductDetails, has_new_category: bool) -> None:
    name = details.category
    if has_new_category and name is not None and all(c.name != name for c in list_categories(work)):
        add_category(work, name=name, name_zh=name)
    save_product(work, actor=actor, details=details)
