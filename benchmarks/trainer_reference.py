"""The trainer against a reference that is written down from the definitions.

    OMP_NUM_THREADS=1 python -m benchmarks.trainer_reference
    OMP_NUM_THREADS=1 python -m benchmarks.trainer_reference --only branch --skip-resume

A tiny random policy plays two generations of every variant and learns from them.
`benchmarks/reference.py` computes the same step, row by row and in double precision: rewards,
advantages, log-probabilities, loss, gradient, entropy and the clipped share. The table has the
largest differences. Then SFT rows are compared, token for token, with what a policy reads and says
that plays the recorded dialogues, and a pipeline is killed with -9 in every stage and begun again
(`benchmarks.resume`, the longest part).
"""

from __future__ import annotations

import copy
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from agents.console import console, plain_table, progress
from agents.gold import Gold
from agents.play import play
from agents.policy import Policy, trajectory_of
from agents.sampling import Completion, Sampling
from benchmarks import reference, resume
from benchmarks.machine import machine
from benchmarks.reference import Loss, Row, largest
from reasonact_env.agent import Session
from reasonact_env.config import EnvConfig
from reasonact_env.episode import Episode, Thinking
from reasonact_env.episodes.storage import read_episodes
from reasonact_env.reward import load_rewards
from tasks.load import load_tasks
from tools.command import run
from tools.command_line import read_options
from tools.files import write_json
from train.imitation.samples import dialogues, rows_of
from train.models.model import tiny_model
from train.models.policies import TrainedPolicy, load_policy
from train.models.profiles import DEMO, TinyModel
from train.models.tokenizer import train_tokenizer
from train.rl.bridge import Rollouts, grpo_config, make_trainer
from train.rl.credit import BRANCH, EPISODE, thought_tags
from train.rl.recipe import GDPO, Recipe
from train.rl.rewards import component_weights
from train.rl.rollouts import prompts
from train.rl.step import Generation, Step
from train.rl.trainer import Trainer

DATA = "desk:60"
LENGTH = ("benchmarks.bad_rewards:pays_length=0.5",)
"""A reward that even an untrained policy earns more or less of."""
DIALOGUE: Mapping[str, Any] = {"max_turns": 3, "rewards": LENGTH}
TURN: Mapping[str, Any] = {"mode": "turn"}
SIZE: Mapping[str, Any] = {"generations": 2, "prompts": 4, "group": 4, "micro_batch": 4, "lr": 3e-3}
HEADS = (
    *("variant", "reward", "advantage", "log-prob", "loss", "gradient", "its size"),
    *("entropy", "clipped"),
)
CLIP = {"epsilon": 0.02, "epsilon_high": 0.02}
"""So narrow that a second update of a generation meets it."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to learn."""

    name: str
    """What it is called."""
    recipe: Mapping[str, Any] = field(default_factory=dict)
    """What differs from the usual recipe."""
    env: Mapping[str, Any] = field(default_factory=lambda: TURN)
    """The environment."""
    loss: Loss = field(default_factory=Loss)
    """The same, in the reference's words."""


def _trl(name: str, loss: Loss, env: Mapping[str, Any] = TURN, **more: object) -> Variant:
    """A variant by TRL's options; its loss's kind and level follow from the reference's."""
    level = "sequence" if loss.by_sequence else "token"
    trl = {"loss_type": loss.kind, "importance_sampling_level": level, **more}
    held = {} if loss.kind == "sapo" else {"epsilon_high": loss.high}  # which clips nothing
    return Variant(name, {"trl": {**held, **trl}}, env, loss)


