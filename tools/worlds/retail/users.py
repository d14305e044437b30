"""Changing a user's default address."""

from __future__ import annotations

from typing import cast

from tools.types import Json
from tools.worlds.functions import Change
from tools.worlds.retail.rows import Address, User
from tools.worlds.retail.shop import Shop


def modify_user_address(
    shop: Shop,
    user_id: str,
    address1: str,
    address2: str,
    city: str,
    state: str,
    country: str,
    zip: str,
) -> Change:
    """Changes a user's default address. Explain the change to the user and get an explicit yes
    first.

    Args:
        user_id: The user's id, for example 'ada_king_1815'.
        address1: The address's first line, for example '12 Elm Street'.
        address2: Its second line, for example 'Suite 3', or ''.
        city: The city.
        state: The state, for example 'MA'.
        country: The country, for example 'USA'.
        zip: The zip code, for example '02139'.
    """
    home = Address(
        address1=address1, address2=address2, city=city, country=country, state=state, zip=zip
    )
    moved: User = {**shop.user(user_id), "address": home}
    return Change(shop.with_user(user_id, moved).database, cast("Json", moved))
