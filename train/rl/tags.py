"""Where thoughts begin and end in rows of tokens.

Qwen3's tokenizer has a token for each tag of a thought; another one may split them, and one of the
pieces may hold what follows, too. So tags are looked for in the text, and the token that completes
one is taken for the tag.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, cast

from tools.protocol import END_THINK, THINK

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

_TAG = re.compile(f"{re.escape(THINK)}|{re.escape(END_THINK)}")
_STANDS_FOR = {THINK: -1, END_THINK: -2}
"""Numbers that no token has, for the tags of a tokenizer that splits them."""


@dataclass(frozen=True, slots=True)
class Tags:
    """What opens and closes a thought, for one tokenizer."""

    opening: int
    """The token that opens one, or the number that stands for it in marked rows."""
    closing: int
    """The same for the one that closes it."""
    pieces: Callable[[Sequence[int]], list[str]] | None = None
    """Tokens -> their texts; None where each tag is a token."""

    def marked(self, row: Sequence[int], mask: Sequence[int] | None = None) -> list[int]:
        """A row in which each tag is one number, at the place of the token that completes it.

        Args:
            row: Tokens.
            mask: 1 for those that the policy sampled, which alone can be split tags; None for all.
        """
        if self.pieces is None:
            return list(row)
        found, place = list(row), 0
        for said, run in groupby(mask or [1] * len(row)):
            size = len(list(run))
            if said:
                for at, number in self._completed(row[place : place + size]):
                    found[place + at] = number
            place += size
        return found

    def _completed(self, run: Sequence[int]) -> list[tuple[int, int]]:
        """(place, number) of the tokens that complete a tag."""
        texts = cast("Callable[[Sequence[int]], list[str]]", self.pieces)(run)
        owner = [place for place, text in enumerate(texts) for _ in text]
        tags = _TAG.finditer("".join(texts))
        return [(owner[tag.end() - 1], _STANDS_FOR[tag[0]]) for tag in tags]


def thought_tags(tokenizer: PreTrainedTokenizerBase) -> Tags:
    """The tags of a tokenizer, be they tokens or several tokens each."""
    known = tokenizer.get_vocab()
    if THINK in known and END_THINK in known:
        return Tags(known[THINK], known[END_THINK])

    def pieces(ids: Sequence[int]) -> list[str]:
        return [str(one) for one in tokenizer.convert_ids_to_tokens(list(ids))]

    return Tags(_STANDS_FOR[THINK], _STANDS_FOR[END_THINK], pieces)
