"""An agenda as JSON, as it stands in a task's sidecar."""

from __future__ import annotations

from collections.abc import Mapping

from tasks.agenda.agenda import Agenda, Fact, Request
from tasks.agenda.slots import Slot
from tools.jsontext import short
from tools.types import Json


class AgendaError(ValueError):
    """A value that is not an agenda; the text says what was expected and what came."""


def agenda_to_json(agenda: Agenda) -> dict[str, Json]:
    """Writes an agenda; fields at their defaults are left out."""
    return _sparse(
        {
            "identity": [_fact_to_json(fact) for fact in agenda.identity],
            "requests": [_request_to_json(request) for request in agenda.requests],
            "introduces": list(agenda.introduces),
            "vague": agenda.vague,
            "patience": agenda.patience,
            "seed": agenda.seed,
            "opens": agenda.opens,
            "farewell": agenda.farewell,
            "wish_first": agenda.wish_first,
            "names": [[slot.value, words] for slot, words in agenda.names],
        }
    )


def agenda_from_json(value: Json) -> Agenda:
    """Reads an agenda.

    Raises:
        AgendaError: if the value is not an agenda.
    """
    row = _Row.of(value, "an agenda")
    requests = tuple(_request(entry) for entry in row.entries("requests"))
    if not requests:
        raise AgendaError("expected an agenda with at least one request, got none")
    return Agenda(
        identity=tuple(_fact(entry) for entry in row.entries("identity")),
        requests=requests,
        introduces=row.slots("introduces"),
        vague=bool(row.value.get("vague")),
        patience=row.number("patience", 3),
        seed=row.number("seed", 0),
        opens=row.text("opens", ""),
        farewell=row.text("farewell", ""),
        wish_first=bool(row.value.get("wish_first")),
        names=row.names("names"),
    )


def _fact_to_json(fact: Fact) -> dict[str, Json]:
    return _sparse(
        {
            "slot": fact.slot.value,
            "says": fact.says,
            "value": fact.value,
            "forms": list(fact.forms),
            "rivals": list(fact.rivals),
            "slip": fact.slip,
            "told": fact.told,
            "mends": fact.mends,
        }
    )


def _request_to_json(request: Request) -> dict[str, Json]:
    other = request.otherwise
    return _sparse(
        {
            "intent": request.intent,
            "wish": request.wish,
            "short": request.short,
            "facts": [_fact_to_json(fact) for fact in request.facts],
            "stated": list(request.stated),
            "signs": list(request.signs),
            "change": [_fact_to_json(fact) for fact in request.change],
            "withdrawn": request.withdrawn,
            "otherwise": None if other is None else _request_to_json(other),
            "foretold": request.foretold,
            "insists": request.insists,
            "done": list(request.done),
            "confirms": request.confirms,
        }
    )


def _sparse(row: dict[str, Json]) -> dict[str, Json]:
    return {name: v for name, v in row.items() if v is not False and v not in (None, [], "")}


def _fact(value: Json) -> Fact:
    row = _Row.of(value, "a fact")
    return Fact(
        slot=row.slot("slot"),
        says=row.text("says"),
        value=row.value.get("value"),
        forms=row.texts("forms"),
        rivals=row.texts("rivals"),
        slip=row.text("slip", ""),
        told=row.text("told", ""),
        mends=row.text("mends", ""),
    )


def _request(value: Json) -> Request:
    row = _Row.of(value, "a request")
    otherwise = row.value.get("otherwise")
    return Request(
        intent=row.text("intent"),
        wish=row.text("wish"),
        short=row.text("short"),
        facts=tuple(_fact(entry) for entry in row.entries("facts")),
        stated=row.slots("stated"),
        signs=row.texts("signs"),
        change=tuple(_fact(entry) for entry in row.entries("change")),
        withdrawn=bool(row.value.get("withdrawn")),
        otherwise=None if otherwise is None else _request(otherwise),
        foretold=bool(row.value.get("foretold")),
        insists=row.number("insists", 0),
        done=row.texts("done"),
        confirms=row.text("confirms", ""),
    )


class _Row:
    """An object, read field by field."""

    def __init__(self, value: Mapping[str, Json], what: str) -> None:
        self.value = value
        self._what = what

    @classmethod
    def of(cls, value: Json, what: str) -> _Row:
        if not isinstance(value, dict):
            raise AgendaError(f"expected {what} as an object, got {short(value)}")
        return cls(value, what)

    def text(self, name: str, default: str | None = None) -> str:
        value = self.value.get(name, default)
        if not isinstance(value, str):
            raise self._problem(name, "a string", value)
        return value

    def number(self, name: str, default: int) -> int:
        value = self.value.get(name, default)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self._problem(name, "a whole number", value)
        return value

    def entries(self, name: str) -> list[Json]:
        value = self.value.get(name, [])
        if not isinstance(value, list):
            raise self._problem(name, "a list", value)
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        values = self.entries(name)
        if not all(isinstance(value, str) for value in values):
            raise self._problem(name, "a list of strings", values)
        return tuple(map(str, values))

    def names(self, name: str) -> tuple[tuple[Slot, str], ...]:
        found = []
        for entry in self.entries(name):
            match entry:
                case [slot, str(words)] if all(map(str.strip, words.split("|"))):
                    found.append((self._slot(name, slot), words))
                case _:
                    raise self._problem(name, 'pairs of a slot and its words, "a|b"', entry)
        return tuple(found)

    def slot(self, name: str) -> Slot:
        return self._slot(name, self.value.get(name))

    def slots(self, name: str) -> tuple[Slot, ...]:
        return tuple(self._slot(name, value) for value in self.entries(name))

    def _slot(self, name: str, value: Json) -> Slot:
        if not isinstance(value, str) or value not in [*Slot]:
            raise self._problem(name, f"one of {', '.join(Slot)}", value)
        return Slot(value)

    def _problem(self, name: str, expected: str, came: Json) -> AgendaError:
        return AgendaError(
            f"expected `{name}` of {self._what} to be {expected}, got {short(came)}; "
            "tasks/agenda/agenda.py says what an agenda holds"
        )
