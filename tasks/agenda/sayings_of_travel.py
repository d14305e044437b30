"""How customers of an airline answer, slot by slot; see `sayings`."""

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
        "I'm talking about {value}.",
        "Well, {value}.",
        "What I have in mind is {value}.",
    ),
    Slot.DATE: (
        "{Value}.",
        "{Value}, please.",
        "It should be {value}.",
        "That would be {value}.",
        "I'm thinking of {value}.",
        "My plan is {value}.",
        "{Value} would suit me best.",
        "Let's say {value}.",
        "I have {value} in mind.",
    ),
    Slot.CABIN: (
        "{Value}, please.",
        "I'd like {value}.",
        "{Value}.",
        "I want {value}.",
        "Make it {value}.",
        "I'd go with {value}.",
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
        "{Value} would be best.",
    ),
    Slot.PASSENGERS: (
        "{Value}.",
        "It's {value}.",
        "That would be {value}.",
        "Here you are: {value}.",
        "Please put down {value}.",
        "It should be {value}.",
        "The details: {value}.",
    ),
    Slot.BAGGAGE: (
        "{Value}.",
        "{Value}, please.",
        "That would be {value}.",
        "I'd say {value}.",
        "Make it {value}.",
        "Let's say {value}.",
        "Please put down {value}.",
    ),
    Slot.INSURANCE: (
        "{Value}, please.",
        "{Value}.",
        "I'd rather travel {value}.",
        "I want it {value}.",
        "I'd like it {value}.",
        "Let's do it {value}.",
        "I'll go {value}.",
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
"""What they say where they cannot tell what was asked."""
