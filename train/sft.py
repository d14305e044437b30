"""SFT: the policy learns to say what the recorded assistants said.

    python -m train.sft                                   # tiny model, embedded dialogues
    python -m train.sft --data apigen-mt_5k.json --profile qwen3-1.7b --out runs/apigen

Loss is on the assistants' tokens alone; rules and tool schemas are in every prompt, as they are
when the policy plays. The folder gets the policy, `metrics.jsonl`, and the resolved configuration;
the same command goes on where a killed run stopped.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from datasets import Dataset
from peft import LoraConfig
from transformers import PreTrainedModel, PreTrainedTokenizerBase, PrinterCallback
from transformers.trainer_utils import get_last_checkpoint
from trl import SFTConfig, SFTTrainer

from agents.console import console, progress
from tasks.load import load_tasks
from tasks.types import Task
from train.journal import Journal
from train.model import load_model, tiny_model
from train.policies import CARD, TrainedPolicy
from train.profiles import PROFILES, Profile, TinyModel
from train.results import require_same_plan
from train.samples import Rows, dialogues, rows_of
from train.tokenizer import train_tokenizer

TOKENIZER_TASKS = 1_500
"""So many training dialogues suffice to learn the tiny model's tokenizer."""
CHECKPOINTS = 4
"""Checkpoints of a run, from which a killed one goes on."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to imitate, with what."""

    profile: str
    """Name of the profile."""
    data: str | None
    """What `tasks.load.load_tasks` takes."""
    model: str | None
    """Folder or hub name of the weights to start from; None for the profile's own."""
    tasks: int
    """Training dialogues at most."""
    epochs: float
    """Passes over them."""
    lr: float
    """Peak learning rate."""
    max_length: int
    """Tokens of a dialogue at most; what is longer is cut."""
    seed: int
    """Of weights, order, everything."""


def sft(plan: Plan, out: Path) -> Path:
    """Trains a policy, or goes on doing so.

    Returns:
        The policy's folder.

    Raises:
        ValueError: if the folder holds another run, or there is nothing to imitate.
        FileNotFoundError: if there are no weights to start from.
    """
    require_same_plan(out / "sft.json", asdict(plan))
    if (out / CARD).exists():
        return out
    profile = PROFILES[plan.profile]
    data = load_tasks(plan.data)
    tasks = data.split("train")[: plan.tasks]
    model, tokenizer, base = starting_point(plan, profile, tasks)
    rows = rows_of(dialogues(tasks), tokenizer, plan.max_length)
    _announce(plan, data.source, rows)
    trainer = _trainer(plan, profile, model, tokenizer, rows, out)
    trainer.remove_callback(PrinterCallback)  # the progress bar and the journal say it better
    with progress("SFT", trainer.args.max_steps) as advance:
        trainer.add_callback(Journal(out / "metrics.jsonl", dict, advance))
        trainer.train(resume_from_checkpoint=get_last_checkpoint(str(out)))
    words = f"{plan.model or profile.name} + SFT on {len(rows.token_ids)} of {data.source}"
    return TrainedPolicy(trainer.model.eval(), tokenizer, profile, words, base).save(out, words)


def base_policy(plan: Plan, out: Path) -> Path:
    """Saves the policy from which `sft` with the same plan starts, untrained."""
    if (out / CARD).exists():
        return out
    profile = PROFILES[plan.profile]
    tasks = load_tasks(plan.data).split("train")[: plan.tasks]
    model, tokenizer, base = starting_point(plan, profile, tasks)
    words = f"{plan.model or profile.name}, untrained"
    return TrainedPolicy(model, tokenizer, profile, words, base).save(out, words)


def starting_point(
    plan: Plan, profile: Profile, tasks: Sequence[Task]
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase, str | None]:
    """Weights, tokenizer, and where the weights come from if they will stay as they are."""
    if plan.model is None and isinstance(profile.base, TinyModel):
        tokenizer = train_tokenizer(tasks[:TOKENIZER_TASKS], profile.base.vocabulary)
        return tiny_model(profile.base, tokenizer, plan.seed), tokenizer, None
    name = plan.model or str(profile.base)
    model, tokenizer = load_model(name)
    return model, tokenizer, name if profile.lora_rank else None


