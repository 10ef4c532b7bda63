"""The counterpart's tables against the published limits and methods of Slack."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.counterparts.slack import LIMITS, METHODS

SPECS = Path(__file__).parents[2].parent / "shared" / "data" / "specs"

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not SPECS.is_dir(), reason="the published specifications are not here"),
]


def _leaves(table: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], int]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _leaves(value, (*path, key))
        else:
            yield (*path, key), value


def test_the_limits_are_the_published_ones() -> None:
    published = json.loads((SPECS / "slack_limits.json").read_text())
    for group, limits in LIMITS.items():
        assert dict(_leaves(limits)) == dict(_leaves(published[group])), group


def test_the_methods_take_the_published_arguments() -> None:
    published = json.loads((SPECS / "slack_methods.json").read_text())
    for name, method in METHODS.items():
        assert method.args == set(published[name]["args"]), name
        assert method.required == set(published[name]["required"]), name
