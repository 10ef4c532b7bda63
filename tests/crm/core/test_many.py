"""Many rows as one value: whatever they hold comes out as it went in, in its order, on both databases."""

import json

from sqlalchemy import select

from crm.core.database import Database
from crm.core.history import SYSTEM, history_of, record_each
from crm.core.many import NUMBER, WORDS, Many, as_json


def test_what_goes_in_comes_out(database: Database) -> None:
    many = Many(key=WORDS, number=NUMBER, payload=WORDS)
    rows = [
        ('it\'s "so" \\ {x} $1 %s', 2**62, '{"copy": 1}'),
        ("丝绸\n之路 :now", None, '{"card": ["task", 2]}'),
        (None, -7, '{"a": [null, true]}'),
    ]
    dialect = database.engine.dialect.name
    source = many.rows(dialect)
    query = select(source.c.key, source.c.number, as_json(dialect, source.c.payload))
    with database.read() as work:
        found = [tuple(row) for row in work.connection.execute(query, many.values(dialect, rows))]
    assert [row[:2] for row in found] == [row[:2] for row in rows]
    told = [row[2] if isinstance(row[2], dict) else json.loads(row[2]) for row in found]
    assert told == [json.loads(row[2]) for row in rows]


def test_the_same_history_for_many_records(database: Database) -> None:
    changes = {"status": ("open", "told"), "note": (None, 'it\'s "so"')}
    with database.write() as work:
        record_each(work, actor=SYSTEM, entity="task", entity_ids=[3, 1, 2], act="told", changes=changes, reason="due")
        record_each(work, actor=SYSTEM, entity="task", entity_ids=[], act="told")
        (row,) = history_of(work, entity="task", entity_id=1)
        assert (row.at, row.person_id, row.platform, row.act, row.reason) == (work.now, None, "system", "told", "due")
        assert row.changes == {"status": ["open", "told"], "note": [None, 'it\'s "so"']}
        assert work.has_changed
        assert len(work.connection.exec_driver_sql("SELECT id FROM history").all()) == 3
