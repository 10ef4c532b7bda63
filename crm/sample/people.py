"""The people of the sample company, 远帆贸易 Farsail Trading of Ningbo: two sales teams and who stands behind them."""

from crm.core.history import SYSTEM
from crm.core.work import UnitOfWork
from crm.people.people import Role, add_person, list_members
from crm.sales.catalogue.categories import add_category, list_categories

EUROPE, OVERSEAS = "欧洲组", "美亚组"

_PEOPLE = (
    ("陈国栋", (Role.GM,), None, "zh_CN", "Asia/Shanghai"),
    ("林雅琴", (Role.SUPERVISOR,), EUROPE, "zh_CN", "Asia/Shanghai"),
    ("李伟", (Role.REP,), EUROPE, "zh_CN", "Asia/Shanghai"),
    ("Anna Keller", (Role.REP,), EUROPE, "en", "Europe/Berlin"),
    ("王思琪", (Role.REP,), EUROPE, "zh_CN", "Asia/Shanghai"),
    ("赵明辉", (Role.SUPERVISOR,), OVERSEAS, "zh_CN", "Asia/Shanghai"),
    ("周婷", (Role.REP,), OVERSEAS, "zh_CN", "Asia/Shanghai"),
    ("David Brown", (Role.REP,), OVERSEAS, "en", "America/New_York"),
    ("吴俊杰", (Role.REP,), OVERSEAS, "zh_CN", "Asia/Shanghai"),
    ("孙丽华", (Role.FINANCE,), None, "zh_CN", "Asia/Shanghai"),
    ("Grace Tan", (Role.FINANCE,), None, "en", "Asia/Singapore"),
    ("刘建国", (Role.PRODUCTION,), None, "zh_CN", "Asia/Shanghai"),
    ("黄小燕", (Role.PRODUCTION,), None, "zh_CN", "Asia/Shanghai"),
    ("郑海波", (Role.LOGISTICS,), None, "zh_CN", "Asia/Shanghai"),
    ("徐静", (Role.ADMIN,), None, "zh_CN", "Asia/Shanghai"),
)

_CATEGORIES = (
    ("Lighting", "照明灯具", "led lamp light panel bulb 灯 灯具 面板灯 灯带"),
    ("Kitchenware", "厨房用品", "pan pot knife cutlery kitchen 锅 刀具 餐具 厨具"),
    ("Tools", "五金工具", "drill wrench hammer tool 电钻 扳手 工具 五金"),
    ("Textiles", "家纺", "towel bedding curtain blanket 毛巾 床品 窗帘 毯"),
    ("Outdoor", "户外用品", "tent camping chair backpack 帐篷 露营 折叠椅 背包"),
)


def build_people(work: UnitOfWork) -> None:
    """Add the people, their teams and the product categories to an empty database; nothing where somebody is."""
    if list_members(work):
        return
    for name, roles, team, language, timezone in _PEOPLE:
        add_person(work, actor=SYSTEM, name=name, roles=roles, team=team, language=language, timezone=timezone)
    if not list_categories(work):
        for name, name_zh, keywords in _CATEGORIES:
            add_category(work, name=name, name_zh=name_zh, keywords=keywords)
