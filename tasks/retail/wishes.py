"""The customers' words for their wishes.

`{order}` is an order, `{items}` are its items, `{new}` are their new variants, and so on; a phrase
tells the slots that it names.
"""

from __future__ import annotations

from collections.abc import Mapping

from tasks.retail.intents import Intent

BY_NUMBER = ("order {number}", "my order {number}", "order number {number}")
BY_ITEM = (
    "the order with {item}",
    "my order with {item} in it",
    "the order that has {item} in it",
)
WISHES: Mapping[Intent, tuple[str, ...]] = {
    Intent.CANCEL: (
        "I'd like to cancel {order}.",
        "Please cancel {order}.",
        "Can you cancel {order} for me?",
        "I want {order} cancelled.",
        "I need to cancel {order}.",
        "Could you please cancel {order}?",
        "Is it still possible to cancel {order}?",
        "I've decided that I don't want {order} after all. Please cancel it.",
        "Would you be so kind as to cancel {order}?",
        "{Order} has to be cancelled, please.",
    ),
    Intent.ADDRESS: (
        "I want {order} sent to another address.",
        "Please change the shipping address of {order}.",
        "{Order} is going to the wrong address. Can you change that?",
        "Could {order} go somewhere else?",
        "I need to change where {order} is delivered.",
        "Can you ship {order} to a different address?",
        "I gave the wrong address for {order}, and I need it changed.",
    ),
    Intent.PAYMENT: (
        "I want to pay for {order} in another way.",
        "Can I change how {order} is paid?",
        "Please change the payment method of {order}.",
        "I'd like to use a different payment method for {order}.",
        "{Order} was charged to the wrong place, I'd like to switch the payment.",
        "Could you switch the payment of {order}?",
    ),
    Intent.ITEMS: (
        "I'd like to change {items} in {order}.",
        "Can I still change {items} in {order}?",
        "In {order}, I want another version of {items}.",
        "I picked the wrong version of {items} in {order}.",
        "Please change {items} in {order} for me.",
        "I need a different version of {items} in {order}.",
    ),
    Intent.RETURN: (
        "I want to return {items} from {order}.",
        "I'd like to send back {items} from {order}.",
        "Can I return {items} from {order}?",
        "I'm not happy with {items} from {order}. Can I send that back?",
        "Please arrange a return for {items} from {order}.",
        "I need to give back {items} that came with {order}.",
        "Could you take back {items} from {order}?",
    ),
    Intent.EXCHANGE: (
        "I want to exchange {items} from {order}.",
        "I'd like to swap {items} from {order} for something slightly different.",
        "Can I exchange {items} from {order}?",
        "{Order} came with the wrong version of {items}, so I want an exchange.",
        "Please exchange {items} from {order} for me.",
        "Could I get another version of {items} from {order}?",
    ),
    Intent.MOVE: (
        "I have moved. Please change my default address.",
        "I want to change the address in my profile.",
        "Can you update the default address of my account?",
        "My address has changed, please update my profile.",
        "Please put a new default address on my account.",
        "I need my account's address updated.",
    ),
    Intent.STATUS: (
        "What's the status of {order}?",
        "Can you tell me how far {order} is?",
        "I want to know what's going on with {order}.",
        "Could you check the status of {order}?",
        "Has {order} been shipped yet, or what is its status?",
        "How is {order} coming along?",
        "Please look up the status of {order}.",
    ),
    Intent.TRACKING: (
        "I need the tracking number of {order}.",
        "Can you give me the tracking id for {order}?",
        "What's the tracking number for {order}?",
        "Please tell me the tracking number of {order}.",
        "How can I track {order}? I need the tracking id.",
    ),
    Intent.TOTAL: (
        "How much did I pay for {order} in all?",
        "What was the total of {order}?",
        "I'd like to know the total price of {order}.",
        "Can you tell me what {order} cost me altogether?",
        "What did {order} come to in total?",
    ),
    Intent.PRICE: (
        "How much was {items} in {order}?",
        "What did I pay for {items} in {order}?",
        "I'd like to know the price of {items} in {order}.",
        "Can you look up what {items} cost in {order}?",
        "I forgot the price of {items} in {order}. How much was it?",
    ),
    Intent.DESTINATION: (
        "To which address does {order} go?",
        "Where is {order} being sent?",
        "What's the shipping address of {order}?",
        "Which delivery address did I give for {order}?",
        "Can you read me the delivery address of {order}?",
    ),
    Intent.REFUND: (
        "How much would I get back if I returned {items} from {order}?",
        "If I sent back {items} from {order}, what would the refund be?",
        "What would be the refund for {items} from {order}? I only want to know.",
        "I may return {items} from {order} some day. How much money would that be?",
        "Suppose I return {items} from {order}. How much is that?",
    ),
    Intent.STOCK: (
        "How many versions of the {product} do you have in stock?",
        "In how many different versions can I get the {product} at the moment?",
        "How many different kinds of {product} are available right now?",
        "I'd like to know how many variants of the {product} are in stock.",
        "Can you count the available options of the {product} for me?",
    ),
    Intent.OFFER: (
        "What does the {product} cost, if I take {new}?",
        "I'm thinking of buying the {product}: {new}. What's the price?",
        "How much is the {product}, if I take {new}?",
        "I'm looking at the {product}, and I'd want {new}. What would that cost?",
        "What do you charge for the {product}? I want {new}.",
    ),
    Intent.BALANCE: (
        "How much is left on my gift card?",
        "What's the balance of my gift card?",
        "Can you check what my gift card still has on it?",
        "I'd like to know how much money is on my gift card.",
        "Please tell me my gift card's balance.",
    ),
}
"""Intent -> wishes without details."""
ADDITIONS: Mapping[str, tuple[str, ...]] = {
    "reason": ("You see, {reason}.", "{Reason}.", "It's because {reason}."),
    "new": (
        "I'd like {new} instead.",
        "I want {new} instead.",
        "It should be {new}.",
        "I'd rather have {new}.",
        "Please make it {new}.",
    ),
    "method": (
        "Please use {method}.",
        "I'd like to use {method}.",
        "As for the money, please use {method}.",
    ),
    "address": (
        "It should go to {address}.",
        "The right address is {address}.",
        "The new address is {address}.",
        "It's {address} now.",
    ),
    "otherwise": (
        "If that's not possible, {otherwise}.",
        "If you can't do that, {otherwise}.",
        "And if that doesn't work, {otherwise}.",
        "Should that be impossible, {otherwise}.",
    ),
}
"""Detail -> words with which a wish tells it, too."""
SHORT: Mapping[Intent, str] = {
    Intent.CANCEL: "I want to cancel {order}.",
    Intent.ADDRESS: "I want to change the shipping address of {order}.",
    Intent.PAYMENT: "I want to change how {order} is paid.",
    Intent.ITEMS: "I want to change {items} in {order}.",
    Intent.RETURN: "I want to return {items} from {order}.",
    Intent.EXCHANGE: "I want to exchange {items} from {order}.",
    Intent.MOVE: "I want to change the default address of my account.",
    Intent.STATUS: "I asked for the status of {order}.",
    Intent.TRACKING: "I asked for the tracking number of {order}.",
    Intent.TOTAL: "I asked for the total of {order}.",
    Intent.PRICE: "I asked for the price of {items} in {order}.",
    Intent.DESTINATION: "I asked where {order} goes.",
    Intent.REFUND: "I asked how much I would get back for {items} from {order}.",
    Intent.STOCK: "I asked how many variants of the {product} are in stock.",
    Intent.OFFER: "I asked what the {product} costs: {new}.",
    Intent.BALANCE: "I asked what is left on my gift card.",
}
"""Intent -> the wish in a few words."""
REASONS: Mapping[str, tuple[str, ...]] = {
    "no longer needed": (
        "I no longer need it",
        "I don't need it any more",
        "my plans have changed and I have no use for it",
        "I got the same thing as a gift, so it's not needed now",
        "there's no need for it now",
        "it's no longer needed",
        "my old one works again, so I don't need it",
        "we don't need it after all",
    ),
    "ordered by mistake": (
        "I ordered it by mistake",
        "I clicked on the wrong thing, it was a mistake",
        "it was ordered by mistake",
        "my son ordered it by accident",
        "I never meant to order it, that was a mistake",
        "I placed it by accident",
    ),
    "": (
        "I found it cheaper somewhere else",
        "another shop has a better price",
        "it takes too long to arrive",
        "I want to wait for a sale",
        "I don't like your shop any more",
    ),
}
"""Reason, as the API names it -> the customers' words; '' for reasons that it does not accept."""
BEYOND: Mapping[str, tuple[str, ...]] = {
    "a voucher for a late parcel": (
        "My parcel came two weeks late, and I want a voucher for that.",
        "I demand a voucher because my delivery was so late.",
        "Your delivery was far too late. I'd like some compensation for it.",
    ),
    "a price match": (
        "Another shop sells the same thing for less. Will you match the price?",
        "I'd like you to refund the difference, since your price dropped after I bought.",
        "I saw a lower price elsewhere, and I want you to match it.",
    ),
    "an invoice for a company": (
        "I need a company invoice with a tax number for my orders.",
        "Please send me an invoice in the name of my company.",
        "My accountant needs a proper tax invoice from you.",
    ),
    "a complaint about the courier": (
        "I want to complain about your courier, who was very rude.",
        "The courier threw my parcel over the fence. I want to file a complaint.",
        "I'd like to make a formal complaint about the delivery driver.",
    ),
    "closing the account": (
        "Please delete my account and all my data.",
        "I want to close my account for good.",
        "I'd like my whole account removed.",
    ),
    "a new email address": (
        "I want to change the email address of my account.",
        "Please put another email address on my account.",
        "My email has changed, so please update it.",
    ),
    "a repair": (
        "Something I bought a year ago is broken, and I want it repaired.",
        "Can you arrange a repair under warranty for me?",
        "I need a repair for a product that I bought from you.",
    ),
}
"""Topic -> wishes that no tool can meet."""
OTHERWISE: Mapping[Intent, tuple[str, ...]] = {
    Intent.RETURN: ("I'd like to return {items} instead", "I want to send back {items} instead"),
    Intent.CANCEL: ("please cancel {order} instead", "I'd rather cancel {order}"),
    Intent.MOVE: ("please change at least my default address", "just update my default address"),
    Intent.EXCHANGE: ("I'd take {new} in exchange", "please exchange it for {new}"),
    Intent.ITEMS: ("I'd take {new}", "please make it {new}"),
    Intent.PAYMENT: ("please use {method}", "take {method} then"),
}
"""Intent -> wishes to fall back on, after "if that's not possible"."""
