"""Generated databases, of any size, for the worlds of tau-bench."""

from __future__ import annotations

from functools import lru_cache

from tools.jsontext import short
from tools.worlds.airline import generated as airline
from tools.worlds.database import Base
from tools.worlds.retail import generated as retail

LIMITS = {
    "retail": retail.LIMIT,
    "retail-tau2": retail.LIMIT,
    "airline": airline.LIMIT,
    "airline-tau2": airline.LIMIT,
}
"""World -> the most customers that it can have."""


@lru_cache(maxsize=4)
def generated_base(world: str, customers: int, seed: int) -> Base:
    """A generated database: the same on every machine; asking again gives the same object.

    A row depends on the seed and its own number alone, so that a database begins with the
    customers of every smaller one of its seed.

    Args:
        world: One of `LIMITS`.
        customers: How many customers the world has, with all that belongs to them.
        seed: Any integer.

    Raises:
        ValueError: if no database is generated for the world, or not of this size.
    """
    if world not in LIMITS:
        raise ValueError(
            f"expected a world whose databases can be generated ({', '.join(LIMITS)}), got "
            f"{short(world)}; correct the name, or give the database itself"
        )
    if not 1 <= customers <= LIMITS[world]:
        raise ValueError(
            f"expected 1 to {LIMITS[world]} customers for a generated {world}, got {customers}; "
            "their ids have no more digits"
        )
    if world.startswith("airline"):
        return Base(airline.tables(customers, seed))
    return Base(retail.tables(customers, seed, ids_inside=world == "retail-tau2"))