def _trainer(
    plan: Plan,
    profile: Profile,
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    rows: Rows,
    out: Path,
) -> SFTTrainer:
    """TRL's trainer, with the steps counted out so that the end is known."""
    if not rows.token_ids:
        raise ValueError(
            f"expected assistant messages within {plan.max_length} tokens to imitate, but all "
            f"begin later ({rows.too_long} dialogues) or there is nothing to imitate "
            f"({rows.empty} dialogues); raise --max-length"
        )
    steps = max(1, round(plan.epochs * len(rows.token_ids) / profile.sft_batch))
    # Encoded rows carry their masks, which TRL turns into labels; its own option
    # assistant_only_loss is for rows that it encodes itself.
    columns = {"input_ids": rows.token_ids, "assistant_masks": rows.masks}
    return SFTTrainer(
        model=model,
        args=_config(plan, profile, steps, out),
        train_dataset=Dataset.from_dict(columns),
        processing_class=tokenizer,
        peft_config=_lora(profile),
    )


def _lora(profile: Profile) -> LoraConfig | None:
    if profile.lora_rank is None:
        return None
    return LoraConfig(
        r=profile.lora_rank, lora_alpha=2 * profile.lora_rank, target_modules="all-linear"
    )


def _config(plan: Plan, profile: Profile, steps: int, out: Path) -> SFTConfig:
    on_gpu = torch.cuda.is_available()
    return SFTConfig(
        output_dir=str(out),
        max_steps=steps,
        per_device_train_batch_size=profile.micro_batch,
        gradient_accumulation_steps=profile.sft_batch // profile.micro_batch,
        learning_rate=plan.lr,
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
        seed=plan.seed,
        report_to=[],
        disable_tqdm=True,
    )


def _announce(plan: Plan, source: str, rows: Rows) -> None:
    """Says what is learned from what, and what was left out."""
    screen = console()
    screen.print(
        f"SFT · {plan.model or plan.profile} · {source} · {len(rows.token_ids)} dialogues, "
        f"{rows.tokens:,} tokens"
    )
    if rows.cut:
        screen.print(
            f"Cut: {rows.cut} dialogues, after their last assistant message within "
            f"{plan.max_length:,} tokens (--max-length)."
        )
    if rows.too_long or rows.empty:
        screen.print(
            f"Left out: {rows.too_long} whose first assistant message is beyond that, {rows.empty} "
            "without a message that can be imitated."
        )


def main(argv: Sequence[str] | None = None) -> Path:
    """Trains as the command line says; returns the policy's folder."""
    args = _parser().parse_args(argv)
    profile = PROFILES[args.profile]
    plan = Plan(
        profile=args.profile,
        data=args.data,
        model=args.model,
        tasks=args.tasks or profile.sft_tasks,
        epochs=args.epochs or profile.sft_epochs,
        lr=args.lr or profile.sft_lr,
        max_length=args.max_length or profile.max_length,
        seed=args.seed,
    )
    folder = sft(plan, args.out)
    console().print(f"Policy:   {folder}")
    console().print(f"Evaluate: python -m train.evaluate --policy {folder}")
    return folder


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m train.sft",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--profile", default="demo", choices=list(PROFILES))
    parser.add_argument("--data", help="path, hub, desk:N[:SEED]; default: the embedded set")
    parser.add_argument("--model", help="folder or hub name of the weights to start from")
    parser.add_argument("--tasks", type=int, help="training dialogues at most")
    parser.add_argument("--epochs", type=float, help="passes over them")
    parser.add_argument("--lr", type=float, help="peak learning rate")
    parser.add_argument("--max-length", type=int, help="tokens of a dialogue at most")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("runs/sft"))
    return parser


if __name__ == "__main__":
    main()
