"""A world of your own: tools, a generated database, and tasks to play in it."""

from collections.abc import Iterator

import gymnasium as gym

import reasonact_env
from tools.dice import Dice
from tools.protocol import render
from tools.types import Json, ToolCall
from tools.worlds.database import Database
from tools.worlds.functions import ApiError, Change, tools_of
from tools.worlds.tables import Tables
from tools.worlds.world import World


def find_book(database: Database, title: str) -> Json:
    """Tells where a book stands and who has it."""
    return dict(database.row("books", title) or {})


def lend_book(database: Database, title: str, card: str) -> Change:
    """Lends a book that nobody has."""
    row = database.row("books", title)
    if row is None or row["card"]:
        raise ApiError(f"{title} is not in")
    return Change(database.put("books", title, {**row, "card": card}), f"{title} is lent")


def shelves(customers: int, seed: int) -> Tables:
    """As many books as there are customers."""
    dice = Dice("library", seed)
    books = (f"volume {number}" for number in range(customers))
    return {"books": {title: {"shelf": dice.between(1, 9), "card": ""} for title in books}}


LIBRARY = World(f"{__name__}:LIBRARY", tools_of(find_book, lend_book), generate=shelves)


def load() -> Iterator[tuple[dict[str, Json], dict[str, Json]]]:
    """Records in APIGen-MT's format, each with a sidecar that names world, database and goal."""
    tools: Json = [spec.as_dict() for spec in LIBRARY.specs]
    for seed in range(20):
        gold: Json = {"name": "lend_book", "arguments": {"title": f"volume {seed}", "card": "C7"}}
        talk: Json = [
            {"from": "human", "value": f"My card is C7. May I have volume {seed}?"},
            {"from": "function_call", "value": gold},
            {"from": "observation", "value": f"volume {seed} is lent"},
            {"from": "gpt", "value": "Here it is."},
        ]
        world: Json = {"name": LIBRARY.name, "made": {"customers": 20, "seed": seed}}
        record: dict[str, Json] = {"system": "Lend books.", "tools": tools, "conversations": talk}
        yield record, {"world": world, "gold": {"actions": [gold]}}


if __name__ == "__main__":
    env = gym.make("ReasonAct-APIGen-v0", data="own_world:load", split="all")
    print(env.reset(seed=0)[0]["messages"][-1]["content"])
    *_, info = env.step(render([ToolCall("lend_book", {"title": "volume 17", "card": "C7"})]))
    print(info["changes"], env.step("Here it is.")[-1]["outcome"]["state"])