TWICE: Mapping[str, Any] = {"updates": 2, "micro_batch": 2, "trl": CLIP}
NARROW = Loss(low=0.02, high=0.02)
VARIANTS = (
    Variant("episode, turn mode"),
    Variant("episode, dialogues", env=DIALOGUE),
    _trl("scale_rewards batch", Loss(), scale_rewards="batch"),
    _trl("scale_rewards none", Loss(), scale_rewards="none"),
    _trl("dr_grpo, scale none", Loss("dr_grpo"), scale_rewards="none"),
    _trl("grpo", Loss("grpo")),
    _trl("grpo, dialogues", Loss("grpo"), DIALOGUE),
    replace(_trl("bnpo", Loss("bnpo")), recipe={"micro_batch": 16, "trl": {"loss_type": "bnpo"}}),
    _trl("cispo", Loss("cispo", high=5.0)),
    _trl("sapo", Loss("sapo")),
    _trl("GSPO", Loss("grpo", by_sequence=True)),
    _trl("sequence level, dapo", Loss("dapo", by_sequence=True)),
    Variant("gdpo", {"aggregation": GDPO}),
    Variant("gdpo, dialogues", {"aggregation": GDPO}, DIALOGUE),
    Variant("branch", {"credit": BRANCH}),
    Variant("branch, dialogues", {"credit": BRANCH}, DIALOGUE),
    Variant("beta .1", {"beta": 0.1}, loss=Loss(beta=0.1)),
    Variant("beta .1, branch", {"beta": 0.1, "credit": BRANCH}, loss=Loss(beta=0.1)),
    Variant("two updates", TWICE, loss=NARROW),
    Variant("two updates, dialogues", TWICE, DIALOGUE, NARROW),
    Variant("two updates, branch", {**TWICE, "credit": BRANCH}, loss=NARROW),
    Variant("two updates, beta .1", {**TWICE, "beta": 0.1}, loss=replace(NARROW, beta=0.1)),
    Variant("overlong mask", {"overlong": "mask", "max_tokens": 40}),
    Variant("temperature .7", {"temperature": 0.7}),
    Variant("thinking required", env={**TURN, "thinking": "required"}),
)
"""All that is compared."""


@dataclass(frozen=True, slots=True)
class Differences:
    """The largest differences of a variant, over its steps."""

    reward: float
    """Of a return."""
    advantage: float
    """Of a token's advantage."""
    logprob: float
    """Of a sampled token's log-probability, in nats."""
    loss: float
    """Of a step's loss."""
    gradient: float
    """Of any entry of a step's gradient."""
    size: float
    """The largest entry of these gradients, to compare with."""
    entropy: float
    """Of the entropy that is logged, in nats."""
    clipped: float | None
    """Of the clipped share that is logged; None for losses without one."""

    @property
    def cells(self) -> list[str]:
        """A row of the table."""
        numbers = (self.reward, self.advantage, self.logprob, self.loss, self.gradient, self.size)
        last = (self.entropy, self.clipped)
        return ["-" if one is None else f"{one:.1e}" for one in (*numbers, *last)]


class Watch(TrainerCallback):  # type: ignore[misc]  # no types where it comes from
    """Keeps the weights and the gradient of every step."""

    def __init__(self) -> None:
        """Begins before the first step."""
        self.weights: list[dict[str, Tensor]] = []
        self.gradients: list[dict[str, Tensor]] = []

    def on_step_begin(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **kwargs: Any,
    ) -> None:
        """Keeps the weights with which the step is computed."""
        self.weights.append({k: v.detach().clone() for k, v in kwargs["model"].named_parameters()})

    def on_pre_optimizer_step(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **kwargs: Any,
    ) -> None:
        """Keeps the gradient."""
        self.gradients.append(
            {
                name: torch.zeros_like(one) if one.grad is None else one.grad.clone()
                for name, one in kwargs["model"].named_parameters()
            }
        )


@dataclass(frozen=True, slots=True)
class Learned:
    """What the trainer did in one variant."""

    recipe: Recipe
    """How it learned."""
    generations: tuple[Generation, ...]
    """What it played."""
    episodes: tuple[tuple[Episode, ...], ...]
    """The same as the environment tells it."""
    watch: Watch
    """Its weights and gradients."""
    log: tuple[Mapping[str, float], ...]
    """What it logged, a line a step."""


def make_policy(folder: Path) -> Path:
    """The folder of a tiny policy with random weights."""
    tokenizer = train_tokenizer(load_tasks(DATA).split("train"), 600)
    shape = TinyModel(layers=2, hidden=32, heads=2, vocabulary=600, initial_std=0.2)
    made = TrainedPolicy(tiny_model(shape, tokenizer, 0), tokenizer, DEMO, "random weights")
    return made.save(folder, made.words)


