"""What vLLM draws, through the path of `train.grpo --vllm`, beside what the model itself says.

    python -m benchmarks.vllm_cpu --model FOLDER
    python -m benchmarks.vllm_cpu --model FOLDER --vllm-server http://127.0.0.1:8000

It needs vLLM, TRL and this project in one environment; no GPU. Dialogues at the desk are played by
vLLM, in this process or on a server (VLLM_SERVER_DEV_MODE=1 vllm serve FOLDER --logprobs-mode
processed_logprobs --max-logprobs -1 --dtype float32). Every token is then scored by a plain pass of
the same weights through transformers, row by row.
"""

from __future__ import annotations

import copy
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

import torch
from transformers import PreTrainedModel

from agents.console import console, plain_table
from agents.generation import Wave
from agents.play import play
from agents.policy import Generate, Policy
from agents.sampling import Completion, Sampling
from benchmarks.vllm_agreement import agreement, alike, ends_right
from reasonact_env.config import EnvConfig
from tasks.load import load_tasks
from tools.command import run
from tools.command_line import read_options
from tools.option_types import one_of
from tools.ranges import require_at_least
from train.models.model import load_model
from train.rl.vllm import context_of, drawn_by, require_vllm
from train.runs.precision_option import BFLOAT16, FLOAT32

DATA = "desk:200"
CONTEXT = 2_048
LENGTHS = (1, 7, 33)
"""Limits of a message that are tried out, besides the one that dialogues are played with."""
NOISE = 0.02
"""Relative spread of what is added to the weights, to see that new ones arrive."""


@dataclass(frozen=True, slots=True)
class VllmOptions:
    """What `python -m benchmarks.vllm_cpu` takes."""

    model: str
    """The folder of a causal language model."""
    vllm_server: str | None = None
    """Where `vllm serve FOLDER` listens; without it vLLM runs in this process."""
    precision: Annotated[str, one_of((FLOAT32, BFLOAT16))] = FLOAT32
    """In which numbers a vLLM in this process computes; a server has its own."""
    tasks: int = 16
    """Dialogues that are played."""
    turns: int = 2
    """Messages of the policy in each."""
    max_new_tokens: int = 64
    """Tokens of one message."""

    def __post_init__(self) -> None:
        """Refuses what is out of range."""
        require_at_least(self, 1, "tasks", "turns", "max_new_tokens")


@dataclass(slots=True)
class Noted:
    """A way to draw that keeps what went through it."""

    draw: Generate
    """Draws the messages."""
    said: list[tuple[list[int], Completion]] = field(default_factory=list)
    """The tokens before each message, and the message."""
    seconds: float = 0.0
    """How long it took."""

    def __call__(self, prompts: Sequence[Sequence[int]], sampling: Sampling) -> list[Completion]:
        """Draws, and notes."""
        started = time.perf_counter()
        drawn = list(self.draw(prompts, sampling))
        self.seconds += time.perf_counter() - started
        self.said += zip(map(list, prompts), drawn, strict=True)
        return drawn

    @property
    def tokens(self) -> int:
        """How many were drawn."""
        return sum(len(one.ids) for _, one in self.said)


