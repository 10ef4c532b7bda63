"""Words that names of companies and people are known by."""

SURNAMES = (
    "朴王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢"
    "姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文"
    "牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛"
    "曲翁冉骆蓝路游辛靳欧管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷"
    "晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝"
)
COMPOUND_SURNAMES = "欧阳|司马|诸葛|上官|司徒|东方|独孤|南宫|夏侯|慕容|令狐|皇甫|尉迟|公孙|端木"
TITLES_ZH = (
    "总经理|副总经理|副总|总监|总裁|经理|老总|总(?![监经理部代共数价计量额结体之的是会要])|董事长|董(?!事)|"
    "先生|女士|小姐|太太|老板娘?|厂长|部长|主任|主管|科长|店长|会长|采购员?|工程师|工(?![厂程作业具艺地贸])|"
    "老师|博士|助理|秘书|姐|哥|阿姨|同学|师傅"
)
TITLES_EN = r"(?:Mr|Mrs|Ms|Miss|Mister|Madam|Dr|Prof|Herrn|Herr|Hr|Frau|Fr(?=\.)|Sr|Sra|Señor|Señora|Monsieur|Mme)\.?"
COMPANY_ENDS_ZH = (
    "股份有限公司|有限责任公司|有限公司|分公司|总公司|子公司|公司|集团|株式会社|商行|商社|贸易行|企业|工厂|"
    "厂家|事务所|超市|商场|酒店|百货|厂"
)
COMPANY_WORDS_ZH = (
    "进出口|国际贸易|对外贸易|外贸|贸易|商贸|工贸|经贸|科技|技术|电子|电器|电气|实业|国际|机械|五金|照明|光电|"
    "灯饰|家具|家居|家纺|服饰|服装|纺织|塑料|塑胶|塑业|包装|食品|建材|制造|制品|化工|医疗|生物|供应链|跨境|"
    "电商|礼品|玩具|汽配|新能源|能源|环保|智能|物流|传媒|文化|投资|控股|连锁|工程|设备|仪器|橡胶|印刷|陶瓷|"
    "卫浴|日化|美妆|母婴|宠物"
)
LEGAL_FORMS = (
    r"GmbH(?:\s*&\s*Co\.?\s*KG(?:aA)?)?|AG|SE|KG|OHG|UG|e\.?K\.?|Co\.?,?\s*Ltd\.?|Pty\.?\s*Ltd\.?|"
    r"Pvt\.?\s*Ltd\.?|Private Limited|Sdn\.?\s*Bhd\.?|Ltd\.?a?\.?|Limitada|Limited|L\.?L\.?C\.?|LLP|Inc\.?|"
    r"Incorporated|Corp\.?|Corporation|Company|PLC|plc|S\.?A\.?\s?de\s?C\.?V\.?|S\.\s?A\.?(?:S\.?)?|SA|SAS|"
    r"SARL|S\.?R\.?L\.?|S\.?r\.?l\.?|S\.?p\.?A\.?|SpA|B\.?V\.?|N\.?V\.?|Oyj?|AB|A/S|ApS|AS|Lda\.?|"
    r"S\.?L\.?U?\.?|JSC|OJSC|OOO|ООО|Kft\.?|s\.?r\.?o\.?|d\.?o\.?o\.?|Sp\.?\s*z\.?\s*o\.?\s*o\.?|FZE|FZCO|"
    r"FZ-LLC|K\.?K\.?|& Sons|& Co\.?|& Cie|& Partners|Co\."
)
_COMPANY_WORDS = """
alimentos apparel associates auto automotive bazaar beverages brands bros brothers builders building casa
chemicals comercial comercio commerce company construction delikatessen design designs distribuidora
distribution distributor distributors electric electrical electronics energy engineering enterprise enterprises
export exports factory farms fashion food foods furniture garden gardens garments gifts global goods grosella
group großhandel handel handels hardware holding holdings home homes hotel hotels import import-export
importadora importers imports industrial industries interiors international labs lamps lighting lights logistics
machinery maison market markets mart medical motors optics outdoor outdoors packaging partners pharma plastics
power products pty resort restaurant retail services shipping solar solutions sons sports store stores studio
supermarket supermarkets supplier supplies supply systems tech technologies technology textile textiles tools
toys trade traders trading vertrieb wholesale wholesalers
"""
COMPANY_WORDS = frozenset(_COMPANY_WORDS.split())
_GIVEN_NAMES = """
aaron abdul abdullah adam agus ahmed aisha akira alejandro alessandro alex alexander alexei ali alice amanda
amara amir amit amy ana anders andrea andreas andrew angela anil anita anna anthony antonio arjun ashley ayşe
barbara bart ben benjamin bernd betty bill birgit bob brandon brenda brian bruno budi can carlos carmen carol
charles charlotte chidi chris christopher claire cynthia dan daniel dave david deborah deepak dennis dewi diego
dieter dmitri dmitry donna edward elena elizabeth emeka emil emily emma emre eric erik eva fatih fatima felix
fernando francesca frank françois gary georg george giovanni giulia grace gregory hans harry hassan heinz helen
henry hiroshi horst howard hugo hussein ibrahim igor ingrid irina isabella isabelle ivan jack jacques jaime
james jan jane jason javier jean jeffrey jennifer jerry jessica jim jin joe johan john jonathan jorge jose
joseph joshua josé joão juan julia justin jürgen karen karl kate kathleen kees kemal kenji kenneth kevin khalid
kim kimberly klaus kofi kumar kwame larry lars laura layla lee leo li linda ling linh lisa luc luca lucia lucy
lucía luis manuel marco margaret maria marie mark martin mary mats matteo matthew max mehmet mei melissa mia
michael michel michelle miguel mikael mike min-jun ming mohamed mohammed monika muhammad musa mustafa nadia
nancy natalia ngozi nguyen nicholas nick nikolai nina noor olaf olga oliver olivia omar oscar pablo paolo park
patricia patrick paul paula paulo pedro peter petra philip philippe pierre piet priya rafael rahul raj rajesh
rania rashid ravi raymond rebecca ricardo richard robert roland ronald rosa rose ryan sabine sakura sam samir
samuel sandra sanjay sara sarah scott sergei sergio sharon shirley simon siti somchai sophia sophie stefan
stephanie stephen steve steven sunil sunita susan sven svetlana takashi tariq tatiana thomas timothy tom tony
ute uwe victor victoria vijay vikram vladimir wei willem william wolfgang yasmin yoshi yuki yusuf yvonne zainab
"""
GIVEN_NAMES = frozenset(_GIVEN_NAMES.split())
