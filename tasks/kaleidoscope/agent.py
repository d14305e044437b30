"""The two speakers of a domain: a user with requests, and the agent that follows the rules.

A thought names the known facts, the rule, and the conclusion, in as few words as possible: each
word
costs a tiny model capacity.
"""

from __future__ import annotations

from tasks.agenda.slots import Slot
from tasks.kaleidoscope import phrases as p
from tasks.kaleidoscope.domain import Deed, Domain, Field
from tasks.kaleidoscope.plan import DomainRequest, Thing, draw_value
from tasks.kaleidoscope.scene import (
    Scene,
    identities,
    named_by_user,
    slot_of,
    spoken,
    statements,
    upper,
)
from tools.types import Json

CHATTER_SHARE = 0.25
"""The share of users who say something unrelated to their request; chosen by hand."""


def converse(scene: Scene) -> None:
    """Plays the whole dialogue."""
    opening = [scene.user_says(p.GREETINGS)]
    if scene.plan.greets_with_id and scene.domain.find:
        scene.knows_owner = True
        opening.append(scene.user_says(identities(scene.domain), value=scene.plan.owner_id))
    if scene.dice.chance(CHATTER_SHARE):
        opening.append(scene.user_says(p.CHATTER))
    for request in scene.plan.requests:
        if request.topic:
            _other(scene, request, opening)
            return
        scene.user_wishes(opening, *_wish(scene, request))
        opening = []
        _serve(scene, request)
    scene.farewell = scene.user_says(p.LAST)
    scene.script.user(scene.farewell)
    scene.script.reply("Nothing is left to do.", scene.agent_says(p.FAREWELL))


def _other(scene: Scene, request: DomainRequest, opening: list[str]) -> None:
    """Plays a request that only a human can meet, which ends the dialogue."""
    scene.user_wishes(opening, scene.user_says(p.TOPICS, topic=request.topic))
    why = f"{request.topic} is another matter: {scene.domain.helper}."
    topic: dict[str, Json] = {"topic": request.topic}
    scene.script.call(why, str(scene.domain.helper), topic, {"result": "forwarded"})


def _wish(scene: Scene, request: DomainRequest) -> list[str]:
    """The sentences with which the user makes a request."""
    thing = named_by_user(scene, request)
    if request.deed is None:
        names = " and the ".join(one.name for one in request.asked)
        return [scene.user_says(p.QUESTIONS, it=thing, field=names)]
    deed = request.deed
    said = [scene.user_says(p.DEEDS, it=thing, verb=deed.verb, done=deed.done)]
    if deed.asks is not None and request.stated:
        said.append(scene.user_says(statements(deed.asks), value=request.argument))
    return said


def _serve(scene: Scene, request: DomainRequest) -> None:
    """Plays a request from the wish to its end."""
    thing = request.thing
    _identify(scene, request)
    bound = request.deed is None or request.deed.is_bound
    if request.slip and request.numbered is not False and bound:
        _slip(scene, request)
    row = _look(scene, thing, _reason(scene, request)) if bound else {}
    if request.deed is None:
        _answer(scene, request, row)
    elif row and not allowed(request.deed, scene.domain, row):
        _refuse(scene, thing, request.deed, row)
    else:
        _do(scene, request, request.deed)


def allowed(deed: Deed, domain: Domain, row: dict[str, Json]) -> bool:
    """Whether the rules allow a deed on a thing."""
    count = row[domain.count.name]
    assert isinstance(count, int)
    fits = deed.state is None or row[domain.state.name] == deed.state
    return fits and (deed.limit is None or count <= deed.limit)


def _identify(scene: Scene, request: DomainRequest) -> None:
    """The agent finds out the thing's id."""
    if request.numbered:
        return
    if scene.domain.find is None:
        why = f"The {scene.domain.ids.words} is missing. I ask."
        scene.script.reply(why, scene.agent_says(p.ASK_ID, id=scene.domain.ids.words))
        scene.user_answers(Slot.ORDER_ID, p.ID_ANSWERS, request.slip or request.thing.id)
        return
    _learn_owner(scene)
    _list(scene, request)


