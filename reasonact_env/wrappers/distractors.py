"""Tools that do not help with the task."""

from __future__ import annotations

from typing import Any, cast

from reasonact_env.wrappers.perturbation import Env, Perturbation, Tool
from tools.types import Json

_CATALOGUE: dict[str, tuple[str, dict[str, str]]] = {
    "get_weather_forecast": ("The weather of a city on a day.", {"city": "", "day": "YYYY-MM-DD"}),
    "convert_currency": (
        "Converts an amount of money.",
        {"amount": "", "from_currency": "", "to_currency": ""},
    ),
    "get_store_hours": ("When a shop is open.", {"shop_id": ""}),
    "subscribe_newsletter": ("Puts a customer on a mailing list.", {"email": "", "topic": ""}),
    "get_loyalty_points": ("How many points a customer has collected.", {"customer_id": ""}),
    "apply_coupon": ("Applies a coupon to a basket.", {"basket_id": "", "coupon_code": ""}),
    "schedule_callback": ("Has a customer called back.", {"phone": "", "time": "HH:MM"}),
    "translate_text": ("Translates a text.", {"text": "", "language": ""}),
    "get_exchange_rate": ("The rate between two currencies.", {"base": "", "quote": ""}),
    "find_nearest_branch": ("The branch nearest to an address.", {"address": ""}),
    "rate_conversation": ("Rates a conversation from 1 to 5.", {"stars": "", "comment": ""}),
    "get_parcel_location": ("Where a parcel is now.", {"tracking_number": ""}),
    "reserve_parking": ("Reserves a parking space.", {"plate": "", "day": "YYYY-MM-DD"}),
    "get_visa_rules": ("Which visa a traveller needs.", {"passport": "", "country": ""}),
    "estimate_delivery": ("When a delivery is likely to come.", {"zip": "", "weight": "in kg"}),
    "check_gift_balance": ("How much is left on a voucher.", {"voucher_code": ""}),
}
MOST = len(_CATALOGUE)
"""The number of distractor tools in the catalogue."""


class DistractorTools(Perturbation):
    """Shows more tools than the task has.

    The answer to a call of an added tool is an error that says so; the call changes nothing. For
    the environment it is a call of an unknown tool: in dialogue mode it costs a message, in turn
    mode it is a wrong call. The task's own tools and their answers stay the same.
    """

    def __init__(self, env: Env, count: int = 5, seed: int = 0) -> None:
        """Wraps an environment.

        Args:
            env: The environment.
            count: The number of added tools, from 1 to `MOST`; fewer if a task has tools of the
                same name.
            seed: The seed of the choice and of the order.

        Raises:
            ValueError: for any other count.
        """
        if not 1 <= count <= MOST:
            raise ValueError(f"expected a count of 1 to {MOST} distractor tools, got {count}")
        super().__init__(env, count=count, seed=seed)
        self._count = count
        self._added: frozenset[str] = frozenset()

    def perturb_tools(self, tools: list[Tool]) -> list[Tool]:
        """The tools with the added ones among them."""
        own = {cast("dict[str, Json]", tool["function"])["name"] for tool in tools}
        names = [name for name in _CATALOGUE if name not in own]
        rng = self.rng("distractors", self.task_id)
        added = rng.sample(names, min(self._count, len(names)))
        self._added = frozenset(added)
        result = list(tools)
        for name in added:
            result.insert(rng.randrange(len(result) + 1), _tool(name))
        return result

    def after_step(self, info: dict[str, Any]) -> dict[str, Any]:
        """Answers the calls of added tools."""
        for number, result in enumerate(info["results"]):
            if result["tool"] in self._added:
                self.say_instead(
                    number,
                    f"Error: {result['tool']} is not in service for this conversation. "
                    "Nothing was looked up or changed; use the tools that the task needs.",
                )
        return info


def _tool(name: str) -> Tool:
    description, fields = _CATALOGUE[name]
    properties: dict[str, Json] = {
        field: {"type": "string", "description": words or field.replace("_", " ")}
        for field, words in fields.items()
    }
    parameters: dict[str, Json] = {
        "type": "object",
        "properties": properties,
        "required": list[Json](fields),
    }
    function: dict[str, Json] = {
        "name": name,
        "description": description,
        "parameters": parameters,
    }
    return {"type": "function", "function": function}
