"""Requests that the airline's gold agent cannot meet: it refuses, or hands the customer over."""

from __future__ import annotations

from tasks.agenda.slots import Slot
from tasks.airline import replies
from tasks.airline.clerk import Clerk


def hand_over(clerk: Clerk) -> None:
    """Hands the customer over to a human."""
    topic = clerk.talk.request.of(Slot.CHOICE)[0].says
    why = f"There is no tool for this ({topic}), and no rule forbids it: a human has to help."
    clerk.hand_over(why, f"{clerk.user_id} asks for something beyond the tools: {topic}.")


def refuse_insurance(clerk: Clerk) -> None:
    """Refuses to add insurance later."""
    why = "Insurance can be bought only with the booking."
    raise clerk.refuse(replies.INSURANCE_REFUSED, why)


def refuse_fewer_bags(clerk: Clerk) -> None:
    """Refuses to remove bags."""
    raise clerk.refuse(replies.FEWER_BAGS_REFUSED, "Bags can be added, but never taken away.")


def refuse_party(clerk: Clerk) -> None:
    """Refuses to change the number of passengers."""
    why = "The number of passengers stays as it was booked; a human cannot change it either."
    raise clerk.refuse(replies.PARTY_REFUSED, why)


def refuse_destination(clerk: Clerk) -> None:
    """Refuses to change origin or destination."""
    why = "A reservation keeps its origin and its destination."
    raise clerk.refuse(replies.DESTINATION_REFUSED, why)
