"""A small company that readers of messages may ask: what a database would answer, without one."""

from collections.abc import Sequence

from crm.language.capture.understanding import Named
from crm.language.names import matches

CUSTOMERS = (
    "Ernst Handel",
    "Alfreds Futterkiste",
    "QUICK-Stop",
    "Nordlicht GmbH",
    "万通贸易有限公司",
    "宏达电子",
    "蓝海进出口",
)
DEALS = {17: ("Ernst Handel", "LED panels"), 18: ("万通贸易有限公司", "户外灯"), 19: ("QUICK-Stop", "pumps")}
CATEGORIES = {
    "Lighting": "led lamp lamps light lights panel panels floodlight bulb 灯 面板 照明",
    "Furniture": "chair chairs sofa table desk 椅 沙发 桌 家具",
    "Textiles": "towel towels shirt shirts fabric 毛巾 t恤 面料 布",
    "Machinery": "pump pumps motor motors valve 泵 电机 阀",
}


class Company:
    def __init__(self, region: str | None = "CN", currency: str = "CNY") -> None:
        self.region = region
        self.currency = currency

    def customers(self, name: str) -> Sequence[Named]:
        fits = [Named(str(number), one) for number, one in enumerate(CUSTOMERS, 1) if (matches(name, one) or 0) > 0.7]
        return fits[:2]

    def leads(self, name: str) -> Sequence[Named]:
        return []

    def deals(self, query: str) -> Sequence[Named]:
        fits = [
            Named(str(number), f"D-{number} {title}")
            for number, (customer, title) in DEALS.items()
            if query == str(number)
            or (not query.isdecimal() and (matches(query, customer) or matches(query, title) or 0) > 0.7)
        ]
        return fits[:2]

    def category(self, need: str) -> str | None:
        wanted = need.casefold()
        scored = [(sum(word in wanted for word in words.split()), name) for name, words in CATEGORIES.items()]
        score, name = max(scored)
        return name if score else None