def _learn_owner(scene: Scene) -> None:
    if scene.knows_owner:
        return
    scene.knows_owner = True
    words = scene.domain.owner_ids.words
    why = f"No {scene.domain.ids.words}, so {scene.domain.find}: the {words} is missing. I ask."
    scene.script.reply(why, scene.agent_says(p.ASK_ID, id=words))
    options = identities(scene.domain) if scene.dice.chance(0.5) else p.ID_ANSWERS
    scene.user_answers(Slot.USER_ID, options, scene.plan.owner_id)


def _list(scene: Scene, request: DomainRequest) -> None:
    """The agent lists the user's things, by kind if the tool takes one."""
    domain, plan, kind = scene.domain, scene.plan, request.thing.kind
    by_kind = domain.find_takes_kind
    if by_kind and request.numbered is None:
        _ask_kind(scene, kind)
    if by_kind or not scene.found:
        arguments: dict[str, Json] = {domain.owner_ids.name: domain.owner_ids.value(plan.owner_id)}
        arguments |= {domain.kind.name: kind} if by_kind else {}
        rows = [thing for thing in plan.things if not by_kind or thing is request.thing]
        shown = (domain.ids.name, domain.kind.name, domain.state.name)
        answer: list[Json] = [{name: one.values[name] for name in shown} for one in rows]
        named = f" {kind}" if by_kind else ""
        known = f"{domain.owner.capitalize()} {plan.owner_id}{named}"
        why = f"{known}, no {domain.ids.words}: {domain.find}."
        scene.script.call(why, str(domain.find), arguments, answer)
        scene.found = True
    if not by_kind and request.numbered is None and len(plan.things) > 1:
        _ask_kind(scene, kind)


def _ask_kind(scene: Scene, kind: str) -> None:
    why = f"The {scene.domain.kind.name} is missing. I ask."
    scene.script.reply(why, scene.agent_says(p.ASK_KIND, kind=scene.domain.kind.name))
    scene.user_answers(Slot.ITEM, p.KIND_ANSWERS, kind)


def _slip(scene: Scene, request: DomainRequest) -> None:
    """Plays a wrong first id, and its correction."""
    domain = scene.domain
    if not request.numbered and domain.find is not None:
        return
    arguments: dict[str, Json] = {domain.ids.name: domain.ids.value(request.slip)}
    error = f"Error: {domain.thing} {request.slip} not found"
    scene.script.call(_reason(scene, request, request.slip), domain.get, arguments, error)
    why = f"{request.slip} is not found. I ask again."
    scene.script.reply(why, scene.agent_says(p.ASK_AGAIN, id=domain.ids.words))
    scene.user_corrects(p.SLIPS, request.thing.id)


def _reason(scene: Scene, request: DomainRequest, number: str = "") -> str:
    """The thought before a look-up."""
    domain, deed, number = scene.domain, request.deed, number or request.thing.id
    if deed is None:
        names = " and ".join(one.name for one in request.asked)
        return f"{names.capitalize()} of {number}? {domain.get} shows it."
    rule = deed.state or f"at most {deed.limit} {domain.count.name}"
    return f"To {deed.verb} {number} it must be {rule}. {domain.get} shows it."


def _look(scene: Scene, thing: Thing, why: str) -> dict[str, Json]:
    domain = scene.domain
    arguments: dict[str, Json] = {domain.ids.name: domain.ids.value(thing.id)}
    scene.script.call(why, domain.get, arguments, thing.values)
    return thing.values


