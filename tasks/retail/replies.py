"""The replies of the shop's gold agent, in several wordings each.

Numbers stand only for what a reply must tell: the order, an amount of money, the answer.
"""

from __future__ import annotations

ASK_IDENTITY = (
    "I'd be glad to help. Could you give me your email address or, if you prefer, your full name "
    "and zip code?",
    "Happy to help. To find your account, I need your email address, or your name and zip code.",
    "Sure. What is your email address? Your first and last name with the zip code will do, too.",
    "Of course. Please tell me the email address of your account, or your name and zip code.",
    "Certainly. May I have your email, or else your full name and your zip code?",
    "Let me find your account first. Could you share your email address, or your name and zip "
    "code?",
)
ASK_ZIP = (
    "Thank you, {name}. What is the zip code of your address, or the email of your account?",
    "Thanks, {name}. I also need your zip code, or your email address.",
    "Thank you, {name}. Could you tell me your zip code or your email address, too?",
)
ASK_IDENTITY_AGAIN = (
    "I'm sorry, I can't find an account with these details. Could you check them, please?",
    "I could not find anybody by that. Could you check it and tell me again?",
    "No account matches that, I'm afraid. Could you please look again?",
)
ASK_ORDER = (
    "Which order is it about? Please give me its number if you have it.",
    "Could you tell me the number of the order?",
    "What is the order number?",
    "Which order do you mean? The order number would help.",
    "May I have the order number, please?",
)
ASK_ORDER_AGAIN = (
    "I can't find an order with that number. Could you check the order number, please?",
    "There is no order with this number, I'm afraid. What is the right number?",
    "I can't find that order number. Could you look it up again?",
)
ASK_ITEMS = (
    "Which items are you talking about?",
    "Which of its items do you mean?",
    "Could you tell me which items it is about?",
    "Which items from this order, please?",
)
ASK_NEW = (
    "What would you like instead?",
    "Which version would you like instead?",
    "Which options would you like to have instead?",
    "What should it be instead?",
)
ASK_REASON = (
    "May I ask why you want to cancel it?",
    "Why would you like to cancel it?",
    "What is the reason for the cancellation?",
    "Could you tell me the reason?",
)
ASK_ADDRESS = (
    "What is the new address?",
    "Could you give me the full new address?",
    "Which address should it be?",
    "Please tell me the complete new address.",
)
ASK_PAYMENT = (
    "Which payment method would you like to use instead?",
    "How would you like to pay for it?",
    "Which payment method shall I put down?",
)
ASK_REFUND = (
    "Where should the refund go? It can go to the original payment method or to a gift card.",
    "Which payment method should receive the refund?",
    "To which payment method would you like the refund?",
)
ASK_DIFFERENCE = (
    "Which payment method should I use for the difference in price?",
    "The prices differ a little. Which payment method shall I use for that?",
    "Which payment method would you like to use for the price difference?",
)
CANCEL = (
    "I'll cancel order {number} ({reason}). {amount} goes back to {method}.",
    "To sum up: order {number} will be cancelled ({reason}), with a refund of {amount} to "
    "{method}.",
    "This would cancel the whole order {number}, reason: {reason}. The refund of {amount} goes to "
    "{method}.",
)
ADDRESS = (
    "I'll change the shipping address of order {number} to {address}.",
    "Order {number} would then go to {address}.",
    "So the new shipping address of order {number} is {address}.",
)
MOVE = (
    "I'll change the default address of your account to {address}.",
    "Your new default address would be {address}.",
    "So I put down {address} as the default address of your account.",
)
PAYMENT = (
    "I'll change the payment of order {number} to {method}. The total of {amount} is charged "
    "there, and the earlier payment goes back to {old}.",
    "Order {number}, {amount} in total, would then be paid with {method}, and {old} gets its money "
    "back.",
)
ITEMS = (
    "In order {number} I'll change {swaps}. {difference} This works only once for an order, so all "
    "changes have to be in it.",
    "So order {number} will be changed like this: {swaps}. {difference} Please be sure that "
    "nothing is missing, since it works only once.",
)
EXCHANGE = (
    "From order {number} I'll exchange {swaps}. {difference} This works only once for an order, so "
    "all items have to be in it.",
    "So this is the exchange for order {number}: {swaps}. {difference} It can be done only once, "
    "so nothing should be missing.",
)
MORE_TO_PAY = "You pay {amount} more with {method}."
BACK_TO_YOU = "You get {amount} back to {method}."
NO_DIFFERENCE = "The price stays the same."
RETURN = (
    "From order {number} I'll take back {items}. The refund of {amount} goes to {method}.",
    "So you return {items} from order {number} and get {amount} back to {method}.",
    "This is the return: {items} from order {number}, with {amount} refunded to {method}.",
)
CANCELLED = (
    "The order is cancelled now.",
    "Done, the order has been cancelled.",
    "Your order has been cancelled.",
)
CHANGED = (
    "The change has been made.",
    "Done, that has been changed.",
    "All right, it has been updated.",
)
REQUESTED = (
    "That's done. You will get an email about how to send everything back.",
    "It has been arranged. An email will tell you how to send it back.",
    "Done. Please look out for an email with what to do next.",
)
STATES = {
    "pending": "still pending",
    "processed": "already processed",
    "delivered": "already delivered",
    "cancelled": "already cancelled",
}
"""Status -> the words for it in a refusal; the phrases above also serve other replies."""
STATUS_REFUSED = (
    "I'm sorry, order {number} is {status}, so I cannot {action}.",
    "Unfortunately I can't {action}: order {number} is {status}.",
    "I'm afraid that is not possible. Order {number} is {status}, and so I can't {action}.",
)
REASON_REFUSED = (
    "I'm sorry, I can't cancel an order for that reason. It is only possible if it is no longer "
    "needed or was ordered by mistake.",
    "Unfortunately that reason is not accepted, so I cannot cancel the order.",
)
FOREIGN_REFUSED = (
    "I'm sorry, this order does not belong to your account, so I can't do anything about it.",
    "Unfortunately I cannot help with that order, since it belongs to another account.",
)
STOCK_REFUSED = (
    "I'm sorry, {new} is out of stock at the moment, so I can't do that.",
    "Unfortunately {new} is not available right now.",
)
METHOD_REFUSED = (
    "I'm sorry, a refund can't go there: only the original payment method or a gift card is "
    "possible.",
    "Unfortunately I cannot send a refund to that payment method, only to the original one or to a "
    "gift card.",
)
POOR_REFUSED = (
    "I'm sorry, the balance of that gift card does not cover it, so I can't use it.",
    "Unfortunately there is not enough on the gift card, so that is not possible.",
)
STATUS = ("Order {number} is {status}.", "The status of order {number} is: {status}.")
TRACKING = (
    "The tracking number of order {number} is {answer}.",
    "You can track order {number} with {answer}.",
)
TOTAL = ("The total of order {number} is {answer}.", "Order {number} came to {answer} in all.")
DESTINATION = ("Order {number} goes to {answer}.", "It is order {number}, and it goes to {answer}.")
PRICE = (
    "In order {number}, {items} cost {answer}.",
    "The price of {items} in order {number} was {answer}.",
)
REFUND = (
    "For {items} from order {number} you would get {answer} back.",
    "The refund for {items} from order {number} would be {answer}.",
)
STOCK = (
    "There are {answer} variants of it in stock.",
    "At the moment {answer} of its variants are in stock.",
)
OFFER = ("That one costs {answer}.", "The price of that one is {answer}.")
BALANCE = ("There is {answer} left on your gift card.", "Your gift card has {answer} on it.")