def learn(variant: Variant, policy: Path, out: Path) -> Learned:
    """Lets the trainer take its steps."""
    loaded = load_policy(policy)
    trl = {"max_grad_norm": 0.0, **variant.recipe.get("trl", {})}
    recipe = Recipe(**{**SIZE, "save_every": 1, **variant.recipe, "trl": trl})
    env = EnvConfig(data=DATA, **variant.env)
    step, played = Step(env, recipe, loaded.tokenizer, folder=out / "episodes"), []

    def player(*given: Any) -> Generation:
        played.append(step(*given))
        return played[-1]

    rollouts = Rollouts(player, loaded.live_maker(recipe.temperature), recipe)
    count, by_turn = recipe.generations * recipe.prompts, env.mode == "turn"
    rows = prompts(load_tasks(DATA).split("train"), count, by_turn=by_turn, seed=0)
    extras = load_rewards(env.rewards)
    config = grpo_config(
        recipe, None, out / "checkpoints", extras=extras, use_cpu=True, save_strategy="no"
    )
    trainer = make_trainer(
        Trainer, loaded.model, loaded.tokenizer, rows, rollouts, config, extras=extras
    )
    watch = Watch()
    trainer.add_callback(watch)
    trainer.train()
    files = [out / "episodes" / f"{number:05d}.jsonl" for number in range(1, len(played) + 1)]
    episodes = tuple(tuple(read_episodes(file)[1]) for file in files)
    log = tuple(line for line in trainer.state.log_history if "loss" in line)
    return Learned(recipe, tuple(played), episodes, watch, log)


def compare(variant: Variant, policy: Path, out: Path) -> Differences:
    """A variant's largest differences from the reference."""
    learned, model = learn(variant, policy, out), load_policy(policy).model.double()
    weights = component_weights(None, load_rewards(tuple(variant.env.get("rewards", ()))))
    tags = thought_tags(load_policy(policy).tokenizer)
    found: list[Differences] = []
    for number, generation in enumerate(learned.generations):
        rows = _rows(generation, learned.episodes[number])
        given = _advantages(rows, learned.recipe, weights, tags)
        before = Whole(rows, given, generation, learned, model, number, 0)
        played = before.read(number * learned.recipe.updates)
        for update in range(learned.recipe.updates):
            step = number * learned.recipe.updates + update
            found.append(_step(variant, replace(before, update=update), played, step))
    return _most(found)


def _most(found: Sequence[Differences]) -> Differences:
    """The largest of each."""

    def most(name: str) -> Any:
        return max((x for one in found if (x := getattr(one, name)) is not None), default=None)

    return Differences(*(most(name) for name in Differences.__slots__))


@dataclass(frozen=True, slots=True)
class Whole:
    """All that one step of the reference needs."""

    rows: Sequence[Row]
    """The generation's rows."""
    advantages: Sequence[Sequence[float]]
    """(B, T) by the reference."""
    generation: Generation
    """What the trainer made of them."""
    learned: Learned
    """All that it did."""
    model: Any
    """A model in double precision, whose weights are set here."""
    number: int
    """The generation's number."""
    update: int
    """The number of the update within it."""

    @property
    def own(self) -> slice:
        """The update's rows."""
        size = len(self.rows) // self.learned.recipe.updates
        return slice(self.update * size, (self.update + 1) * size)

    def at(self, step: int) -> Any:
        """The model before a step."""
        model = copy.deepcopy(self.model)
        with torch.no_grad():
            for name, one in model.named_parameters():
                one.copy_(self.learned.watch.weights[step][name])
        return model

    def read(self, step: int) -> list[tuple[Tensor, Tensor]]:
        """Each row's log-probabilities and entropies before a step."""
        model, temperature = self.at(step), self.learned.recipe.temperature
        with torch.no_grad():
            return [reference.logprobs(model, row, temperature) for row in self.rows]


