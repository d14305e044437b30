"""The products of the generated shop, with their options and prices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProductType:
    """A kind of product, from which variants are sampled."""

    name: str
    """The product's name."""
    price: int
    """The price of the plainest variant, in whole dollars."""
    options: Mapping[str, tuple[str, ...]]
    """Option -> its values, from the plainest to the dearest if they have an order."""


def _kind(name: str, price: int, **options: str) -> ProductType:
    """A kind whose options are written as `size="small | large"`."""
    read = {key.replace("_", " "): tuple(text.split(" | ")) for key, text in options.items()}
    return ProductType(name, price, read)


_COLORS = "white | black | grey | blue | red | green"
_SIZES = "XS | S | M | L | XL"

KINDS = (
    _kind("Alarm Clock", 34, color=_COLORS, display="analog | digital", power="battery | USB"),
    _kind("Backpack", 62, capacity="18L | 24L | 32L", material="canvas | nylon", color=_COLORS),
    _kind("Bath Towel Set", 41, pieces="2 | 4 | 6", material="cotton | bamboo", color=_COLORS),
    _kind("Bedside Lamp", 47, color=_COLORS, base="wood | metal | ceramic", dimmable="no | yes"),
    _kind("Bicycle Helmet", 58, size="S | M | L", color=_COLORS, visor="no | yes"),
    _kind(
        "Bluetooth Earphones",
        89,
        color="white | black | blue",
        fit="on-ear | in-ear | over-ear",
        noise_cancelling="no | yes",
    ),
    _kind(
        "Board Game",
        38,
        theme="trains | farming | space | pirates",
        players="2 | 4 | 6",
        edition="standard | deluxe",
    ),
    _kind(
        "Camping Tent",
        172,
        capacity="2 person | 3 person | 4 person",
        season="3-season | 4-season",
        color="green | orange | grey",
    ),
    _kind(
        "Cast Iron Pan", 45, diameter="20 cm | 26 cm | 30 cm", handle="iron | wood", lid="no | yes"
    ),
    _kind("Chef's Knife", 74, blade="15 cm | 20 cm | 25 cm", handle="plastic | wood | steel"),
    _kind(
        "Coffee Grinder", 96, type="blade | burr", capacity="60 g | 120 g", color="black | steel"
    ),
    _kind("Cotton Shirt", 36, size=_SIZES, color=_COLORS, collar="round | button-down"),
    _kind("Cycling Jersey", 64, size=_SIZES, color=_COLORS, sleeves="short | long"),
    _kind(
        "Desk Chair",
        214,
        material="fabric | mesh | leather",
        color="black | grey | blue",
        armrests="none | fixed | adjustable",
    ),
    _kind("Desk Organizer", 27, material="cardboard | bamboo | metal", drawers="0 | 2 | 4"),
    _kind("Drone", 328, camera="2K | 4K", flight_time="20 min | 30 min", color="white | grey"),
    _kind(
        "Electric Toothbrush",
        67,
        modes="1 | 3 | 5",
        color="white | black | blue",
        travel_case="no | yes",
    ),
    _kind("Fleece Jacket", 83, size=_SIZES, color=_COLORS, hood="no | yes"),
    _kind("Fountain Pen", 52, nib="fine | medium | broad", body="resin | brass | titanium"),
    _kind("Garden Hose", 33, length="10 m | 20 m | 30 m", material="vinyl | rubber"),
    _kind("Guitar Stand", 29, material="wood | steel", holds="1 | 3", foldable="no | yes"),
    _kind("Hiking Poles", 71, material="aluminum | carbon", grip="foam | cork", folding="no | yes"),
    _kind(
        "Indoor Planter",
        31,
        size="small | medium | large",
        material="plastic | clay | stone",
        color="white | terracotta | green",
    ),
    _kind(
        "Jigsaw Puzzle", 22, pieces="500 | 1000 | 2000", motif="harbor | forest | city | animals"
    ),
    _kind("Kitchen Scale", 28, limit="3 kg | 5 kg | 10 kg", color="white | black | steel"),
    _kind(
        "Laptop Sleeve",
        26,
        size="13 inch | 14 inch | 16 inch",
        material="felt | neoprene",
        color=_COLORS,
    ),
    _kind(
        "Mechanical Keyboard",
        118,
        switches="linear | tactile | clicky",
        layout="full size | compact",
        backlight="none | white | RGB",
    ),
    _kind("Monitor Arm", 94, mount="clamp | bolt", arms="1 | 2", color="black | silver"),
    _kind(
        "Office Headset",
        79,
        connection="wired | wireless",
        ears="one | both",
        color="black | white",
    ),
    _kind(
        "Picnic Blanket",
        35,
        size="medium | large",
        material="cotton | wool",
        color="red | blue | green",
    ),
    _kind(
        "Portable Speaker",
        104,
        size="mini | standard | large",
        waterproof="no | yes",
        color=_COLORS,
    ),
    _kind(
        "Rain Boots",
        48,
        size="6 | 7 | 8 | 9 | 10",
        color="black | green | yellow",
        lining="none | fleece",
    ),
    _kind("Running Shoes", 112, size="6 | 7 | 8 | 9 | 10", color=_COLORS, sole="road | trail"),
    _kind(
        "Sleeping Bag",
        127,
        rating="10 C | 0 C | -10 C",
        length="regular | long",
        filling="synthetic | down",
    ),
    _kind("Smart Thermostat", 156, color="white | black", sensors="1 | 2 | 3"),
    _kind("Suitcase", 143, size="cabin | medium | large", shell="soft | hard", color=_COLORS),
    _kind(
        "Tea Kettle",
        54,
        capacity="1 L | 1.5 L | 2 L",
        material="steel | glass | copper",
        color="silver | black",
    ),
    _kind("Travel Mug", 24, capacity="350 ml | 500 ml", lid="screw | flip", color=_COLORS),
    _kind(
        "Wall Clock",
        43,
        diameter="25 cm | 30 cm | 40 cm",
        frame="plastic | wood | metal",
        numerals="none | arabic | roman",
    ),
    _kind(
        "Wool Scarf",
        39,
        pattern="plain | striped | checked",
        length="150 cm | 180 cm",
        color=_COLORS,
    ),
    _kind(
        "Yoga Mat",
        37,
        thickness="4 mm | 6 mm | 8 mm",
        material="foam | cork | rubber",
        color="purple | blue | green",
    ),
)
"""All kinds of products, in the order of their names."""
