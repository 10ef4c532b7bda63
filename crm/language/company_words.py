"""Words of company names that say little: legal forms, trades, places."""

import re
from functools import lru_cache

_LEGAL_FORMS = """
ltd limited llc llp lp inc incorporated corp corporation plc co company cie pte pty pvt private public gmbh mbh ag
kg kgaa ohg gbr ug ev eg ek se sa sas sasu sarl sarlu eurl snc scs sca scop spa srl sapa ss srls bv nv vof cv bvba
sprl cvba asbl vzw ab oy oyj as asa ans aps is ivs hf ehf sro spol zrt kft bt nyrt kkt doo dd ad ead ood eood jsc
pjsc ojsc cjsc ooo oao zao pao ao too tov zoo spzoo sl slu sau slne slp sc scl sccl cxa cva ltda eireli me mei epp
sab sapi rl de pt tbk ud sdn bhd berhad kk yk gk godo kaisha kabushiki yugen fzco fze fzc fzllc wll est dmcc tic uab
mb ou aktiengesellschaft gesellschaft aktiebolag vennootschap
"""
LEGAL_FORMS = frozenset(_LEGAL_FORMS.split())
"""Without dots, as single words; several may follow one another."""

_FILLERS = """
and und et y e i og och en of the for de la le du des del di da dos das von van der den
"""
FILLERS = frozenset(_FILLERS.split())

_TRADES = """
trading trade traders commerce commercial international intl global worldwide group groupe gruppe grupo holding
holdings industries industrial industry industria industrie enterprise enterprises import imports export exports imp
exp importexport impexp handel handels handelsgesellschaft comercio comercial commerciale manufacturing manufacturer
factory works technology technologies tech technik solutions systems services service supply supplies logistics
electronics electronic electric electrical lighting hardware plastics plastic textile textiles garment garments
machinery equipment materials chemical chemicals furniture packaging auto parts medical foods food distribution
distributors partners associates sons brothers bros development investment investments products
"""
TRADES = frozenset(_TRADES.split())
"""They count for little in a name: two firms that share only these are two firms."""

TRADES_ZH = {
    "进出口": "importexport",
    "国际贸易": "trading",
    "对外贸易": "trading",
    "贸易": "trading",
    "商贸": "trading",
    "经贸": "trading",
    "外贸": "trading",
    "国际": "international",
    "实业": "industrial",
    "工业": "industrial",
    "企业": "enterprise",
    "控股": "holding",
    "集团": "group",
    "投资": "investment",
    "发展": "development",
    "科技": "technology",
    "技术": "technology",
    "电子": "electronics",
    "电气": "electric",
    "电器": "electric",
    "光电": "lighting",
    "照明": "lighting",
    "灯饰": "lighting",
    "五金": "hardware",
    "塑料": "plastics",
    "塑胶": "plastics",
    "纺织": "textile",
    "服装": "garments",
    "服饰": "garments",
    "制衣": "garments",
    "机械": "machinery",
    "设备": "equipment",
    "材料": "materials",
    "化工": "chemical",
    "家具": "furniture",
    "包装": "packaging",
    "汽车配件": "autoparts",
    "汽配": "autoparts",
    "医疗": "medical",
    "食品": "food",
    "物流": "logistics",
    "货运": "logistics",
    "制造": "manufacturing",
    "制品": "products",
    "商务": "commerce",
    "供应链": "supply",
    "文化": "culture",
    "传媒": "media",
    "建材": "materials",
    "工艺品": "crafts",
    "玩具": "toys",
}
"""The trade in a Chinese name, and the word an English name has for it."""

LEGAL_FORMS_ZH = (
    "股份有限责任公司",
    "有限责任公司",
    "股份有限公司",
    "集团有限公司",
    "集团公司",
    "股份公司",
    "有限公司",
    "总公司",
    "分公司",
    "公司",
    "商行",
    "经营部",
    "门市部",
    "工作室",
    "办事处",
    "总厂",
    "工厂",
    "厂",
)

_PLACES_ZH = """
中国 北京 上海 天津 重庆 广东 江苏 浙江 山东 福建 河北 河南 湖北 湖南 四川 安徽 江西
辽宁 吉林 黑龙江 山西 陕西 甘肃 青海 贵州 云南 海南 广西 内蒙古 西藏 宁夏 新疆 台湾
香港 澳门 深圳 广州 东莞 佛山 中山 珠海 惠州 汕头 江门 湛江 肇庆 潮州 揭阳 顺德 南海
杭州 宁波 温州 义乌 金华 绍兴 台州 嘉兴 湖州 永康 慈溪 余姚 南京 苏州 无锡 常州 南通
扬州 镇江 徐州 昆山 张家港 江阴 盐城 泰州 青岛 济南 烟台 潍坊 威海 临沂 淄博 日照
厦门 福州 泉州 漳州 晋江 石狮 莆田 成都 武汉 西安 郑州 长沙 合肥 南昌 沈阳 大连
哈尔滨 长春 石家庄 唐山 保定 太原 昆明 贵阳 南宁 海口 兰州 银川 乌鲁木齐 呼和浩特
连云港 景德镇 洛阳 芜湖 株洲 柳州 桂林 宜昌 襄阳 绵阳
"""
PLACES_ZH = frozenset(_PLACES_ZH.split())

_PLACES = """
china prc beijing peking shanghai tianjin chongqing guangdong jiangsu zhejiang shandong fujian hongkong hk taiwan taipei
macau shenzhen guangzhou canton dongguan foshan zhongshan ningbo yiwu xiamen hangzhou suzhou wuxi qingdao
germany deutschland france italia italy espana spain uk usa us india vietnam thailand malaysia singapore indonesia
dubai uae europe asia america american european asian
"""
PLACES = frozenset(_PLACES.split())

# Longest first: 国际贸易 before 贸易.
TRADES_ZH_ENDING = re.compile(f"(?:{'|'.join(sorted(TRADES_ZH, key=len, reverse=True))})$")
PLACES_ZH_PATTERN = re.compile(f"(?:{'|'.join(sorted(PLACES_ZH, key=len, reverse=True))})(?:省|市|地区|特别行政区)?")
DISTRICT_ZH_PATTERN = re.compile(r"^[\u4e00-\u9fff]{2,3}(?:省|市|县|区)(?=[\u4e00-\u9fff]{2})")


@lru_cache(maxsize=1)
def places_spelled() -> frozenset[str]:
    """The places as Latin names have them: English ones, and the pinyin of the Chinese."""
    from pypinyin import Style, lazy_pinyin

    return PLACES | {"".join(lazy_pinyin(place, style=Style.NORMAL)) for place in PLACES_ZH} - {"chuan", "an"}
