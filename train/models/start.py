"""What a first stage begins with, and how a base is judged that learns nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace

from transformers import PreTrainedModel, PreTrainedTokenizerBase

from train.models.additions import TEMPLATE, Added
from train.models.lineage import Lineage
from train.models.policies import TrainedPolicy
from train.models.profiles import Profile
from train.models.tokenizer import has_training_template

OWN_TEMPLATE = "in its own chat template, without thoughts"
"""How a base that was made with another template is judged."""
NO_TOOLS = "in the chat template of training, since its own shows no tools"
"""How a base is judged whose own template has no place for what the task needs."""


@dataclass(frozen=True, slots=True)
class Start:
    """Weights with their tokenizer."""

    model: PreTrainedModel
    """The weights."""
    tokenizer: PreTrainedTokenizerBase
    """Their tokenizer."""
    base: str | None = None
    """Where the weights come from, if adapters leave them as they are."""
    added: Added = Added()
    """What the two lacked, and have got."""

    @property
    def judged(self) -> str:
        """In which template it is judged, should that need a word."""
        if not has_training_template(self.tokenizer):
            return f", {OWN_TEMPLATE}"
        return f", {NO_TOOLS}" if TEMPLATE in self.added.words else ""

    def policy(self, profile: Profile, words: str, lineage: Lineage) -> TrainedPolicy:
        """The same as a policy."""
        policy = TrainedPolicy(self.model, self.tokenizer, profile, words, self.base)
        return replace(policy, lineage=lineage, added=self.added)


def template_words(words: str) -> str:
    """What a table says of how its base is judged, given the base's own words."""
    if OWN_TEMPLATE in words:
        return f"; the base is judged {OWN_TEMPLATE}, all others in that of training"
    return f"; the base, too, is judged {NO_TOOLS}" if NO_TOOLS in words else ""
