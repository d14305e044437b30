"""The answers of the airline's gold agent to questions."""

from __future__ import annotations

from typing import cast

from tasks.agenda.slots import Slot
from tasks.airline import replies, rules
from tasks.airline.choosing import preferred
from tasks.airline.clerk import Clerk
from tasks.airline.naming import CABINS, day, dollars, trip
from tasks.airline.services import cabin_difference
from tools.worlds.airline.rows import Cabin


def status(clerk: Clerk) -> None:
    """Tells the status of a flight of a trip."""
    clerk.reservation()
    leg = cast("dict[str, str]", clerk.fact(Slot.FLIGHT).value)
    number, date = leg["flight_number"], leg["date"]
    found = clerk.status(number, date)
    words = {"flight": number, "day": day(date), "status": found}
    text = clerk.dice.pick(replies.STATUS).format(**words)
    clerk.tell_more(text, f"{number} is {found} on {date}.", number)


def paid(clerk: Clerk) -> None:
    """Tells what a trip has cost."""
    reservation = clerk.reservation()
    amounts = [payment["amount"] for payment in reservation["payment_history"]]
    whole = amounts[0] if len(amounts) == 1 else clerk.calculated(rules.added(amounts))
    words = {"places": trip(reservation), "answer": dollars(whole)}
    text = clerk.dice.pick(replies.PAID).format(**words)
    clerk.tell_more(text, f"The payments come to {whole:g}.", dollars(whole))


def allowance(clerk: Clerk) -> None:
    """Tells how many bags are free."""
    reservation = clerk.reservation()
    user, size = clerk.profile, len(reservation["passengers"])
    free = rules.free_bags(user, reservation["cabin"], size)
    text = clerk.dice.pick(replies.ALLOWANCE).format(answer=str(free), places=trip(reservation))
    why = f"A {user['membership']} member, {reservation['cabin']}, {size} passengers: {free} bags."
    clerk.tell_more(text, why, str(free))


def cabin_price(clerk: Clerk) -> None:
    """Tells what another cabin would cost."""
    reservation = clerk.reservation()
    cabin = cast("Cabin", clerk.fact(Slot.CABIN).value)
    difference = cabin_difference(clerk, reservation, cabin)
    texts = replies.UPGRADE if difference >= 0 else replies.DOWNGRADE
    words = {"cabin": CABINS[cabin], "answer": dollars(abs(difference))}
    text = clerk.dice.pick(texts).format(**words)
    clerk.tell_more(text, f"The difference is {difference:g} for all.", words["answer"])


def fare(clerk: Clerk) -> None:
    """Tells the price of the cheapest direct flight."""
    origin, destination = cast("list[str]", clerk.fact(Slot.ROUTE).value)
    date, cabin = str(clerk.fact(Slot.DATE).value), cast("Cabin", clerk.fact(Slot.CABIN).value)
    found = clerk.direct(clerk.code(origin), clerk.code(destination), date)
    best = preferred([one for one in found if one["available_seats"][cabin]], "cheapest", cabin)
    words = {"flight": best["flight_number"], "answer": dollars(best["prices"][cabin])}
    text = clerk.dice.pick(replies.FARE).format(**words)
    why = f"Of those with seats in {cabin}, {best['flight_number']} is the cheapest."
    clerk.tell_more(text, why, f"{words['flight']} {words['answer']}")


def balance(clerk: Clerk) -> None:
    """Tells the balance of all gift cards together."""
    methods = clerk.profile["payment_methods"].values()
    amounts = [method["amount"] for method in methods if method["source"] == "gift_card"]
    whole = amounts[0] if len(amounts) == 1 else clerk.calculated(rules.added(amounts))
    text = clerk.dice.pick(replies.BALANCE).format(answer=dollars(whole))
    clerk.tell_more(text, f"The gift cards hold {whole:g} together.", dollars(whole))
