"""The desk's two speakers: a user with requests, and the agent that follows the rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tasks.agenda.slots import Slot
from tasks.desk import phrases as wishes
from tasks.desk import replies, thoughts
from tasks.desk import small_talk as words
from tasks.desk.dialogue import Dialogue
from tasks.desk.plan import DeskPlan, DeskRequest, RequestKind
from tasks.generation.said import Said
from tools.dice import Dice
from tools.types import Json
from tools.worlds.desk import RETURN_DAYS

Details = Mapping[str, Json]
"""An order as `get_order` shows it."""


@dataclass(slots=True)
class Desk:
    """The state that both speakers share."""

    plan: DeskPlan
    """The user's requests."""
    dice: Dice
    """The random choices of wordings."""
    talk: Dialogue
    """The dialogue so far."""
    knows_customer: bool = False
    """Whether the user has given a customer number."""
    slip: str = ""
    """The wrong customer number that the user has given; empty once it is corrected."""
    statuses: dict[str, str] = field(default_factory=dict)
    """Order number -> status, as far as the agent has seen it."""
    seen: dict[str, Details] = field(default_factory=dict)
    """Order number -> details that the agent has looked up."""
    refused: bool = False
    """Whether the last request was refused."""
    said: Said = field(default_factory=Said)
    """What the user has said, for its agenda."""
    introduces: bool = False
    """Whether the user's first message tells the customer number."""
    vague: bool = False
    """Whether the user's first message says only that help is needed."""
    wish_first: bool = False
    """Whether the user then tells its wish before the customer number."""
    farewell: str = ""
    """The user's last words, or empty."""


def converse(plan: DeskPlan, dice: Dice, talk: Dialogue) -> Desk:
    """Plays the whole plan; returns how it stands at the end."""
    desk = Desk(plan, dice, talk, slip=plan.slip)
    for place, request in enumerate(plan.requests):
        _open(desk, request) if place == 0 else _go_on(desk, request)
        if request.kind is RequestKind.TRANSFER:
            why = thoughts.TRANSFER.format(topic=request.detail)
            talk.call(why, "transfer_to_human", topic=request.detail)
            return desk
        _locate(desk, request)
        _serve(desk, request)
    if dice.chance(0.5):
        desk.farewell = dice.pick(words.GOODBYES)
        talk.user(desk.farewell)
        talk.reply(thoughts.GOODBYE, replies.WELCOME, {})
    return desk


def _open(desk: Desk, request: DeskRequest) -> None:
    """The user's first message: sometimes vague, with or without the customer number."""
    dice, talk = desk.dice, desk.talk
    greeting = dice.pick(words.GREETINGS)
    if request.kind is not RequestKind.TRANSFER and not request.numbered and dice.chance(0.1):
        talk.user(dice.pick(words.VAGUE))
        talk.reply(thoughts.UNKNOWN, replies.ASK_ALL, {})
        desk.knows_customer = desk.vague = True
        greeting = ""
    else:
        desk.introduces = desk.knows_customer = dice.chance(0.6) and not request.numbered
    number = _customer(desk, words.CUSTOMER, asked=desk.vague) if desk.knows_customer else ""
    first = dice.chance(0.5)
    desk.wish_first = desk.vague and not first
    wish = _wish(desk, request)
    talk.user(greeting, number if first else "", *wish, "" if first else number)
    desk.said.wish(_sentences(wish), _sentences(wish))


def _go_on(desk: Desk, request: DeskRequest) -> None:
    """The user reacts to the answer and makes another request."""
    dice = desk.dice
    heard = dice.pick(words.SORRY if desk.refused else words.PLEASED) if dice.chance(0.7) else ""
    lead = "" if request.again else dice.pick(words.LEADS)
    wish = _wish(desk, request)
    desk.talk.user(heard, lead, *wish)
    desk.said.wish(_sentences(wish), _sentences((heard, lead, *wish)))


