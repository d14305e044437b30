"""The words from which domains are sampled. No domain on which policies are evaluated uses them."""

from __future__ import annotations

from collections.abc import Mapping

from tools.dice import Dice


def words(text: str) -> tuple[str, ...]:
    """The words of a text."""
    return tuple(text.split())


TRADES = words(
    """
    kiln boat studio garden choir pottery museum chess cellar vineyard harbor loom forge
    hive stable greenhouse telescope quarry theatre gallery darkroom sauna skate climbing fishing
    sailing rowing puppet cheese mushroom fossil mosaic violin drum falcon goat llama bonsai canoe
    """
)
"""The first words of a thing's name; none begins with a vowel, so that the article is "a"."""
THINGS = words(
    """
    slot permit pass seat kit badge plot mooring crate stool stall lesson rental sample trunk tag
    shelf token costume panel bundle frame berth barrel spool tray ladle lantern banner
    """
)
"""The second words of a thing's name; they may also stand alone."""
OWNERS = words(
    """
    member keeper tenant pupil player grower sailor visitor potter singer curator ranger
    fisher climber dancer weaver baker scout painter gardener beekeeper rider miner
    customer client guest user reader
    """
)
"""The words for owners."""
STATES = words(
    """
    open sealed ready resting granted lapsed fresh idle parked frozen vacant taken drafted signed
    pending ordered reserved worn clean locked loose active dormant queued waiting empty stocked
    faded stable
    """
)
"""The states of a thing."""
KINDS = words(
    """
    copper crimson amber oak round narrow striped northern velvet marble linen silver hollow tall
    quiet early late double woolen painted glass rough bright pale short broad golden wooden
    """
)
"""The words that distinguish the things of one owner."""
CHOICES = words(
    """
    illness travel weather repair noise moving budget holiday damage training festival inspection
    crowding flooding rehearsal exam wedding harvest dust frost leak
    """
)
"""The values of enumerations."""
TOPICS = words(
    "invoices parking lighting manners lost-property keys heating membership press toilets"
)
"""The topics that only a human can handle."""
VERBS: Mapping[str, str] = {
    "activate": "activated",
    "archive": "archived",
    "assign": "assigned",
    "block": "blocked",
    "clear": "cleared",
    "close": "closed",
    "disable": "disabled",
    "dispatch": "dispatched",
    "downgrade": "downgraded",
    "enable": "enabled",
    "extend": "extended",
    "mark": "marked",
    "merge": "merged",
    "move": "moved",
    "open": "opened",
    "pause": "paused",
    "refuel": "refuelled",
    "release": "released",
    "rename": "renamed",
    "renew": "renewed",
    "reset": "reset",
    "restart": "restarted",
    "resume": "resumed",
    "revoke": "revoked",
    "store": "stored",
    "suspend": "suspended",
    "swap": "swapped",
    "terminate": "terminated",
    "withdraw": "withdrawn",
}
"""Verb for an action -> its participle."""
FINDS = words("find list search locate query")
GETS = words("get show fetch view inspect read load retrieve")
"""The first words of the names of look-ups, for several things and for one."""
HELPERS = words("escalate connect forward route hand")
PEOPLE = words("staff operator supervisor person specialist")
"""The names of humans who take over, and the verbs for it."""
MONEY = words("fee deposit rent fine charge toll price total cost refund")
COUNTS = words("days hours visits miles years nights rounds weeks meters pages steps points")
PLACES = words("site hall town wing valley pier city street address room")
DAYS = words("due start deadline opening expiry")
"""The names of further fields, by the kind of their values."""
ID_NAMES = words("id id id number code ref key")
"""The words for an id."""
STATE_NAMES = words("status state phase condition stage")
KIND_NAMES = words("kind model type style label")

_ONSETS = words("b d f g k l m n p r s t v z br cr dr fl gr kl pl st tr")
_VOWELS = words("a e i o u ai ea ou")
_CODAS = ("", "", "n", "r", "l", "s", "m", "nd", "rt")


def coined(dice: Dice) -> str:
    """An invented word."""
    count = dice.between(2, 3)
    parts = [dice.pick(_ONSETS) + dice.pick(_VOWELS) + dice.pick(_CODAS) for _ in range(count)]
    return "".join(parts)


def some_place(dice: Dice) -> str:
    """The name of a town."""
    return coined(dice).capitalize() + dice.pick(("", "", " Bay", " Hill", "ton", "ford"))
