"""Who may give a single lead to whom, asked by the service itself."""

import pytest

from crm.core.database import Database
from crm.core.errors import Forbidden
from crm.people.people import Member, Role
from crm.sales.leads.leads import get_lead
from crm.sales.leads.reassignment import reassign_lead
from tests.conftest import MakeLead, MakePerson


def test_only_the_teams_supervisor_and_only_within_the_team(
    database: Database, make_person: MakePerson, make_lead: MakeLead
) -> None:
    boss = make_person("Zhao", Role.SUPERVISOR, team="North")
    other_boss = make_person("Bai", Role.SUPERVISOR, team="South")
    li, qian = (make_person(name, team="North") for name in ("Li", "Qian"))
    guo, sun = make_person("Guo", team="South"), make_person("Sun", Role.FINANCE, team="North")
    lead = make_lead(li)

    def give(actor: Member, taker: Member) -> None:
        with database.write() as work:
            reassign_lead(work, actor=actor, platform="test", lead_id=lead, to_id=taker.id)

    gm = make_person("Chen", Role.GM)
    for actor, taker in ((li, qian), (gm, qian), (boss, guo), (boss, sun), (boss, li)):
        with pytest.raises(Forbidden):
            give(actor, taker)
    give(boss, qian)
    give(make_person("Xu", Role.ADMIN), guo)
    give(other_boss, other_boss)
    with database.read() as work:
        assert get_lead(work, viewer=gm, lead_id=lead).owner_name == "Bai"
