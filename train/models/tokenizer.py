"""A tokenizer of our own for the tiny model, with Qwen3's special tokens and template.

Byte-level BPE whose merges may cross blanks and punctuation inside a line, as in SuperBPE
(arXiv 2503.13423). Rules, schemas and the JSON around arguments are the same in every dialogue; so
they cost few tokens, and a toy model can afford them in every prompt. What has to be copied or
matched must look the same wherever it stands: every digit is a token, and no merge joins words that
tools return as values (items, cities, states) with what surrounds them.

A base for many domains cannot know their words. In its tokenizer every word stands alone, without
its blank. Only the little words of English and of JSON schemas merge with blanks and punctuation.
So `cancel` is the same tokens in a rule, in a tool's name and in a request.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from typing import cast

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerBase, PreTrainedTokenizerFast
from trl.chat_template_utils import qwen3_training_chat_template

from agents.chat import turn_end
from tasks.types import Task
from tools.protocol import CALL, EMPTY_THOUGHT, END_CALL, END_THINK, THINK
from tools.types import Role

START, END, PAD = "<|im_start|>", "<|im_end|>", "<|endoftext|>"
SPECIAL = (PAD, START, END)
TAGS = (THINK, END_THINK, CALL, END_CALL, "<tool_response>", "</tool_response>")
"""Tags that are tokens but not special ones: decoding keeps them, as parser and template need."""

GLUE = (
    "\n<|im_start|>user\n",
    "\n<|im_start|>user\n<tool_response>\n",
    "\n</tool_response>\n<tool_response>\n",
    "\n</tool_response>",
    "\n<|im_start|>assistant\n",
    EMPTY_THOUGHT,
    f"{CALL}\n",
    f"\n{END_CALL}",
)
"""The template's own text between messages, a token each: a sixth fewer tokens a dialogue, over a
quarter fewer sampled ones. None of them holds the end token."""

_NUMBERS_AND_LINES = r"[0-9]|[^0-9\n]+|\n+"
_VALUE = re.compile(r'": "([A-Za-z][A-Za-z ]{1,30})"')
_MAX_VALUES = 400
"""Chosen by hand: a longer list makes encoding slower."""
_LITTLE_WORDS = """
    a all am an and any are as at be been but by can could do does for from had has have he how i if
    in is it its may me must my no not of on only or please so than that the their then there they
    this to was we what when which will with would you your
"""
_SCHEMA_WORDS = """
    arguments description enum function integer name object parameters properties required string
    type
