"""Tools that only look things up."""

from __future__ import annotations

import json
from typing import cast

from tools.types import Json
from tools.worlds.retail.rows import Product, User
from tools.worlds.retail.shop import Refusal, Shop
from tools.worlds.tables import Row


def find_user_id_by_email(shop: Shop, email: str) -> Json:
    """Finds a user's id by the email address; an error says that there is no such user.

    Args:
        email: The user's email address, for example 'ada@example.com'; case does not matter.
    """
    # No tool adds users or changes email addresses: the base has all of them.
    users = shop.database.base.index("users", _email)
    if (user_id := users.get(email.lower())) is None:
        raise shop.no(Refusal.NO_USER)
    return user_id


def find_user_id_by_name_zip(shop: Shop, first_name: str, last_name: str, zip: str) -> Json:
    """Finds a user's id by name and zip code, for users who are not found by their email
    address or do not remember it; an error says that there is no such user.

    Args:
        first_name: The user's first name; case does not matter.
        last_name: The user's last name; case does not matter.
        zip: The zip code of the user's default address, for example '02139'.
    """
    # No tool adds users or changes their names, but a tool changes their addresses.
    namesakes = shop.database.base.groups("users", _name)
    for user_id in namesakes.get(_joined(first_name, last_name), ()):
        if shop.user(user_id)["address"]["zip"] == zip:
            return user_id
    raise shop.no(Refusal.NO_USER)


def get_order_details(shop: Shop, order_id: str) -> Json:
    """Shows an order: its status, items, address, parcels and payments.

    Args:
        order_id: The order's number, which begins with '#', for example '#W0000000'.
    """
    order = shop.order(order_id)
    return shop.shown(order) if shop.rules.empty_order else shop.database.text("orders", order_id)


def get_product_details(shop: Shop, product_id: str) -> Json:
    """Shows a product: all its variants with options, price and availability.

    Args:
        product_id: The product's id, which is another number than that of an item.
    """
    shop.product(product_id)
    return shop.database.text("products", product_id)


def get_item_details(shop: Shop, item_id: str) -> Json:
    """Shows one variant of a product: its options, price and availability.

    Args:
        item_id: The item's id, which is another number than that of its product.
    """
    for _, row in shop.database.rows("products"):
        variants = cast("Product", row)["variants"]
        if item_id in variants:
            return cast("Json", variants[item_id])
    raise shop.no(Refusal.NO_ITEM)


def get_user_details(shop: Shop, user_id: str) -> Json:
    """Shows a user: name, address, email address, means of payment and order numbers.

    Args:
        user_id: The user's id, for example 'ada_king_1815'.
    """
    shop.user(user_id)
    return shop.database.text("users", user_id)


def list_all_product_types(shop: Shop) -> Json:
    """Lists the names and ids of all products; each of them has variants, which are its items."""
    products = (cast("Product", row) for _, row in shop.database.rows("products"))
    return json.dumps(dict(sorted((p["name"], p["product_id"]) for p in products)))


def _email(row: Row) -> str:
    return cast("User", row)["email"].lower()


def _name(row: Row) -> str:
    name = cast("User", row)["name"]
    return _joined(name["first_name"], name["last_name"])


def _joined(first_name: str, last_name: str) -> str:
    """Both names as one key."""
    return f"{first_name}\n{last_name}".lower()
