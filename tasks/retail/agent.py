"""The gold agent: keeps to the rules, and knows only what it is told and what its tools say."""

from __future__ import annotations

from tasks.agenda.mind import Act
from tasks.retail import replies
from tasks.retail.answers import ANSWERS
from tasks.retail.clerk import Clerk, Refused, Settled
from tasks.retail.intents import Intent
from tasks.retail.services import SERVICES
from tasks.retail.steps import Again
from tasks.talk import Rejected, Talk
from tools.dice import Dice

_ALL = {**SERVICES, **ANSWERS}
_MOST = 12
"""More requests, insistences and changes of mind no customer has."""


def converse(talk: Talk, dice: Dice) -> None:
    """Serves the customer until it leaves or is handed over.

    Args:
        talk: The conversation, begun by the customer.
        dice: How the agent words what it says.

    Raises:
        Rejected: if the conversation goes wrong.
    """
    clerk = Clerk(talk, dice)
    clerk.identify()
    if not talk.mind.wished:
        name = clerk.first_name
        why = f"The customer is {clerk.user_id}, but has not said yet what is wanted."
        clerk.say(replies.ASK_REQUEST, why, first=name)
    for _ in range(_MOST):
        if talk.mind.left:
            clerk.say(replies.FAREWELLS, "All is settled.")
            return
        _serve(clerk)
        if talk.calls and talk.calls[-1].name == "transfer_to_human_agents":
            return
    raise Rejected("endless")


def _serve(clerk: Clerk) -> None:
    """One request: done, answered, refused, or called off."""
    intent = Intent(clerk.talk.request.intent)
    if clerk.talk.turn.act is Act.INSISTS:
        clerk.say(replies.STILL_REFUSED, "Nothing has changed: the rules still forbid it.")
        return
    try:
        _ALL[intent](clerk)
    except Again:
        _serve(clerk)
    except Settled:
        why = "The customer called it off, so nothing is done."
        clerk.tell_more(clerk.dice.pick(replies.LEFT_ALONE), why)
    except Refused as refused:
        text, why, *told = refused.args
        clerk.tell(_then(clerk, text), why, "".join(told))


def _then(clerk: Clerk, text: str) -> str:
    """A refusal, with or without asking for more; not where the customer has said what then."""
    other = clerk.talk.request.otherwise
    asks = other is None and clerk.dice.chance(0.6)
    return f"{text} {clerk.dice.pick(replies.MORE)}" if asks else text
