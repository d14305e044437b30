"""Which of TRL's options change something beside which others, and what its losses clip to.

TRL takes an option that the chosen loss never reads, and trains as if it had not been given. Here
it is refused in a line that says what would give it an effect.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from tools.types import Json

CLIP_HIGHER = 0.28
"""How far the ratio of new to old policy may rise (DAPO's clip-higher, arXiv 2503.14476); it may
fall by TRL's own 0.2."""
CISPO_CAP = 5.0
"""The largest weight of a token under CISPO, which caps the ratio itself and not its distance from
1; the value that TRL recommends for it, after ScaleRL (arXiv 2510.13786)."""
USUAL_LOSS = "dapo"
"""TRL's loss unless one is chosen."""
CLIPPING = ("grpo", "bnpo", "dr_grpo", "dapo", "luspo")
"""The losses that clip the ratio to `1 - epsilon` to `1 + epsilon_high`."""
CISPO = "cispo"

_OF_LOSS: Mapping[str, tuple[str, ...]] = {
    "epsilon": CLIPPING,
    "epsilon_high": (*CLIPPING, CISPO),
    "delta": CLIPPING,
    "sapo_temperature_neg": ("sapo",),
    "sapo_temperature_pos": ("sapo",),
    "vespo_k_pos": ("vespo",),
    "vespo_lambda_pos": ("vespo",),
    "vespo_k_neg": ("vespo",),
    "vespo_lambda_neg": ("vespo",),
    "importance_sampling_level": (*CLIPPING, CISPO, "sapo"),
}
"""An option -> the losses that read it."""
_OF_SWITCH: Mapping[str, str] = {
    "ref_model_mixup_alpha": "sync_ref_model",
    "ref_model_sync_steps": "sync_ref_model",
    "entropy_coef_min": "use_adaptive_entropy",
    "entropy_coef_max": "use_adaptive_entropy",
    "entropy_coef_delta": "use_adaptive_entropy",
    "entropy_target": "use_adaptive_entropy",
    "num_completions_to_print": "log_completions",
    "log_unique_prompts": "log_completions",
    "log_completions_hub_repo": "log_completions",
}
"""An option -> the switch without which TRL never reads it."""
_LEAST: Mapping[str, float] = {"epsilon": 0, "epsilon_high": 0, "delta": 1}
"""The bounds of the ratio that would cut it, or have no order, if they were smaller."""
_OF_KL = ("sync_ref_model", "use_bias_correction_kl")
"""The options of the KL's term, which there is with `--beta` above 0 alone."""


def usual_for(given: Mapping[str, Json]) -> dict[str, Json]:
    """Our defaults of TRL's options, as far as the chosen loss reads them."""
    loss = _loss(given)
    if loss == CISPO:
        return {"epsilon_high": CISPO_CAP}
    return {"epsilon_high": CLIP_HIGHER} if loss in CLIPPING else {}


def require_effect(given: Mapping[str, Json], beta: float) -> None:
    """Refuses options without an effect, and bounds that cut every weight.

    Args:
        given: TRL's names -> values.
        beta: The weight of the KL.

    Raises:
        ValueError: if there is one.
    """
    loss = _loss(given)
    for name in given:
        if loss not in (losses := _OF_LOSS.get(name, (loss,))):
            raise _without(name, f"loss_type {' or '.join(losses)}", f"loss_type {loss}")
        switch = _OF_SWITCH.get(name)
        if switch and not given.get(switch):
            raise _without(name, f"{switch}=true", f"no {switch}")
        if name in _OF_KL and not beta:
            raise _without(name, "--beta above 0", "--beta 0")
        _require_bound(name, given[name])
    cap = given.get("epsilon_high")
    if loss == CISPO and not (isinstance(cap, int | float) and cap >= 1):
        raise ValueError(
            f"expected --trl epsilon_high of 1 or more with loss_type {CISPO}, which caps the "
            f"ratio itself, got {cap!r}: every token's weight would be cut to it; leave it out for "
            f"{CISPO_CAP:g}"
        )


def _require_bound(name: str, value: Json) -> None:
    """Refuses a bound of the ratio that the ratio of 1, where each step begins, is outside of.

    Raises:
        ValueError: if it is one.
    """
    least = _LEAST.get(name)
    if least is None or not isinstance(value, int | float) or value >= least:
        return
    raise ValueError(
        f"expected --trl {name} of {least:g} or more, got {value:g}: every token's weight would be "
        "cut to it from the first step on; leave it out, or give a larger one"
    )


def require_vllm(given: Mapping[str, Json], vllm: bool) -> None:
    """Refuses options of vLLM where the model itself samples the messages.

    Raises:
        ValueError: if there is one.
    """
    if found := None if vllm else next((one for one in given if one.startswith("vllm_")), None):
        raise _without(found, "--vllm", "none")


def clip_range(loss: str, low: float, high: float) -> tuple[float, float]:
    """How far below and above 1 a loss leaves the ratio as it is.

    Args:
        loss: TRL's `loss_type`.
        low: TRL's `epsilon`.
        high: TRL's `epsilon_high`.
    """
    if loss in CLIPPING:
        return low, high
    return (1.0, high - 1) if loss == CISPO else (1.0, math.inf)


def kl_words(given: Mapping[str, Json]) -> str:
    """The estimator of the KL to the policy that training starts from, as TRL computes it."""
    k3 = "k3, exp(d) - 1 - d with d = log pi_start - log pi"
    if given.get("use_bias_correction_kl", True):
        return f"{k3}, times the ratio pi / pi_old"
    return k3


def _loss(given: Mapping[str, Json]) -> str:
    return str(given.get("loss_type", USUAL_LOSS))


def _without(name: str, wanted: str, came: str) -> ValueError:
    return ValueError(
        f"expected {wanted} with --trl {name}, got {came}, where it changes nothing; choose one of "
        "the two"
    )
