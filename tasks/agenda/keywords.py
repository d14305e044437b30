"""The words by which a message asks, and those that name a slot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from tasks.agenda.slots import Slot

Meaning = TypeVar("Meaning")


@dataclass(frozen=True, slots=True)
class Phrases(Generic[Meaning]):
    """Fixed phrases and what each means; found by their first word, the longest first."""

    by_first: Mapping[str, tuple[tuple[tuple[str, ...], Meaning], ...]]
    """First word -> (the words, the meaning), longest first."""

    @classmethod
    def of(cls, meanings: Mapping[Meaning, str]) -> Phrases[Meaning]:
        """From meaning -> its phrases, parted by "|"."""
        found: dict[str, list[tuple[tuple[str, ...], Meaning]]] = {}
        for meaning, phrases in meanings.items():
            for phrase in phrases.split("|"):
                words = tuple(phrase.split())
                found.setdefault(words[0], []).append((words, meaning))
        return cls({w: tuple(sorted(p, key=lambda e: -len(e[0]))) for w, p in found.items()})

    def find(self, words: Sequence[str]) -> Iterator[tuple[int, int, Meaning]]:
        """(begin, end, meaning) of each phrase, from left to right, without overlap."""
        at, count = 0, len(words)
        while at < count:
            for phrase, meaning in self.by_first.get(words[at], ()):
                end = at + len(phrase)
                if tuple(words[at:end]) == phrase:
                    yield at, end, meaning
                    at = end - 1
                    break
            at += 1

    def within(self, words: Sequence[str]) -> bool:
        """Whether there is any of them."""
        return next(self.find(words), None) is not None


def words_of(text: str) -> list[str]:
    """The words of a table, which blanks part."""
    return text.split()


def _cues(*phrases: str) -> Phrases[bool]:
    return Phrases.of({True: "|".join(phrases)})


def _each(before: str, after: str) -> str:
    return "|".join(f"{one} {two}" for one in before.split("|") for two in words_of(after))


NOUNS: Phrases[Slot] = Phrases.of(
    {
        Slot.NAME: "name|names|full name|first and last name|first name|last name|your name",
        Slot.EMAIL: "email|e-mail|emails|email address|e-mail address|email on file",
        Slot.ZIP: "zip|zip code|zipcode|zip-code|postal code|postcode|zip/postal code|post code",
        Slot.USER_ID: "user id|userid|user_id|user ids|username|user name|account id|member id"
        "|customer id|profile id|account number|user profile id",
        Slot.ORDER_ID: "order id|order ids|order number|order numbers|order #|order_id|orders id"
        "|order id number|order identifier|which order|which orders|what order|order reference"
        "|id of the order|number of the order|which of these orders|which of the orders"
        "|which of your orders|which one of these orders|which specific order|which pending order"
        "|which delivered order|the specific order",
        Slot.NEW_ITEM: "new item|new items|new item id|new item ids|new variant|which variant"
        "|replacement item|replacement items|desired item|preferred variant|new product"
        "|desired options|new options|what color|what size|which color|which size|preferred color"
        "|preferred size|what specifications|specifications|preferences|new specifications"
        "|exchange it for|exchange them for|replace it with|switch to|change it to|instead"
        "|what options|which options|desired variant|which version|what type|which new item"
        "|which replacement|item you want instead|desired color|desired size|new size|new color"
        "|item id of the new|exchange for|what kind",
        Slot.ITEM: "which item|which items|what item|what items|item id|item ids|item name"
        "|item names|items you|item you|which product|which products|item|items|product"
        "|products|product name|specific item|specific items|what product",
        Slot.REASON: "reason|reasons|why",
        Slot.PAYMENT: "payment method|payment methods|payment option|payment details|payment"
        "|refund method|refund method id|refund payment method|which card|which credit card"
        "|what card|which gift card|which certificate|method of payment|how to pay|refunded to"
        "|how would you like to pay|how you'd like to pay|how you would like to pay"
        "|payment preference|form of payment|payment method id|refund destination"
        "|payment information|like to pay|want to pay|prefer to pay|receive the refund"
        "|receive your refund|which payment|what payment|to use for the refund",
        Slot.ADDRESS: "address|addresses|new address|shipping address|address line|street|city"
        "|state|country|apartment|suite|street address|billing address|delivery address",
        Slot.RESERVATION_ID: "reservation id|reservation ids|reservation number|reservation code"
        "|reservation numbers|booking id|booking number|booking reference|confirmation number"
        "|confirmation code|reservation_id|which reservation|which reservations|booking code"
        "|reservation codes|what reservation|which booking|which trip|which of these reservations"
        "|id of the reservation|pnr|record locator|which one of these reservations"
        "|which of your reservations|which of the reservations|the specific reservation"
        "|reservation confirmation|which specific reservation",
        Slot.ROUTE: "origin|destination|departure city|arrival city|departure airport|route"
        "|arrival airport|trip type|one-way or round-trip|one-way or round trip"
        "|one way or round trip|round trip or one way|round-trip or one-way|flying from"
        "|flying to|traveling to|traveling from|travelling to|travelling from|departing from"
        "|departure and arrival|where are you|where you|where would you|which city|which cities"
        "|which airport|what airport|departure and destination|departing city|destination city"
        "|type of trip|fly from|fly to|cities",
        Slot.DATE: "date|dates|travel date|travel dates|departure date|return date|what day"
        "|which day|which date|when|what date|new date|new dates|what dates|dates of travel",
        Slot.CABIN: "cabin|cabin class|class|cabins|which class|travel class|class of service"
        "|class of travel|seat class",
        Slot.FLIGHT: "which flight|which flights|flight number|flight numbers|flight option"
        "|which flight option|what flight|flight segment|flight segments|new flight|new flights"
        "|flight details|flight information|which of these flights|which segment|flight you"
        "|flights you|which itinerary|flight preference|specific flight|specific flights",
        Slot.PASSENGERS: "passenger|passengers|date of birth|dates of birth|dob|birth date"
        "|birthdate|passenger details|passenger information|passenger names|travelers"
        "|number of passengers|how many passengers|how many people|travellers|who will"
        "|who is travelling|who is traveling|passenger's|name of each passenger"
        "|passenger name|names of all passengers|name of the passenger|full name of the passenger"
        "|first and last name of each passenger|traveler|full name of each passenger",
        Slot.BAGGAGE: "bag|bags|baggage|baggages|luggage|checked bag|checked bags|suitcases"
        "|suitcase|how many bags|number of bags",
        Slot.INSURANCE: "insurance|travel insurance",
        Slot.CHOICE: "which option|which one|which of these|which of the following|what option"
        "|how would you like to proceed|how you'd like to proceed|how you would like to proceed"
        "|how you want to proceed|how do you want to proceed|which would you|which you|preference"
        "|preferred option|choice|your choice|which path|which alternative|which approach"
        "|how you'd prefer to proceed|how would you prefer to proceed|how you wish to proceed"
        "|how to proceed|which of those|which choice|what you'd prefer|what would you prefer",
    }
)
"""What names a slot, in a clause that asks."""

ASKS = _cues(
    _each(
        "please|kindly|could you|can you|would you|could you please",
        "provide tell share specify give confirm let send reply enter supply include state"
        " indicate choose select advise type say list clarify verify respond answer pick"
        " describe identify also",
    ),
    "i need|i'll need|i will need|we need|we'll need|we will need|i require|need to know"
    "|let me know|tell me|i would need|i'd need|still need|do you have|do you know|do you remember"
    "|may i have|can i have|can i get|could i have|could i get|may i know|may i ask|will need"
    "|you provide|able to provide|able to share|you share|you tell|you specify|you confirm"
    "|must provide|need you to|i just need|i also need|requires|is required|are required"
    "|able to give|what's|please have|need your|need the|required|you give|you clarify|you let|you also",
)
"""A clause with one of them asks, question mark or not."""

IMPERATIVES = frozenset(words_of("provide share tell specify reply choose select confirm give"))
"""A clause that begins with one of them asks."""

WH = frozenset(words_of("which what how when where who why whose"))
"""Open questions have one of them."""

PROPOSES = _cues(
    "would you like|do you want|would you prefer|shall i|should i|may i|is this|is that|are these"
    "|does that|does this|is it|are you|can i|do you agree|do you still|did you|do you|is the"
    "|are the|you'd like|you would like|you want|you wish|if you are|will you|have you|was this"
    "|was it|were you|would it|like me to|want me to|could i|shall we|is there|are there|should we",
)
"""A question with one of them, and without an open question, can be answered by yes or no."""

AGREES = _cues(
    "reply yes|say yes|type yes|respond yes|yes to proceed|yes to confirm|yes/no|yes or no|proceed"
    "|go ahead|is that correct|is this correct|correct|are you sure|like me to|want me to|shall i"
    "|should i|explicit confirmation|your confirmation|yes if|answer yes|respond with yes"
    "|reply with yes|do you confirm|do you agree|confirm if|confirm that|confirm whether"
    "|confirm you|confirm to|confirm by|confirm with|confirm so|confirm this|confirm these"
    "|confirm and|confirm the following|confirm below|confirm all|you confirm|a yes|yes so"
    "|reply confirm|okay with you|sounds good|work for you|confirm once",
)
"""A clause with one of them asks for yes or no."""

MORE = _cues(
    "anything else|any other|further assistance|further questions|additional questions"
    "|other questions|more questions|other requests|else i can|further help|something else i can"
    "|more help|additional assistance|anything further|any further|more assistance"
    "|need assistance|any additional|any more|any questions|other concerns|anything more",
)
"""What is said to ask whether there is more."""

OFFERS = _cues(
    "let me know|feel free|reach out|here to help|just ask|happy to|here to assist|glad to|just say"
    "|please ask|is there|do you have|can i|may i|are there|do you need|would you like",
)
"""Beside one of them, the above is meant as a question."""

REQUESTS = _cues(
    "how can i help|how can i assist|how may i help|how may i assist|what can i do|what can i help"
    "|how could i help|how i can help|how i can assist|how i may assist|what i can do"
    "|what would you like to do|what do you need|what you'd like to do|what you would like to do"
    "|what you need|how can we help|what brings you|what can i assist|what would you like help"
    "|what you'd like help|what would you like me|what you'd like me|details of your request"
    "|how i may help|what you want to do|what do you want to do|what would you like assistance",
)
"""The opening question."""

SUBORDINATE = frozenset(
    words_of("once after when as before with using to by because since while for")
)
"""A sentence that begins with one of them asks only behind its first comma."""

PURPOSE = _cues(
    _each(
        "to",
        "locate find look verify access retrieve authenticate identify help assist check pull"
        " complete process start begin get continue move search",
    ),
    "so i|so that|so we|in order to|before i|before we|once i|associated with|because|linked to",
)
"""What comes behind is told, up to the next comma."""

EXAMPLES = frozenset({"e.g", "like", "such", "example", "i.e", "format", "starts", "begins"})
"""Behind one of them, a value is an example."""
