"""Sixty business cards of one afternoon, as three people type them: the texts, and what is to become of each."""

from dataclasses import dataclass
from typing import Literal

Fate = Literal["lead", "joined", "note", "given", "anyway"]
"""What a card becomes in the evening: a lead; joined to the one of the same person; a note on a customer known already;
the colleague's lead, given over for it; a lead in spite of a customer of that name.
"""


@dataclass(frozen=True, slots=True)
class Met:
    """One message. `company`: as it is to be read; `contact` likewise, where the rep may have to say it."""

    text: str
    company: str
    fate: Fate = "lead"
    contact: str = ""


LI_WEI = (
    Met("万通贸易 王经理 13800138000 要2000套LED面板 预算30-50万 下周二下午3点回访", "万通贸易"),
    Met("广州光华照明有限公司 陈志强 13902231188 LED筒灯5000只 含税价", "广州光华照明有限公司"),
    Met(
        "深圳市海纳进出口有限公司\n采购总监 刘敏\n手机 13530997711\nliumin@hainaimport.cn\n要太阳能庭院灯1200套",
        "深圳市海纳进出口有限公司",
    ),
    Met("义乌小商品城 老周 微信 zhou_yiwu88 竹砧板3000套 明天报价", "义乌小商品城", contact="老周"),
    Met("厦门远洋家居 林小姐 18650012345 浴巾1.2万条 预算40万", "厦门远洋家居"),
    Met("万通 王经理 13800138000 再加500套灯带", "万通", "joined"),
    Met("杭州西溪户外 张伟 13675812233 折叠椅800把 月底前寄样", "杭州西溪户外", contact="张伟"),
    Met("上海百联五金 孙工 021-62551234 电钻套装300套", "上海百联五金"),
    Met("东莞恒达五金工具厂 赵厂长 13412345678 想代理我们的扳手 先要100套试单", "东莞恒达五金工具厂"),
    Met("香港利丰采购 Jackie Wong +852 9123 4567 保温杯2万只 要GRS认证", "香港利丰采购", contact="Jackie Wong"),
    Met("成都川味厨具 何姐 13981765432 炊具十件套500套 预算15万-20万", "成都川味厨具"),
    Met("台湾大同家居 许经理 +886 912 345 678 毛毯3000条", "台湾大同家居"),
    Met("青岛海之蓝贸易有限公司\n总经理 韩雪\n13953289900\n帐篷 600顶 5月交货", "青岛海之蓝贸易有限公司"),
    Met("广州光华照明 陈志强 13902231188 他们还要泛光灯800只", "广州光华照明", "joined"),
    Met("天津宏运国际贸易 马总 15822003344 玻璃保鲜盒2500套", "天津宏运国际贸易"),
    Met("Penrose Lighting Ltd Oliver Penrose 要LED面板灯1500只 六月", "Penrose Lighting Ltd", "note"),
    Met("武汉长江照明 李工 13971001122 面板灯三千五百只 预算三十万", "武汉长江照明"),
    Met("南京金陵纺织 顾女士 13851667788 床品四件套1200套 后天上午10点给她打电话", "南京金陵纺织"),
    Met("泉州海丝箱包 蔡总 13505987766 背包2打样品", "泉州海丝箱包"),
    Met("重庆山城工具 唐经理 13608354455 羊角锤5000把", "重庆山城工具"),
)
ANNA = (
    Met(
        "Met Hans Müller of Ernst Handel GmbH at Canton Fair, hans@ernst-handel.de, wants 2,000 LED panels, "
        "30-50k USD, call back next Tuesday 3pm",
        "Ernst Handel GmbH",
    ),
    Met("Skandi Hjem AB, Lars Lindqvist, lars@skandihjem.se, 800 cookware sets, 20k EUR", "Skandi Hjem AB"),
    Met(
        "Marta Kowalczyk\nJasny Dom Sp. z o.o.\nmarta@jasnydom.pl\n+48 601 234 567\n1,500 towels",
        "Jasny Dom Sp. z o.o.",
    ),
    Met("Helvetia Werkzeug AG - Urs Baumann, urs@helvetia-werkzeug.ch, 200 cordless drills", "Helvetia Werkzeug AG"),
    Met("Petra Horvat, Adria Kamp d.o.o., petra@adriakamp.hr: 400 tents for May", "Adria Kamp d.o.o."),
    Met(
        "Bought a coffee for Jean Dupont from Maison Dupont SARL, jean@maisondupont.fr, needs 600 knife sets, "
        "budget 10-12k EUR",
        "Maison Dupont SARL",
        contact="Jean Dupont",
    ),
    Met("Ernst Handel again: hans@ernst-handel.de also wants 300 floodlights", "Ernst Handel", "joined"),
    Met(
        "Nordlicht Haushaltswaren GmbH, Katrin Vogtländer, wants 2,000 vacuum bottles in July",
        "Nordlicht Haushaltswaren GmbH",
        "note",
    ),
    Met("Tomáš Novák, Bohemia Světlo s.r.o., tomas@bohemiasvetlo.cz, 1,000 desk lamps", "Bohemia Světlo s.r.o."),
    Met("Iberia Textil SL / Carmen Ruiz / +34 612 345 678 / 2,500 hand towels / 5k EUR", "Iberia Textil SL"),
    Met(
        "Vienna Lights KG, Eva Gruber, eva@viennalights.at, 50 downlights as samples, call her Friday",
        "Vienna Lights KG",
    ),
    Met("Dunmore Garden Centres, Callum Fraser, wants solar garden lights, 600 sets", "Dunmore Garden Centres"),
    Met("Katarina Berg, Fjell Friluft AS, katarina@fjellfriluft.no, 350 backpacks, 8k USD", "Fjell Friluft AS"),
    Met("Balkan Trade EOOD, Georgi Petrov, georgi@balkantrade.bg, 5,000 tape measures", "Balkan Trade EOOD"),
    Met("O'Brien & Sons Ltd, Sean O'Brien, sean@obriensons.ie, 700 tool boxes", "O'Brien & Sons Ltd"),
    Met("Aegean Home SA\nYannis Pappas\nPurchasing\nyannis@aegeanhome.gr\n1,100 duvet cover sets", "Aegean Home SA"),
    Met("Rhein Küche GmbH, Sven Adler, sven@rheinkueche.de, 900 frying pans by end of June", "Rhein Küche GmbH"),
    Met("Dynamo Tools BV, Piet de Vries, piet@dynamotools.nl, 1.2k wrench sets", "Dynamo Tools BV"),
    Met("Baltika Valgus OÜ, Kadri Tamm, kadri@baltikavalgus.ee, 3,000 bulbs", "Baltika Valgus OÜ"),
    Met("Luso Casa Lda, João Silva, joao@lusocasa.pt, 450 cutlery sets, 6k EUR", "Luso Casa Lda"),
)
ZHOU_TING = (
    Met(
        "Golden Gate Lighting Inc., Susan Park, susan@goldengatelighting.com, wants 4,000 LED panels, 60k USD",
        "Golden Gate Lighting Inc.",
    ),
    Met(
        "Rocky Mountain Camping Co.\nBill Turner\nBuyer\n+1 303 555 0142\nbill@rockymountaincamping.com\n500 tents",
        "Rocky Mountain Camping Co.",
    ),
    Met(
        "Carlos Mendoza, Ferretería del Norte SA de CV, carlos@ferredelnorte.mx, 2,000 hammers",
        "Ferretería del Norte SA de CV",
    ),
    Met("Texas Tool Barn LLC, Hank Miller, hank@texastoolbarn.com, 300 socket sets, 8-9k USD", "Texas Tool Barn LLC"),
    Met("Hans Mueller, Ernst Handel, hans@ernst-handel.de, LED panels for a hotel", "Ernst Handel", "given"),
    Met(
        "Pacific Rim Kitchens Ltd, Amy Chen, amy@pacificrimkitchens.ca, 700 mixing bowl sets",
        "Pacific Rim Kitchens Ltd",
    ),
    Met(
        "Prairie Home Goods Inc., new buyer Tom Reed, tom@prairiehomegoods.com, 1,000 curtains",
        "Prairie Home Goods Inc.",
        "anyway",
    ),
    Met("Big Sky Bedding LLC, Laura Stone, laura@bigskybedding.com, 800 blankets", "Big Sky Bedding LLC"),
    Met("Kiwi Outdoors Ltd, Aroha Ngata, aroha@kiwioutdoors.co.nz, 250 camping chairs", "Kiwi Outdoors Ltd"),
    Met(
        "Sydney Home & Bath Pty Ltd, Noah Clark, noah@sydneyhomebath.com.au, 2,000 bath towels, call back on Monday",
        "Sydney Home & Bath Pty Ltd",
    ),
    Met(
        "Golden Gate Lighting - Susan Park says 500 floodlights too, susan@goldengatelighting.com",
        "Golden Gate Lighting",
        "joined",
    ),
    Met("Miami Import Export Corp, Jorge Díaz, jorge@miamiimportexport.com, 10,000 bulbs", "Miami Import Export Corp"),
    Met(
        "Great Lakes Hardware Inc, Ed Novak, ed@greatlakeshardware.com, angle grinders, 400 pcs",
        "Great Lakes Hardware Inc",
    ),
    Met(
        "São Paulo Utilidades Ltda, Ana Costa, ana@sputilidades.com.br, 1,500 food containers",
        "São Paulo Utilidades Ltda",
    ),
    Met("Andes Hogar SpA, Diego Rojas, diego@andeshogar.cl, 600 knife block sets, 10k USD", "Andes Hogar SpA"),
    Met("Desert Sun Solar LLC, Nina Patel, nina@desertsunsolar.com, 900 solar garden lights", "Desert Sun Solar LLC"),
    Met("Casa Bonita Imports, Rosa Lopez, rosa@casabonitaimports.com, 350 cookware sets", "Casa Bonita Imports"),
    Met(
        "Hudson Home Depot Supply Inc, Paul Green, paul@hudsonsupply.com, 1k cutting boards",
        "Hudson Home Depot Supply Inc",
    ),
    Met(
        "Rocky Mountain Camping Bill Turner +1 303 555 0142 wants sleeping bags too", "Rocky Mountain Camping", "joined"
    ),
    Met("Toronto Bright Lamps Ltd, Grace Liu, grace@torontobright.ca, 650 desk lamps", "Toronto Bright Lamps Ltd"),
)
CARDS = {"李伟": LI_WEI, "Anna Keller": ANNA, "周婷": ZHOU_TING}