"""
_TRAINING_MARKS = re.compile(r"\{%-?\s*(?:end)?generation\s*-?%\}")
_NOT_THINKING = (
    "{%- if enable_thinking is not defined %}{%- set enable_thinking = false %}{%- endif %}"
)
_LINE_ENDS = re.compile(r"(?<=\n)(?!\n)")
_LINE_LIMIT = 2_000
"""Longer pieces are cut before training: merging through a very long one takes too long."""


def train_tokenizer(
    tasks: Iterable[Task], vocabulary: int, *, general: bool = False
) -> PreTrainedTokenizerBase:
    """Learns merges from dialogues; the same dialogues give the same tokenizer.

    Args:
        tasks: The dialogues, from the training split alone.
        vocabulary: Number of tokens, the special ones included.
        general: Whether it also serves other domains than theirs: words then stand alone.
    """
    tasks = list(tasks)
    glue = (*GLUE, *_tool_preambles()) if general else GLUE
    raw = Tokenizer(models.BPE())
    raw.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(
                Regex(_words_pattern() if general else _values_pattern(tasks)), "isolated"
            ),
            pre_tokenizers.Split(Regex(_NUMBERS_AND_LINES), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    raw.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary - len(TAGS) - len(glue),
        special_tokens=list(SPECIAL),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    raw.train_from_iterator(_texts(tasks, glue), trainer)
    # Added afterwards, and not as special tokens: decoding would leave those out.
    raw.add_tokens([AddedToken(tag, normalized=False) for tag in (*TAGS, *glue)])
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=raw, eos_token=END, pad_token=PAD, clean_up_tokenization_spaces=False
    )
    return with_training_template(tokenizer)


def with_training_template(tokenizer: PreTrainedTokenizerBase) -> PreTrainedTokenizerBase:
    """Sets TRL's training variant of Qwen3's template, in all stages alike.

    The stock template drops old thoughts: a conversation's text changes under the model as it goes
    on. This one only ever appends. It is `trl/chat_templates/qwen3_training.jinja` of
    https://github.com/huggingface/trl, as of commit 63b7c3f547d3e06d0eae72712e36b7b64e9d5a45 and in
    TRL 1.16.0. The stock one stands next to it (`qwen3.jinja`). That one equals Qwen3's own
    (`tools/protocol.py` names it), but lets the caller choose whether the thought is empty.
    """
    tokenizer.chat_template = qwen3_training_chat_template
    return tokenizer


def for_others(tokenizer: PreTrainedTokenizerBase, *, thinking: bool) -> PreTrainedTokenizerBase:
    """A copy whose template any Jinja reads, as it goes with the weights.

    The marks around what the assistant says are transformers' own, and serve training alone. A
    policy that does not think has learned to go on after an empty thought: the template puts one
    there unless the caller says otherwise, as Qwen3's does for `enable_thinking=False`.
    """
    template = cast("str", tokenizer.chat_template)
    text = _TRAINING_MARKS.sub("", template)
    if text == template:
        return tokenizer  # a base's own template, which stays as it was made
    plain = copy(tokenizer)
    plain.chat_template = text if thinking else _NOT_THINKING + text
    return plain


def with_turns_end(tokenizer: PreTrainedTokenizerBase) -> PreTrainedTokenizerBase:
    """Makes what ends a turn in the template the tokenizer's eos.

    Base models have another one, after which text ends and no turn does: a policy would be asked to
    stop where it never learned to.

    Raises:
        ValueError: if what ends a turn is no token.
    """
    end = turn_end(tokenizer)
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token or end
    tokenizer.eos_token = end
    return tokenizer


def has_training_template(tokenizer: PreTrainedTokenizerBase) -> bool:
    """Whether its template is the one that all stages train with."""
    return bool(tokenizer.chat_template == qwen3_training_chat_template)


def differs_from_training(tokenizer: PreTrainedTokenizerBase) -> bool:
    """Whether its template writes something else than that of training; marks alone do not."""
    own = _TRAINING_MARKS.sub("", cast("str | None", tokenizer.chat_template) or "")
    return not own.endswith(_TRAINING_MARKS.sub("", qwen3_training_chat_template))


def _values_pattern(tasks: Iterable[Task]) -> str:
    """Matches the commonest words that tools return as values; matches nothing without any."""
    results = (m.content for task in tasks for m in task.messages if m.role is Role.TOOL)
    counts = Counter(value for result in results for value in _VALUE.findall(result))
    # Longest first: an alternation takes the first that fits, "New York City" before "New York".
    values = sorted((v for v, _ in counts.most_common(_MAX_VALUES)), key=lambda v: (-len(v), v))
    return rf"\b(?:{'|'.join(map(re.escape, values))})\b" if values else r"(?!)"


def _words_pattern() -> str:
    """Matches words, each part of a camelCase one alone, except little words and schemas' words."""
    little = "|".join(word for one in _LITTLE_WORDS.split() for word in (one, one.capitalize()))
    schema = "|".join(_SCHEMA_WORDS.split())
    kept = rf'(?!(?:{little})(?![A-Za-z]))(?!(?<=")(?:{schema})")'
    return rf"{kept}(?:(?<![A-Za-z])[a-z]+|[A-Z]+(?![a-z])|[A-Z][a-z]+)"


def _tool_preambles() -> tuple[str, str]:
    """The template's text before and after the schemas, to be a token each."""
    rules, tool = "RULES", {"TOOL": ""}
    message = {"role": "system", "content": rules}
    text = str(_renderer().apply_chat_template([message], tools=[tool], tokenize=False))
    before, after = text.split(rules)[1].split(json.dumps(tool))
    return before, after.split(END)[0]


def _renderer() -> PreTrainedTokenizerBase:
    """A tokenizer that renders and cannot encode: a template needs no vocabulary."""
    bare = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.BPE()))
    return with_training_template(bare)


def _texts(tasks: Iterable[Task], glue: Sequence[str]) -> Iterator[str]:
    """The texts that the model will read, cut at glue, special tokens and tags.

    So no merge crosses them.
    """
    longest_first = sorted((*glue, *SPECIAL, *TAGS), key=len, reverse=True)
    borders = re.compile("|".join(map(re.escape, longest_first)))
    renderer = _renderer()
    for task in tasks:
        text = renderer.apply_chat_template(
            [message.as_dict() for message in task.messages],
            tools=[spec.as_dict() for spec in task.tools],
            tokenize=False,
        )
        for part in borders.split(str(text)):
            yield from (line[:_LINE_LIMIT] for line in _LINE_ENDS.split(part) if line)
