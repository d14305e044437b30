"""Whether a chat template only ever appends to what it has rendered before."""

from __future__ import annotations

from typing import cast

from transformers import PreTrainedTokenizerBase


def appends(tokenizer: PreTrainedTokenizerBase, *, thinking: bool) -> bool:
    """Whether a conversation's text stays under the model as it goes on.

    TRL's training variant of Qwen3's template is like that. The stock one is not: it takes the
    thoughts out of earlier messages, empty ones too, so that a conversation is read anew before
    each message.

    Args:
        tokenizer: With a chat template.
        thinking: Whether the model begins its messages with a thought.
    """
    asked = [{"role": "user", "content": "u"}]
    went_on = [*asked, {"role": "assistant", "content": "x"}, {"role": "user", "content": "v"}]
    before, after = (
        cast(
            "str",
            tokenizer.apply_chat_template(
                said, add_generation_prompt=True, enable_thinking=thinking, tokenize=False
            ),
        )
        for said in (asked, went_on)
    )
    return after.startswith(f"{before}x")
