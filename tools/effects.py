"""Whether a tool reads or writes the state behind it: known, or inferred from its verb."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from tools.handovers import escalates_a_thing, is_handover, parts_of, words_of
from tools.types import Effect, ToolSpec
from tools.verbs import (
    ARITHMETIC,
    GENERIC,
    GLUED,
    NOUNS_OR_WRITES,
    PHRASES,
    QUESTIONS,
    READ_NOUNS,
    READ_OBJECTS,
    READS,
    REPORTED,
    SCHEDULED,
    STRONG_READS,
    SURE_WRITES,
    VERBS_AT_THE_END,
    WRITE_OBJECTS,
    WRITES,
)

__all__ = ["ToolEffect", "effect_of", "is_handover", "known_free_text"]


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_KNOWN_READS = _set(
    "calculate think transfer_to_human_agents "
    "find_user_id_by_email find_user_id_by_name_zip get_order_details get_product_details "
    "get_user_details list_all_product_types "
    "get_reservation_details list_all_airports search_direct_flight search_onestop_flight "
    "get_flight_status get_item_details"
)
_KNOWN_WRITES = _set(
    "cancel_pending_order exchange_delivered_order_items modify_pending_order_address "
    "modify_pending_order_items modify_pending_order_payment modify_user_address "
    "return_delivered_order_items "
    "book_reservation cancel_reservation send_certificate update_reservation_baggages "
    "update_reservation_flights update_reservation_passengers"
)

_KNOWN_FREE_TEXT = {"transfer_to_human_agents": {"summary"}, "think": {"thought"}}
"""The free text of the benchmark's tools; their other arguments are none."""


@dataclass(frozen=True, slots=True)
class ToolEffect:
    """What is known of a tool beside its schema, and how far it can be trusted."""

    effect: Effect
    """Read or write."""
    inferred: bool
    """True where it was told from names and descriptions, False where it is known."""
    hands_over: bool = False
    """Whether it hands the conversation over to a human, which ends it."""
    hands_over_inferred: bool = False
    """True where `hands_over` was told from names, False where it is known."""
    free_text: frozenset[str] = frozenset()
    """The arguments that hold words of the caller's own (`tools.free_text`), as paths."""
    free_text_inferred: bool = False
    """True where `free_text` was told by a rule, False where it is declared."""


@lru_cache(maxsize=4096)
def effect_of(name: str, description: str = "") -> ToolEffect:
    """Tells what a tool does.

    The tools of tau-bench's retail and airline are known. A hand-over to a human changes nothing
    in the state, unless it escalates a thing that is kept there. Any other tool is judged by the
    verbs of its name, which stand at either end of it, then by its description; where both are
    silent it is taken for a read.

    Args:
        name: The tool's name, in snake_case, kebab-case or camelCase.
        description: Its description; the first words are enough.
    """
    if name in _KNOWN_READS:
        return ToolEffect(Effect.READ, inferred=False, hands_over=is_handover(name))
    if name in _KNOWN_WRITES:
        return ToolEffect(Effect.WRITE, inferred=False)
    words = words_of(name)
    if is_handover(name, description):
        effect = Effect.WRITE if escalates_a_thing(words) else Effect.READ
        return ToolEffect(effect, inferred=True, hands_over=True, hands_over_inferred=True)
    told = _by_path(name) or _by_description(description) or _by_name(_spoken(words))
    return ToolEffect(told or Effect.READ, inferred=True)


def known_free_text(spec: ToolSpec) -> frozenset[str] | None:
    """The free text of a tool of tau-bench's retail or airline; None for any other tool."""
    if spec.name not in _KNOWN_READS | _KNOWN_WRITES:
        return None
    free, properties = _KNOWN_FREE_TEXT.get(spec.name, set()), spec.parameters.get("properties")
    if not isinstance(properties, dict) or not free <= properties.keys():
        return None
    return frozenset(free)


def _by_path(name: str) -> Effect | None:
    """The effect by a name with what it belongs to: `store.find_nearby`, `mcp__git__git_log`."""
    *places, last = parts_of(name)
    words = _spoken(words_of(last))
    if places and len(words) == 1 and words[0] in READ_OBJECTS:
        return _of_verb(words[0], _spoken(words_of(places[-1])))  # `product_search.run`
    return _by_name(words)


