"""How long a policy's messages may be: options of every command that plays one."""

from __future__ import annotations

from dataclasses import dataclass

from tools.ranges import require_at_least
from train.models.profiles import Profile


@dataclass(frozen=True, slots=True)
class MessageLimits:
    """The most tokens of one message; what is longer is cut, and counted as cut."""

    max_new_tokens: int | None = None
    """Tokens of one message of the policy at most, besides its thought; as many as its profile says
    unless given."""
    max_thought_tokens: int | None = None
    """Further tokens of a message where the policy thinks; as many as its profile says unless
    given."""

    def __post_init__(self) -> None:
        """Refuses what is out of range."""
        require_at_least(self, 1, "max_new_tokens")
        require_at_least(self, 0, "max_thought_tokens")

    def longest(self, profile: Profile, thinking: bool, context: int | None = None) -> int:
        """The tokens of one message, thought and all.

        Args:
            profile: Whose numbers count where none are given.
            thinking: Whether the policy thinks.
            context: The tokens of a conversation at most; None if that does not matter.

        Raises:
            ValueError: if the message would fill the whole context.
        """
        words, thought = self.max_new_tokens, self.max_thought_tokens
        words = profile.max_new_tokens if words is None else words
        thought = profile.max_thought_tokens if thought is None else thought
        longest = words + (thought if thinking else 0)
        if context is not None and longest >= context:
            raise ValueError(
                f"expected messages shorter than the model's context of {context:,} tokens, got "
                f"{longest:,}; lower --max-new-tokens or --max-thought-tokens"
            )
        return longest


def limit_words(longest: int) -> str:
    """What a table says of the limit that its figures rest on."""
    return f"a message has {longest:,} tokens at most"
