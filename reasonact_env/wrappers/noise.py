"""Users who type carelessly."""

from __future__ import annotations

import random
import re

from reasonact_env.wrappers.perturbation import Env, Perturbation
from tools.types import Role

_WORD = re.compile(r"[A-Za-z']+")
_WORDS = (
    "about actually after again already also although always another anyone anything because"
    " been before being believe bought bring called came cannot check come"
    " could decided different does doing done each either else even ever everything expected"
    " feel finally find found from getting give given giving glad going good great happen"
    " happy have having hear hello help here hope however idea instead into just keep kind"
    " know later least like little long look looking made make making many maybe mean mind"
    " more most much must need never nice nothing okay only other over perfect perhaps"
    " please possible prefer probably problem provide quite rather ready really right same"
    " says seems sent should since some something soon sorry still such sure take tell than"
    " thank thanks that their them then there these they thing things think this those though"
    " thought through told took tried trying understand unfortunately until using very"
    " want wanted wants was well went were what when where whether which while will wish"
    " with within without wonder wondering would wrong your yours"
)
_ORDINARY = frozenset(_WORDS.split())
"""Words that carry no fact in any task; only these are changed."""
_JOINS = frozenset("0123456789_@#-/\"“”‘’`'")
"""Characters that mark neighbouring letters as part of a code, an address or a quotation."""
_FILLERS = ("um,", "well,", "so,", "hmm,", "ok so", "like,", "uh,")


class NoisyUser(Perturbation):
    """Shows what users say with typos, fillers, and small letters.

    Only ordinary English words from a list are changed, never names, numbers, codes or values. The
    environment keeps the clean text: a simulated user never reads the noise, and rewards are
    computed from the clean text.
    """

    def __init__(self, env: Env, typos: float = 0.1, fillers: float = 0.2, seed: int = 0) -> None:
        """Wraps an environment.

        Args:
            env: The environment.
            typos: The share of ordinary words that are mistyped.
            fillers: The share of sentences that begin with a filler.
            seed: The seed of the noise.

        Raises:
            ValueError: if a share is not between 0 and 1.
        """
        for name, share in (("typos", typos), ("fillers", fillers)):
            if not 0 <= share <= 1:
                raise ValueError(f"expected {name} from 0 to 1, got {share}")
        super().__init__(env, typos=typos, fillers=fillers, seed=seed)
        self._typos, self._fillers = typos, fillers

    def perturb_message(self, role: str, content: str) -> str:
        """The user's message with noise; any other message unchanged."""
        if role != Role.USER:
            return content
        rng = self.rng("noise", content)

        def careless(match: re.Match[str]) -> str:
            word = match.group()
            if word.lower() not in _ORDINARY or _is_part(match, content):
                return word
            small = word.lower()
            typed = _typo(small, rng) if rng.random() < self._typos else small
            if word[0].isupper() and rng.random() < self._fillers:
                typed = f"{rng.choice(_FILLERS)} {typed}"
            return typed

        return _WORD.sub(careless, content)


def _is_part(match: re.Match[str], content: str) -> bool:
    """Whether the letters are part of a code, an address, or a quotation."""
    before, behind = (
        content[max(match.start() - 1, 0) : match.start()],
        content[match.end() : match.end() + 1],
    )
    return bool(before) and before in _JOINS or bool(behind) and behind in _JOINS


def _typo(word: str, rng: random.Random) -> str:
    """The word with two letters exchanged, one left out or one doubled; the first letter stays."""
    if len(word) < 4:
        return word
    at = rng.randrange(1, len(word) - 1)
    match rng.randrange(3):
        case 0:
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        case 1:
            return word[:at] + word[at + 1 :]
        case _:
            return word[:at] + word[at] + word[at:]
