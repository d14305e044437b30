"""What the agents of the shop have to keep to."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tools.types import Violation
from tools.worlds.rules.claims import CHANGED, DONE, Claim, claim
from tools.worlds.rules.conversation import Conversation, spoken
from tools.worlds.rules.shared import (
    Rule,
    call_or_reply,
    confirmed_first,
    no_missing_handover,
    no_needless_handover,
    one_call_at_a_time,
    one_customer,
)

_FINDS = frozenset({"find_user_id_by_email", "find_user_id_by_name_zip"})
_PRIVATE = frozenset({"get_user_details", "get_order_details"})
_ONCE = frozenset({"modify_pending_order_items", "exchange_delivered_order_items"})
_REASONS = {
    "no longer needed": re.compile(
        r"no longer|any ?more|n't|not |changed? (?:my|his|her|our) mind|unneeded|unnecessary"
        r"|cancel|instead|already|without",
        re.IGNORECASE,
    ),
    "ordered by mistake": re.compile(
        r"mistake|accident|wrong|error|unintention|didn't mean|did not mean|twice|duplicate",
        re.IGNORECASE,
    ),
}
"""What users say who mean that reason; any change of mind is the first."""


def identified_first(talk: Conversation) -> Iterator[Violation]:
    """Customers are found by email, or by name and zip code, even if they give their user id."""
    for deed in talk.done:
        if deed.call.name in _FINDS:
            return
        if deed.is_write or deed.call.name in _PRIVATE:
            text = f"{deed.call.name} came before the customer was identified"
            yield Violation("not_identified", deed.message, text)
            return


def status_known(talk: Conversation) -> Iterator[Violation]:
    """An order's status is looked up before the order is changed."""
    seen: set[str] = set()
    for deed in talk.done:
        order_id = deed.text("order_id")
        if deed.is_write and order_id and order_id not in seen:
            text = f"{deed.call.name} was made without a look at order {order_id}"
            yield Violation("status_unknown", deed.message, text)
        seen.add(order_id)


def changed_once(talk: Conversation) -> Iterator[Violation]:
    """Items of an order are changed or exchanged in one call."""
    changed: set[str] = set()
    for deed in talk.deeds:
        if deed.call.name not in _ONCE:
            continue
        order_id = deed.text("order_id")
        if order_id in changed:
            text = f"{deed.call.name} was called again for order {order_id}"
            yield Violation("changed_twice", deed.message, text)
        if deed.ok:
            changed.add(order_id)


def reason_given(talk: Conversation) -> Iterator[Violation]:
    """The reason for which an order is cancelled is the user's own."""
    for deed in talk.writes:
        reason = deed.text("reason")
        if deed.call.name != "cancel_pending_order" or reason not in _REASONS:
            continue
        if not spoken(_REASONS[reason], deed.words.replace("\u2019", "'")):
            text = f"the user never said that the order was {reason}"
            yield Violation("reason_not_given", deed.message, text)


_MODIFIES = (
    "modify_pending_order_address modify_pending_order_items modify_pending_order_payment "
    "modify_user_address"
)
_CANCELS, _RETURNS = "cancel_pending_order", "return_delivered_order_items"
_EXCHANGES = "exchange_delivered_order_items"
_ANY = f"{_MODIFIES} {_CANCELS} {_RETURNS} {_EXCHANGES}"
CLAIMS: tuple[Claim, ...] = (
    claim("cancel+ed", _CANCELS, forms=r"\bis\ cancel+ed\b", mark="is cancel"),
    claim("returned", _RETURNS, shown=r"return(?:ed|\ requested)"),
    claim("exchanged", _EXCHANGES, shown=r"exchange(?:d|\ requested)"),
    # A status is updated, too, by whatever changes the order.
    claim("modified|updated|changed", _ANY),
    claim("transferred", "transfer_to_human_agents"),
    claim("arranged|completed|submitted|swapped|switched", _ANY, forms=DONE, mark="done"),
    claim(r"carried\ out", _ANY, forms=CHANGED, mark="been made"),
)
"""What agents of the shop claim, and the tools that make it true."""

RULES: tuple[Rule, ...] = (
    identified_first,
    one_customer,
    one_call_at_a_time,
    call_or_reply,
    confirmed_first,
    status_known,
    changed_once,
    reason_given,
    no_missing_handover,
    no_needless_handover,
)
"""All that the rules ask for and words can show."""
