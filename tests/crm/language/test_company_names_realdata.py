"""Company names that others published, each with slips of the pen put in: found by its keys, and taken for the same."""

import csv
from pathlib import Path

import pytest

from crm.language.company_names import SAME, same_company, search_keys

DATA = Path(__file__).parents[4] / "shared" / "data" / "dedupe" / "company_names_dnb"
pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not DATA.is_dir(), reason="the practice names are not here"),
]


def test_names_with_slips_realdata() -> None:
    """The half of De Nederlandsche Bank's names that nothing here was tried on: of each the one without slips is found
    by its keys and taken for the same. Many slips fall on more than two letters of a short word.
    """
    found, wrong, pairs = _find_them()
    assert found / pairs > 0.8
    assert found / (found + wrong) > 0.85


def _find_them() -> tuple[int, int, int]:
    whole, slips = (_read(name) for name in ("test_names.csv", "adjusted_test_names.csv"))
    by_key: dict[str, set[str]] = {}
    for number, name in whole.items():
        for key in search_keys(name):
            by_key.setdefault(key, set()).add(number)
    held_out = [number for number in slips if number in whole and int(number) % 2]
    found = wrong = 0
    for number in held_out:
        near = set[str]().union(*(by_key.get(key, ()) for key in search_keys(slips[number], to_find=True)))
        same = {whole[one] for one in near if same_company(slips[number], whole[one]) >= SAME}
        found += whole[number] in same
        wrong += len(same - {whole[number]})
    return found, wrong, len(held_out)


def _read(name: str) -> dict[str, str]:
    with (DATA / name).open(encoding="utf-8") as file:
        return {row[0]: row[1] for row in list(csv.reader(file))[1:]}
