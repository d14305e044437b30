"""Imitation by TRL's SFTTrainer: what every supervised stage does with its rows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import torch
from datasets import Dataset
from datasets.utils.logging import disable_progress_bar
from peft import LoraConfig, PeftModel, get_peft_model
from torch import Tensor, nn
from transformers import PreTrainedModel, PreTrainedTokenizerBase, PrinterCallback, TrainerCallback
from trl import SFTConfig, SFTTrainer

from agents.beginning import can_share
from agents.console import console, progress
from train.imitation.compact import labelled_tokens_alone
from train.imitation.order import PassOrder
from train.imitation.read_once import Continues, through_families
from train.imitation.samples import Rows
from train.models import new_rows
from train.models.precision import precision_of, require_whole_weights
from train.models.profiles import Profile
from train.models.tied import leave_out_tied
from train.runs import processes
from train.runs.freed import give_back_of
from train.runs.gives_back import GivesBack
from train.runs.journal import Journal
from train.runs.precision_option import AUTO, BFLOAT16
from train.runs.recomputation import LONG, anew_if_long, recomputation, room
from train.runs.run import METRICS, last_checkpoint
from train.runs.schedule import FromTheFirstStep, warm_up

CHECKPOINTS = 4
"""Checkpoints of a run; a killed run goes on from the last one, and so loses about a quarter."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a model learns, and how fast."""

    epochs: float
    """Passes over the rows."""
    lr: float
    """Peak learning rate."""
    seed: int
    """Seed of the order, and of new adapters."""
    precision: str = AUTO
    """In which numbers it computes."""


class Imitator(FromTheFirstStep, SFTTrainer):
    """SFTTrainer whose killed runs go on in the order of unbroken ones, in every pass.

    What the rows of an optimiser step begin with is read once, where the model can do so.
    """

    rows_at_a_time: int | None = None
    """Rows of one forward and backward pass at most, of those that a training step gets; None for
    all."""
    _shared = 0

    def training_step(
        self, model: nn.Module, inputs: dict[str, Tensor], num_items_in_batch: Tensor | None = None
    ) -> Tensor:
        """A step's forward and backward passes; returns the loss."""
        step = super().training_step
        if self.rows_at_a_time is None:
            return step(model, inputs, num_items_in_batch)  # type: ignore[no-any-return]

        trained = cast("PreTrainedModel", model)

        def learn(part: dict[str, Tensor], shared: int) -> Tensor:
            self._shared = shared
            loss: Tensor = step(model, part, num_items_in_batch)
            if part["input_ids"].numel() >= room(trained):
                give_back_of(trained)
            return loss

        return through_families(trained, inputs, self.rows_at_a_time, learn)

    def compute_loss(
        self, model: nn.Module, inputs: dict[str, Tensor], *args: Any, **kwargs: Any
    ) -> Any:
        """TRL's loss, of rows that may go on after a beginning."""
        called = Continues(model, self._shared) if self._shared else model
        if self.rows_at_a_time is None:
            return super().compute_loss(called, inputs, *args, **kwargs)
        with anew_if_long(cast("PreTrainedModel", model), inputs["input_ids"].numel()):
            return super().compute_loss(called, inputs, *args, **kwargs)

    def _get_train_sampler(self, train_dataset: Dataset | None = None) -> PassOrder:
        rows = self.train_dataset if train_dataset is None else train_dataset
        batch = self.args.train_batch_size * self.args.gradient_accumulation_steps
        # Grouped over a whole optimiser step, as the library does it.
        sampler = PassOrder(batch, lengths=[len(ids) for ids in rows["input_ids"]])
        sampler.seed = self.args.seed
        return sampler

    def _load_from_checkpoint(self, checkpoint: str, model: PreTrainedModel | None = None) -> None:
        """Loads a checkpoint, and restores TRL's count of tokens, which TRL does not save."""
        super()._load_from_checkpoint(checkpoint, model)
        self._total_train_tokens = tokens_until(Path(checkpoint))


def tokens_until(checkpoint: Path) -> float:
    """The count of tokens in a checkpoint's last log."""
    state = json.loads((checkpoint / "trainer_state.json").read_text(encoding="utf-8"))
    counts = [line["num_tokens"] for line in state["log_history"] if "num_tokens" in line]
    return float(counts[-1]) if counts else 0.0


def imitate(
    what: str,
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    rows: Rows,
    profile: Profile,
    pace: Pace,
    out: Path,
    added: Sequence[int] = (),
    callbacks: Sequence[TrainerCallback] = (),
) -> PreTrainedModel:
    """Trains a model on rows, going on from the folder's last checkpoint if it has one.

    Args:
        what: The stage's name, for the progress bar.
        model: Where to start; gets LoRA adapters if the profile wants them and it has none.
        tokenizer: Its tokenizer.
        rows: What to imitate.
        profile: Batch, adapters.
        pace: How long and how fast.
        out: The folder for checkpoints and journal.
        added: Tokens that were added, whose rows are trained beside adapters.
        callbacks: What else the trainer tells of its steps.

    Returns:
        The trained model, in evaluation mode.
    """
    disable_progress_bar()  # of rows and labels; the stage's own says how far it is
    model = _adapted(model, profile, pace.seed, added)
    require_whole_weights(model)
    leave_out_tied(model)
    pace = replace(pace, precision=precision_of(out, pace.precision, model))
    trainer = _trainer(model, tokenizer, rows, profile, pace, out)
    for callback in (*callbacks, GivesBack()):
        trainer.add_callback(callback)
    with labelled_tokens_alone(), progress(what, trainer.args.max_steps) as advance:
        trainer.add_callback(Journal(out / METRICS, dict, advance))
        trainer.train(resume_from_checkpoint=last_checkpoint(out))
    trained: PreTrainedModel = trainer.model.eval()
    return trained