def _answer(scene: Scene, request: DomainRequest, row: dict[str, Json]) -> None:
    it, seen = _as_agent_names(scene, request.thing, row), []
    said = []
    for number, one in enumerate(request.asked):
        words = {"it": it if number == 0 else "it", "name": one.name, "value": row[one.name]}
        said.append(scene.agent_says(p.TOLD, **words, It=upper(str(words["it"]))))
        seen.append(f"{one.name} is {row[one.name]}")
    scene.script.reply(f"The {' and the '.join(seen)}.", *said, scene.agent_says(p.MORE))


def _refuse(scene: Scene, thing: Thing, deed: Deed, row: dict[str, Json]) -> None:
    domain, it = scene.domain, _as_agent_names(scene, thing, row)
    number, count, state = row[domain.count.name], domain.count.name, row[domain.state.name]
    words = {"it": it, "It": upper(it), "verb": deed.verb, "done": deed.done}
    by_state = deed.state is not None
    if by_state:
        why = f"It is {state}, not {deed.state}: I must not {deed.verb} it."
        said = [scene.agent_says(p.REFUSED, **words, state=state)]
    else:
        why = f"It has {number} {count}, more than {deed.limit}: I must not {deed.verb} it."
        said = [scene.agent_says(p.OVER, **words, number=number, count=count)]
    if by_state and domain.refusal_tells:
        said.append(scene.agent_says(p.COUNTED, number=number, count=count))
    scene.script.reply(why, *said, scene.agent_says(p.MORE))


def _do(scene: Scene, request: DomainRequest, deed: Deed) -> None:
    domain, thing = scene.domain, request.thing
    it = _as_agent_names(scene, thing, thing.values if deed.is_bound else {})
    words = {"it": it, "It": upper(it), "verb": deed.verb, "done": deed.done}
    if deed.asks is not None and not request.stated:
        _ask_argument(scene, deed.asks, request)
    if domain.confirms:
        why = f"I may {deed.verb} {thing.id}, but need a yes."
        scene.script.reply(why, scene.agent_says(p.CONFIRM, **words))
        scene.user_agrees(agrees=request.agrees)
        if not request.agrees:
            scene.script.reply("It is a no.", scene.agent_says(p.LEFT), scene.agent_says(p.MORE))
            return
    told = _carry_out(scene, request, deed)
    why = f"It is {deed.done}. I tell the {deed.tells.name}: {told}."
    done = scene.agent_says(p.DONE, **words, name=deed.tells.name, value=told)
    scene.script.reply(why, done, scene.agent_says(p.MORE))


def _carry_out(scene: Scene, request: DomainRequest, deed: Deed) -> Json:
    """Makes the call; returns the value of the answer that has to be told."""
    domain, thing = scene.domain, request.thing
    arguments: dict[str, Json] = {domain.ids.name: domain.ids.value(thing.id)}
    arguments |= {} if deed.asks is None else {deed.asks.name: request.argument}
    told = draw_value(scene.dice, deed.tells)
    answer: dict[str, Json] = {**arguments, "done": deed.done, deed.tells.name: told}
    rule = f"It is {deed.state}" if deed.state else "It is within the limit" if deed.limit else ""
    given = f"{deed.verb} {thing.id}" + (f", {request.argument}" if deed.asks else "")
    scene.script.call(". ".join(filter(None, (rule, f"I {given}."))), deed.tool, arguments, answer)
    return told


def _ask_argument(scene: Scene, asks: Field, request: DomainRequest) -> None:
    why = f"The {spoken(asks)} is missing. I ask."
    options = p.ASK_CHOICE if asks.choices else p.ASK_ARGUMENT
    choices = ", ".join(asks.choices)
    scene.script.reply(why, scene.agent_says(options, name=spoken(asks), choices=choices))
    scene.user_answers(slot_of(asks), statements(asks), request.argument)


def _as_agent_names(scene: Scene, thing: Thing, row: dict[str, Json]) -> str:
    """The agent's name for a thing: its kind if the agent has seen and prefers it, else its id."""
    if row and scene.domain.voice % 2:
        return f"your {thing.kind} {scene.domain.thing}"
    return f"{scene.domain.thing} {thing.id}"
