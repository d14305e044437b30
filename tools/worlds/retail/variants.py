"""The shop's two variants: which tools, texts and rules tau-bench and tau2-bench have.

Compared with these revisions:

tau1   https://github.com/sierra-research/tau-bench, `tau_bench/envs/retail`,
       commit 59a200c6d575d595120f1cb70fea53cef0632f6b
tau2   https://github.com/sierra-research/tau2-bench, `src/tau2/domains/retail/tools.py`,
       commit a2c024725189473d2d7cea3a5cfdbcc67478e41f
"""

from __future__ import annotations

from collections.abc import Mapping

from tools.types import Json
from tools.worlds.functions import ToolFunction, tools_over
from tools.worlds.general import calculate, think, transfer_to_human_agents
from tools.worlds.retail.items import (
    exchange_delivered_order_items,
    modify_pending_order_items,
    return_delivered_order_items,
)
from tools.worlds.retail.lookups import (
    find_user_id_by_email,
    find_user_id_by_name_zip,
    get_item_details,
    get_order_details,
    get_product_details,
    get_user_details,
    list_all_product_types,
)
from tools.worlds.retail.orders import (
    cancel_pending_order,
    modify_pending_order_address,
    modify_pending_order_payment,
)
from tools.worlds.retail.shop import Refusal, Shop, Variant
from tools.worlds.retail.users import modify_user_address

_TEXTS = {
    Refusal.NO_ORDER: "order not found",
    Refusal.NO_USER: "user not found",
    Refusal.NO_PRODUCT: "product not found",
    Refusal.NO_ITEM: "item not found",
    Refusal.NO_VARIANT: "new item {item} not found or available",
    Refusal.NO_METHOD: "payment method not found",
    Refusal.NOT_PENDING_TO_CANCEL: "non-pending order cannot be cancelled",
    Refusal.NOT_PENDING_TO_MODIFY: "non-pending order cannot be modified",
    Refusal.NOT_DELIVERED_TO_EXCHANGE: "non-delivered order cannot be exchanged",
    Refusal.NOT_DELIVERED_TO_RETURN: "non-delivered order cannot be returned",
    Refusal.BAD_REASON: "invalid reason",
    Refusal.NOT_ORDERED_TO_EXCHANGE: "{item} not found",
    Refusal.NOT_ORDERED_TO_MODIFY: "{item} not found",
    Refusal.NOT_ORDERED_TO_RETURN: "some item not found",
    Refusal.UNLIKE_COUNTS_TO_EXCHANGE: "the number of items to be exchanged should match",
    Refusal.UNLIKE_COUNTS_TO_MODIFY: "the number of items to be exchanged should match",
    Refusal.SAME_ITEM: "the new item id should be different from the old item id",
    Refusal.UNAVAILABLE: "new item {item} not found or available",
    Refusal.NOT_ONE_PAYMENT: "there should be exactly one payment for a pending order",
    Refusal.SAME_METHOD: "the new payment method should be different from the current one",
    Refusal.NOT_ORIGINAL_METHOD: (
        "payment method should be either the original payment method or a gift card"
    ),
    Refusal.TOO_POOR_FOR_DIFFERENCE: (
        "insufficient gift card balance to pay for the price difference"
    ),
    Refusal.TOO_POOR_FOR_ITEM: "insufficient gift card balance to pay for the new item",
    Refusal.TOO_POOR_FOR_ORDER: "insufficient gift card balance to pay for the order",
}
"""tau1's words, to the letter: agents read them, and recorded dialogues have them.

The exception is `SAME_ITEM`: tau1 does not refuse that, so it has no words for it.
"""

_TAU2_TEXTS = {why: text[0].upper() + text[1:] for why, text in _TEXTS.items()} | {
    Refusal.NO_VARIANT: "Variant not found",
    Refusal.NOT_ORDERED_TO_EXCHANGE: "Number of {item} not found.",
    Refusal.UNLIKE_COUNTS_TO_EXCHANGE: "The number of items to be exchanged should match.",
    Refusal.NOT_ORIGINAL_METHOD: "Payment method should be the original payment method",
}
"""tau2's words: nearly the same, with a capital letter at the beginning."""

_EMPTY_ORDER: Mapping[str, Json] = dict.fromkeys(
    [
        "order_id",
        "user_id",
        "address",
        "items",
        "status",
        "fulfillments",
        "payment_history",
        "cancel_reason",
        "exchange_items",
        "exchange_new_items",
        "exchange_payment_method_id",
        "exchange_price_difference",
        "return_items",
        "return_payment_method_id",
    ]
)

RULES_1 = Variant(
    texts=_TEXTS,
    empty_order={},
    modified_stays_open=False,
    same_item_refused=False,
    priced_as_last=False,
)
RULES_2 = Variant(
    texts=_TAU2_TEXTS,
    empty_order=_EMPTY_ORDER,
    modified_stays_open=True,
    same_item_refused=True,
    priced_as_last=True,
)

_COMMON: tuple[ToolFunction, ...] = (
    calculate,
    cancel_pending_order,
    exchange_delivered_order_items,
    find_user_id_by_email,
    find_user_id_by_name_zip,
    get_order_details,
    get_product_details,
    get_user_details,
    list_all_product_types,
    modify_pending_order_address,
    modify_pending_order_items,
    modify_pending_order_payment,
    modify_user_address,
    return_delivered_order_items,
    transfer_to_human_agents,
)


TAU1 = tools_over((*_COMMON, think), lambda database: Shop(database, RULES_1))
"""The tools of tau-bench's retail."""
TAU2 = tools_over(
    (*_COMMON, get_item_details), lambda database: Shop(database, RULES_2), types={"reason": str}
)
"""The tools of tau2-bench's retail; its schema allows any `reason`, and the tool refuses others."""
