"""What the bench takes a step apart at is still there under its name."""

import inspect

import pytest

from bench.parts import JOINTS


@pytest.mark.parametrize(("part", "owner", "name"), JOINTS, ids=[name for _, _, name in JOINTS])
def test_every_joint_is_a_function_of_the_program(part: str, owner: object, name: str) -> None:
    found = inspect.getattr_static(owner, name)
    assert callable(found) or isinstance(found, classmethod), part