def _wish(desk: Desk, request: DeskRequest) -> tuple[str, ...]:
    """The request in the user's words, with or without its reason or city."""
    dice = desk.dice
    match request.kind:
        case RequestKind.CANCEL | RequestKind.CANCEL_REFUSED:
            reason = dice.pick(wishes.REASONS[request.detail]) if request.stated else ""
            return _about(desk, request, wishes.CANCEL), reason
        case RequestKind.RETURN | RequestKind.RETURN_REFUSED:
            return (_about(desk, request, wishes.RETURN),)
        case RequestKind.CITY | RequestKind.CITY_REFUSED:
            return (_about(desk, request, wishes.CITY if request.stated else wishes.CITY_OPEN),)
        case RequestKind.QUESTION:
            return (_about(desk, request, wishes.QUESTIONS[request.detail]),)
        case RequestKind.TRANSFER:
            return (dice.pick(wishes.TOPICS[request.detail]),)


def _about(desk: Desk, request: DeskRequest, phrases: tuple[str, ...]) -> str:
    things = wishes.NUMBERED if request.numbered else ("it",) if request.again else wishes.THINGS
    number = request.slip or request.order
    thing = desk.dice.pick(things).format(item=request.item, order=number)
    return desk.dice.pick(phrases).format(thing=thing, city=request.detail)


def _customer(desk: Desk, phrases: tuple[str, ...], *, asked: bool) -> str:
    """The customer number in the user's words, after it was asked for or not."""
    number, phrase = desk.plan.slip or desk.plan.customer, desk.dice.pick(phrases)
    if asked:
        desk.said.tells(Slot.USER_ID, phrase.format(customer="{value}"))
    return phrase.format(customer=number)


def _sentences(sentences: tuple[str, ...]) -> str:
    return " ".join(filter(None, sentences))


def _locate(desk: Desk, request: DeskRequest) -> None:
    """The agent finds the order, and asks for the customer number if it needs it."""
    if request.slip:
        _correct_order(desk, request)
    if request.order in desk.statuses:
        return
    if request.numbered:
        _details(desk, request, thoughts.LOOK_UP)
        return
    if not desk.knows_customer:
        desk.talk.reply(thoughts.ASK_CUSTOMER, replies.ASK_CUSTOMER, {})
        desk.talk.user(_customer(desk, words.CUSTOMER_ANSWERS, asked=True))
        desk.knows_customer = True
    if desk.slip:
        _correct_customer(desk, request)
    customer, item = desk.plan.customer, request.item
    why = thoughts.FIND.format(customer=customer, item=item)
    orders = desk.talk.call(why, "find_orders", customer_id=customer, item=item)
    assert isinstance(orders, list)
    for order in orders:
        assert isinstance(order, dict)
        desk.statuses[str(order["order_id"])] = str(order["status"])


def _correct_order(desk: Desk, request: DeskRequest) -> None:
    """The order number is wrong: the look-up fails, and the user corrects it."""
    why = thoughts.LOOK_UP.format(order=request.slip)
    desk.talk.try_in_vain(why, "get_order", order_id=request.slip)
    desk.talk.reply(thoughts.NO_ORDER, replies.ASK_ORDER_AGAIN, {}, number=request.slip)
    _correct(desk, Slot.ORDER_ID, request.order)


def _correct_customer(desk: Desk, request: DeskRequest) -> None:
    """The customer number is wrong: the look-up fails, and the user corrects it."""
    why = thoughts.FIND.format(customer=desk.slip, item=request.item)
    desk.talk.try_in_vain(why, "find_orders", customer_id=desk.slip, item=request.item)
    desk.talk.reply(thoughts.NO_CUSTOMER, replies.ASK_CUSTOMER_AGAIN, {}, number=desk.slip)
    desk.slip = ""
    _correct(desk, Slot.USER_ID, desk.plan.customer)


def _correct(desk: Desk, slot: Slot, number: str) -> None:
    """The user gives the right number."""
    phrase = desk.dice.pick(words.CORRECTIONS)
    desk.said.mends(slot, phrase.format(number="{value}"))
    desk.talk.user(phrase.format(number=number))


