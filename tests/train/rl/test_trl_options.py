"""TRL's own options: read by its types, and refused before anything is loaded."""

import math
from pathlib import Path

import pytest
from trl import GRPOConfig

from train.rl.bridge import DEFAULTS, grpo_config, trl_options
from train.rl.recipe import Recipe, as_today, read_trl
from train.rl.trl_effects import CISPO_CAP, CLIP_HIGHER, clip_range, require_vllm
from train.rl.trl_options import CHOICES, OWNED, pairs


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("epsilon=0.1", 0.1),
        ("weight_decay=1", 1.0),
        ("adam_beta1=0", 0.0),
        ("epsilon_high=null", None),
        ("loss_type=dr_grpo", "dr_grpo"),
        ("scale_rewards=none", "none"),
        ("ref_model_sync_steps=64", 64),
        ("use_bias_correction_kl=False", False),
        ("optim=sgd", "sgd"),
        ('lr_scheduler_kwargs={"min_lr": 1e-6}', {"min_lr": 1e-6}),
    ],
)
def test_a_text_is_read_as_the_type_that_trl_wants(text: str, value: object) -> None:
    (found,) = trl_options(pairs([text])).values()
    assert found == value
    assert type(found) is type(value)
    assert trl_options({text.partition("=")[0]: found}) == {text.partition("=")[0]: value}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("loss_typ=grpo", "got 'loss_typ'; perhaps loss_type"),
        ("epsilon=much", "expected float for --trl epsilon, got 'much'"),
        ("epsilon=true", "expected float for --trl epsilon"),
        ("ref_model_sync_steps=1.5", "expected int for --trl ref_model_sync_steps, got '1.5'"),
        ("use_bias_correction_kl=1", "expected bool"),
        ("delta=none", "expected float or null"),
        ("loss_type=ppo", "expected grpo or bnpo or dr_grpo .* got 'ppo'"),
        ("learning_rate=1", "without 'learning_rate': use --grpo-lr"),
        ("mask_truncated_completions=true", "use --overlong mask"),
        ("top_p=0.9", "agents.policy samples the messages"),
        ("lr_scheduler_type=zigzag", "expected options that TRL takes, got --trl lr_scheduler_ty"),
        ("optim=magic", "expected options that TRL takes, got --trl optim=magic"),
        ("epsilon", "expected --trl KEY=VALUE, got 'epsilon'"),
    ],
)
def test_what_cannot_be_is_refused_in_a_line(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        trl_options(pairs([text]))
    assert "\n" not in str(caught.value)


def test_trl_has_every_name_that_is_listed() -> None:
    known = GRPOConfig.__dataclass_fields__.keys()
    assert {name for names in OWNED.values() for name in names} <= known
    assert CHOICES.keys() <= known


def test_an_option_reaches_trl_and_what_we_decide_is_not_to_be_chosen(tmp_path: Path) -> None:
    chosen = {"epsilon": "0.1", "warmup_steps": 3, "lr_scheduler_type": "constant"}
    plain = grpo_config(Recipe(), None, tmp_path, use_cpu=True)
    config = grpo_config(Recipe(trl=chosen), None, tmp_path, use_cpu=True)
    assert (config.epsilon, config.warmup_steps, config.lr_scheduler_type) == (0.1, 3, "constant")
    assert (plain.epsilon, plain.epsilon_high, plain.loss_type) == (0.2, CLIP_HIGHER, "dapo")
    assert plain.save_total_limit == DEFAULTS["save_total_limit"]
    ours = {name for names in OWNED.values() for name in names}
    decided = {"learning_rate", "max_steps", "generation_batch_size", "temperature", "save_steps"}
    assert decided <= ours


OLD = {
    "steps": 4,
    "loss": "dapo",
    "ratio": "token",
    "scale_rewards": "group",
    "epsilon_low": 0.2,
    "epsilon_high": 0.28,
    "gates": {},
    "curriculum": False,
    "lr": 1e-3,
}
"""Some of a recipe as an older version wrote it down."""


def test_a_recipe_of_an_older_version_is_read() -> None:
    new: dict[str, object] = {"generations": 4, "lr": 1e-3, "trl": {"epsilon_high": CLIP_HIGHER}}
    assert as_today(OLD) == new
    assert as_today(new) == new
    assert Recipe(**as_today(OLD)) == Recipe(generations=4, lr=1e-3)  # type: ignore[arg-type]
    gspo = as_today({**OLD, "ratio": "sequence", "loss": "grpo", "epsilon_low": 3e-4})
    assert gspo["trl"] == {
        "epsilon_high": CLIP_HIGHER,
        "loss_type": "grpo",
        "importance_sampling_level": "sequence",
        "epsilon": 3e-4,
    }


@pytest.mark.parametrize("gone", [{"gates": {"format": "tool"}}, {"curriculum": True}])
def test_a_run_that_used_what_is_gone_is_refused(gone: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=f"without {next(iter(gone))}, which this version"):
        as_today({**OLD, **gone})


@pytest.mark.parametrize(
    ("trl", "more", "message"),
    [
        ({"scale_rewards": "none"}, {"credit": "branch"}, "credit 'episode' with TRL's scale_rew"),
        ({"scale_rewards": "none"}, {"aggregation": "gdpo"}, "aggregation 'sum' with TRL's scale"),
        ({"loss_type": "sapo", "epsilon": 0.1}, {}, "with --trl epsilon, got loss_type sapo"),
        ({"loss_type": "sapo", "epsilon_high": 0.1}, {}, "--trl epsilon_high, got loss_type sapo"),
        ({"loss_type": "cispo", "delta": 4.0}, {}, "--trl delta, got loss_type cispo"),
        ({"sapo_temperature_pos": 2.0}, {}, "loss_type sapo with --trl sapo_temperature_pos"),
        ({"use_bias_correction_kl": False}, {}, "--beta above 0 with --trl use_bias_correction_kl"),
        ({"entropy_target": 0.3}, {}, "use_adaptive_entropy=true with --trl entropy_target"),
        ({"loss_type": "cispo", "epsilon_high": 0.28}, {}, "of 1 or more with loss_type cispo"),
        ({"delta": 0.1}, {}, "--trl delta of 1 or more, got 0.1"),
        ({"epsilon": -1}, {}, "--trl epsilon of 0 or more, got -1"),
        ({"epsilon_high": math.nan}, {}, "--trl epsilon_high of 0 or more, got nan"),
        ({"loss_type": "cispo"}, {}, "of 1 or more with loss_type cispo, .* got None"),
    ],
)
def test_what_would_change_nothing_is_refused(
    trl: dict[str, object], more: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        Recipe(trl=trl, **more)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)


def test_each_loss_has_the_cap_that_it_reads() -> None:
    assert read_trl() == {"epsilon_high": CLIP_HIGHER}
    assert read_trl(("loss_type=grpo",))["epsilon_high"] == CLIP_HIGHER
    assert read_trl(("loss_type=cispo",))["epsilon_high"] == CISPO_CAP
    assert read_trl(("loss_type=sapo",)) == {"loss_type": "sapo"}
    for loss in CHOICES["loss_type"]:
        Recipe(trl=read_trl((f"loss_type={loss}",)))
    assert clip_range("dapo", 0.2, 0.28) == (0.2, 0.28)
    assert clip_range("cispo", 0.2, 5.0) == (1.0, 4.0)


def test_vllms_options_need_vllm() -> None:
    require_vllm({"epsilon": 0.1}, vllm=False)
    require_vllm({"vllm_tensor_parallel_size": 2}, vllm=True)
    with pytest.raises(ValueError, match="expected --vllm with --trl vllm_tensor_parallel_size"):
        require_vllm({"vllm_tensor_parallel_size": 2}, vllm=False)