def _trainer(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    rows: Rows,
    profile: Profile,
    pace: Pace,
    out: Path,
) -> Imitator:
    """TRL's trainer for these rows, which takes them in parts where the model can share."""
    # Steps instead of epochs: bar, checkpoints and the rate's decay need their number first.
    steps = max(1, round(pace.epochs * len(rows.token_ids) / profile.sft_batch))
    # Encoded rows carry their masks, which TRL turns into labels; its own option
    # assistant_only_loss is for rows that it encodes itself.
    columns = {"input_ids": rows.token_ids, "assistant_masks": rows.masks}
    in_parts = processes.count() == 1 and can_share(model)
    long = not in_parts and max(map(len, rows.token_ids)) >= LONG
    trainer = Imitator(
        model=model,
        args=sft_config(profile, pace, steps, out, in_parts=in_parts, long=long),
        train_dataset=Dataset.from_dict(columns),
        processing_class=tokenizer,
    )
    if in_parts:
        trainer.rows_at_a_time = profile.micro_batch
    trainer.remove_callback(PrinterCallback)  # the progress bar and the journal say it better
    return trainer


def require_rows(rows: Rows, max_length: int) -> None:
    """Makes sure that there is something to learn.

    Raises:
        ValueError: if there are no rows.
    """
    if not rows.token_ids:
        raise ValueError(
            f"expected assistant messages within {max_length} tokens to imitate, got dialogues in "
            f"which none ends by then ({rows.too_long}) or none can be imitated ({rows.empty}); "
            "raise --max-length"
        )


def announce(what: str, rows: Rows, max_length: int) -> None:
    """Says what the model learns from, and what is left out."""
    screen = console()
    screen.print(f"{what} · {len(rows.token_ids)} dialogues, {rows.tokens:,} tokens")
    if rows.cut:
        screen.print(
            f"Cut: {rows.cut} dialogues, after their last assistant message within "
            f"{max_length:,} tokens (--max-length)."
        )
    if rows.too_long or rows.empty:
        screen.print(
            f"Left out: {rows.too_long} in which no assistant message ends by then, {rows.empty} "
            "without a message that can be imitated."
        )


def _adapted(
    model: PreTrainedModel, profile: Profile, seed: int, rows: Sequence[int] = ()
) -> PreTrainedModel:
    """The model with LoRA adapters, if the profile wants them.

    A cold start goes on with SFT's adapters; a second pair on top would be another model. New
    tokens' rows are trained with the adapters (`train.models.additions` says why they have to be).
    """
    if profile.lora_rank is None or isinstance(model, PeftModel):
        return model
    # All linear layers, as in QLoRA (arXiv 2305.14314); alpha = 2 r is a common choice, untuned.
    rank = profile.lora_rank
    config = LoraConfig(
        r=rank,
        lora_alpha=2 * rank,
        target_modules="all-linear",
        trainable_token_indices=new_rows.tables(model, rows),
    )
    torch.manual_seed(seed)
    return new_rows.without_new_rows(get_peft_model(model, config), rows)


def sft_config(
    profile: Profile,
    pace: Pace,
    steps: int,
    out: Path,
    *,
    in_parts: bool = False,
    long: bool = False,
) -> SFTConfig:
    """TRL's options; schedule, decay and betas are usual values, chosen by hand and untuned.

    Args:
        profile: Batch.
        pace: Rate, seed, precision.
        steps: Optimiser steps.
        out: The folder of checkpoints.
        in_parts: Whether a training step gets all rows of an optimiser step and divides them.
        long: Whether there are rows whose activations take too much memory to be kept.
    """
    on_gpu = torch.cuda.is_available()
    alone = 1 if long else profile.micro_batch
    rows = profile.sft_batch if in_parts else alone
    log_every = min(10, max(1, steps // CHECKPOINTS))
    save_every = max(log_every, steps // CHECKPOINTS // log_every * log_every)  # just after a log
    return SFTConfig(
        output_dir=str(out),
        max_steps=steps,
        per_device_train_batch_size=rows,
        gradient_accumulation_steps=profile.sft_batch // rows,
        learning_rate=pace.lr,
        lr_scheduler_type="linear",
        warmup_steps=warm_up(50, steps),
        weight_decay=0.01,
        adam_beta2=0.95,
        max_length=None,  # `samples.rows_of` has cut the rows, at the end of a message
        train_sampling_strategy="group_by_length",
        bf16=pace.precision == BFLOAT16,  # autocast: weights and Adam's moments stay in float32
        use_cpu=not on_gpu,
        **recomputation(on_gpu or long),
        logging_steps=log_every,
        save_steps=save_every,
        save_total_limit=2,  # a kill may cut the newer one short
        seed=pace.seed,
        report_to=[],  # the journal has all the numbers
        disable_tqdm=True,
    )
