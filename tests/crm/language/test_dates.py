"""Dates as reps type them. Now is Monday 23 November 2026, 13:40 in Shanghai."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from crm.language.dates import read_date

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 23, 13, 40, 21, tzinfo=SHANGHAI)

DAYS = {
    "今天": "2026-11-23",
    "明天": "2026-11-24",
    "后天": "2026-11-25",
    "大后天": "2026-11-26",
    "这周五": "2026-11-27",
    "周五": "2026-11-27",
    "星期一": "2026-11-30",
    "下周二": "2026-12-01",
    "下下周一": "2026-12-07",
    "下周": "2026-11-30",
    "下个月5号": "2026-12-05",
    "下个月": "2026-12-01",
    "三天后": "2026-11-26",
    "两周后": "2026-12-07",
    "两个月后": "2027-01-23",
    "半个月后": "2026-12-08",
    "5个工作日后": "2026-11-30",
    "过两天": "2026-11-25",
    "月底": "2026-11-30",
    "下月底": "2026-12-31",
    "年底": "2026-12-31",
    "11月20日": "2027-11-20",
    "11月25": "2026-11-25",
    "2026年3月1号": "2026-03-01",
    "二〇二七年三月一日": "2027-03-01",
    "明年3月1号": "2027-03-01",
    "20号": "2026-12-20",
    "３０号": "2026-11-30",
    "周末": "2026-11-28",
    "国庆": "2027-10-01",
    "12/5": "2027-05-12",
    "12月5号之前": "2026-12-05",
    "tomorrow": "2026-11-24",
    "Today": "2026-11-23",
    "day after tomorrow": "2026-11-25",
    "on Friday": "2026-11-27",
    "by Friday.": "2026-11-27",
    "next Tuesday": "2026-12-01",
    "Wednesday of next week": "2026-12-02",
    "sat": "2026-11-28",
    "in 2 weeks": "2026-12-07",
    "in three days": "2026-11-26",
    "in 5 business days": "2026-11-30",
    "a week from Monday": "2026-12-07",
    "end of month": "2026-11-30",
    "end of next month": "2026-12-31",
    "25/12": "2026-12-25",
    "12/25": "2026-12-25",
    "25.12.2026": "2026-12-25",
    "2026-12-25": "2026-12-25",
    "20261225": "2026-12-25",
    "12/25/2026": "2026-12-25",
    "Dec 5": "2026-12-05",
    "5 December 2026": "2026-12-05",
    "December 5th, 2026": "2026-12-05",
    "the 20th": "2026-12-20",
    "Friday the 4th": "2026-12-04",
    "second Monday of next month": "2026-12-14",
    "29 February": "2028-02-29",
    "2 weeks": "2026-12-07",
    "3天": "2026-11-26",
    "2 days before Christmas": "2026-12-23",
    "Thanksgiving": "2026-11-26",
    "Black Friday": "2026-11-27",
    "new year's day": "2027-01-01",
}

MINUTES = {
    "下周二下午3点": "2026-12-01 15:00",
    "明天上午10点半": "2026-11-24 10:30",
    "晚上八点半": "2026-11-23 20:30",
    "3点一刻": "2026-11-23 15:15",
    "十点": "2026-11-23 22:00",
    "今天9点": "2026-11-23 21:00",
    "tomorrow at 14h": "2026-11-24 14:00",
    "周二3点": "2026-11-24 15:00",
    "周一15点": "2026-11-23 15:00",
    "周一9点": "2026-11-30 09:00",
    "半小时后": "2026-11-23 14:10",
    "一个半小时后": "2026-11-23 15:10",
    "十分钟后": "2026-11-23 13:50",
    "明早9点": "2026-11-24 09:00",
    "今晚": "2026-11-23 20:00",
    "晚上12点": "2026-11-24 00:00",
    "凌晨2点": "2026-11-24 02:00",
    "中午1点": "2026-11-24 13:00",
    "下周三 14:00": "2026-12-02 14:00",
    "11月30日下午两点半": "2026-11-30 14:30",
    "next Tuesday 3pm": "2026-12-01 15:00",
    "tonight at 9": "2026-11-23 21:00",
    "noon": "2026-11-24 12:00",
    "half past 3": "2026-11-23 15:30",
    "quarter to 5": "2026-11-23 16:45",
    "15:30": "2026-11-23 15:30",
    "09:30": "2026-11-24 09:30",
    "3.30pm": "2026-11-23 15:30",
    "tomorrow morning": "2026-11-24 09:00",
    "tomorrow afternoon": "2026-11-24 15:00",
    "tomorrow evening": "2026-11-24 19:00",
    "in an hour": "2026-11-23 14:40",
    "Nov 30 at 4:15 pm": "2026-11-30 16:15",
    "2026-12-25T08:00": "2026-12-25 08:00",
    "Tue 9am GMT": "2026-11-24 17:00",
}

NO_DATES = (
    "报价12.5美元",
    "两点要求",
    "每周一开会",
    "每月5号",
    "每天9点",
    "every day at 9",
    "每个工作日下午6点检查待办",
    "since Monday",
    "order #20261225",
    "规格 3/8",
    "下午茶",
    "May 5 boxes",
    "第3点",
    "3号仓库",
    "MOQ 1000, 2 colours",
    "Model 3/4 inch",
    "24/7 support",
    "1/2 inch pipe",
    "目标价2.3美元, 500个",
    "Good morning, we need 20 sets",
    "上午好",
    "the sun is hot",
    "I may come",
    "the 2nd order",
    "version 1.2.3",
    "现在价格太高",
    "CRM-2026-001",
    "30-50k USD",
    "at 5 USD each",
    "at 5 percent",
    "45天账期",
    "30 days credit",
    "13800138000",
    "+49 170 1234567",
    "万通贸易",
    "三月",
    "2027年",
    "2月30日",
    "31/02/2026",
    "2026-13-01",
    "25:00",
    "",
    "   ",
)


@pytest.mark.parametrize("typed", DAYS)
def test_a_day(typed):
    reading = read_date(typed, now=NOW, whole=True)
    assert reading is not None
    assert (reading.granularity, reading.at.isoformat()) == ("day", f"{DAYS[typed]}T00:00:00+08:00")


@pytest.mark.parametrize("typed", MINUTES)
def test_a_minute(typed):
    reading = read_date(typed, now=NOW, whole=True)
    assert reading is not None
    assert (reading.granularity, reading.at.strftime("%Y-%m-%d %H:%M:%S")) == ("minute", f"{MINUTES[typed]}:00")
    assert reading.at.tzinfo is SHANGHAI


@pytest.mark.parametrize("typed", NO_DATES)
@pytest.mark.parametrize("whole", [True, False])
def test_no_date_is_no_reading(typed, whole):
    assert read_date(typed, now=NOW, whole=whole) is None


@pytest.mark.parametrize(
    ("typed", "part", "at"),
    [
        ("每周一开会，明天下午3点交报价", "明天下午3点", "2026-11-24 15:00"),
        ("客户反馈不错，下周二跟进", "下周二", "2026-12-01 00:00"),
        ("明天下午3点跟进测试客户的5000盒护发精油报价", "明天下午3点", "2026-11-24 15:00"),
        ("call Wang tomorrow at 3pm about the price", "tomorrow at 3pm", "2026-11-24 15:00"),
        ("他１０月５号来，带样品", "１０月５号", "2027-10-05 00:00"),
        ("報價，週五 下午2點", "週五 下午2點", "2026-11-27 14:00"),
        ("\u200b🙂 明天\u200f！", "明天", "2026-11-24 00:00"),
    ],
)
def test_the_span_is_what_was_typed(typed, part, at):
    reading = read_date(typed, now=NOW)
    assert reading is not None
    assert typed[slice(*reading.span)] == part
    assert reading.at.strftime("%Y-%m-%d %H:%M") == at


def test_whole_wants_nothing_else_in_the_text():
    assert read_date("call him tomorrow", now=NOW, whole=True) is None
    assert read_date("tomorrow 5 boxes", now=NOW, whole=True) is None
    assert read_date("  tomorrow ", now=NOW, whole=True) is not None


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("5/12", "2026-12-05"),
        ("12/5 发货", "2026-12-05"),
        ("12-5", "2026-12-05"),
        ("5-12", "2027-05-12"),
        ("25-12", "2026-12-25"),
        ("6-3 开会", "2027-06-03"),
        ("3-7-2027", "2027-07-03"),
        ("样品 3-7-2027 到", "2027-07-03"),
        ("3/7/2027 到", "2027-03-07"),
        ("on Friday 7.5 at the latest", "2027-05-07"),
        ("on Monday 7.5 at the latest", "2027-07-05"),
    ],
)
def test_the_order_of_figures(typed, day):
    """By slashes the day comes first, in a Chinese text the month; by a dash the month; a weekday tells."""
    reading = read_date(typed, now=NOW) or read_date(typed, now=NOW, whole=True)
    assert reading is not None
    assert reading.at.strftime("%Y-%m-%d") == day


@pytest.mark.parametrize(
    ("typed", "today", "day"),
    [
        ("this Monday", "2026-11-24", "2026-11-30"),
        ("这周一", "2026-11-24", "2026-11-23"),
        ("two weeks after Christmas", "2027-01-02", "2027-01-08"),
        ("two weeks after Christmas", "2027-01-20", "2028-01-08"),
        ("a year after Christmas", "2027-01-20", "2027-12-25"),
        ("春节后两周", "2027-02-10", "2027-02-20"),
        ("3 days after January 12", "2027-01-13", "2027-01-15"),
        ("Friday the 20th", "2026-11-24", "2026-11-20"),
        ("Friday the 18th", "2026-11-24", "2026-12-18"),
    ],
)
def test_what_has_just_begun_or_gone_by(typed, today, day):
    reading = read_date(typed, now=datetime.fromisoformat(f"{today} 13:40").replace(tzinfo=SHANGHAI))
    assert reading is not None
    assert reading.at.strftime("%Y-%m-%d") == day


def test_hours_from_now_are_elapsed_hours_over_the_end_of_summer_time():
    berlin = ZoneInfo("Europe/Berlin")
    now = datetime(2026, 10, 25, 1, 30, tzinfo=berlin)
    reading = read_date("in 3 hours", now=now)
    assert reading is not None
    assert reading.at.astimezone(UTC) == datetime(2026, 10, 25, 2, 30, tzinfo=UTC)
    assert reading.at.strftime("%H:%M") == "03:30"


def test_days_keep_the_wall_clock_over_the_start_of_summer_time():
    berlin = ZoneInfo("Europe/Berlin")
    reading = read_date("tomorrow 9am", now=datetime(2027, 3, 27, 12, 0, tzinfo=berlin))
    assert reading is not None
    assert reading.at.isoformat() == "2027-03-28T09:00:00+02:00"


def test_a_wall_time_that_the_clocks_skip_is_moved_behind_the_gap():
    berlin = ZoneInfo("Europe/Berlin")
    reading = read_date("tomorrow 02:30", now=datetime(2027, 3, 27, 12, 0, tzinfo=berlin))
    assert reading is not None
    assert reading.at.isoformat() == "2027-03-28T03:30:00+02:00"


def test_a_naive_now_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        read_date("tomorrow", now=NOW.replace(tzinfo=None))
