"""The replies of the desk's gold agent, in few words, and the rules that it follows.

The agent hardly varies: every variant costs a small model capacity and gains nothing. Its numbers
come from tools alone, and only those that answer the request.
"""

from __future__ import annotations

from collections.abc import Mapping

RULES = (
    "You work at an order desk. Ask for the customer number if you do not know it, then call "
    "find_orders; for an order number call get_order instead. Ask again if a number is not "
    "found. Only pending orders can be "
    "cancelled or sent to another city; ask for the reason or the city if it is missing. Only "
    "orders delivered at most 30 days ago can be returned: check with get_order. Tell the user "
    "the refund, the new days until delivery, or, when you refuse, the order's days. Hand all "
    "other requests over to a human."
)
"""The rules text: every rule that the gold agent follows."""
ASK_CUSTOMER = "What is your customer number?"
ASK_ALL = "Sure. What is your customer number, and what can I do for you?"
ASK_ORDER_AGAIN = "I find no order with this number. What is the right one?"
ASK_CUSTOMER_AGAIN = "I find no customer with this number. What is the right one?"
ASK_REASON = "Why do you want to cancel it?"
ASK_CITY = "To which city should it go?"
CANCELLED = "Your {item} is cancelled. You get ${refund} back. Anything else?"
RETURNED = "Your {item} can be sent back. You get ${refund} back. Anything else?"
CITY_CHANGED = "Your {item} now goes to {city} and arrives in {days} days. Anything else?"
REFUSED = "Sorry, your {item} {state}, so I cannot {action}. Anything else?"
"""A refusal; it tells the days, which the agent has to look up."""
STATES: Mapping[str, str] = {
    "pending": "is pending and arrives in {days} days",
    "shipped": "is shipped and arrives in {days} days",
    "delivered": "was delivered {days} days ago",
}
"""Status -> the words for an order's state."""
ANSWERS: Mapping[str, str] = {
    "arrival": "Your {item} arrives in {days} days. Anything else?",
    "delivered": "Your {item} was delivered {days} days ago. Anything else?",
    "price": "Your {item} cost ${total}. Anything else?",
    "place": "Your {item} goes to {city} and arrives in {days} days. Anything else?",
    "status": "Your {item} {state}. Anything else?",
}
"""Topic of a question -> answer."""
WELCOME = "You are welcome. Goodbye!"