def _step(
    variant: Variant, whole: Whole, played: Sequence[tuple[Tensor, Tensor]], step: int
) -> Differences:
    recipe, learned, model = whole.learned.recipe, whole.learned, whole.at(step)
    rows = whole.rows[whole.own]
    now = [reference.logprobs(model, row, recipe.temperature)[0] for row in rows]
    start = [one[0] for one in (whole.read(0) if variant.loss.beta else played)[whole.own]]
    masks = [torch.tensor(row.mask).double() for row in rows]
    gains = [torch.tensor(one).double() for one in whole.advantages[whole.own]]
    tokens = sum(sum(row.mask) for row in whole.rows) / recipe.updates
    before = [one[0] for one in played[whole.own]]
    kind = replace(variant.loss, longest=recipe.max_tokens)
    loss, clipped = reference.loss_of(kind, now, before, start, gains, masks, tokens)
    torch.autograd.backward(loss)
    ours, log = learned.watch.gradients[step], learned.log[step]
    theirs = {name: one.grad for name, one in model.named_parameters()}
    logged = log.get("clip_ratio/region_mean")
    return Differences(
        reward=largest([_reward(one) for one in whole.learned.episodes[whole.number]]),
        advantage=_apart(whole),
        logprob=_sampled_apart(whole, [one[0] for one in played]),
        loss=abs(float(loss) - log["loss"]),
        gradient=max(float((ours[name] - one).abs().max()) for name, one in theirs.items()),
        size=max(float(one.abs().max()) for one in theirs.values()),
        entropy=abs(_entropy(whole, [one[1] for one in played]) - log["entropy"]),
        clipped=None if logged is None else abs(logged - clipped),
    )


def _rows(generation: Generation, episodes: Sequence[Episode]) -> list[Row]:
    """The generation's rows, their rewards as the environment tells them."""
    return [
        Row(one.prompt_ids, one.completion_ids, one.env_mask, episode.total, _scores(episode))
        for one, episode in zip(generation.samples, episodes, strict=True)
    ]


def _scores(episode: Episode) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    for step in episode.steps:
        for name, score in step.components.items():
            known = found.get(name)
            found[name] = known if score is None else (known or 0.0) + score
    return found


def _reward(episode: Episode) -> tuple[float, float]:
    """The return, and the sum of weights times scores."""
    paid = [
        step.weights[name] * score
        for step in episode.steps
        for name, score in step.components.items()
        if score is not None
    ]
    return episode.total, sum(paid)


def _advantages(
    rows: Sequence[Row], recipe: Recipe, weights: Mapping[str, float], tags: tuple[int, int] | None
) -> list[list[float]]:
    """(B, T) each token's advantage by the reference."""
    if recipe.credit == BRANCH:
        said, totals = [row.said for row in rows], [row.total for row in rows]
        opened = [reference.opened_before(row, tags) for row in rows]
        return reference.where_they_part(said, totals, recipe.group, tags, opened)
    assert recipe.credit == EPISODE
    if recipe.aggregation == GDPO:
        each = reference.components_above(rows, recipe.group, weights)
    else:
        scale = str(recipe.trl.get("scale_rewards", "group"))
        each = reference.returns_above(rows, recipe.group, scale)
    return [[one] * len(row.said) for one, row in zip(each, rows, strict=True)]


def _apart(whole: Whole) -> float:
    """The largest difference of an advantage."""
    pairs: list[tuple[float, float]] = []
    for ours, theirs in zip(whole.generation.advantages, whole.advantages, strict=True):
        own = ours if isinstance(ours, list) else [float(cast("float", ours))] * len(theirs)
        pairs += zip(own, theirs, strict=True)
    return largest(pairs)


def _sampled_apart(whole: Whole, fresh: Sequence[Tensor]) -> float:
    """The largest difference between kept log-probabilities and those of a fresh forward pass."""
    pairs: list[tuple[float, float]] = []
    for sample, row in zip(whole.generation.samples, fresh, strict=True):
        told = zip(sample.logprobs, row.tolist(), strict=True)
        pairs += [(kept, new) for kept, new in told if kept]  # 0 where others spoke
    return largest(pairs)


