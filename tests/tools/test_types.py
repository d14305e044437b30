"""The vocabulary's plain forms."""

import pytest

from tools.types import ToolSpec


def test_a_tool_comes_back_from_its_dict() -> None:
    spec = ToolSpec("find", "Finds.", {"type": "object", "required": ["id"]})
    assert ToolSpec.from_dict(spec.as_dict()) == spec


@pytest.mark.parametrize(
    "rest", [{}, {"description": None, "parameters": None}], ids=["lacking", "null"]
)
def test_a_tool_of_a_name_alone_is_read(rest: dict[str, None]) -> None:
    function = {"name": "find", **rest}
    assert ToolSpec.from_dict({"type": "function", "function": function}) == ToolSpec(
        "find", "", {}
    )
