"""Reads a quantity of goods with its unit."""

import re
from dataclasses import dataclass
from decimal import Decimal

from crm.language.folding import fold
from crm.language.numbers import is_all, minus_before
from crm.language.numerals import find_numerals

# Counted by the twelve: the value is multiplied and what is left is pieces.
_DOZENS = ("打", "dozens", "dozen", "doz.", "doz", "dz")
_GROSS = ("gross", "罗")

_UNITS_ZH = """
平方米 立方米 平方英尺 立方 千克 公斤 公吨 毫克 毫升 公升 厘米 毫米 公里 英尺 英寸 个 件 套 台 只 箱
盒 包 袋 瓶 罐 桶 吨 克 斤 两 米 卷 张 片 条 双 对 支 根 把 辆 批 柜 升 码 粒 颗 本 册 份
扎 捆 组 付 副 板 托 块 株 架 艘 顶 面 节 枚 幅 匹 头 排 串 听 筒 车 枝 盘 打
"""
_UNITS_EN = """
pieces piece pcs pc ea each sets set units unit cartons carton ctns ctn cases case boxes box pairs
pair prs packs pack packets packet pkgs pkg bags bag bottles bottle cans can jars jar drums drum
barrels barrel tins rolls roll reels reel sheets sheet pallets pallet plts plt bundles bundle crates
crate containers container tons ton tonnes tonne mt kgs kg kilos kilo kilograms kilogram grams gram
g mg milligrams milligram lbs lb pounds ounces ounce oz meters metres meter metre m m2 m3 sqm cbm cm mm km
yards yard yds yd feet ft
inches inch liters litres liter litre l ml dozens dozen doz teu feu 20gp 40gp 40hq 40hc strips strip
tubes tube vials vial kits kit copies copy
"""
_UNIT = re.compile(
    r"[ \t]?(?:of )?(?:("
    + "|".join(sorted(_UNITS_ZH.split(), key=len, reverse=True))
    + r")|("
    + "|".join(re.escape(unit) for unit in sorted(_UNITS_EN.split(), key=len, reverse=True))
    + r")(?![a-z0-9])\.?)"
)
_TWELVES = re.compile(rf"[ \t]?(?:({'|'.join(map(re.escape, _DOZENS))})|({'|'.join(_GROSS)}))(?![a-z])(?: of\b)?")
# 100来套, 500余件: about so many
_ODD = re.compile(r"[来余多](?=[\u4e00-\u9fff])")
_HALF_MORE = re.compile(r"半(?!天|年|月|成品|自动)")
_MILLION = 10**6
# 5个月, 3件事, 2个点: these count time, matters, per cent.
_NOT_GOODS = re.compile(r"多?(?:月|小时|钟头|星期|礼拜|工作日|季度|点(?!心)|事|人|客户|订单|问题)")
# Words that announce a bare number as a quantity.
_ANNOUNCED = re.compile(r"(?:moq|qty|quantity|数量|起订量|订量|共|总数)\s*(?:is|of|是|为)?\s*[:：=]?\s*\Z")
_ABOUT = re.compile(r"\s*(?:about|around|approx\.?|ca\.?|约|大约|大概|x|×|~|qty|quantity|数量|[:：])*\s*\Z")


@dataclass(frozen=True, slots=True)
class QuantityReading:
    value: Decimal  # in `unit`; dozens are multiplied out
    unit: str | None  # as typed; None for bare numbers and dozens
    span: tuple[int, int]


def read_quantity(text: str, *, whole: bool = False) -> QuantityReading | None:
    """The first number with a unit of goods: `2,000套`, `500 pcs`, `1.2k`, `2打` (= 24, no unit).

    A bare number counts where it is the whole text or is announced (`MOQ 1000`). A negative one is none.
    """
    folded = fold(text)
    for numeral in find_numerals(folded.text):
        negative = minus_before(folded.text, numeral.start) is not None
        value, end = numeral.value, numeral.end
        if odd := _ODD.match(folded.text, end):
            end = odd.end()
        if folded.text[end - 1] == "m" and numeral.scale == _MILLION:
            value, end = value / _MILLION, end - 1  # 5m are metres here
        if twelves := _TWELVES.match(folded.text, end):
            value, end = value * (12 if twelves[1] else 144), twelves.end()
        unit = _UNIT.match(folded.text, end)
        if unit is not None and _NOT_GOODS.match(folded.text, unit.end()):
            unit = None
        typed = None
        if unit is not None:
            typed, end = (
                folded.typed(unit.start(1 if unit[1] else 2), unit.end(1 if unit[1] else 2)),
                unit.end(),
            )
            if unit[1] and (half := _HALF_MORE.match(folded.text, end)):
                value, end = value + Decimal("0.5"), half.end()
        ahead = folded.text[max(0, numeral.start - 20) : numeral.start]
        alone = is_all(folded.text, numeral.start - len(ahead), end) and _ABOUT.match(ahead) is not None
        named = typed is not None or twelves is not None or _ANNOUNCED.search(ahead) is not None
        if not negative and (alone or (named and not whole)):
            return QuantityReading(value=value, unit=typed, span=folded.span(numeral.start, end))
        if whole:
            return None
    return None
