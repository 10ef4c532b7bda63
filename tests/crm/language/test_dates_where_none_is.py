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
Hans wants 500 pcs of M8x30 bolts at 0.12 USD FOB Ningbo | please quote 2000 pcs LED panel 60x60 40W 4000K
Order 3 x 40HQ, 2 x 20GP | tel 86-21-5512-3344 | Tel: +86 138 0013 8000 | mobile 0171-2345678 | fax 030 / 12 34 56
cell (415) 555-2671 | room 1203, building 5 | No. 88 Zhongshan Road | HS code 8539.50 | HS 94054290 | PN 12-3456-78
part no. 5-12-44 | SKU 10-31-200 | item 3-12 black | art. 12.5.300 | size 10-12 | sizes 36-42 | size 3/4
3/4" ball valve | 1/2" BSP | 10/100/1000 Mbps | 4/0 cable | 2/3 of the order | 5/8 UNC thread | thread 7/16-20
dims 12.5 x 8.5 x 3.2 cm | 12.5*8.3*4 | thickness 0.8-1.2 mm | weight 12.50 kg | GSM 180-200 | MOQ 500-1000
qty 10-20 | 5-10% discount | 3-5% off | T/T 30/70 | 30/70 payment | LC 90 days | L/C at sight | 60 days OA
D/P 30 days | net 45 days | price valid for 15 days | lead time 4-6 weeks | lead time: 25-30 days after deposit
delivery 15-20 days | 25 days after receipt of deposit | production takes 3 weeks | warranty 24 months
18-month warranty | 1 year warranty | a year of experience | since 2015 | established in 1998 | founded 2008
ISO 9001:2015 | EN 12464-1 | IEC 60598-1:2020 | version 3.2.1 | v2.0 | firmware 1.4.12 | rev 3/2 | ratio 70:30
mix 1:1:2 | score 3:1 | scale 1:100 | temperature 20-25 | 2-3 samples | two or three colours | 1 to 2 pcs
3 of 5 boxes damaged | 5 out of 12 | USD 12.05 | EUR 3.10/pc | $5.12 | 12.5/pc | 12.05 per piece | at 2.30 each
at 12.30/pc | offer 3.10 | price 4.12 ok | target 2.5 | unit price 11.20 | up to 12.5 usd | from 3.5 to 4.2 usd
between 3 and 5 usd | between 10 and 20 sets | before 50 pcs | by 10 pcs | on 20 pallets | in 10 cartons
in 5 colours | at 5 bar | at 10 bar pressure | at 220 V | at 60 Hz | around 500 | about 30 pcs | about 12 | around 5
second sample | third quotation | first time buyer | one second | half of the price | quarter turn valve
a quarter of the goods | 3 quarters of the goods | May Trading Ltd | Mr. Augustus | April Lee | June from accounts
Dr. March | Jan de Vries | Jan Kowalski wants 200 sets | May Wong asked for a price list | Summer Zhang | Mayer GmbH
Sunny Tang | Sun Ltd wants 5 | Sat receiver 200 pcs | mon ami | wed like to order | we'd like 5 sets | thu hien co ltd
fri 500 | noon lamp | day lamp 300 | night light 5000 pcs | day cream | daylight 6500K | weekly report
monthly volume 5000 | annual demand 20000 | tomorrow's world ltd | last month's order | last year 5000 pcs
this year's catalogue | next generation | next model | next to the door | this week 5 new leads
this week 20 customers | week on week growth | 2 week trial | 3 day trial | 4 day week | 24h service
100 hours burn in | 2 hours burn-in test | 48 hour test | 50,000 hours lifetime | 30000h | 5 min epoxy | 5 h battery
10 h runtime | 5 days battery | 2.4G 5 GHz | 5G router | 3D printer | 2D barcode | 3d model | A5 paper | 5A fuse
10A 250V | 12A | 3P plug | 5P breaker | 3p+n | 2P 32A | 10/12/14 mm sizes | 12, 14, 16 mm | 1.1 1.2 1.3
8-10-12 sizes | 100-200-300 | 10.10.10.1 | 192.168.1.12 | 12:1 ratio | 10:30 ratio mix | 16:10 screen | 4:3 screen
1920x1080 | order no 20261205 | PO#20261205 | invoice 2026-11-05-003 | INV 20261105 | CRM-2026-11-05
container TCLU 2026113 | B/L no 261205 | lot 05122026 | batch 2026-12 | serial 05-12-26 | 20270230 | 12345678
20261299 | 9787111128069 | 6901234567892 | 86-10-1234-5678 | 0086 10 1212 1212 | +1 212 555 1212 | 010-12345678
400-810-8888 | QQ 12345678 | 99.9
They open at 9am every day | at 10 each week | weekly on Tuesdays at 10 | monthly on the 5th | for 3 weeks now
at 500cny | paid before CNY 500 | fittings 1/2-3/4 in stock | he will pay 1/3 upfront | 1/2 on delivery
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
客户要500个M8螺丝单价0.12美元 | 电话 021-5512-3344 | 手机13912345678 | 微信号 w20261205 | 传真0755-2612345
规格12.5*8.3 | 规格 10-12 | 尺码36-42 | 直径3.5 | 12.5块 | 5.12元 | 单价3.10 | 报价3.5 | 报价 12.30 | 目标价 4.12
最低4.2 | 涨3个点 | 让3个点 | 3个点佣金 | 佣金5点 | 第三点 | 第五点说明 | 注意三点：包装 | 有几点要确认 | 几点建议
一点点 | 晚点 | 早点回复 | 差点 | 热点 | 重点 | 10点利润 | 2点不同意见 | 定金30% | 30天账期 | 付款30/70 | 见提单后30天
收到定金后25天 | 交期25-30天 | 交期20天 | 交货期4-6周 | 质保18个月 | 质保1年 | 5年老客户 | 10年经验 | 合作3年
成立于2008年 | 2008年成立 | 1998年的公司 | 第2年 | 三年质保 | 3年以上 | 5天样品 | 打样5-7天 | 打样一周 | 生产周期两周
半个月交期 | 1个月用量 | 月需求5000 | 月产能10万 | 年需求2万 | 日产500 | 日产量 | 每天500个 | 每周一柜 | 每月2柜
一年10个柜 | 一天500 | 一天一个价 | 一年比一年 | 这两天 | 这段时间 | 上半年业绩 | 去年业绩 | 今年目标500万 | 本月业绩
上周报价 | 上个月的货 | 3号线 | 5号模具 | 2号色 | 8号螺丝 | 10号钢 | 45号钢 | 12号铁丝 | 1号样品 | 3号机 | 12号楼301
浦东大道1200号 | 人民路5号 | 解放路20号 | 南京西路1266号 | 5号门 | 六号会议室 | 一号会议室 | 7日游 | 三日游 | 一日三餐
明日科技 | 今日头条 | 明天集团 | 未来科技 | 周大福 | 周六福 | 星期六鞋业 | 六一居 | 八一路 | 五四路 | 七一路 | 十一厂
三一重工 | 九月天 | 五月花 | 六月雪 | 腊月 | 正月 | 周生生 | 一周工作5天 | 每周5天 | 朝九晚五 | 24小时服务 | 2小时续航
续航8小时 | 寿命50000小时 | 30分钟快充 | 5分钟环氧 | 10秒 | 三分之一 | 百分之五 | 4分管 | 6分管 | 三分钱 | 二分球阀
1.5平方 | 3/8接头 | 1/2球阀 | 3/4英寸 | 1/2寸 | 尺寸 12/14/16 | 1-2个 | 3-5个 | 10-15套 | 2到3个 | 两到三个
三到五个柜 | 五六个 | 七八个 | 十来个 | 二三十个 | 一二三四 | 12点5 | 五点五 | 3.5折 | 三点五 | 2点5 | 九点九 | 九块九
9.9包邮 | 双十一价格 | 双11订单 | 618大促 | 春节备货 | 春节物流 | 圣诞灯 | 圣诞款 | 万圣节服装 | 万圣节产品
情人节玫瑰 | 中秋礼盒 | 端午礼品 | 年货 | 年会礼品 | 新年礼品 | 周年庆 | 晚礼服 | 午夜蓝 | 早餐机 | 晚霜 | 日霜
夜灯500个 | 日光灯 | 月亮灯 | 年轮 | 午休床 | 当前价格 | 目前价格 | 眼下行情 | 现在价格 | 现价
价格从3.5降到3.2 | 涨到4.2 | 一周五天工作 | 一周三次 | 第一周出样 | 先付1/3 | 下个月两个柜 | 下月1柜
"""
NONE = [said for table in (ENGLISH, CHINESE) for line in table.strip().splitlines() for said in line.split(" | ")]


@pytest.mark.parametrize("said", NONE)
def test_no_reading_is_better_than_a_wrong_one(said):
    assert read_date(said, now=NOW) is None
