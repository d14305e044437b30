"""Messages that another engine draws: what it is asked, and what becomes of its answers.

vLLM itself wants a GPU. In its place stands an engine with the same interface that asks the
library's own `generate`.
"""

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from agents.play import play
from agents.policy import Policy, trajectory_of
from agents.sampling import Sampling
from reasonact_env.config import EnvConfig
from tasks.load import load_tasks
from train import grpo
from train.models.model import tiny_model
from train.models.profiles import TinyModel
from train.models.tokenizer import END, PAD, train_tokenizer
from train.rl.vllm import COLOCATE, SERVER, drawn_by, require_vllm, settings

DATA = "desk:40"
LONGEST = 12


class LibraryEngine:
    """TRL's interface to vLLM, row by row and greedily."""

    def __init__(self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> None:
        self.model, self.tokenizer, self.asked = model, tokenizer, 0
        self.max_completion_length = 4_096
        self.temperature = 1.0
        self.generation_kwargs: dict[str, Any] = {}
        self.cast = False

    def generate(
        self, prompts: list[list[int]], images: None, num_generations: int
    ) -> tuple[object, ...]:
        assert num_generations == 1
        self.asked += 1
        self.cast |= torch.is_autocast_enabled("cpu")
        rows, logprobs = [], []
        for prompt in prompts:
            found = self.model.generate(
                torch.tensor([prompt]),
                attention_mask=torch.ones(1, len(prompt), dtype=torch.long),
                do_sample=self.temperature > 0,
                eos_token_id=self.generation_kwargs["stop_token_ids"],
                max_new_tokens=self.max_completion_length,
                pad_token_id=self.tokenizer.pad_token_id,
                output_logits=True,
                return_dict_in_generate=True,
            )
            drawn = found.sequences[0, len(prompt) :].tolist()
            scores = [logits[0].log_softmax(-1) for logits in found.logits]
            rows.append(drawn)
            logprobs.append([[float(s[t])] for s, t in zip(scores, drawn, strict=True)])
        return prompts, rows, logprobs, None


def test_another_engine_says_what_the_model_says() -> None:
    tokenizer = train_tokenizer(load_tasks(DATA).split("train"), 600)
    shape = TinyModel(layers=2, hidden=64, heads=2, vocabulary=600, initial_std=0.3)
    model = tiny_model(shape, tokenizer, seed=1).eval()
    # The folder that an engine serves may name another eos than the template ends a turn with.
    model.generation_config.eos_token_id = tokenizer.convert_tokens_to_ids(PAD)
    engine = LibraryEngine(model, tokenizer)
    sampling = Sampling(temperature=0, max_new_tokens=LONGEST)
    config = EnvConfig(mode="dialogue", split="train", data=DATA, max_turns=4)
    wanted = [(task.id, None) for task in load_tasks(DATA).split("train")[:4]]
    ours = list(play(config, Policy(model, tokenizer, sampling), wanted))
    other = Policy(model, tokenizer, sampling)
    other.let_draw(drawn_by(engine, other.chat.end_id), context=10_000)
    theirs = list(play(config, other, wanted))
    assert engine.asked > 1, "a message at a time"
    assert engine.max_completion_length == LONGEST
    for one, another in zip(map(trajectory_of, ours), map(trajectory_of, theirs), strict=True):
        assert one.texts == another.texts
        assert one.ids == another.ids
        assert one.mask == another.mask
        assert one.logprobs == pytest.approx(another.logprobs, abs=1e-4)


def an_engine() -> tuple[LibraryEngine, int, list[list[int]]]:
    tokenizer = train_tokenizer(load_tasks(DATA).split("train"), 600)
    model = tiny_model(TinyModel(layers=1, hidden=64, heads=2, vocabulary=600), tokenizer, seed=1)
    end = tokenizer.convert_tokens_to_ids(END)
    assert isinstance(end, int)
    return LibraryEngine(model.eval(), tokenizer), end, [[5, 6, 7]]


def test_an_engine_draws_outside_the_trainers_autocast() -> None:
    engine, end, prompts = an_engine()
    with torch.autocast("cpu", torch.bfloat16):
        drawn_by(engine, end)(prompts, Sampling(temperature=0, max_new_tokens=2))
        assert torch.is_autocast_enabled("cpu"), "the trainer's own goes on"
    assert engine.asked == 1
    assert not engine.cast


def test_a_limited_choice_is_refused_since_its_logprobs_would_be_others() -> None:
    engine, end, prompts = an_engine()
    for sampling in (Sampling(top_p=0.9), Sampling(top_k=20)):
        with pytest.raises(ValueError, match="expected vLLM to draw from all tokens"):
            drawn_by(engine, end)(prompts, sampling)
    assert engine.asked == 0


def test_where_the_engines_context_ends_a_policy_is_silent() -> None:
    engine, end, _ = an_engine()
    config = EnvConfig(mode="dialogue", split="train", data=DATA, max_turns=2)
    wanted = [(task.id, None) for task in load_tasks(DATA).split("train")[:1]]
    policy = Policy(engine.model, engine.tokenizer, Sampling(max_new_tokens=LONGEST))
    policy.let_draw(drawn_by(engine, end), context=LONGEST + 1)
    (played,) = play(config, policy, wanted)
    assert engine.asked == 0
    assert played.episode.cut


def test_without_vllm_one_is_told_before_anything_is_loaded(tmp_path: Path) -> None:
    with pytest.raises(ImportError, match="pip install vllm"):
        grpo.main(["--policy", str(tmp_path / "nothing"), "--vllm", COLOCATE])


def test_a_server_serves_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("train.rl.vllm.installed", lambda: True)
    require_vllm(SERVER)
    monkeypatch.setenv("WORLD_SIZE", "2")
    require_vllm(COLOCATE)
    with pytest.raises(ValueError, match="one process"):
        require_vllm(SERVER)


def test_settings_are_trls_own() -> None:
    from trl import GRPOConfig

    for where in (COLOCATE, SERVER):
        chosen = settings(where, "http://somewhere:8000", 0.25)
        assert chosen.keys() <= set(GRPOConfig.__dataclass_fields__)
        assert chosen["vllm_mode"] == where
