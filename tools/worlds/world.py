"""A world as one value: its tools, its databases and its rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, SupportsIndex, TypeAlias

from tools.effects import ToolEffect
from tools.executor import Executor
from tools.jsontext import short
from tools.load_object import described, takes
from tools.types import Json, ToolCall, ToolSpec, Violation
from tools.worlds.database import Base
from tools.worlds.executor import WorldExecutor
from tools.worlds.functions import WorldTool
from tools.worlds.rebuilt.executor import RebuiltBase, RebuiltExecutor
from tools.worlds.rules.claims import Claim
from tools.worlds.rules.conversation import Conversation
from tools.worlds.rules.shared import Rule
from tools.worlds.tables import Tables

Answered: TypeAlias = "Sequence[tuple[ToolCall, str]]"
"""The calls of a dialogue with their answers, in order."""


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """A stateful mock API; a world equals only itself.

    A world needs a name and tools. The other fields say what else can be done with it: read or
    generate its databases, rebuild one from a dialogue, tell where its rules were broken.
    """

    name: str
    """The name in sidecars and results: a key of `WORLDS`, or `MODULE:NAME` of this value."""
    tools: Mapping[str, WorldTool]
    """Name -> tool, in the order of the prompt; `tools_of` derives them from functions."""
    domain: str = ""
    """The name that worlds with the same databases share, such as `retail`."""
    tables: tuple[str, ...] = ()
    """The tables of a database in files; empty if the world has no such database."""
    fit: Callable[[Mapping[str, Json]], Mapping[str, Json]] | None = None
    """Brings the tables of a file into this world's form; None if they are in it already."""
    generate: Callable[[int, int], Tables] | None = None
    """Generates a database from a number of customers and a seed; raises ValueError for more
    customers than it has names. None if databases cannot be generated."""
    rebuild: Callable[[World, Answered], Base] | None = None
    """Rebuilds a database from what a dialogue shows of it; None if that is not possible."""
    rules: tuple[Rule, ...] = ()
    """The rules for its agents, as far as a conversation can show that one was broken."""
    claims: tuple[Claim, ...] = ()
    """What its agents may claim only after a call that makes it true."""
    searches: frozenset[str] = frozenset()
    """Tools whose answer depends on rows that a dialogue may not show; a rebuilt world can only
    repeat a recorded answer."""
    finds: frozenset[str] = frozenset()
    """Tools that find a customer by data that a dialogue may not show."""
    specs: tuple[ToolSpec, ...] = field(init=False)
    """The tools' names, descriptions and schemas, as the model sees them."""
    effects: Mapping[str, ToolEffect] = field(init=False)
    """Tool name -> declared effect; one object for all callers."""

    def __post_init__(self) -> None:
        """Computes once what all tasks of the world share.

        Raises:
            TypeError: if a field has another type; the error names the world.
        """
        self._require_fields()
        object.__setattr__(self, "rules", tuple(self.rules))
        tools = self.tools
        object.__setattr__(self, "specs", tuple(tool.spec for tool in tools.values()))
        object.__setattr__(self, "effects", {name: tool.effect for name, tool in tools.items()})

    def _require_fields(self) -> None:
        if not isinstance(self.name, str) or not self.name:
            raise TypeError(
                f"expected the name of a world as MODULE:NAME, got {short(repr(self.name))}; write "
                'World(f"{__name__}:SHOP", …) for SHOP = World(…)'
            )
        tools = self.tools
        if not isinstance(tools, Mapping) or not all(
            isinstance(tool, WorldTool) for tool in tools.values()
        ):
            raise TypeError(
                f"expected the tools of the world {self.name} as tools_of(look, …), got "
                f"{short(repr(tools))}; pass the functions to tools.worlds.functions.tools_of"
            )
        rules = self.rules
        if isinstance(rules, str) or not isinstance(rules, Iterable):
            raise TypeError(
                f"expected the rules of the world {self.name} as a tuple of functions, got "
                f"{_named(rules)}; write rules=({_named(rules)},)"
            )
        for rule in rules:
            if not takes(rule, "a talk"):
                raise TypeError(
                    f"expected the rule {_named(rule)} of the world {self.name} to be a function "
                    f"of a Conversation, got {described(rule)}; write "
                    "`def rule(talk: Conversation) -> Iterator[Violation]`"
                )
        for field_name, form in _CALLED.items():
            function = getattr(self, field_name)
            if function is not None and not takes(function, *form):
                raise TypeError(
                    f"expected `{field_name}` of the world {self.name} to be a function of "
                    f"{' and '.join(form)}, got {described(function)} as {_named(function)}; "
                    f"write `def {field_name}({', '.join(form)})`"
                )

    def __repr__(self) -> str:
        """Its name alone, since errors and tests show it."""
        return f"World({self.name!r})"

    def __reduce_ex__(self, protocol: SupportsIndex) -> str | tuple[Any, ...]:
        """Pickles by name if the name leads here: unpickling gives that process's own world."""
        from tools.worlds import world_named  # which imports this module

        try:
            by_name = world_named(self.name) is self
        except ValueError:
            by_name = False
        return (world_named, (self.name,)) if by_name else object.__reduce_ex__(self, protocol)

    def __deepcopy__(self, memo: dict[int, object]) -> World:
        """Itself: it is never changed, and equal to itself alone."""
        return self

    def start(self, state: Base | Mapping[str, Json]) -> Executor:
        """The world's executor at its beginning.

        Args:
            state: A database, which all episodes share, or table -> key -> row as plain JSON, which
                must not be changed afterwards. A database that was rebuilt from a dialogue gives an
                executor that says so if it has no record.

        Raises:
            ValueError: if the state has another shape.
        """
        base = state if isinstance(state, Base) else Base.of(state)
        executor = WorldExecutor.start(self.tools, base)
        return RebuiltExecutor(executor, base) if isinstance(base, RebuiltBase) else executor

    def fitted(self, tables: Mapping[str, Json]) -> Base:
        """The database of tables in the form of files: table -> key -> row.

        Raises:
            ValueError: if the tables have another shape.
        """
        return Base.of(tables if self.fit is None else self.fit(tables))

    def read(self, path: str | Path) -> Base:
        """The database in a file; a second call returns the same object, unless the file changed.

        Args:
            path: A folder with one JSON file per table, or one JSON file with all tables.

        Raises:
            FileNotFoundError: if nothing lies there.
            ValueError: if the file is not a database of this world.
        """
        from tools.worlds.files import load_database  # most worlds are never read from files

        return load_database(self, path)

    def generated(self, customers: int, seed: int) -> Base:
        """A generated database, the same on every machine; a second call returns the same object.

        A row depends on the seed and its own number alone. Therefore a database begins with the
        customers of every smaller one of its seed.

        Args:
            customers: The number of customers, each with all that belongs to them.
            seed: Any integer.

        Raises:
            ValueError: if the world's databases cannot be generated, or not of this size.
        """
        return _generated(self, customers, seed)

    def rebuilt(self, entries: Answered) -> Base:
        """The database as far as one dialogue shows it.

        Args:
            entries: The dialogue's calls with their observations, in order.

        Raises:
            ValueError: if this world cannot be rebuilt.
        """
        if self.rebuild is None:
            raise ValueError(
                f"expected a world that can be rebuilt from a dialogue, got {self.name}; give it a "
                "database, or the field `rebuild`"
            )
        return self.rebuild(self, entries)

    def violations(self, talk: Conversation) -> tuple[Violation, ...]:
        """Where a conversation broke the world's rules, in the order of its messages."""
        found = [broken for rule in self.rules for broken in self._broken(rule, talk)]
        return tuple(sorted(found, key=lambda broken: broken.message))

    def _broken(self, rule: Rule, talk: Conversation) -> Iterator[Violation]:
        """What a rule has found.

        Raises:
            ValueError: if it yields something else; the error names the rule.
        """
        found: object = rule(talk)
        broken = list(found) if isinstance(found, Iterable) else [found]
        for one in broken:
            if not isinstance(one, Violation):
                raise ValueError(
                    f"expected the rule {_named(rule)} of the world {self.name} to yield "
                    f"Violations, got {short(repr(one))}; write `yield Violation(RULE, "
                    "deed.message, TEXT)`"
                )
            yield one


_CALLED: Mapping[str, tuple[str, ...]] = {
    "generate": ("customers", "seed"),
    "fit": ("tables",),
    "rebuild": ("world", "calls"),
}
"""Field -> what its function is called with."""


def _named(found: object) -> str:
    return str(getattr(found, "__name__", None) or short(repr(found)))


@lru_cache(maxsize=4)
def _generated(world: World, customers: int, seed: int) -> Base:
    if world.generate is None:
        raise ValueError(
            f"expected a world whose databases can be generated, got {world.name}; give the "
            "database itself"
        )
    tables = world.generate(customers, seed)
    try:
        return Base(tables)
    except ValueError as error:
        raise ValueError(
            f"`generate` of the world {world.name} ({_named(world.generate)}): {error}"
        ) from None
