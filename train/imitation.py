"""Imitation by TRL's SFTTrainer: what every supervised stage does with its rows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from datasets import Dataset
from peft import LoraConfig, PeftModel
from transformers import PreTrainedModel, PreTrainedTokenizerBase, PrinterCallback
from trl import SFTConfig, SFTTrainer

from agents.console import console, progress
from train.journal import Journal
from train.profiles import Profile
from train.runs import METRICS, last_checkpoint
from train.samples import Rows

CHECKPOINTS = 4
"""Checkpoints of a run, from which a killed one goes on."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How long and how fast is learned."""

    epochs: float
    """Passes over the rows."""
    lr: float
    """Peak learning rate."""
    seed: int
    """Of the order, and of new adapters."""


def imitate(
    what: str,
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    rows: Rows,
    profile: Profile,
    pace: Pace,
    out: Path,
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

    Returns:
        The trained model, in evaluation mode.
    """
    steps = max(1, round(pace.epochs * len(rows.token_ids) / profile.sft_batch))
    # Encoded rows carry their masks, which TRL turns into labels; its own option
    # assistant_only_loss is for rows that it encodes itself.
    columns = {"input_ids": rows.token_ids, "assistant_masks": rows.masks}
    trainer = SFTTrainer(
        model=model,
        args=_config(profile, pace, steps, out),
        train_dataset=Dataset.from_dict(columns),
        processing_class=tokenizer,
        peft_config=None if isinstance(model, PeftModel) else _lora(profile),
    )
    trainer.remove_callback(PrinterCallback)  # the progress bar and the journal say it better
    with progress(what, steps) as advance:
        trainer.add_callback(Journal(out / METRICS, dict, advance))
        trainer.train(resume_from_checkpoint=last_checkpoint(out))
    trained: PreTrainedModel = trainer.model.eval()
    return trained


def require_rows(rows: Rows, max_length: int) -> None:
    """Refuses an empty lesson.

    Raises:
        ValueError: if there are no rows.
    """
    if not rows.token_ids:
        raise ValueError(
            f"expected assistant messages within {max_length} tokens to imitate, but all "
            f"begin later ({rows.too_long} dialogues) or there is nothing to imitate "
            f"({rows.empty} dialogues); raise --max-length"
        )


def announce(what: str, rows: Rows, max_length: int) -> None:
    """Says what is learned from what, and what was left out."""
    screen = console()
    screen.print(f"{what} · {len(rows.token_ids)} dialogues, {rows.tokens:,} tokens")
    if rows.cut:
        screen.print(
            f"Cut: {rows.cut} dialogues, after their last assistant message within "
            f"{max_length:,} tokens (--max-length)."
        )
    if rows.too_long or rows.empty:
        screen.print(
            f"Left out: {rows.too_long} whose first assistant message is beyond that, {rows.empty} "
            "without a message that can be imitated."
        )


def _lora(profile: Profile) -> LoraConfig | None:
    if profile.lora_rank is None:
        return None
    return LoraConfig(
        r=profile.lora_rank, lora_alpha=2 * profile.lora_rank, target_modules="all-linear"
    )


def _config(profile: Profile, pace: Pace, steps: int, out: Path) -> SFTConfig:
    on_gpu = torch.cuda.is_available()
    return SFTConfig(
        output_dir=str(out),
        max_steps=steps,
        per_device_train_batch_size=profile.micro_batch,
        gradient_accumulation_steps=profile.sft_batch // profile.micro_batch,
        learning_rate=pace.lr,
        lr_scheduler_type="linear",
        warmup_steps=min(50, max(1, steps // 10)),
        weight_decay=0.01,
        adam_beta2=0.95,
        max_length=None,
        train_sampling_strategy="group_by_length",
        bf16=on_gpu,
        use_cpu=not on_gpu,
        activation_checkpointing=on_gpu,
        logging_steps=min(10, max(1, steps // CHECKPOINTS)),
        save_steps=max(1, steps // CHECKPOINTS),
        save_total_limit=2,
        seed=pace.seed,
        report_to=[],
        disable_tqdm=True,
    )
