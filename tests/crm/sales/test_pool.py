"""The pool: contacts masked, one owner whoever claims at once, not too many each, no second time."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from sqlalchemy import update

from crm.core import history
from crm.core.database import Database
from crm.core.errors import Conflict, Forbidden, Invalid, NotFound
from crm.core.history import SYSTEM
from crm.core.rules import set_rule
from crm.people.people import Member, Role
from crm.sales.leads.leads import Lead, disqualify_lead, get_lead
from crm.sales.leads.pool import claim_lead, open_claims, pool_leads, release_lead, return_untouched
from tests.crm.sales.selling import at_once

MakePerson = Callable[..., Member]
Pooled = Callable[..., int]


@pytest.fixture
def pooled(database: Database, make_person: MakePerson, make_lead: Callable[..., int]) -> Pooled:
    """Puts a lead into the pool; returns its id."""
    giver = make_person("Giver")

    def put(**told: Any) -> int:
        lead = make_lead(giver, **told)
        with database.write() as work:
            release_lead(work, actor=giver, platform="test", lead_id=lead)
        return lead

    return put


def _claim(database: Database, actor: Member, lead: int) -> None:
    with database.write() as work:
        claim_lead(work, actor=actor, platform="test", lead_id=lead)


def _owner(database: Database, lead: int, viewer: Member) -> str | None:
    with database.read() as work:
        return get_lead(work, viewer=viewer, lead_id=lead).owner_name


def test_the_pool_shows_leads_without_what_would_reach_them(
    database: Database, make_person: MakePerson, pooled: Pooled
) -> None:
    reach = {"phone": "+8613800138000", "email": "wang@wantong.cn", "wechat": "wang-wt", "whatsapp": "+4917612345678"}
    lead = pooled(company="万通贸易", contact="王经理", notes="call 13800138000", **reach)
    rep, gm = make_person("Li"), make_person("", Role.GM)
    with database.read() as work:
        rows, total = pool_leads(work, viewer=rep)
        opened = get_lead(work, viewer=rep, lead_id=lead)
        whole = get_lead(work, viewer=gm, lead_id=lead)
    assert total == 1
    for row in (rows[0], opened):
        assert (row.id, row.company, row.product_need) == (lead, "万通贸易", "lamps")
        assert (row.contact, row.phone, row.email) == ("王•••", "+86•••00", "w•••")
        assert (row.wechat, row.whatsapp, row.notes) == ("w•••", "+49•••78", None)
        seen = repr(vars(row))
        assert not any(secret in seen for secret in (*reach.values(), "13800138000", "王经理"))
    assert (whole.phone, whole.notes) == ("+8613800138000", "call 13800138000")
    _claim(database, rep, lead)
    with database.read() as work:
        assert get_lead(work, viewer=rep, lead_id=lead).email == "wang@wantong.cn"


def test_the_pool_is_paged_oldest_first(database: Database, make_person: MakePerson, pooled: Pooled) -> None:
    leads = [pooled() for _ in range(5)]
    rep = make_person()
    with database.read() as work:
        first, total = pool_leads(work, viewer=rep, most=3)
        rest, _ = pool_leads(work, viewer=rep, offset=3, most=3)
    assert ([row.id for row in (*first, *rest)], total) == (leads, 5)


def test_only_sales_claims(database: Database, make_person: MakePerson, pooled: Pooled) -> None:
    lead = pooled()
    for role in (Role.FINANCE, Role.PRODUCTION, Role.LOGISTICS):
        person = make_person("", role)
        with pytest.raises(Forbidden), database.read() as work:
            pool_leads(work, viewer=person)
        with pytest.raises(Forbidden):
            _claim(database, person, lead)
    with pytest.raises(Forbidden):
        _claim(database, make_person("", Role.GM), lead)


def test_who_claims_owns_it_and_history_says_so(database: Database, make_person: MakePerson, pooled: Pooled) -> None:
    lead, rep = pooled(), make_person("Li")
    _claim(database, rep, lead)
    assert _owner(database, lead, rep) == "Li"
    with database.read() as work:
        assert open_claims(work, person_id=rep.id) == 1
        assert pool_leads(work, viewer=rep)[1] == 0
        entry = history.history_of(work, entity="lead", entity_id=lead)[-1]
    assert (entry.act, entry.changes, entry.person_id) == ("claimed", {"owner": [None, rep.id]}, rep.id)


def test_the_later_one_is_told_who_was_quicker(database: Database, make_person: MakePerson, pooled: Pooled) -> None:
    lead, first, second = pooled(), make_person("Li"), make_person("Wang")
    _claim(database, first, lead)
    with pytest.raises(Conflict) as refused:
        _claim(database, second, lead)
    assert refused.value.text.facts["name"] == "Li"
    with pytest.raises(Conflict, match="yours"):
        _claim(database, first, lead)
    assert _owner(database, lead, first) == "Li"


def test_of_two_at_once_one_owns_it(database: Database, make_person: MakePerson, pooled: Pooled) -> None:
    for _ in range(5):
        lead = pooled()
        people = [make_person() for _ in range(4)]
        told = at_once([partial(_claim, database, person, lead) for person in people])
        refused = [error for error in told if error is not None]
        assert len(refused) == 3
        owner = _owner(database, lead, make_person("", Role.GM))
        assert all(isinstance(error, Conflict) and error.text.facts["name"] == owner for error in refused)


def test_a_colleagues_own_lead_is_not_there_to_claim(
    database: Database, make_person: MakePerson, make_lead: Callable[..., int]
) -> None:
    lead = make_lead(make_person("Li"))
    for wanted in (lead, lead + 1):
        with pytest.raises(NotFound):
            _claim(database, make_person(), wanted)


def test_a_closed_lead_is_not_claimed(database: Database, make_person: MakePerson, pooled: Pooled) -> None:
    lead, first = pooled(), make_person("Li")
    _claim(database, first, lead)
    with database.write() as work:
        disqualify_lead(work, actor=first, platform="test", lead_id=lead, reason="No budget")
    with pytest.raises(Conflict):
        _claim(database, make_person(), lead)


def test_no_more_than_the_rules_allow(database: Database, make_person: MakePerson, pooled: Pooled) -> None:
    rep, leads = make_person(), [pooled() for _ in range(3)]
    with database.write() as work:
        set_rule(work, actor=SYSTEM, key="leads.claims_per_person", value="2")
    _claim(database, rep, leads[0])
    _claim(database, rep, leads[1])
    with pytest.raises(Invalid, match="claimed leads open"):
        _claim(database, rep, leads[2])
    with database.write() as work:
        disqualify_lead(work, actor=rep, platform="test", lead_id=leads[0], reason="No budget")
    _claim(database, rep, leads[2])


def test_claims_at_once_do_not_pass_the_limit_together(
    database: Database, make_person: MakePerson, pooled: Pooled
) -> None:
    with database.write() as work:
        set_rule(work, actor=SYSTEM, key="leads.claims_per_person", value="1")
    for _ in range(5):
        rep, leads = make_person(), [pooled() for _ in range(4)]
        told = at_once([partial(_claim, database, rep, lead) for lead in leads])
        assert sorted(isinstance(error, Invalid) for error in told) == [False, True, True, True]
        with database.read() as work:
            assert open_claims(work, person_id=rep.id) == 1


def test_own_leads_are_no_claims(database: Database, make_person: MakePerson, make_lead: Callable[..., int]) -> None:
    rep = make_person()
    make_lead(rep)
    with database.read() as work:
        assert open_claims(work, person_id=rep.id) == 0


def test_who_gave_a_lead_back_does_not_get_it_again(
    database: Database, make_person: MakePerson, pooled: Pooled, make_lead: Callable[..., int]
) -> None:
    first, second = make_person("Li"), make_person("Wang")
    claimed, own = pooled(), make_lead(first)
    _claim(database, first, claimed)
    for lead in (claimed, own):
        with database.write() as work:
            release_lead(work, actor=first, platform="test", lead_id=lead, reason="no time")
        with database.read() as work:
            assert open_claims(work, person_id=first.id) == 0
        with pytest.raises(Invalid, match="had lead"):
            _claim(database, first, lead)
        _claim(database, second, lead)
        assert _owner(database, lead, second) == "Wang"


def test_only_the_owner_and_their_supervisor_give_back(
    database: Database, make_person: MakePerson, make_lead: Callable[..., int]
) -> None:
    boss = make_person("", Role.SUPERVISOR, team="North")
    lead = make_lead(make_person("Li", team="North"))
    for person, refusal in ((make_person(), NotFound), (make_person("", Role.ADMIN), Forbidden)):
        with pytest.raises(refusal), database.write() as work:
            release_lead(work, actor=person, platform="test", lead_id=lead)
    with database.write() as work:
        release_lead(work, actor=boss, platform="test", lead_id=lead)
    with pytest.raises(Conflict, match="pool already"), database.write() as work:
        release_lead(work, actor=boss, platform="test", lead_id=lead)


def test_the_follow_up_of_who_had_it_is_nobody_s(
    database: Database, make_person: MakePerson, pooled: Pooled, clock: Any
) -> None:
    by_hand = pooled(next_follow_up_at=clock.now, next_follow_up_has_time=True)
    first, rep = make_person("Wang"), make_person("Li")
    _claim(database, first, by_hand)
    with database.write() as work:
        plan = {"next_follow_up_at": clock.now, "next_follow_up_has_time": True}
        work.connection.execute(update(Lead.table()).values(plan))
        assert return_untouched(work, lead_id=by_hand, owner_id=first.id, touched_at=clock.now)
    by_the_rule, by_hand = by_hand, pooled(next_follow_up_at=clock.now)
    for lead in (by_hand, by_the_rule):
        _claim(database, rep, lead)
        with database.read() as work:
            row = get_lead(work, viewer=rep, lead_id=lead)
        planned = clock.now.replace(hour=1, minute=0)  # the morning of today, as for any new lead of theirs
        assert (row.next_follow_up_at, row.next_follow_up_has_time) == (planned, False)
