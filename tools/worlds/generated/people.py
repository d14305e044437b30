"""The people of the generated worlds: invented names, addresses and emails."""

from __future__ import annotations

from dataclasses import dataclass

from tools.dice import Dice
from tools.worlds.generated.ids import Scatter


def words(text: str) -> tuple[str, ...]:
    """The words of a text."""
    return tuple(text.split())


FIRST_NAMES = words(
    """
    Adele Alvar Amira Anselm Beatrix Bodil Bruno Calla Casimir Celia Corin Dagny Delia
    Dorian Edda Elio Elodie Emeka Enzo Esme Fabian Farah Felix Fern Gemma Gideon Greta
    Hadley Hanna Hugo Ilse Imani Ingrid Isolde Jarek Joana Jonas Juno Kaia Kenji Kiran Lars
    Leona Linnea Lorenz Lotte Mabel Magnus Marisol Milan Mirela Nadim Nella Nils Odile Olek
    Orla Oskar Paloma Petra Quentin Rafi Ronja Rosalind Saskia Selma Silas Soraya Tamsin
    Thea Tobias Ursula Valerie Vera Wanda Willem Xenia Yannick Zelda Zora
    """
)
LAST_NAMES = words(
    """
    Abernathy Achterberg Adeyemi Almgren Ashdown Balogun Barlow Bellweather Birch Blomqvist
    Brackett Calder Castellan Chaudhry Corrigan Dahlgren Delacroix Denholm Dragic Eastwick
    Eklund Falkner Farrow Fenwick Galloway Garside Greer Hallam Haverford Hollis Ibarra
    Idowu Iversen Jankovic Jessop Kalinin Karlsen Kettering Kobayashi Lindqvist Lockhart
    Lorne Maddox Marchetti Mbeki Merriweather Mistry Nakagawa Nordin Novak Oakes Okoro
    Olander Ostrander Pacheco Pellegrin Penrose Quayle Quintero Radley Ramaswamy Rosdahl
    Rutledge Sandoval Seaton Severin Silvestri Strand Sutcliffe Takeda Tamm Thackeray
    Tolland Umar Vance Varga Vasquez Whitlock Winslow Yilmaz
    """
)
STREETS = words(
    """
    Alder Anchor Beacon Bramble Canal Chapel Clover Copper Cross Ferry Foundry Garden
    Granite Hazel Heron Juniper Kiln Lantern Larch Linden Mallow Market Meadow Mill Orchard
    Plover Quarry Rowan Saddler Station Tanner Tern Thistle Weaver Willow
    """
)
WAYS = ("Street", "Street", "Street", "Avenue", "Avenue", "Road", "Lane", "Drive", "Way", "Court")
TOWNS = (
    ("Alderton", "MA", 1100),
    ("Amber Falls", "NY", 12600),
    ("Ashbourne", "NJ", 7300),
    ("Birch Harbor", "ME", 4500),
    ("Blue Mesa", "NM", 87200),
    ("Bramwell Point", "MD", 21300),
    ("Bright Creek", "CO", 80300),
    ("Calder Bay", "OR", 97200),
    ("Cedar Bluffs", "IA", 50400),
    ("Clearwell", "OH", 43500),
    ("Copper Ridge", "AZ", 85400),
    ("Cranmore", "VT", 5300),
    ("Dunmore Springs", "TX", 78300),
    ("Eastvale", "VA", 22300),
    ("Elk Crossing", "MT", 59300),
    ("Fallow Hill", "PA", 17200),
    ("Fern Valley", "KY", 40500),
    ("Flint Grove", "MI", 48700),
    ("Glenhaven", "WI", 53400),
    ("Granite Bend", "NH", 3200),
    ("Halsted", "IL", 61300),
    ("Harrow Lake", "MN", 55600),
    ("Hazelwick", "IN", 46500),
    ("Juniper Flats", "NV", 89300),
    ("Kestrel Bay", "WA", 98300),
    ("Larkfield", "KS", 67300),
    ("Laurel Heights", "GA", 30500),
    ("Lindenhurst Park", "MO", 64300),
    ("Marlow", "SC", 29300),
    ("Meadowbrook", "NE", 68300),
    ("North Quarry", "ID", 83400),
    ("Oak Landing", "LA", 70500),
    ("Orchard City", "CA", 95300),
    ("Palmera", "FL", 33400),
    ("Pine Hollow", "TN", 37500),
    ("Port Ellery", "CT", 6300),
    ("Red Willow", "OK", 73400),
    ("Rowan Bridge", "AL", 35500),
    ("Salt Prairie", "UT", 84400),
    ("Sandy Reach", "DE", 19700),
    ("Silver Fork", "WY", 82400),
    ("Stonefield", "NC", 27300),
    ("Thornbury", "RI", 2700),
    ("Westmere", "MS", 39300),
    ("Windrow", "ND", 58300),
)
"""City, state and the city's first zip code; no two cities share a zip code."""

