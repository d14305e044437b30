r"""TRL's GRPOTrainer with a script of one's own: a rollout function with the user's turns in it.

pip install -e '.[train]'
python examples/doors/trl_rollouts.py [MODEL]
"""

import sys

import torch
from datasets import Dataset
from transformers import AutoTokenizer
from trl import GRPOConfig, GRPOTrainer

from agents.trl import paid, prompt_rows, rollout_func


def train(model: str, steps: int = 2, **made: str) -> GRPOTrainer:
    """Trains a model for a few steps on the tasks of an environment."""
    trainer = GRPOTrainer(
        model=model,
        processing_class=AutoTokenizer.from_pretrained(model),
        train_dataset=Dataset.from_list(prompt_rows(**made)),
        rollout_func=rollout_func(message_tokens=64, **made),
        reward_funcs=[paid],
        args=GRPOConfig(
            "runs/trl", max_steps=steps, num_generations=4, per_device_train_batch_size=4,
            max_completion_length=512, logging_steps=1, report_to=[], save_strategy="no",
            bf16=torch.cuda.is_available(), use_cpu=not torch.cuda.is_available(),
        ),
    )  # fmt: skip
    trainer.train()
    return trainer


if __name__ == "__main__":
    train(*(sys.argv[1:2] or ["train/weights/reasonact-tiny"]), data="kaleidoscope:40")
