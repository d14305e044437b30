r"""TRL's GRPOTrainer with a script of one's own: tools as methods, and the user as one more tool.

pip install -e '.[train]'
python examples/doors/trl_environments.py MODEL

The model's chat template has to be one whose calls TRL can read, such as Qwen3's.
"""

import sys

import torch
from datasets import Dataset
from transformers import AutoTokenizer
from trl import GRPOConfig, GRPOTrainer

from agents.trl import environment_factory, paid, task_rows


def train(model: str, steps: int = 2, **made: str) -> GRPOTrainer:
    """Trains a model for a few steps on the tasks of an environment."""
    trainer = GRPOTrainer(
        model=model,
        processing_class=AutoTokenizer.from_pretrained(model),
        train_dataset=Dataset.from_list(task_rows(**made)),
        environment_factory=environment_factory(**made),
        reward_funcs=[paid],
        args=GRPOConfig(
            "runs/trl", max_steps=steps, num_generations=4, per_device_train_batch_size=4,
            max_completion_length=512, logging_steps=1, report_to=[], save_strategy="no",
            bf16=torch.cuda.is_available(), use_cpu=not torch.cuda.is_available(),
            max_tool_calling_iterations=8,
        ),
    )  # fmt: skip
    trainer.train()
    return trainer


if __name__ == "__main__":
    train(sys.argv[1], data="desk:40")
