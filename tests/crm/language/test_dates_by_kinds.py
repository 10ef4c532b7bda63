"""Dates by the kinds in which people write them, each under the day or minute that it means.

Counted from a feast or to one, weeks by their number, edges of a month, ranges, parts of the day, fractions of a unit,
forms of machines. Now is Monday 23 November 2026, 13:40 in Shanghai.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from crm.language.dates import read_date

NOW = datetime(2026, 11, 23, 13, 40, 21, tzinfo=ZoneInfo("Asia/Shanghai"))

ENGLISH = """
2026-11-23 13:55: in a quarter hour | a quarter hour from now
2026-11-23 14:10: in 30m | in 30' | in one half hour
2026-11-23 14:40: within the hour | in under an hour
2026-11-23 15:10: in 1 1/2 hours | in an hour & a half
2026-11-23 15:45: quarter of four
2026-11-23 16:10: 2 1/2 hours from now
2026-11-23 18:00: end of the business day
2026-11-23 19:00: this eve
2026-11-24 01:00: noon EST
2026-11-24 02:00: 11am mountain time
2026-11-24 06:00: 5pm eastern
2026-11-24 07:00: 3pm pacific
2026-11-24 09:00: tomorrow a.m.
2026-11-24 10:00: tomorrow 10-12 | tomorrow 10 to 12
2026-11-24 19:00: tomorrow eve
2026-11-25: midweek | in 2/3 days
2026-11-25 08:00: 25 Nov 8am | 25.11. 8:00 | wed 25 nov 8am
2026-11-25 15:00: Wed, 3-4pm
2026-11-26: in no more than 3 days
2026-11-27: later this week
2026-11-27 09:00: Friday a.m. | Friday 9-11am
2026-11-27 15:15: Friday fifteen past three
2026-11-27 15:45: quarter of four on Friday
2026-11-27 18:00: by end of business day Friday | by end of working day Friday
2026-11-29: first Sunday of Advent | first Advent
2026-11-30: last of the month | end of current month | end-of-month | Mon-Wed next week | in just over a week
2026-11-30 09:00: 30 Nov 9am
2026-12-01: first half of next month | in a week from tomorrow
2026-12-02: midweek next week | next week, Wednesday
2026-12-03: next month, the 3rd
2026-12-04: later next week
2026-12-05: between 5 and 8 December | the weekend of December 5 | weekend of 5 December
2026-12-05: the weekend of the 5th
2026-12-05 15:00: 5.12. 15:00 | 20261205T1500 | 20261205T150000
2026-12-06: Saint Nicholas Day | St. Nicholas
2026-12-07: in week 50 | week 50 | wk 50 | CW50 | KW 50 | cw 50 | by week 50 | calendar week 50
2026-12-08: second week of December | the second week of next month
2026-12-10: 2 1/2 weeks from now
2026-12-12: second weekend in December | second weekend of December | the second weekend of December
2026-12-15: third week of December | 10 days prior to Christmas | ten days ahead of Christmas
2026-12-15 10:00: 15.12. 10:00 | Tue 15 Dec 2026, 10h | 15 Dec 10h
2026-12-18: one week prior to Christmas | a week ahead of Christmas
2026-12-19: last Saturday before Christmas | the weekend before Christmas
2026-12-20: the last Sunday before Christmas
2026-12-21: late in December
2026-12-23: next month same day | same date next month | 2 days prior to Christmas | two days ahead of Christmas
2026-12-23: in almost a month
2026-12-24: last Thursday before Christmas
2026-12-24 15:30: 24.12. at 15:30
2026-12-26: the day following Christmas | the weekend after Christmas
2026-12-28: 28 Dec - 3 Jan | the next working day after Christmas
2026-12-31: last of December | final day of the year | the final day of December | end of the current year
2026-12-31: end of current quarter | end-of-year
2027-01-02: the first weekend of the year
2027-01-11: in CW2 | week 2 of 2027 | KW2 | CW 2
2027-01-13: Jan 13/14
2027-01-13 09:00: 20270113T0900 | 9am-11am on Jan 13
2027-01-13 17:00: 20270113T090000Z
2027-01-23: 2 weeks before CNY | 2 wks before CNY
2027-02-06: by CNY | before CNY
2027-02-20: 2 weeks after CNY | a fortnight after CNY
2027-03-09: March's second Tuesday
2027-03-10: in 3 1/2 months
2027-03-21: one week prior to Easter
2027-05-09: mothers' day
2027-07-01: H2 next year
2027-11-23: next year same day
2026-11-23 14:55: one and a quarter hours from now | in an hour and a quarter
2026-11-23 15:25: in one and three quarter hours
2026-11-23 19:00: 7.p.m. | nineteen hundred hours
2026-11-23 20:30: 8 thirty pm
2026-11-24 19:00: 7 to 8 tomorrow evening
"""
CHINESE = """
2025-10-06: 去年八月十五
2026-11-22: 昨个
2026-11-23: 今个儿
2026-11-23 13:40: 现时 | 目前 | 眼下 | 當前
2026-11-23 14:45: 1小时零5分后
2026-11-23 15:10: 一点五小时后 | 一点五个小时后
2026-11-23 15:15: 三点过一刻
2026-11-23 18:00: 下班时
2026-11-23 19:00: 晚上7、8点
2026-11-23 20:05: 8点零5
2026-11-24: 隔天 | 隔日 | 明个儿 | 第二日
2026-11-24 02:00: 今晚凌晨2点
2026-11-24 06:00: 清晨
2026-11-24 10:05: 明天10点零5分
2026-11-24 10:15: 明天上午10点过一刻
2026-11-24 10:30: 明天(24号)上午10:30
2026-11-24 10:45: 明天上午差十五分钟十一点
2026-11-25: 隔两天
2026-11-26: 隔三天 | 接下来三天 | 往后三天 | 3、4天后 | 幾日後
2026-11-30: 隔一周
2026-12-07: 隔两周 | 第50周 | 今年第50周 | 2026年第50周
2026-12-15: 下个月月中
2026-12-18: 圣诞节一周前
2026-12-23: 下个月同一天 | 隔一个月
2026-12-25: 耶诞 | 耶诞节
2026-12-26: 圣诞节第二天 | 圣诞节的第二天 | 圣诞次日 | 圣诞节隔天
2026-12-28: 圣诞节三天后
2026-12-31: 年终 | 岁末 | 元旦前夕 | 12月月底 | 下个月月底 | 下月月底
2027-01-12: 12/1-12/5
2027-02-05: 春节前最后一个工作日
2027-02-06: 农历年
2027-02-07: 春节第二天 | 春节次日 | 春节的第二天
2027-02-09: 春节三天后
2027-02-13: 春节一周后 | 春节一周之后
2027-02-23: 幾個月後
2027-03-06: 春节一个月后
2027-09-15: 明年八月十五
2027-11-23: 明年这一天 | 明年同一天
2023-01-22: 大前年春节
2025-11-23 13:40: 去年这个时候 | 去年此时
2026-02-17: 上个春节
2026-10-01: 上一个国庆
2026-12-01: 今年最后一个月
2027-02-01: 明年第二个月
2027-09-15: 农历2027年八月十五
2027-10-01: 十一假期
"""
SAID = {
    said: reading
    for table in (ENGLISH, CHINESE)
    for reading, _, phrases in (line.partition(": ") for line in table.strip().splitlines())
    for said in phrases.split(" | ")
}


def written(reading):
    return reading.at.strftime("%Y-%m-%d" if reading.granularity == "day" else "%Y-%m-%d %H:%M")


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("said", SAID)
def test_what_people_write(said, whole):
    reading = read_date(said, now=NOW, whole=whole)
    assert reading is not None
    assert written(reading) == SAID[said]


@pytest.mark.parametrize(
    ("said", "part", "at"),
    [
        ("call from 9am to 11am on Friday about it", "9am to 11am on Friday", "2026-11-27 09:00"),
        ("Monday or Tuesday next week suits us", "Monday or Tuesday next week", "2026-11-30"),
        ("free Monday to Friday, then the 5th", "Monday", "2026-11-30"),
        ("payment before CNY please", "before CNY", "2027-02-06"),
        ("ETD in week 50 from Ningbo", "in week 50", "2026-12-07"),
        ("春节一周后再联系", "春节一周后", "2027-02-13"),
        ("圣诞节第二天发货", "圣诞节第二天", "2026-12-26"),
        ("明天(24号)上午10:30开会", "明天(24号)上午10:30", "2026-11-24 10:30"),
        ("last order 12 March 2026", "12 March 2026", "2026-03-12"),
        ("send 5 to 8 tomorrow please", "tomorrow", "2026-11-24"),
        ("tomorrow 9-8 lamps", "tomorrow", "2026-11-24"),
        ("12.15前交货", "12.15", "2026-12-15"),
        ("今晚凌晨2点的航班", "今晚凌晨2点", "2026-11-24 02:00"),
    ],
)
def test_within_a_sentence(said, part, at):
    reading = read_date(said, now=NOW)
    assert reading is not None
    assert (said[slice(*reading.span)], written(reading)) == (part, at)


@pytest.mark.parametrize(
    ("said", "now", "at"),
    [
        ("3 weeks after Christmas on Friday", "2026-12-28", "2028-01-14"),
        ("week 48", "2026-11-23", "2026-11-23"),
        ("week 53", "2026-11-23", "2026-12-28"),
        ("week 53", "2027-01-04", None),
        ("late this year", "2026-11-23", "2026-12-31"),
        ("midweek", "2026-11-26", "2026-12-02"),
        ("first Advent", "2026-11-30", "2027-11-28"),
        ("3/5/62", "2026-11-23", "1962-05-03"),
    ],
)
def test_from_another_day(said, now, at):
    reading = read_date(said, now=datetime.fromisoformat(f"{now} 13:40").replace(tzinfo=NOW.tzinfo), whole=True)
    assert (None if reading is None else written(reading)) == at
