"""Which models can be a policy; what cannot is refused by name, before anything is trained."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from transformers import PretrainedConfig, PreTrainedModel, PreTrainedTokenizerBase
from transformers.models.auto.modeling_auto import (
    MODEL_FOR_CAUSAL_LM_MAPPING_NAMES,
    MODEL_FOR_MASKED_LM_MAPPING_NAMES,
)

from agents.beginning import sees_everything
from agents.chat import Chat
from tasks.types import Task

LOOKED_AT = 20
"""Tasks whose beginnings are measured; chosen by hand, to take no time."""


def require_causal(config: PretrainedConfig, name: str) -> None:
    """Refuses an architecture that does not write one token after another.

    Args:
        config: The model's.
        name: What the model is called.

    Raises:
        ValueError: if it is one.
    """
    if why := _unsuitable(config):
        raise ValueError(
            f"expected a causal language model, got {name!r}, {why}; give one that writes a token "
            "after the other, such as Qwen/Qwen3-0.6B or HuggingFaceTB/SmolLM2-135M-Instruct"
        )


def _unsuitable(config: PretrainedConfig) -> str | None:
    kind = config.model_type
    if config.is_encoder_decoder:
        return f"an encoder with a decoder ({kind})"
    if hasattr(config, "vision_config") and config.get_text_config() is config:
        return f"a model of pictures ({kind}) whose configuration has no part for text"
    if kind in MODEL_FOR_MASKED_LM_MAPPING_NAMES and not getattr(config, "is_decoder", False):
        return f"an encoder ({kind})"
    if kind not in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES:
        return f"of a kind ({kind}) that transformers knows no causal language model of"
    if not getattr(config.get_text_config(), "max_position_embeddings", None):
        return f"whose configuration ({kind}) does not say how many tokens fit into its context"
    if not sees_everything(config.get_text_config()):
        return f"whose layers ({kind}) do not all attend to everything before, as drawing needs"
    return None


def require_cache(model: PreTrainedModel, name: str) -> None:
    """Refuses a model that keeps a state instead of keys and values.

    Raises:
        ValueError: if it does.
    """
    if model._is_stateful:
        raise ValueError(
            f"expected a model whose cache holds keys and values, got {name!r} "
            f"({model.config.model_type}), which keeps a state: messages are drawn from such a "
            "cache; give a transformer with attention alone"
        )


def require_fast(tokenizer: PreTrainedTokenizerBase, name: str) -> None:
    """Refuses a tokenizer without a fast version, whose tokens of its own work differently.

    Raises:
        ValueError: if it has none.
    """
    if not tokenizer.is_fast:
        raise ValueError(
            f"expected a tokenizer with a fast version (tokenizer.json) of {name!r}, got a "
            f"{type(tokenizer).__name__}; convert it first by transformers' "
            "convert_slow_tokenizer, and save it next to the weights"
        )


def context_of(model: PreTrainedModel) -> int:
    """The tokens of a conversation at most."""
    return cast("int", model.config.get_text_config().max_position_embeddings)


def require_room(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, tasks: Sequence[Task], name: str
) -> None:
    """Refuses a model whose context is shorter than the rules and tools of the shortest task.

    Raises:
        ValueError: if it is.
    """
    chat, room = Chat(tokenizer), context_of(model)
    shortest = min((_head(chat, task) for task in tasks[:LOOKED_AT]), default=0)
    if shortest >= room:
        raise ValueError(
            f"expected a context longer than rules and tools, which take {shortest:,} tokens or "
            f"more of these data, got {name!r} with {room:,}; give a model with a longer context, "
            "or data with shorter rules"
        )


def _head(chat: Chat, task: Task) -> int:
    """The tokens of rules, tools and the first thing that is said."""
    tools = [tool.as_dict() for tool in task.tools]
    said = [message.as_dict() for message in task.messages[:2]]
    return len(chat.opening(said, tools, thinking=False))