def _entropy(whole: Whole, entropies: Sequence[Tensor]) -> float:
    """The mean over all sampled tokens, those included that carry no loss."""
    said = [torch.tensor(sample.logprobs) != 0 for sample in whole.generation.samples]
    every = [row[mask] for row, mask in zip(entropies, said, strict=True)]
    return float(torch.cat(every).mean())


class Recited:
    """A policy that says what gold says: its tokens are those of a policy that plays so."""

    def __init__(self, policy: Policy, gold: Gold, trained: TrainedPolicy) -> None:
        """Takes a policy, whose sampling it replaces, and who tells it what to say."""
        self._policy, self._gold, self._tokenizer = policy, gold, trained.tokenizer
        policy.generate = self._recite
        self._next: list[str] = []

    def act(self, sessions: Sequence[Session]) -> list[str]:
        """Answers as gold does."""
        self._next = self._gold.act(sessions)
        return self._policy.act(sessions)

    def _recite(self, conversations: object, sampling: Sampling) -> list[Completion]:
        end = str(self._tokenizer.eos_token)
        rows = [self._tokenizer.encode(text + end) for text in self._next]
        return [Completion(list(row), [0.0] * len(row)) for row in rows]


def rows_that_differ(policy: Path, data: str = DATA) -> tuple[int, int]:
    """SFT rows that are not, token by token, what a policy reads and says; and all of them."""
    trained, tasks = load_policy(policy), load_tasks(data).tasks
    gold = Gold(tasks, "dialogue", Thinking.OPTIONAL)
    sampling = Sampling(max_new_tokens=1)
    agent = Recited(Policy(trained.model, trained.tokenizer, sampling), gold, trained)
    config = EnvConfig(data=data, split="all")
    played = play(config, agent, [(task.id, None) for task in tasks], batch_size=1)
    rows = rows_of(dialogues(tasks), trained.tokenizer, DEMO.max_length)
    unlike = 0
    for one, ids, mask in zip(played, rows.token_ids, rows.masks, strict=True):
        trajectory = trajectory_of(one)
        said, end = [0] * len(trajectory.prompt_ids) + trajectory.mask, len(trajectory.ids)
        alike = (trajectory.ids, said) == (list(ids[:end]), list(mask[:end]))
        unlike += not alike or any(mask[end:])  # nobody reads the line end after the last message
    return unlike, len(tasks)


@dataclass(frozen=True, slots=True)
class Options:
    """What is compared."""

    only: str | None = None
    """Only variants with this in their name."""
    skip_resume: bool = False
    """Without the pipeline that is killed."""
    out: Path = Path("runs/trainer-reference")
    """Where figures and runs are written."""


def main(argv: Sequence[str] | None = None) -> dict[str, Differences]:
    """Prints the table, writes it as JSON, and returns the differences."""
    about = __doc__
    args = read_options(Options, argv, prog="python -m benchmarks.trainer_reference", about=about)
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    chosen = [one for one in VARIANTS if args.only is None or args.only in one.name]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        policy = make_policy(folder / "policy")
        with progress("Variants", len(chosen)) as advance:
            found = {}
            for one in chosen:
                found[one.name] = compare(one, policy, folder / one.name)
                advance(1)
        unlike, count = rows_that_differ(policy)
    rows = [(name, *one.cells) for name, one in found.items()]
    console().print(plain_table("Trainer and reference, largest differences", HEADS, rows))
    console().print(f"SFT rows that differ from what a policy reads and says: {unlike} of {count}")
    resumed = None if args.skip_resume else resume.main(["--out", str(args.out / "resume")])
    variants = {
        name: {field: getattr(one, field) for field in one.__slots__} for name, one in found.items()
    }
    figures = {"variants": variants, "rows": {"differ": unlike, "of": count}, "resumed": resumed}
    path = write_json(args.out / "trainer_reference.json", {**figures, "machine": machine()})
    console().print(f"Numbers: {path}")
    return found


if __name__ == "__main__":
    run(lambda: main() and None)
