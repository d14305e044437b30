"""TRL's own options, as a recipe passes them on: `--trl KEY=VALUE`.

Their names and types come from TRL's configuration, so we keep no list of them. Unknown names,
values
of another type, and options that the recipe, the command line or our own code sets are refused
before anything is loaded or played.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from tools.types import Json

OWNED: Mapping[str, tuple[str, ...]] = {
    "use --out": ("output_dir", "run_name"),
    "use --generations": ("max_steps", "num_train_epochs"),
    "use --prompts and --group": ("generation_batch_size", "num_generations"),
    "use --updates": ("steps_per_generation", "num_iterations", "gradient_accumulation_steps"),
    "it is the profile's micro_batch": ("per_device_train_batch_size", "auto_find_batch_size"),
    "use --grpo-lr": ("learning_rate",),
    "use --beta": ("beta",),
    "use --aggregation": ("multi_objective_aggregation",),
    "use the weights of the components": ("reward_weights",),
    "use --temperature": ("temperature",),
    "use --max-tokens": ("max_completion_length",),
    "use --overlong mask": ("mask_truncated_completions",),
    "use --seed": ("seed", "data_seed"),
    "use --save-every": ("save_steps", "save_strategy", "save_only_model"),
    "give the same command again": ("resume_from_checkpoint", "ignore_data_skip"),
    "use --report-to": ("report_to",),
    "use --vllm and its options": (
        *("use_vllm", "vllm_mode", "vllm_server_base_url", "vllm_server_host", "vllm_server_port"),
        "vllm_gpu_memory_utilization",
    ),
    "use --eval-every": ("eval_strategy", "eval_steps", "eval_on_start", "do_eval"),
    "use --precision": ("bf16", "fp16"),
    "the device decides": ("use_cpu", "activation_checkpointing", "gradient_checkpointing"),
    "train.rl.trainer computes the loss on trimmed batches": ("use_liger_kernel",),
    "the prompts are planned in order, and the journal has a line a step": (
        *("shuffle_dataset", "remove_unused_columns", "logging_steps", "logging_strategy"),
        *("logging_first_step", "disable_tqdm"),
    ),
    "agents.policy samples the messages": (
        *("top_p", "top_k", "min_p", "repetition_penalty", "generation_kwargs"),
        *("cache_implementation", "chat_template_kwargs", "max_tool_calling_iterations"),
        *("use_transformers_continuous_batching", "use_transformers_paged"),
    ),
}
"""What to use instead -> TRL's names, which `--trl` therefore refuses."""
CHOICES: Mapping[str, tuple[str, ...]] = {
    "loss_type": ("grpo", "bnpo", "dr_grpo", "dapo", "luspo", "cispo", "sapo", "vespo"),
    "importance_sampling_level": ("token", "sequence"),
    "scale_rewards": ("group", "batch", "none"),
}
"""TRL's name -> its words, which TRL itself checks only after a whole generation."""


def pairs(texts: Sequence[str]) -> dict[str, str]:
    """`KEY=VALUE` each, as a mapping; the last one of a key counts.

    >>> pairs(["loss_type=dr_grpo", "epsilon=0.1"])
    {'loss_type': 'dr_grpo', 'epsilon': '0.1'}

    Raises:
        ValueError: for another form.
    """
    found = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not (key and equals):
            raise ValueError(f"expected --trl KEY=VALUE, got {text!r}")
        found[key] = value
    return found


def typed(options: Mapping[str, object], config: type) -> dict[str, Json]:
    """The options with values of TRL's types; values that have their type already stay.

    Args:
        options: TRL's names -> values, or texts of them as the command line has them.
        config: TRL's configuration, a dataclass.

    Raises:
        ValueError: for a name that TRL does not have or that is not to be chosen here, and for a
            value of another type.
    """
    hints = get_type_hints(config)
    known = [one.name for one in fields(config)]
    return {name: _checked(name, given, known, hints) for name, given in options.items()}


def _checked(name: str, given: object, known: Sequence[str], hints: Mapping[str, Any]) -> Json:
    if name not in known:
        near = "".join(f"; perhaps {one}" for one in difflib.get_close_matches(name, known, 1))
        raise ValueError(f"expected an option of TRL's GRPOConfig for --trl, got {name!r}{near}")
    for instead, owned in OWNED.items():
        if name in owned:
            raise ValueError(f"expected --trl without {name!r}: {instead}")
    wanted = _members(hints[name])
    for value in _readings(given):
        kinds = [one for one in wanted if _is(value, one)]
        if kinds:  # torch refuses a whole number beside a float (`adam_beta1=0`)
            return _chosen(name, float(value) if kinds == [float] else value)  # type: ignore[arg-type]
    words = " or ".join(_word(one) for one in wanted)
    raise ValueError(f"expected {words} for --trl {name}, got {given!r}")


def _chosen(name: str, value: Any) -> Json:
    if name in CHOICES and value not in CHOICES[name]:
        words = " or ".join(CHOICES[name])
        raise ValueError(f"expected {words} for --trl {name}, got {value!r}")
    found: Json = value
    return found


def _readings(given: object) -> list[object]:
    """The readings of a text: the JSON in it, or the text itself; any other value is itself.

    >>> _readings("0.1"), _readings("none"), _readings("true"), _readings(0.1)
    ([0.1, '0.1'], ['none'], [True, 'true'], [0.1])
    """
    if not isinstance(given, str):
        return [given]
    try:
        return [json.loads(given.lower() if given in ("True", "False") else given), given]
    except ValueError:
        return [given]


def _members(hint: Any) -> tuple[Any, ...]:
    """The types of a union, or the one type."""
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)


def _is(value: object, wanted: Any) -> bool:
    """Whether a value is of a type: whole numbers are also floats, but truth values not numbers."""
    if get_origin(wanted) is Literal:
        return value in get_args(wanted)
    kind = get_origin(wanted) or wanted
    if isinstance(value, bool) or kind is bool:
        return isinstance(value, bool) and kind is bool
    return isinstance(value, int | float if kind is float else kind)


def _word(wanted: Any) -> str:
    return "null" if wanted is NoneType else str(getattr(wanted, "__name__", wanted))
