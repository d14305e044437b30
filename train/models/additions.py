"""What a model lacks for conversations with tools and thoughts, and what it gets instead.

All of it is added here, before anything is trained, and in no other place:

| what | where it is lacking | what is added |
|---|---|---|
| chat template | always: all stages train with the same one | TRL's training variant of Qwen3's |
| begin and end of a turn | `<|im_start|>`, `<|im_end|>` are several tokens | a special token each |
| eos | another token ends texts than turns | what ends a turn |
| pad | there is none | the eos that it had |

Tags of thoughts and calls stay text where a tokenizer has no tokens for them: `<tool_call>` is then
five tokens that the model knows. As new tokens they would have to be learned first: after imitating
160 dialogues (at a rate of 1e-4) a model of 135M weights that had them ended half of its episodes
by malformed calls: it wrote the old pieces, or the closing tag for the opening one.

A new token's row among the embeddings is the mean of the rows of the tokens that its text was
before; with a head of its own, the head's row likewise. A mean is never the likeliest token, as
long as the head has the tokens that it is the mean of: so new rows have to be trained, also where
adapters leave all others as they are.

A base is judged as it was made: in its own template, without new tokens. Only if that template
shows no tools (most of models that never learned to call one), there is nothing to be judged in
it, and the base gets all of the above.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import torch
from jinja2 import TemplateError
from tokenizers import AddedToken
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from agents.chat import turn_end
from train.models.tokenizer import (
    END,
    START,
    differs_from_training,
    with_training_template,
    with_turns_end,
)

TEMPLATE = "the chat template of training"
"""What it is called among the additions."""
TURNS = (START, END)
"""What the training template begins and ends a turn with."""


@dataclass(frozen=True, slots=True)
class Added:
    """What was added to a model."""

    words: tuple[str, ...] = ()
    """What, for people; in `run.json` and `policy.json`."""
    rows: tuple[int, ...] = ()
    """The new tokens."""

    def __str__(self) -> str:
        """One line."""
        return ", ".join(self.words) or "nothing"


def complete(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> Added:
    """Adds to model and tokenizer, in place, what training needs and they lack.

    Args:
        model: Whose embeddings get rows for new tokens.
        tokenizer: Its tokenizer.
    """
    words: list[str] = []
    wanted = [one for one in TURNS if not _is_token(tokenizer, one)]
    rows = _add_tokens(model, tokenizer, wanted)
    if wanted:
        words.append(f"{' and '.join(wanted)} as tokens")
    if differs_from_training(tokenizer):
        words.append(TEMPLATE)
    with_training_template(tokenizer)
    return Added((*words, *end_turns(model, tokenizer)), rows)


def end_turns(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> list[str]:
    """Makes the end of a turn that of a text, in tokenizer and model, and names what is new."""
    eos, pad = tokenizer.eos_token, tokenizer.pad_token
    with_turns_end(tokenizer)
    _end_alike(model, tokenizer)
    words = [] if eos == tokenizer.eos_token else [f"{tokenizer.eos_token} as the end of a turn"]
    return words if pad is not None else [*words, f"{tokenizer.pad_token} for padding"]


def shows_tools(tokenizer: PreTrainedTokenizerBase) -> bool:
    """Whether its own template shows rules, tools and what they return, and ends a turn."""
    if tokenizer.chat_template is None:
        return False
    parameters = {"type": "object", "properties": {}}
    function = {"name": "NAMED", "description": "d", "parameters": parameters}
    said = [("system", "RULES"), ("user", "ASKED"), ("assistant", "SAID"), ("tool", "RESULT")]
    try:
        text = cast(
            "str",
            tokenizer.apply_chat_template(
                [{"role": role, "content": content} for role, content in said],
                tools=[{"type": "function", "function": function}],
                tokenize=False,
            ),
        )
        turn_end(tokenizer)
    except (TemplateError, TypeError, ValueError, KeyError):  # whatever a template says
        return False
    return all(one in text for one in ("RULES", "NAMED", "ASKED", "SAID", "RESULT"))


def _is_token(tokenizer: PreTrainedTokenizerBase, text: str) -> bool:
    """Whether a text is a token wherever it stands, and not only a word that merges could make."""
    return tokenizer.get_vocab().get(text) in tokenizer.encode(text, add_special_tokens=False)


def _add_tokens(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, texts: Sequence[str]
) -> tuple[int, ...]:
    """New tokens, with rows that are the means of what they were before."""
    if not texts:
        return ()
    before = [tokenizer.encode(text, add_special_tokens=False) for text in texts]
    tokenizer.add_tokens(
        [AddedToken(one, special=one in TURNS, normalized=False) for one in texts],
    )
    rows = tuple(cast("list[int]", tokenizer.convert_tokens_to_ids(list(texts))))
    if max(rows) >= model.get_input_embeddings().num_embeddings:
        model.resize_token_embeddings(max(rows) + 1, mean_resizing=False)
    with torch.no_grad():
        for weight in _tables(model):
            for row, pieces in zip(rows, before, strict=True):
                weight[row] = weight[pieces].float().mean(0).to(weight.dtype)
    return rows


def _tables(model: PreTrainedModel) -> list[torch.Tensor]:
    """What has a row for each token, each tensor once: embeddings, and a head of its own."""
    head: Any = model.get_output_embeddings()
    tables = [model.get_input_embeddings().weight]
    if head is not None:
        tables += [head.weight, getattr(head, "bias", None)]
    return list({one.data_ptr(): one for one in tables if one is not None}.values())


def _end_alike(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> None:
    """Lets the model stop where a turn ends, also where others load it and generate."""
    known = model.generation_config.eos_token_id
    ends = known if isinstance(known, list) else [] if known is None else [known]
    if tokenizer.eos_token_id not in ends:
        model.generation_config.eos_token_id = [tokenizer.eos_token_id, *ends]
        model.config.eos_token_id = tokenizer.eos_token_id
