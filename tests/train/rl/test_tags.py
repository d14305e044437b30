"""Tags of thoughts are found in rows of tokens, be they tokens or several tokens each."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Split
from transformers import PreTrainedTokenizerFast

from train.rl.credit import branch_advantages
from train.rl.tags import thought_tags

PIECES = ["<", "</", "think", ">", ">.", "a", "b", "c"]
LESS, LESS_SLASH, WORD, MORE, MORE_DOT, A, B, C = range(len(PIECES))
OPEN, CLOSE = [LESS, WORD, MORE], [LESS_SLASH, WORD, MORE]
CLOSE_AND_MORE = [LESS_SLASH, WORD, MORE_DOT]


def tokenizer(words: list[str]) -> PreTrainedTokenizerFast:
    inner = Tokenizer(WordLevel({word: place for place, word in enumerate(words)}))
    inner.pre_tokenizer = Split(" ", "removed")
    return PreTrainedTokenizerFast(tokenizer_object=inner)


SPLIT = thought_tags(tokenizer(PIECES))


def test_a_tag_that_is_a_token_stays_as_it_is() -> None:
    tags = thought_tags(tokenizer(["hm", "<think>", "</think>"]))
    assert (tags.opening, tags.closing) == (1, 2)
    assert tags.marked([1, 0, 2, 0]) == [1, 0, 2, 0]


def test_the_token_that_completes_a_tag_stands_for_it() -> None:
    row = [*OPEN, A, B, *CLOSE, C]
    opening, closing = SPLIT.opening, SPLIT.closing
    marked = [LESS, WORD, opening, A, B, LESS_SLASH, WORD, closing, C]
    assert SPLIT.marked(row) == marked
    assert SPLIT.marked([A, *CLOSE_AND_MORE])[-1] == closing  # it holds more than the tag's end
    assert SPLIT.marked([LESS, WORD, A, MORE, WORD, MORE]) == [LESS, WORD, A, MORE, WORD, MORE]


def test_only_what_the_policy_said_is_a_tag() -> None:
    row = [*OPEN, *OPEN, *OPEN]
    mask = [1, 1, 0, 0, 1, 1, 1, 1, 1]  # the first is half a tool's, the second too
    assert SPLIT.marked(row, mask) == [*OPEN, *OPEN, LESS, WORD, SPLIT.opening]


@given(st.lists(st.sampled_from(range(len(PIECES))), max_size=20))
def test_marks_change_no_other_token(row: list[int]) -> None:
    for before, after in zip(row, SPLIT.marked(row), strict=True):
        assert after == before or (after < 0 and before in (MORE, MORE_DOT))


def test_split_tags_give_the_credit_of_whole_ones() -> None:
    """The same thoughts and words, once with a token for each tag and once with three."""
    whole = [[90, A, B, 91, C, A], [90, A, C, 91, C, B], [90, B, 91, A]]
    split = [
        [one for token in row for one in {90: OPEN, 91: CLOSE}.get(token, [token])] for row in whole
    ]
    returns = [3.0, 1.0, 2.0]
    expected = branch_advantages(whole, returns, 3, (90, 91))
    found = branch_advantages(
        [SPLIT.marked(row) for row in split], returns, 3, (SPLIT.opening, SPLIT.closing)
    )
    for row, ours, theirs in zip(split, found, expected, strict=True):
        said = [a for token, a in zip(row, ours, strict=True) if token in (A, B, C)]
        assert said == [
            a for token, a in zip(_short(row), theirs, strict=True) if token in (A, B, C)
        ]


def _short(row: list[int]) -> list[int]:
    """The row with a token for each tag."""
    text, place = [], 0
    while place < len(row):
        tag = {tuple(OPEN): 90, tuple(CLOSE): 91}.get(tuple(row[place : place + 3]))
        text.append(tag or row[place])
        place += 3 if tag else 1
    return text