class Trial:
    """A model and the vLLM that has its weights."""

    def __init__(self, options: VllmOptions) -> None:
        """Loads both."""
        from benchmarks.vllm_engine import engine_of

        self.options = options
        model, self.tokenizer = load_model(options.model, torch.float32)
        self.model: PreTrainedModel = model.eval()
        self.half: PreTrainedModel = copy.deepcopy(model).to(torch.bfloat16)
        rows = options.tasks
        self.engine: Any = engine_of(
            self.model,
            self.tokenizer,
            dtype=options.precision,
            server=options.vllm_server,
            rows=rows,
            context=CONTEXT,
        )
        policy = self.policy()
        self.end = policy.chat.end_id
        self.vllm = Noted(drawn_by(self.engine, self.end))

    def policy(self, temperature: float = 1.0) -> Policy:
        """The model as an agent."""
        sampling = Sampling(temperature, max_new_tokens=self.options.max_new_tokens)
        return Policy(self.model, self.tokenizer, sampling, seed=1)

    def play(self, policy: Policy) -> float:
        """Plays the dialogues; returns the seconds."""
        turns, count = self.options.turns, self.options.tasks
        config = EnvConfig(mode="dialogue", split="train", data=DATA, max_turns=turns)
        wanted = [(task.id, None) for task in load_tasks(DATA).split("train")[:count]]
        started = time.perf_counter()
        list(play(config, policy, wanted, batch_size=count))
        return time.perf_counter() - started

    def played(self) -> list[tuple[str, str]]:
        """Plays by vLLM, at temperature 1, and looks at what it said."""
        policy = self.policy()
        policy.let_draw(self.vllm, context_of(self.engine))
        self.play(policy)
        said = self.vllm.said
        ended = sum(one.ids[-1] == self.end for _, one in said)
        right = ends_right(said, self.end, self.options.max_new_tokens)
        whole, half = agreement(self.model, said), agreement(self.half, said)
        longest = max(len(prompt) for prompt, _ in said)
        return [
            ("messages; tokens; longest prompt", f"{len(said)}; {self.vllm.tokens}; {longest}"),
            ("log-probabilities, beside float32", str(whole)),
            ("log-probabilities, beside bfloat16", str(half)),
            ("surprise less entropy, in standard deviations", f"{whole.surplus:+.1f}"),
            ("messages that ended themselves", f"{ended}"),
            ("the end is in the tokens where a message ended, and only there", _yes(right)),
            ("tokens/s, vLLM's", f"{self.vllm.tokens / self.vllm.seconds:.0f}"),
        ]

    def lengths(self) -> list[tuple[str, str]]:
        """Draws under other limits, and until another token than the folder's own eos."""
        prompts = self.openings()
        exact = True
        for limit in LENGTHS:
            drawn = self.vllm.draw(prompts, Sampling(max_new_tokens=limit))
            exact &= ends_right(list(zip(prompts, drawn, strict=True)), self.end, limit)
        other = drawn_by(self.engine, self.other_end())
        limit = self.options.max_new_tokens
        stopped = list(zip(prompts, other(prompts, Sampling(max_new_tokens=limit)), strict=True))
        right = ends_right(stopped, self.other_end(), limit)
        gone_on = sum(self.end in one.ids for _, one in stopped)
        return [
            (f"limits of {', '.join(map(str, LENGTHS))} tokens are exact", _yes(exact)),
            ("messages stop at another token that is named as their end", _yes(right)),
            ("of these, went on after the folder's own eos", str(gone_on)),
        ]

    def other_end(self) -> int:
        """A frequent token that is no eos: a full stop."""
        return int(self.tokenizer.encode(".", add_special_tokens=False)[-1])

    def openings(self) -> list[list[int]]:
        """What stood before the first messages."""
        return [prompt for prompt, _ in self.vllm.said[: self.options.tasks]]

    def greedily(self) -> list[tuple[str, str]]:
        """Takes the likeliest tokens: with an empty and a full cache, in autocast, and by us."""
        greedy = Sampling(temperature=0, max_new_tokens=self.options.max_new_tokens)
        prompts = self.openings()
        self.forget()
        cold, warm = (self.vllm.draw(prompts, greedy) for _ in range(2))
        with torch.autocast("cpu", torch.bfloat16):
            cast = self.vllm.draw(prompts, greedy)
        started = time.perf_counter()
        with torch.inference_mode():
            wave = Wave(self.model, len(prompts))
            ours = wave.draw(wave.read(prompts), greedy, self.end, torch.Generator())
        pace = sum(len(one.ids) for one in ours) / (time.perf_counter() - started)
        return [
            ("a full cache of prefixes, beside an empty one", alike(cold, warm)),
            ("in the trainer's autocast, beside without", alike(warm, cast)),
            ("temperature 0, beside ours in float32", alike(ours, cold)),
            ("tokens/s, ours, the likeliest ones, prompts included", f"{pace:.0f}"),
        ]

    def forget(self) -> None:
        """Empties the cache of prefixes."""
        by = self.engine.vllm_client if self.options.vllm_server else self.engine.llm
        by.reset_prefix_cache()

    def renewed(self) -> list[tuple[str, str]]:
        """Changes the weights, brings them over, and draws again."""
        before = copy.deepcopy(self.model)
        random = torch.Generator().manual_seed(2)
        with torch.no_grad():
            for weights in self.model.parameters():
                weights.mul_(1 + NOISE * torch.randn(weights.shape, generator=random))
        self.engine.sync_weights()
        drawn = self.vllm.draw(self.openings(), Sampling(max_new_tokens=16))
        said = list(zip(self.openings(), drawn, strict=True))
        return [
            ("new weights: log-probabilities, beside float32", str(agreement(self.model, said))),
            ("the same, beside the weights before", str(agreement(before, said))),
        ]


def _yes(right: bool) -> str:
    return "yes" if right else "NO"


def main(argv: Sequence[str] | None = None) -> list[tuple[str, str]]:
    """Tries everything and prints a table."""
    options = read_options(
        VllmOptions, argv, prog="python -m benchmarks.vllm_cpu", about=__doc__ or ""
    )
    where = "server" if options.vllm_server else "colocate"
    require_vllm(where)
    os.environ.setdefault("VLLM_CPU_KVCACHE_SPACE", "2")  # GB
    trial = Trial(options)
    rows: list[tuple[str, str]] = []
    for part in (trial.played, trial.lengths, trial.greedily, trial.renewed):
        rows += part()
        print(part.__name__, flush=True)
    numbers = "its own numbers" if options.vllm_server else options.precision
    title = f"vLLM, {where}, {numbers}, {options.tasks} dialogues of {options.turns} messages"
    console().print(plain_table(title, ("what", "found"), rows))
    return rows


if __name__ == "__main__":
    run(main)
