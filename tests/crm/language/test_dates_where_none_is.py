"""What looks like a date in a trader's text and is none: prices, sizes, models, names, greetings, what recurs."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from crm.language.dates import read_date

NOW = datetime(2026, 11, 23, 13, 40, 21, tzinfo=ZoneInfo("Asia/Shanghai"))

ENGLISH = """
报价12.5美元 | 两点要求 | MOQ 1000, 2 colours | we may come | I may need 5 boxes | march with us | a second sample
second-hand machine | she sat there | the sun is hot | model A-12-3 | A-12-3 | +49 170 123 4567 | tel 021-5512-3344
13800138000 | price 3.5 | $12.5 | 12.5 usd | 3/8" | size 3/8 | 5-6 sets | 1/2 inch pipe | ratio 1:2 | scale 1:50
16:9 | 3.5 mm | 12 x 5 cm | 60x40x30 | 10-12 pcs | 2-3 colours | 5 of 12 | the first order | our last order
last shipment was late | next shipment | next step | this order | next customer | in stock | in 2 colours
in 3 sizes | within budget | by 10% | by 5 percent | at 5 USD | @18 | 500 @18 | Chang 200 @19 95折 | 12.5k
30-50k USD | 30万 | ￥30万 | 1,200.50 | PO 20261125 | order 12/34 | SO-2026-11 | INV-2026-001 | v1.2.3
version 2.10 | 24/7 | 9/10 customers | 3/4 of them | 10/12 boxes | iPhone 15 | Boeing 737 | the 2nd batch
1st class | third party | second floor | half price | half of it | quarter inch | a quarter of the price
a couple of samples | a few colours | several customers | a day | all day | working day | the whole week | per week
per month | monthly | weekly | daily | every day | every Monday | each Friday | 30 days net | net 30 | net 30 days
45 days after B/L | 30% deposit | lead time 30 days | delivery time 4 weeks | valid 30 days | 2 years warranty
5 years experience | 24 hours service | on time | in time | time is money | good morning | good afternoon
happy weekend | happy new year | merry christmas lights | Christmas lights 500 pcs | Christmas trees
christmas gifts order | Easter eggs | Halloween costumes | Black Friday deals | now is good | no | ok | thanks | yes
sure | done | later | call later | soon | asap please | may I ask | April showers brand | June Wang | Mr. May
May Li called | August Müller | Augusta GmbH | Jan Peters | Jan called | Dec | Mar del Plata | Sun Trading
Sun Yat-sen 3 | Sat TV 5 boxes | Wed Dress Co | Mon Repos | Monday Ltd | Tue Gutes | lunch boxes 500 | night lamp
evening dress 200 | morning glory | midnight blue 50 | Q3 report | Q1 price list | h2 blocker | H1 connector
M8 bolts | M8x30 | T5 tube | 5W30 oil | LED 12W | 12V 5A | 220V 50Hz | IP65 | A4 paper | RAL 9005 | 1000 pieces
two thousand pieces | twenty five | one hundred | 2026 | 12 | 5 | 3 | 20 | 1.5 | 3:2 | 10:1 | 1:1 | 12:1
11ish pcs | by the 27 boxes | a hundred 12-15 bolts | deliver between 3 and 5 pallets | Friday Co 7.6
"""
CHINESE = """
两点建议 | 三点说明 | 一点建议 | 有一点贵 | 差一点 | 快一点 | 早一点发货 | 晚一点 | 高一点 | 点心 | 两分钱 | 3个
三个月账期 | 账期30天 | 45天账期 | 质保两年 | 5年经验 | 3号仓库 | 5号楼 | 二号线 | 8号色 | 6号样品 | 一号店 | 三号机
1号厂 | 日本 | 日本客户 | 日元 | 月饼 | 月结30天 | 月结 | 月销量1000 | 年产量 | 年会 | 周先生 | 周经理 | 周总 | 周到
周边 | 周期30天 | 时代广场 | 时间 | 时尚 | 点击 | 点数 | 分钟 | 刻字 | 半成品 | 半价 | 一半 | 后续跟进 | 后面
之后再说 | 以后再说 | 前面 | 前台 | 前天线 | 上海 | 上面 | 上次 | 上一批 | 下单 | 下次 | 下一批 | 下面 | 下降5%
下调3个点 | 降3个点 | 便宜2个点 | 让5个点 | 加两个点 | 3点优势 | 三点不同 | 2点想法 | 9折 | 95折 | 第3点 | 第一批
第一次 | 第二天线 | 第三季 | 12.5元 | 12.5美金 | 1.5米 | 3.5寸 | 3/4寸 | 规格5/8 | 比例1:3 | 5-6套 | 5-8个
10-15天交期 | 交期15-20天 | 两三天 | 七八天 | 三五天 | 1000套 | 100个 | 5箱 | 20尺柜 | 40HQ | 6月龄 | 六一班
五一路 | 三八路88号 | 中山路5号 | 人民路12号 | 88号 | 108室 | 3号门 | 5日元 | 10日元 | 每月5号 | 每周一 | 每天9点
每年春节 | 春节礼盒 | 中秋月饼500盒 | 圣诞树 | 圣诞礼品 | 端午粽子 | 情人节礼物 | 国庆促销 | 国庆先生 | 元旦快乐
新年快乐 | 周末愉快 | 早上好 | 下午好 | 晚安 | 晚上好 | 早安 | 下午茶 | 午餐 | 早餐 | 晚会 | 现在价格太高 | 马上
立刻发货 | 最近 | 近期 | 这几天 | 改天 | 有空 | 回头 | 稍后 | 等一下 | 一会儿 | 秋天 | 春天 | 春装 | 冬装 | 夏季新款
秋冬系列 | 小满科技 | 大雪 | 白露酒店 | 清明上河图 | 龙年 | 羊年 | 今年的价格 | 去年的订单 | 本月销量 | 本周报表
上周 | 上个月订单 | 这个月目标 | 万通贸易 | 三井物产 | 七匹狼 | 九阳 | 五金 | 八达 | 百年 | 千禧 | 万圣 | 月亮
初次合作 | 中国 | 中国客户 | 3月中国展 | 底价 | 年底价 | 末端 | 头程 | 尾款 | 尾款30% | 到付 | 到货 | 到港 | 至少5个
内销 | 里程 | 3里 | 重3斤 | 来料 | 多5个 | 正品 | 整箱 | 整柜3个 | 差3个 | 差价5元 | 字数
收到货后三天 | 收货后7天内付清 | 交货前一周 | 验货后30天内 | 10-12 盒 | 3-5 盒样品 | 三四点要求 | 来样定做
"""
NONE = [said for table in (ENGLISH, CHINESE) for line in table.strip().splitlines() for said in line.split(" | ")]


@pytest.mark.parametrize("said", NONE)
def test_no_reading_is_better_than_a_wrong_one(said):
    assert read_date(said, now=NOW) is None
