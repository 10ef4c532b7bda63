"""Dates as reps type them in English, by families: each phrase under the day or minute that it means.

Now is Monday 23 November 2026, 13:40 in Shanghai.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from crm.language.dates import read_date

NOW = datetime(2026, 11, 23, 13, 40, 21, tzinfo=ZoneInfo("Asia/Shanghai"))

READINGS = """
2026-11-09: two Mondays ago
2026-11-13: Friday before last
2026-11-13: Friday 13th | Friday the 13th
2026-11-16: 16. nov. 2026
2026-11-17: Tuesday last week
2026-11-19: three days before yesterday
2026-11-20: last Friday | 20th of this month
2026-11-21: the day before yesterday | two days ago
2026-11-22: the previous day | previous day
2026-11-22 20:00: last night
2026-11-23 08:40: 5 hours ago
2026-11-23 12:00: today at noon | by noon today
2026-11-23 12:40: an hour ago
2026-11-23 13:41: in a minute
2026-11-23 13:55: a quarter of an hour from now | in 1/4h | quarter of an hour later
2026-11-23 14:00: 2-4pm | 2 to 4pm
2026-11-23 14:10: 30 mins from now | half an hour from now | in half an hour | in 0.5 hours | in about half an hour
2026-11-23 14:10: 30min | 30 mins
2026-11-23 14:15: at two fifteen pm
2026-11-23 14:25: in 45 min | in 3/4h
2026-11-23 14:30: at half past 2
2026-11-23 14:40: an hour from now | in another hour | in 60 minutes | in one hour | in about an hour | in 1hr
2026-11-23 14:55: 5 mins before 3
2026-11-23 15:00: 3 in the afternoon | 3 p.m. | 3 PM | at 3 o'clock | at 3:00pm approximately | 3 pm today
2026-11-23 15:00: today 3pm
2026-11-23 15:00: 15h | 15h00
2026-11-23 15:10: in 1.5 hours | in one and a half hours | in 1 hour and 30 min | in 1 hr 30 mins
2026-11-23 15:10: an hour and a half from now | in 90 minutes | ten past 3 | in 1h30 | in 1h 30m
2026-11-23 15:10: in 1:30 hours
2026-11-23 15:10: 1hr30
2026-11-23 15:15: quarter past 3 | 3:15 | 15 past 3pm | at 15 past 3pm
2026-11-23 15:30: at half 3 | half past three pm | at half past three pm | 3:30 p m | half three
2026-11-23 15:40: after 2 hours | in 2h | in the next two hours | in around 2 hours | in 2hrs
2026-11-23 15:50: ten to 4
2026-11-23 15:55: in 2 hours 15 minutes
2026-11-23 16:10: in two and a half hours | in 2.5 hours | in 2 and an half hours | in 2 and a half hours
2026-11-23 16:10: in 2 hrs 30 mins
2026-11-23 16:30: 14:00 UTC+5:30
2026-11-23 16:45: 3 hours 5 minutes later
2026-11-23 16:50: 10 minutes before 5pm
2026-11-23 17:00: around 5pm | 5 o clock | at exactly 5pm
2026-11-23 18:00: close of business
2026-11-23 18:40: 20 to 7 | twenty minutes to seven
2026-11-23 19:00: at 19h | 7 in the evening | 7pm tonight | after dinner
2026-11-23 19:05: seven-oh-five | seven oh five
2026-11-23 19:10: ten minutes past seven
2026-11-23 19:15: seven fifteen pm | seven fifteen this evening
2026-11-23 19:30: seven thirty | at 7.30 | 1930 hours | at 1930 | 19h30 | 7:30-ish | tonight at 7:30
2026-11-23 19:30: tonight 7:30pm | half seven in the afternoon
2026-11-23 19:56: 7:56:30 pm
2026-11-23 20:00: tonight | this evening at 8 | 8 o'clock in the evening | 8 at night | in the night
2026-11-23 20:00: 8pm in the evening | tonight at 20 | at 8ish | 3 hours from 5pm | eight tonight
2026-11-23 20:00: tonight at eight-ish | late tonight
2026-11-23 21:00: 8am EST | 10am UTC-3
2026-11-23 21:05: nine oh five
2026-11-23 22:00: at 22
2026-11-23 22:30: ten-thirty
2026-11-23 23:00: 11ish | around 11ish
2026-11-23 23:30: 30 minutes before midnight
2026-11-23 23:59: EOD | the end of the day | end of today
2026-11-24: the following day | following day | the next day | a day from now | next working day | next business day
2026-11-24: the next working day | in one business day | on Tuesdays | Tuesday through Thursday
2026-11-24: between Tuesday and Thursday | Tue/Wed | Tue & Wed | in a day or two
2026-11-24 00:00: midnight | 12 midnight | at 12am | 12am
2026-11-24 00:00: tonight at midnight
2026-11-24 00:30: half past midnight
2026-11-24 03:00: 3 in the AM | 3 o'clock in the morning
2026-11-24 03:18: 3:18 am | 3h18am
2026-11-24 03:18: 3h18
2026-11-24 04:00: 3pm ET
2026-11-24 07:00: seven o'clock in the morning
2026-11-24 08:00: tomorrow at 8 oclock am
2026-11-24 08:30: 8.30 in the morning
2026-11-24 09:00: tommorrow morning | tomorrow in the morning | early tomorrow morning | first thing tomorrow
2026-11-24 09:00: first thing tomorrow morning | 9 tomorrow morning | tmrw morning | tomorrow first thing
2026-11-24 09:00: tomorrow am | from 9am | at 9 in the morning | from Tuesday 9am to Wednesday 5pm | breakfast time
2026-11-24 09:00: the next morning | tmrw morn
2026-11-24 10:00: 2 hours before tomorrow noon | tomorrow 10:00-12:00
2026-11-24 10:22: ten twenty-two am
2026-11-24 11:45: quarter to noon | 15 to noon | a quarter till noon
2026-11-24 11:55: 5 minutes before noon
2026-11-24 12:00: tomorrow noon | noon tomorrow | lunchtime tomorrow | 12 noon | at 12pm | before noon
2026-11-24 12:00: at precisely noon | before lunch tomorrow
2026-11-24 12:30: half past noon
2026-11-24 13:40: this time tomorrow | in 24h | within 24 hours | same time tomorrow | tomorrow same time
2026-11-24 13:40: a day from right now
2026-11-24 14:00: between 2 and 4pm tomorrow | 2 pm tomorrow
2026-11-24 14:15: two fifteen tomorrow
2026-11-24 15:00: 2moro 3pm | 3 hours after noon | from 3 to 5pm tomorrow | tomorrow around 3 | tomorrow 3ish
2026-11-24 15:00: tmr 3pm | late tomorrow afternoon | tomorrow pm
2026-11-24 15:00: tomorrow between 3 and 5 | tomorrow after 3
2026-11-24 15:30: tomorrow at 330 | tomorrow at 3:30ish
2026-11-24 17:00: tommorow at 5
2026-11-24 17:00: tomorrow by 5
2026-11-24 17:30: at five-thirty tomorrow evening
2026-11-24 18:00: at 6pm tomorrow | before close of business tomorrow
2026-11-24 19:00: tomorrow 7 in the evening | tomorrow at dinner time
2026-11-24 20:00: tomorrow night
2026-11-24 21:00: 9 tomorrow evening
2026-11-24 23:59: EOD tomorrow
2026-11-25: wensday | the day after tomorrow | couple of days from now | in a couple days | day before Thanksgiving
2026-11-25: in another 2 days | mid-week | in two or three days | a month before Christmas
2026-11-25 00:00: at midnight tomorrow
2026-11-25 01:00: 9am PT tomorrow
2026-11-25 01:40: a day and a half from now
2026-11-25 08:00: day after tomorrow at 8am
2026-11-25 12:00: day after tomorrow at noon | Wednesday noon | Wednesday lunchtime
2026-11-25 15:00: Wed @ 3 | Wed@3pm | Wed. at 3 | Wednesday at three
2026-11-25 15:30: Wednesday at three thirty | Wednesday three thirty pm | Wednesday 15.30 | Wednesday 3.30pm
2026-11-25 17:40: 2 days and 4 hours from now
2026-11-25 18:00: COB Wednesday | Wednesday close of business | end of business Wednesday
2026-11-25 23:59: Wednesday EOD | EOD Wednesday | end of day Wednesday | Wednesday end of day
2026-11-26: this thurs. | thrusday | in 3 days | 3 days from now | 3 days from today | 3 days after | after 3 days
2026-11-26: 3 days later | 3 days hence | 3 days time | in three days' time | in 3 days time | within 3 days
2026-11-26: in the next 3 days | in the coming 3 days | Thanksgiving | four days from yesterday
2026-11-26: a few days from now | in a few days | 3 working days from now | thanks giving day | roughly in 3 days
2026-11-26: 3 to 5 days from now | in the next few days
2026-11-26 00:00: Wednesday midnight
2026-11-26 01:40: in two and a half days
2026-11-27: this coming Friday | upcoming Friday | Friday this week | Friday of this week | EOW | end of week
2026-11-27: end of the week | last Friday of the month | until Friday | on the 27 | for the 27th
2026-11-27: week ending Friday | anytime Friday | the end of this week
2026-11-27: for the 27 | by the twenty seven | this Friday, 27 November | this Friday 27/11 | no later than Friday
2026-11-27 10:00: Friday before 10
2026-11-27 12:00: by Friday noon | at noon on Friday | at lunch on Friday
2026-11-27 12:00: Friday before lunch | Friday before noon
2026-11-27 13:40: same time on Friday
2026-11-27 15:00: from 3 to 5 on Friday | Friday from 3 to 5 pm | Friday between 3 and 5
2026-11-27 17:00: till Friday 5pm
2026-11-27 17:00: Friday after 5pm | friday 5 pm-ish | Friday before 17:00 | Friday 5 on the dot
2026-11-27 18:00: by COB Friday | end of business on Friday | EOB Friday | end of play Friday
2026-11-27 19:00: Friday evening
2026-11-27 20:00: late night Friday
2026-11-27 23:59: by EOD Friday
2026-11-28: coming Sat | this sat | by the weekend
2026-11-28 09:00: at 9am on Saturday | on Saturday for 9am
2026-11-29: this Sunday
2026-11-29 20:00: Sunday night
2026-11-29 23:59: end of Sunday
2026-11-29 23:59: end of the Sunday
2026-11-30: Monday of the following week | the following Monday | a week from today | this day next week
2026-11-30: early next week | eom | end of the month | month end | last day of the month
2026-11-30: last working day of the month | Mon-Fri | Monday to Friday | from Monday | week from today
2026-11-30: a week from now | 30 of November | November thirtieth | within a week | month-end
2026-11-30: last business day of the month | a week today | today week | same day next week
2026-11-30: the Monday after Thanksgiving | anytime next week | by next week | in a week or two
2026-11-30: Monday at the latest
2026-11-30 09:00: Monday morning | first thing Monday | early Monday morning | Monday early morning | Monday am
2026-11-30 09:00: by start of business Monday
2026-11-30 13:40: same time next week | this time next week
2026-11-30 17:00: Nov 30th 2026 at 5 | 30th November, 2026 5pm | 5pm on Nov 30 | at 5pm on the 30th
2026-11-30 17:15: Nov 30 at 5:15
2026-12-01: a week Tuesday | next week's Tuesday | a week from tomorrow | beginning of next month | next month
2026-12-01: first working day of next month | Dec '26 | the first | on the first | first of next month
2026-12-01: first day of next month | first day of the month | a week tomorrow | tomorrow week
2026-12-01: second day of next week
2026-12-01: first half of December | due 1 December
2026-12-01: tomorrow in a week
2026-12-01 10:00: 2026-12-01 10:00:00.123 | 2026-12-01T10:00 | Tuesday next week at ten | Tuesday week at 10
2026-12-01 16:00: 2026-12-01T10:00:00+02:00
2026-12-01 18:00: 2026-12-01T10:00:00Z
2026-12-02: next wendsday | mid next week | 1st Wednesday of next month | Wed 2.12.2026 | by the middle of next week
2026-12-02 15:00: 2 Dec 2026, 3pm | 2 Dec. 2026 15.00 | 02/12/2026 15:00 | 02-12-2026 15:00 | 2026/12/02 15:00
2026-12-02 15:00: 2 December at 15h | 15:00 on 2 December | 3pm, 2 December | at 3 on 2 December
2026-12-02 15:30: 2nd of Dec at half past three
2026-12-02 23:00: 2026-12-02T15:00Z
2026-12-03: the 3rd | 3rd | on the 3rd | the 3rd of next month | 3rd of December | December the 3rd | Dec 3rd
2026-12-03: 3 Dec | 3-Dec | 3-Dec-26 | 3 Dec 26 | Dec. 3 | Dec. 3, 2026 | 3. Dec | 3.12.2026 | 03.12.26 | 3/12
2026-12-03: 3/12/26 | 2026/12/3 | 2026.12.3 | 2026-12-3 | Thursday, December 3 | Thu Dec 3 | 3 Dec '26
2026-12-03: 3rd day of next month | 20261203 | the 3rd of the following month | three business days from Monday
2026-12-03 14:00: Thu 3 Dec 2026 14:00 | Thursday 3rd December at 2pm | Dec 3 2pm
2026-12-03 14:30: 3rd Dec 14:30 | 2026-12-03 14:30
2026-12-04: Friday next week | a week from Friday | next week Friday | nxt Friday | next fri | late next week
2026-12-04: end of next week | two Fridays from now | a week from this Friday
2026-12-04: Fri 12/4 | Friday 4/12 | Friday 12-4 | next Friday 12/4 | 12/4 (Fri) | following Friday
2026-12-04 13:40: at the same time next Friday
2026-12-04 19:30: at 7:30 PM on Fri, Dec 4
2026-12-04 23:59: end of next Friday
2026-12-05: by the 5th | Dec 5-7 | 5-7 December | 5-7 Dec 2026 | Dec 5 - Dec 8 | next month on the 5th
2026-12-05: 5th next month | first weekend in December | next Sat
2026-12-05 23:59: end of 5 December | end of the 5th | by the end of December 5
2026-12-06: 2 sundays from today | Sunday week
2026-12-06 15:00: next Sun 3pm
2026-12-07: Monday week | a week on Monday | next two weeks | in a fortnight | nearest Monday to Dec 5
2026-12-07: week commencing 7 December | w/c 7 Dec | Monday the 7th of December | within the next two weeks
2026-12-07: in a couple of weeks | couple weeks | fortnight from now | in a fortnight's time | two weeks today
2026-12-07: exactly two weeks from now | about 2 weeks from now | in 2-3 weeks | in 2 to 3 weeks
2026-12-07: today in two weeks
2026-12-07 09:00: Mon 7 Dec 9:00
2026-12-08: Tuesday of the week after next | the Tuesday after next | a week from next Tuesday | in half a month
2026-12-08: half a month from now
2026-12-10: in 2 weeks and 3 days
2026-12-11: Friday after next | the Friday after next | Friday fortnight | a fortnight on Friday
2026-12-11: the day after the 10th | two weeks from this Friday | a fortnight before Christmas
2026-12-12: the weekend after next
2026-12-14: two weeks from Monday | 2 weeks after next Monday | 3w from now | in approximately 3 weeks
2026-12-15: mid-month | middle of next month | on 15 | mid next month | 10 working days after 1 December
2026-12-15 08:15: on the 15 at 8:15
2026-12-15 12:00: three weeks from Tuesday at noon
2026-12-16 12:23: 2026-12-16T12:23:59
2026-12-18: a week before Christmas | the Friday before Christmas | closest Friday to December 20
2026-12-18: the week before Christmas
2026-12-18: Friday before 25 December
2026-12-20: the 20th of the month
2026-12-21: the twenty-first | Monday 21
2026-12-21 09:00: 4 weeks from today at 9:00
2026-12-23: two days before Christmas | in a month | within a month | 2 business days before Christmas
2026-12-23: a month today
2026-12-23 13:40: this time next month
2026-12-24: a month from tomorrow | xmas eve
2026-12-24: eve of Christmas
2026-12-24 18:00: Christmas Eve at 6pm
2026-12-25: last Friday of next month | 12/25 | Christmas | next Christmas | last Friday in December
2026-12-25: on Christmas day
2026-12-26: the day after Christmas | Boxing Day | last weekend of December
2026-12-26: the first day after Christmas
2026-12-28: Dec 28 to Jan 3
2026-12-28: the first working day after Christmas
2026-12-30: second to last day of December
2026-12-31: year end | end of year | end of the quarter | New Year's Eve | end of 2026 | year-end | quarter-end
2026-12-31: last day of next month | the end of next month | at the end of the year | at the end of Q4
2026-12-31: before year end | by EOQ | 30 days from 1 December | 60 days before 1 March
2027-01-01: Q1 2027 | Q1'27 | first half of 2027 | next quarter | next year | January first | in early January
2027-01-01: beginning of January | start of January | early 2027 | beginning of 2027 | beginning of next year
2027-01-01: start of the year | 1st quarter 2027 | first quarter of 2027 | at the start of next year
2027-01-01: the month after next
2027-01-02: day after New Year's
2027-01-04: the first Monday of 2027
2027-01-05: Jan the 5th | 5 of January | the 5 of January | Jan 5 '27 | Jan-05-2027 | 05Jan2027 | 05-JAN-27 | 5jan
2027-01-05: 5.1.27 | 5. 1. 2027 | tues 5 jan
2027-01-05 10:00: Tue, Jan. 5th, at 10 a.m. | Tuesday, January 5 at ten in the morning
2027-01-05 15:00: 5th of Jan, 3pm | 5.1.2027 15:00 | 5/1/27 3pm | 2027-1-5 3pm | 2027.01.05 15.00
2027-01-07: 45 days from today | one and a half months later | in 1.5 months
2027-01-10: 10/1, 2027 | 10-1-2027 | before the 10th of January
2027-01-12: second Tuesday of next quarter
2027-01-15: in mid-January | by mid-January | middle of January | mid of January | mid Jan 2027
2027-01-16: the second half of January
2027-01-21: the third Thursday of January | in late January
2027-01-30: two months from next Monday
2027-01-31: January end | end Jan | end-January | end of Jan '27 | end of the month after next
2027-02-01: first Monday in February
2027-02-05: one month from Jan 5
2027-02-06: Chinese New Year | Lunar New Year
2027-02-14: Valentine's Day | six weeks before Easter
2027-03-01: in March | in March 2027 | March 2027 | first week of March
2027-03-03: 2027 March 3 | 2027-Mar-03
2027-03-12 14:00: 12/3 2pm
2027-03-15: mid March | mid-March
2027-03-17: St. Patrick's Day
2027-03-22: 22nd of March of 2027 | 22 of March, 2027
2027-03-26: Good Friday
2027-03-28: Easter | Easter 2027
2027-03-29: last Monday in March 2027 | the first Monday after Easter | Easter Monday
2027-03-30: two working days after Easter
2027-03-31: end of Q1 | end of next quarter | by end of March | end of March | end of March 2027
2027-04-01: start of Q2 | 2nd quarter | Q2 2027 | 2027 Q2 | Q2/2027 | 90 days after 1 January 2027
2027-04-01 10:00: 10:00, Apr 1st
2027-04-04: a week after Easter
2027-04-15: Thursday the fifteenth
2027-04-30: arbor day
2027-05-01: at the beginning of May
2027-05-01 15:00: 1/5/2027 at 15:00 hrs
2027-05-04: youth day
2027-05-09: Mother's Day | mothers day
2027-05-12 16:00: 2027-05-12T08:00:00.000Z
2027-05-23: in half a year | in six months | six months from today | half a year later | in two quarters
2027-05-31: Memorial Day
2027-06-01: early June
2027-06-09: dragon boat festival
2027-06-20: father's day in 2027
2027-07-01: Q3 | in Q3 | H2 2027 | mid 2027 | second half of 2027 | second half of next year
2027-07-04: July 4th | 4th of July
2027-07-05 15:00: 5 July 15:00-16:00
2027-07-16 19:00: Fri, Jul 16, 2027 07:00 PM
2027-08-21: late August
2027-08-23: in 3 quarters
2027-09-06: Labor day | Labor Day 2027
2027-09-10: teachers day
2027-09-15: Mid-Autumn Festival
2027-10-14 08:00: 8:00:20am on Oct 14
2027-10-31: Halloween
2027-11-02: all souls day
2027-11-23: a year from now
2027-11-25: Thanksgiving 2027
2027-12-25: Christmas 2027
2027-12-31: end of next year
2028-01-01: the year after next
2028-01-23: 1 year 2 months from now
2028-05-23: in a year and a half | in 18 months
2029-11-23: 3 years from today
2036-11-23: a decade from now
"""
SAID = {
    said: reading
    for reading, _, phrases in (line.partition(": ") for line in READINGS.strip().splitlines())
    for said in phrases.split(" | ")
}


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("said", SAID)
def test_what_people_say(said, whole):
    reading = read_date(said, now=NOW, whole=whole)
    assert reading is not None
    written = "%Y-%m-%d" if reading.granularity == "day" else "%Y-%m-%d %H:%M"
    assert reading.at.strftime(written) == SAID[said]