def _details(desk: Desk, request: DeskRequest, why: str) -> Details:
    """The order's details, looked up once; `why` is the reason, a template."""
    if request.order not in desk.seen:
        why = why.format(order=request.order, status=desk.statuses.get(request.order, ""))
        details = desk.talk.call(why, "get_order", order_id=request.order)
        assert isinstance(details, dict)
        desk.seen[request.order] = details
        desk.statuses[request.order] = str(details["status"])
    return desk.seen[request.order]


def _serve(desk: Desk, request: DeskRequest) -> None:
    """The agent does what the user wants, or says why not."""
    desk.refused = False
    match request.kind:
        case RequestKind.CANCEL | RequestKind.CANCEL_REFUSED:
            _cancel(desk, request)
        case RequestKind.RETURN | RequestKind.RETURN_REFUSED:
            _return(desk, request)
        case RequestKind.CITY | RequestKind.CITY_REFUSED:
            _change_city(desk, request)
        case _:
            _answer(desk, request)


def _cancel(desk: Desk, request: DeskRequest) -> None:
    if desk.statuses[request.order] != "pending":
        return _refuse(desk, request, "cancel it")
    if not request.stated:
        desk.talk.reply(thoughts.ASK_REASON, replies.ASK_REASON, {}, order=request.order)
        reason = desk.dice.pick(wishes.REASONS[request.detail])
        desk.said.tells(Slot.REASON, reason)
        desk.talk.user(reason)
    why = thoughts.CANCEL.format(order=request.order, reason=request.detail)
    done = desk.talk.call(why, "cancel_order", order_id=request.order, reason=request.detail)
    return _report(desk, request, replies.CANCELLED, done, "refund")


def _return(desk: Desk, request: DeskRequest) -> None:
    details = _details(desk, request, thoughts.CHECK_RETURN)
    days = details["days"]
    assert isinstance(days, int)
    if details["status"] != "delivered" or days > RETURN_DAYS:
        return _refuse(desk, request, "take it back")
    why = thoughts.RETURN.format(order=request.order, days=days, limit=RETURN_DAYS)
    done = desk.talk.call(why, "return_order", order_id=request.order)
    return _report(desk, request, replies.RETURNED, done, "refund")


def _change_city(desk: Desk, request: DeskRequest) -> None:
    if desk.statuses[request.order] != "pending":
        return _refuse(desk, request, "send it elsewhere")
    if not request.stated:
        desk.talk.reply(thoughts.ASK_CITY, replies.ASK_CITY, {}, order=request.order)
        phrase = desk.dice.pick(words.CITY_ANSWERS)
        desk.said.tells(Slot.ADDRESS, phrase.format(city="{value}"))
        desk.talk.user(phrase.format(city=request.detail))
    why = thoughts.CITY.format(order=request.order, city=request.detail)
    done = desk.talk.call(why, "change_city", order_id=request.order, city=request.detail)
    return _report(desk, request, replies.CITY_CHANGED, done, "new days")


def _answer(desk: Desk, request: DeskRequest) -> None:
    text, details = replies.ANSWERS[request.detail], _details(desk, request, thoughts.QUESTION)
    text = text.replace("{state}", replies.STATES[str(details["status"])])
    desk.talk.reply(thoughts.ANSWER, text, details, topic=request.detail)


def _refuse(desk: Desk, request: DeskRequest, action: str) -> None:
    details = _details(desk, request, thoughts.CHECK_REFUSED)
    text = replies.REFUSED.replace("{state}", replies.STATES[str(details["status"])])
    desk.talk.reply(thoughts.REFUSE, text, details, action=action)
    desk.refused = True


def _report(desk: Desk, request: DeskRequest, text: str, done: Json, told: str) -> None:
    assert isinstance(done, dict)
    desk.talk.reply(thoughts.REPORT, text, done, item=request.item, told=told)