_ZIPS = 200
"""The number of zip codes in a city."""
_SUFFIXES = len(TOWNS) * _ZIPS
"""The number of suffixes of user ids, which begin at 1000: one for each zip code."""
_NAMES = len(FIRST_NAMES) * len(LAST_NAMES)
LIMIT = _NAMES * _SUFFIXES
"""The number of people who differ in name or zip code, in id and in email."""


def require_customers(customers: int, limit: int) -> None:
    """Refuses a number of customers that a world cannot have.

    Args:
        customers: The number wanted.
        limit: The number of customers with distinct ids.

    Raises:
        ValueError: if the number is not in 1 to `limit`.
    """
    if not 1 <= customers <= limit:
        raise ValueError(
            f"expected 1 to {limit} customers in a generated database, got {customers}; "
            "their ids have no more digits"
        )


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in a generated world."""

    first: str
    """The first name."""
    last: str
    """The last name."""
    user_id: str
    """Both names and four digits; unique."""
    email: str
    """An address at example.com; unique."""
    address: dict[str, str]
    """The home address; no two people of one name share its zip code."""


@dataclass(frozen=True, slots=True)
class People:
    """The people of one seed: the same number is always the same person."""

    places: Scatter
    """Number -> (name, suffix)."""
    zips: Scatter
    """Suffix -> (town, which of its zip codes)."""
    emails: Scatter
    """Suffix -> the number in the email."""

    @classmethod
    def of(cls, seed: int) -> People:
        """The people of a seed."""
        return cls(
            Scatter.of(_NAMES, _SUFFIXES, "people", seed),
            Scatter.of(len(TOWNS), _ZIPS, "zips", seed),
            Scatter.of(90, _SUFFIXES // 90, "emails", seed),
        )

    def person(self, number: int, dice: Dice) -> Person:
        """A person.

        Args:
            number: A number below `LIMIT`, which determines names, zip code, id and email.
            dice: The random choices for the rest.
        """
        name, suffix = self.places.pair(number)
        first, last = FIRST_NAMES[name // len(LAST_NAMES)], LAST_NAMES[name % len(LAST_NAMES)]
        town, place = self.zips.pair(suffix)
        low = f"{first}.{last}".lower()
        return Person(
            first,
            last,
            f"{low.replace('.', '_')}_{1000 + suffix}",
            f"{low}{1000 + self.emails(suffix)}@example.com",
            _address(town, place, dice),
        )


def some_address(dice: Dice) -> dict[str, str]:
    """An address for a parcel that does not go home."""
    return _address(dice.between(0, len(TOWNS) - 1), dice.between(0, _ZIPS - 1), dice)


def some_name(dice: Dice) -> tuple[str, str]:
    """A first and a last name."""
    return dice.pick(FIRST_NAMES), dice.pick(LAST_NAMES)


def some_birthday(dice: Dice) -> str:
    """A grown-up's date of birth as 'YYYY-MM-DD'."""
    year, month, day = dice.between(1948, 2004), dice.between(1, 12), dice.between(1, 28)
    return f"{year}-{month:02d}-{day:02d}"


def _address(town: int, place: int, dice: Dice) -> dict[str, str]:
    city, state, first_zip = TOWNS[town]
    return {
        "address1": f"{dice.between(1, 999)} {dice.pick(STREETS)} {dice.pick(WAYS)}",
        "address2": f"{dice.pick(('Suite', 'Apt', 'Unit'))} {dice.between(1, 999)}",
        "city": city,
        "country": "USA",
        "state": state,
        "zip": f"{first_zip + place:05d}",
    }
