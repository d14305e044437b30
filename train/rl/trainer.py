"""TRL's GRPOTrainer, computing only what changes the policy; see `train.rl.bridge`."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from trl import GRPOTrainer

from agents.beginning import can_share
from train.imitation.compact import labelled_tokens_alone
from train.imitation.read_once import OnceRead
from train.rl.all_tokens import ENTROPY, AllTokens
from train.rl.batches import as_tensor, has_advantage
from train.rl.playing import sampling
from train.rl.shared_prefix import (
    by_group,
    only_beginning,
    score,
    score_after,
    shared_beginnings,
    shared_by_all,
)
from train.rl.step import Generation, trim
from train.rl.stillness import Stillness, nothing
from train.rl.trl_effects import clip_range
from train.rl.update_kl import Batch, UpdateKL, sampled
from train.runs import processes
from train.runs.gives_back import GivesBack
from train.runs.recomputation import anew_if_long, recomputes
from train.runs.schedule import FromTheFirstStep

if TYPE_CHECKING:
    from transformers import PreTrainedModel

    from train.rl.heldout import HeldOut

GROUP = "group"
"""The column of a generation that numbers its groups."""
COMPARED = ("old_per_token_logps", "ref_per_token_logps")
"""The columns that the loss compares with its log-probabilities; both are 0 for masked tokens."""


class Trainer(FromTheFirstStep, GRPOTrainer):
    """A GRPOTrainer that computes only what changes the policy.

    TRL pads all rows of a generation to its longest prompt and completion, and runs the model over
    groups with equal returns. Here each micro-batch is cut to its own longest row. Micro-batches
    and rows without an advantage, and tokens after a row's last one with an advantage, are dropped
    unless another term (a KL, an entropy bonus, a mean over rows) counts them. The model reads the
    common beginning of a group's rows once for all of them, and then does not score the tokens of
    tools and users: where it can attend to one copy (`agents.beginning`) once for all micro-batches
    of the group, and the rules with which all groups begin once a step, elsewhere once a
    micro-batch, except where activations are computed anew, which
    works without a cache. The gradient is the same. The loss uses the advantages of the generation,
    one a row or one a token. A step without any leaves the weights as they are. The generation's
    statistics and the step's update KL go to the journal and to all trackers.
    """

    _buffered_inputs: Any

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._update_kl = UpdateKL(*clip_range(self.loss_type, self.epsilon_low, self.epsilon_high))
        self._moved: dict[str, float] = {}
        self._held_out: HeldOut | None = None
        self._seen: Batch | None = None
        self._once: OnceRead | None = None
        self._rules: OnceRead | None = None
        self._shared = 0
        self._until_learned = ExitStack()
        self._taught = False
        self._all_tokens = AllTokens(self.loss_type)
        self.add_callback(Stillness(self._teaches))
        self.add_callback(GivesBack())
        self._keeps = not recomputes(self.args)
        self._drops_rows = self._counts_tokens_with_advantage_alone()
        self._cuts_rows = (
            self._drops_rows
            and self.importance_sampling_level == "token"  # else every token is in the ratio
            and self.off_policy_mask_threshold is None  # else in the row's KL
        )

    def _counts_tokens_with_advantage_alone(self) -> bool:
        """Whether only tokens with an advantage have a part in the gradient."""
        return (
            self.loss_type in ("dapo", "cispo")  # normalised over the whole generation
            and self.accelerator.num_processes == 1  # several gather a number of every row
            and self.beta == 0
            and not self.aux_loss_enabled
            and not self._entropy_bonus_enabled
            and self.top_entropy_quantile == 1
        )

    def watch(self, held_out: HeldOut) -> None:
        """Adds the evaluation on held-out tasks, whose results are logged with the step."""
        self._held_out = held_out
        held_out.around = self.accelerator.autocast
        self.add_callback(held_out)

    def observed(self) -> dict[str, float]:
        """The step's log: statistics of its generation, held-out results, update KL."""
        generation: Generation = self.rollout_func.latest
        looked = self._held_out.found if self._held_out else {}
        return {**generation.observed, **looked, **self._moved}

    def train(self, *args: Any, **kwargs: Any) -> Any:
        """Trains, as TRL does."""
        with labelled_tokens_alone():
            return super().train(*args, **kwargs)

    def _prepare_inputs(self, generation_batch: Any) -> Any:
        before = self._buffered_inputs
        inputs = super()._prepare_inputs(generation_batch)
        if self._buffered_inputs is before:
            return inputs
        self._buffered_inputs = by_group(self._buffered_inputs, GROUP)
        self._shared = shared_by_all(self._buffered_inputs)
        return self._buffered_inputs[self._step % self.args.steps_per_generation]

    def _generate_and_score_completions(self, inputs: list[dict[str, Any]]) -> dict[str, Any]:
        batch: dict[str, Any] = super()._generate_and_score_completions(inputs)
        generation: Generation = self.rollout_func.latest  # TRL has just called `rollout_func`
        batch["advantages"] = as_tensor(generation.advantages, like=batch["completion_mask"])
        batch[GROUP] = torch.arange(len(batch["advantages"])) // self.num_generations
        return batch

    def training_step(self, *args: Any, **kwargs: Any) -> Tensor:
        """A micro-batch's forward and backward passes; the beginning's before the weights move."""
        with ExitStack() as self._until_learned:
            loss: Tensor = super().training_step(*args, **kwargs)
        if self.accelerator.sync_gradients:
            self._pass_on()
            rules, self._rules = self._rules, None
            if rules is not None:
                rules.pass_on()
        return loss

    def _pass_on(self) -> None:
        """Passes what micro-batches have learned on into what their group begins with."""
        once, self._once = self._once, None
        if once is not None:
            once.pass_on()

    def _read(self, model: PreTrainedModel, first: Tensor) -> OnceRead:
        """A beginning; neither the last one's nor what all begin with is read again."""
        if self._once is None or not torch.equal(self._once.ids, first):
            self._pass_on()
            shared = self._shared if self._shared < len(first) else 0
            if shared and self._rules is None:
                self._rules = OnceRead(model, first[:shared])
            after = self._rules if shared else None
            self._once = OnceRead(model, first[shared:], after)
        return self._once

    def _teaches(self) -> bool:
        """Whether the step that is due has a gradient that is more than rounding.

        Asked once a step, by all processes. Where no row has an advantage, other terms may have
        one: an entropy bonus, a router's loss, and the KL as soon as a step has led away from the
        policy that training starts from.
        """
        taught, self._taught = any(processes.gathered(self._taught)), False
        away = self.beta != 0 and bool(self.optimizer.state)
        return taught or away or self._entropy_bonus_enabled or self.aux_loss_enabled

    def _compute_loss(self, model: Any, inputs: dict[str, Any]) -> Tensor:
        teaches = has_advantage(inputs["advantages"], sampled(inputs))
        self._taught = self._taught or teaches
        by_row = self.importance_sampling_level != "token" and inputs["advantages"].dim() == 1
        if self._drops_rows and not teaches:
            self._all_tokens.leave_out(inputs, by_row=by_row)
            return nothing(model)
        self._seen = trim(inputs, rows=self._drops_rows, tokens=self._cuts_rows)
        self._all_tokens.add(self._seen, inputs, by_row=by_row)
        said = sampled(self._seen)
        others = {
            key: self._seen[key] * said for key in COMPARED if self._seen.get(key) is not None
        }
        loss: Tensor = super()._compute_loss(model, {**self._seen, **others})
        return loss

    def _get_per_token_logps_and_entropies(self, *args: Any, **kwargs: Any) -> Any:
        if self._seen is None:  # called before the loss
            return self._scored(*args, **kwargs)
        seen, self._seen = self._seen, None
        said = sampled(seen)
        logprobs, *rest = self._learned(*args, **kwargs, said=said)
        self._update_kl.see(seen, logprobs)
        return logprobs * said, *rest

    def _learned(
        self, model: Any, ids: Tensor, mask: Tensor, kept: int, *, said: Tensor, **kwargs: Any
    ) -> tuple[Tensor, Tensor | None, Tensor | None]:
        """`_scored` for the loss, whose gradients may wait for those of other micro-batches."""
        plain = kwargs.get("batch_size") or kwargs["compute_aux_loss"]
        first = None if plain or not can_share(model) else only_beginning(ids, mask, kept)
        if first is None:
            return self._scored(model, ids, mask, kept, said=said, **kwargs)
        own = ids.numel() - len(ids) * len(first)
        with self.accelerator.autocast():
            once = self._read(model, first)
            self._until_learned.enter_context(once.attended())
            with anew_if_long(model, own):
                logprobs, entropies = score_after(once, model, ids, mask, said)
        return logprobs, entropies, None

    def _scored(
        self,
        model: Any,
        ids: Tensor,
        mask: Tensor,
        kept: int,
        *args: Any,
        said: Tensor | None = None,
        **kwargs: Any,
    ) -> tuple[Tensor, Tensor | None, Tensor | None]:
        """Log-probabilities, entropies and a router's loss, in TRL's form."""
        plain = not self._keeps or args or kwargs.get("batch_size") or kwargs["compute_aux_loss"]
        shared = None if plain else shared_beginnings(ids, mask, kept)
        if shared is None:
            found: tuple[Tensor, Tensor | None, Tensor | None] = (
                super()._get_per_token_logps_and_entropies(model, ids, mask, kept, *args, **kwargs)
            )
            return found
        with self.accelerator.autocast():
            logprobs, entropies = score(model, ids, mask, shared, said)
        return logprobs, entropies, None

    def _again(self, batch: Batch) -> Tensor:
        """(B, C) log-probabilities under the current policy."""
        ids = torch.cat([batch["prompt_ids"], batch["completion_ids"]], dim=1)
        mask = torch.cat([batch["prompt_mask"], batch["completion_mask"]], dim=1)
        width = batch["completion_ids"].shape[1]
        with sampling(self.accelerator.unwrap_model(self.model_wrapped)):
            return self._scored(
                self.model_wrapped, ids, mask, width, said=sampled(batch), compute_aux_loss=False
            )[0]

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """Logs the step's own statistics, too."""
        if "loss" in logs:  # a step, not the summary at the end
            self._moved = self._update_kl.measure(self._again)
            observed = self.observed()
            logs = {**logs, **observed}
            metrics = self._metrics["train"]
            corrected = self._all_tokens.corrected(metrics, observed.get(ENTROPY))
            metrics.clear()
            metrics.update(corrected)
        super().log(logs, start_time)