def _spoken(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(word for word in words if not word.isdecimal())


def _by_name(words: tuple[str, ...]) -> Effect | None:
    """The effect of the verb of a name; `find_and_replace` writes, whatever comes first."""
    if not words:
        return None
    joined = {i for i, word in enumerate(words, start=1) if word in {"and", "or"}}
    if any(words[i] in WRITES | NOUNS_OR_WRITES for i in joined if i < len(words)):
        return Effect.WRITE
    if words[:2] in PHRASES:
        return Effect.READ if words[-1] in READ_NOUNS and len(words) > 2 else Effect.WRITE
    if words[0] in QUESTIONS or (len(words) == 1 and words[0] in ARITHMETIC):
        return Effect.READ
    if words[0] in READS | WRITES:
        return _of_verb(words[0], words[1:])
    if words[0] in NOUNS_OR_WRITES:
        return _of_noun_or_write(words)
    return _behind_noun(words)


def _of_verb(verb: str, objects: Sequence[str]) -> Effect:
    """The effect of a clear verb on what stands behind it."""
    if verb in READS:
        changed = WRITE_OBJECTS.get(verb, frozenset())
        return Effect.READ if changed.isdisjoint(objects) else Effect.WRITE
    looked_at = READ_OBJECTS.get(verb, frozenset())
    return Effect.WRITE if looked_at.isdisjoint(objects) else Effect.READ


def _of_noun_or_write(words: tuple[str, ...]) -> Effect:
    """`order_pizza` writes; `order_search`, `order_get_all` and `order_status` read."""
    rest = words[1:]
    if rest and (rest[0] in STRONG_READS or rest[-1] in STRONG_READS):
        return Effect.READ
    if rest and rest[0] in SURE_WRITES:
        return Effect.WRITE
    if rest and rest[-1] in READ_NOUNS:
        return Effect.READ
    return _of_verb(words[0], rest) if words[0] in READ_OBJECTS else Effect.WRITE


def _behind_noun(words: tuple[str, ...]) -> Effect | None:
    """The effect where a name begins with no verb: `stock_price_update`, `hotel_book`."""
    verbs = [i for i, word in enumerate(words) if word in READS | WRITES]
    if verbs:
        if words[-1] in WRITES and (len(verbs) == 1 or words[-1] not in READ_NOUNS):
            return Effect.WRITE
        first = verbs[0]
        asks = words[-1] in READ_NOUNS and words[first] not in SURE_WRITES
        return Effect.READ if asks else _of_verb(words[first], words[first + 1 :])
    if any(words[i : i + 2] in PHRASES for i in range(len(words))):
        return Effect.WRITE
    return _by_end(words) or _by_glued_verb(words[0])


def _by_end(words: tuple[str, ...]) -> Effect | None:
    """The effect where only the last word may be a verb."""
    last = words[-1]
    if last in _AS_VERBS:
        return Effect.READ if _AS_VERBS[last].isdisjoint(words) else Effect.WRITE
    if last in VERBS_AT_THE_END:
        return Effect.WRITE
    if not READ_NOUNS.isdisjoint(words):
        return Effect.READ
    if len(words) > 2 and words[1] in {"post", "book", "schedule", "order", "request"}:
        return Effect.WRITE
    return None


def _by_glued_verb(word: str) -> Effect | None:
    verbs = (v for v in GLUED if word.startswith(v) and len(word) > len(v) + 2)
    return next((_of_verb(verb, ()) for verb in verbs), None)


_AS_VERBS = {"report": REPORTED, "schedule": SCHEDULED}
_SAYING = _set(
    "this the a an tool function api use used using allows allow lets let helps enables enable you "
    "user users agent to for that which can will is be it service endpoint method"
)
"""Words at the beginning of a description that are not yet its verb."""


def _by_description(description: str) -> Effect | None:
    """The effect of the first verb among the first words: "Returns the weather", "Cancels …"."""
    words = words_of(description)[:12]
    for number, word in enumerate(words):
        if word in _SAYING:
            continue
        verb = _stem(word)
        if verb in GENERIC and number + 1 < len(words):
            continue
        if verb == "return":
            return Effect.READ
        if verb in READS | WRITES:
            return _of_verb(verb, words[number + 1 :])
        begins = number == 0 or words[number - 1] in {"to", "for", "can", "will"}
        if verb in NOUNS_OR_WRITES and begins:
            return Effect.WRITE
    return None


def _stem(word: str) -> str:
    """The verb of a form: `cancels`, `deletes`, `applies`, `booking`, `sending`."""
    verbs = READS | WRITES | NOUNS_OR_WRITES
    for ending, instead in _ENDINGS:
        if word not in verbs and word.endswith(ending):
            stem = word.removesuffix(ending) + instead
            doubled = len(stem) > 2 and stem[-1] == stem[-2] and stem[:-1] in verbs
            if stem in verbs or doubled:
                return stem[:-1] if doubled and stem not in verbs else stem
    return word


_ENDINGS = (("ies", "y"), ("es", ""), ("s", ""), ("ing", ""), ("ing", "e"))
