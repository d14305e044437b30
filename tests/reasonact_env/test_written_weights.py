import re

import pytest

from reasonact_env.reward.written import read_weights, write_weights


def test_weights_are_read_as_they_are_written() -> None:
    weights = {"tool": 1.0, "format": 0.25, "thinking": 0.0}
    assert read_weights(write_weights(weights)) == weights
    assert read_weights("tool = 1, format=.25,thinking=0") == weights


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tool", "expected COMPONENT=NUMBER,… (tool=1,format=0), got 'tool'"),
        ("", "expected COMPONENT=NUMBER,… (tool=1,format=0), got ''"),
        ('{"tool": 1}', "expected COMPONENT=NUMBER,… (tool=1,format=0), got"),
        ("tool=much", "expected COMPONENT=NUMBER,… (tool=1,format=0), got 'tool=much'"),
        ("tool=1,tool=2", "expected each component once, got 'tool' twice"),
        ("tols=1", "got tols too"),
        ("tool=-1", "expected a weight of 0 or more for 'tool', got -1.0"),
        ("tool=inf", "expected a weight of 0 or more for 'tool', got inf"),
    ],
)
def test_other_forms_are_refused(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        read_weights(text)
