"""The answers of an airline's customers, slot by slot; see `answers`."""

from __future__ import annotations

from collections.abc import Mapping

from tasks.agenda.slots import Slot

ANSWERS: Mapping[Slot, tuple[str, ...]] = {
    Slot.RESERVATION_ID: (
        "It's {value}.",
        "The reservation id is {value}.",
        "That's {value}.",
        "My reservation number is {value}.",
        "Reservation {value}.",
        "I have {value} here.",
        "The confirmation says {value}.",
        "It's booking {value}.",
        "The one I mean is {value}.",
        "It says {value} in my email.",
        "{value} is the code.",
        "This is about {value}.",
    ),
    Slot.ROUTE: (
        "It's {value}.",
        "That would be {value}.",
        "{Value}.",
        "{Value}, please.",
        "I mean {value}.",
        "Well, {value}.",
        "It would be {value}.",
    ),
    Slot.DATE: (
        "{Value}.",
        "{Value}, please.",
        "It should be {value}.",
        "That would be {value}.",
        "I'm thinking of {value}.",
        "{Value} would suit me best.",
        "{Value} would be good.",
        "I'd say {value}.",
        "Please make it {value}.",
        "Let's say {value}.",
        "I was thinking of {value}.",
    ),
    Slot.CABIN: (
        "{Value}, please.",
        "I'd like {value}.",
        "{Value}.",
        "I want {value}.",
        "Make it {value}.",
        "I'd go with {value}.",
        "{Value} will do.",
        "Let's take {value}.",
        "Please put me in {value}.",
        "{Value} would be best.",
        "It should be {value}.",
        "I prefer {value}.",
    ),
    Slot.FLIGHT: (
        "{Value}, please.",
        "I'd take {value}.",
        "{Value}.",
        "I want {value}.",
        "I'd prefer {value}.",
        "Please take {value}.",
        "Let's go with {value}.",
        "I'll have {value}.",
        "Let's take {value}.",
        "{Value} is fine.",
        "{Value} would be best.",
    ),
    Slot.PASSENGERS: (
        "{Value}.",
        "It's {value}.",
        "That would be {value}.",
        "It will be {value}.",
        "That's {value}.",
        "{Value}, please.",
    ),
    Slot.BAGGAGE: (
        "{Value}.",
        "{Value}, please.",
        "That would be {value}.",
        "I'd say {value}.",
        "Make it {value}.",
        "Let's say {value}.",
        "It will be {value}.",
        "I'm planning on {value}.",
        "I think {value}.",
        "{Value} should do.",
    ),
    Slot.INSURANCE: (
        "{Value}, please.",
        "{Value}.",
        "I'd rather travel {value}.",
        "I want it {value}.",
        "I'd like it {value}.",
        "Let's do it {value}.",
        "I'll go {value}.",
        "{Value} this time.",
        "{Value}, I think.",
        "I prefer to book {value}.",
    ),
}
"""Slot -> sentences that answer it."""
LACKING: Mapping[Slot, tuple[str, ...]] = {
    Slot.RESERVATION_ID: (
        "I don't have the reservation id at hand.",
        "I can't find the reservation number right now.",
        "Sorry, I don't know the number.",
        "I don't remember the reservation id.",
        "No idea what the number is.",
    ),
}
"""Slot -> sentences for a customer who cannot tell it."""
