"""The travellers' words for their wishes.

`{trip}` is a reservation, `{places}` are origin and destination, `{cabin}` is a cabin, and so on; a
phrase tells the slots that it names.
"""

from __future__ import annotations

from collections.abc import Mapping

from tasks.agenda.slots import Slot
from tasks.airline.intents import Intent

BY_ID = (
    "reservation {number}",
    "my reservation {number}",
    "my booking {number}",
    "booking {number}",
)
BY_PLACES = ("my trip {places}", "the trip {places} that I booked", "my booking {places}")
VAGUE = ("one of my reservations", "one of my trips", "one of my bookings")
WISHES: Mapping[Intent, tuple[str, ...]] = {
    Intent.BOOK: (
        "I'd like to book a trip.",
        "I want to book a flight.",
        "I need to fly somewhere and want to book it with you.",
        "Can you book a flight for me?",
        "Please help me book a trip.",
        "I'd like to make a new reservation.",
    ),
    Intent.CANCEL: (
        "I'd like to cancel {trip}.",
        "Please cancel {trip}.",
        "Can you cancel {trip} for me?",
        "I need to cancel {trip}.",
        "I have to cancel {trip}, and I want my money back.",
        "I won't be able to go, so {trip} has to be cancelled.",
        "Could you take care of cancelling {trip}?",
    ),
    Intent.FLIGHTS: (
        "I want to move {part} of {trip} to another day.",
        "Can I change the day of {part} of {trip}?",
        "I need {part} of {trip} on a different day.",
        "Please put {part} of {trip} on another day.",
        "My plans have shifted, and I need another day for {part} of {trip}.",
    ),
    Intent.CABIN: (
        "I want another cabin for {trip}.",
        "Can you change the cabin of {trip}?",
        "I'd like to travel in a different class on {trip}.",
        "Please change {trip} to another class.",
        "I need the cabin of {trip} changed.",
    ),
    Intent.PASSENGER: (
        "I need to change a passenger of {trip}.",
        "One of the passengers of {trip} has to be changed.",
        "Can you change who travels on {trip}?",
        "There's a passenger on {trip} whose details I need to change.",
        "Somebody else will be flying on {trip}, so I need a passenger changed.",
    ),
    Intent.BAGS: (
        "I want to add bags to {trip}.",
        "Can you add checked baggage to {trip}?",
        "I'm taking more luggage than planned on {trip}.",
        "Please add luggage to {trip}.",
        "I need more bags on {trip}.",
    ),
    Intent.COMPENSATION: (
        "{What} of {trip} was {state}, and I want some compensation.",
        "I'm really annoyed: {what} of {trip} was {state}. I want to be compensated.",
        "You owe me something, because {what} of {trip} was {state}.",
        "I want to complain. {What} of {trip} was {state}, and I expect compensation for it.",
    ),
    Intent.STATUS: (
        "Is {what} of {trip} on time? I'd like to know its status.",
        "What's the status of {what} of {trip}?",
        "Can you check how {what} of {trip} is doing?",
        "I'd like to know the status of {what} of {trip}.",
    ),
    Intent.PAID: (
        "How much have I paid for {trip} in all?",
        "What did {trip} cost me altogether?",
        "Can you tell me the total price of {trip}?",
        "I'd like to know how much I paid for {trip}.",
    ),
    Intent.ALLOWANCE: (
        "How many bags can we check for free on {trip}?",
        "What's the free baggage allowance on {trip}, for all passengers together?",
        "I'd like to know how many free checked bags there are on {trip}.",
        "How many suitcases are included in {trip}?",
    ),
    Intent.UPGRADE: (
        "How much more would {trip} cost in {cabin}?",
        "What would be the difference in price if I took {cabin} for {trip}?",
        "I'd like to know what it costs to change {trip} to {cabin}. I only want to know.",
        "Suppose I changed {trip} to {cabin}. What would be the difference in price?",
    ),
    Intent.FARE: (
        "What's the cheapest direct flight {places} on {day}, in {cabin}?",
        "How much is the cheapest direct flight {places} on {day}? I mean {cabin}.",
        "I'm thinking of flying {places} on {day}. What does the cheapest direct flight cost in "
        "{cabin}?",
        "Can you find the cheapest direct flight {places} on {day} for me, in {cabin}?",
    ),
    Intent.BALANCE: (
        "How much money do I have on my gift cards altogether?",
        "What's the total balance of all my gift cards?",
        "Can you add up what's left on my gift cards?",
        "I'd like to know the sum of all my gift card balances.",
    ),
    Intent.INSURE: (
        "I want to add travel insurance to {trip}.",
        "Can you insure {trip}? I forgot that when I booked.",
        "Please add insurance to {trip}.",
    ),
    Intent.FEWER_BAGS: (
        "I want to take bags off {trip}, and get the money back.",
        "Can you remove a checked bag from {trip}?",
        "We're taking less luggage than planned on {trip}. Please remove a bag.",
    ),
    Intent.PARTY: (
        "I'd like to add a passenger to {trip}.",
        "One more person wants to come along on {trip}. Can you add somebody?",
        "Please take a passenger off {trip}. One of us can't come.",
        "One of us isn't coming, so can you remove a person from {trip}?",
    ),
    Intent.DESTINATION: (
        "I want {trip} to go to {city} instead.",
        "Can you change the destination of {trip} to {city}?",
        "I need to be in {city}, so please change where {trip} goes.",
    ),
}
"""Intent -> wishes without details."""
ADDITIONS: Mapping[Slot, tuple[str, ...]] = {
    Slot.REASON: ("You see, {value}.", "{Value}.", "It's because {value}."),
    Slot.ROUTE: ("I want to go {value}.", "It's {value}."),
    Slot.DATE: ("It should be {value}.", "I'm thinking of {value}.", "{Value} would be best."),
    Slot.CABIN: ("I want {value}.", "It should be {value}.", "I'd like {value}."),
    Slot.FLIGHT: ("I'd take {value}.", "If there are several, I'd take {value}."),
    Slot.PASSENGERS: (
        "That would be {value}.",
        "It's {value}.",
    ),
    Slot.BAGGAGE: ("{Value}, please.", "It would be {value}.", "Let's say {value}."),
    Slot.INSURANCE: ("I'd like it {value}.", "It should be {value}."),
    Slot.PAYMENT: (
        "Please use {value}.",
        "For the payment, please take {value}.",
        "I'd like to use {value}.",
    ),
}
"""Slot -> words with which a wish tells it, too."""
SHORT: Mapping[Intent, str] = {
    Intent.BOOK: "I want to book a trip.",
    Intent.CANCEL: "I want to cancel {trip}.",
    Intent.FLIGHTS: "I want {part} of {trip} on another day.",
    Intent.CABIN: "I want another cabin for {trip}.",
    Intent.PASSENGER: "I want to change a passenger of {trip}.",
    Intent.BAGS: "I want to add bags to {trip}.",
    Intent.COMPENSATION: "I want compensation for {what} of {trip}.",
    Intent.STATUS: "I asked for the status of {what} of {trip}.",
    Intent.PAID: "I asked how much I have paid for {trip}.",
    Intent.ALLOWANCE: "I asked how many free bags there are on {trip}.",
    Intent.UPGRADE: "I asked what it would cost to change {trip} to {cabin}.",
    Intent.FARE: "I asked for the cheapest direct flight {places} on {day} in {cabin}.",
    Intent.BALANCE: "I asked what is left on my gift cards.",
    Intent.INSURE: "I want to add insurance to {trip}.",
    Intent.FEWER_BAGS: "I want to take bags off {trip}.",
    Intent.PARTY: "I want to change how many people travel on {trip}.",
    Intent.DESTINATION: "I want {trip} to go to {city} instead.",
}
"""Intent -> the wish in a few words."""
REASONS: Mapping[str, tuple[str, ...]] = {
    "health": (
        "I have fallen ill",
        "my doctor says I must not fly",
        "I broke my leg and can't travel",
        "I have to have an operation that week",
    ),
    "weather": (
        "there is a storm warning for those days, and I won't fly in that weather",
        "the weather is going to be terrible there",
        "there is heavy weather coming up and I don't want to fly",
    ),
    "change of plan": (
        "my plans have changed",
        "the meeting was called off",
        "I can't get the days off work",
        "I have to be somewhere else that week",
        "we have changed our minds about the whole trip",
        "I found something cheaper with another airline",
    ),
    "cancelled by the airline": (
        "you have cancelled one of the flights",
        "the airline has cancelled a flight of it",
        "one of its flights was cancelled by you",
    ),
}
"""Reason, as the rules name it -> the travellers' words for it."""
BEYOND: Mapping[str, tuple[str, ...]] = {
    "a dog in the cabin": (
        "I want to bring my dog into the cabin. Can you arrange that?",
        "My little dog is to travel with me. I need a place for it in the cabin.",
    ),
    "a wheelchair": (
        "My mother needs a wheelchair at the airport. Please order one.",
        "Could you arrange a wheelchair at the gate for me?",
    ),
    "a seat by the window": (
        "I want to pick my seats. Put me by the window, please.",
        "Please give me a window seat on my next flight.",
    ),
    "a lost suitcase": (
        "My suitcase never turned up after my last flight. I want it found.",
        "You have lost my bag, and I need somebody to look for it.",
    ),
    "a vegetarian meal": (
        "Please put me down for a vegetarian meal.",
        "I need a special meal on board, without meat.",
    ),
    "a new email address": (
        "I want to change the email address of my account.",
        "My email has changed, so please update it.",
    ),
    "a gate agent's rudeness": (
        "I want to file a complaint about one of your gate agents, who was very rude.",
        "Your staff at the gate insulted me. I want to make a formal complaint.",
    ),
}
"""Topic -> wishes that no tool can meet."""
IF_NOT = (
    "If that's not possible, {otherwise}.",
    "If you can't do that, {otherwise}.",
    "And if that doesn't work, {otherwise}.",
    "Should that be impossible, {otherwise}.",
)
ELSE_CABIN = ("I'd like it in {cabin} instead", "please change it to {cabin}")
ELSE_FLIGHTS = (
    "I'd like {part} on another day, {day}",
    "please move {part} to another day, {day}",
)
ELSE_CANCEL = ("please cancel it", "I'd rather cancel it")
ELSE_BAGS = ("please add at least {bags} to it", "I want at least to add {bags} to it")
ELSE_METHOD = ("please use {method}", "take {method} then")
"""Wishes to fall back on, after "if that's not possible"."""
