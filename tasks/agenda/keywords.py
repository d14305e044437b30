"""The words with which a message asks, and the words that name a slot.

A clause's last word is the mark that ends it, so that a phrase can tell "right?" from "right now".
"""

from __future__ import annotations

from enum import StrEnum

from tasks.agenda.phrases import Phrases, each, words_of
from tasks.agenda.slots import Slot


class Cue(StrEnum):
    """What a phrase tells about its clause."""

    ASKS = "asks"
    """The clause asks, with or without a question mark."""
    PROPOSES = "proposes"
    """A question with it, but without an open word, has the answer yes or no."""
    AGREES = "agrees"
    """The clause asks for yes or no."""
    OFFERS = "offers"
    """The clause offers help; together with MORE it is a question."""
    MORE = "more"
    """The clause mentions more help, or other wishes."""
    REQUEST = "request"
    """The clause asks what the customer wants."""
    INVITES = "invites"
    """The clause invites the customer to choose from what follows."""


_ZIPS_OF_ADDRESSES = "".join(
    f"|{code} {of} {whose} {kind}address"
    for code in ("zip", "zip code", "postal code")
    for of in ("of", "for", "in", "on", "from", "associated with")
    for whose in ("your", "the")
    for kind in ("", "shipping ", "billing ", "default ", "delivery ", "mailing ")
)
"""Slots that only describe another one: "the zip code of your address" asks for the zip code."""
NOUNS: Phrases[Slot] = Phrases.of(
    {
        Slot.NAME: "name|names|full name|full names|first and last name|first name|last name"
        "|speaking with",
        Slot.EMAIL: "email|e-mail|emails|email address|e-mail address|email addresses",
        Slot.ZIP: "zip|zip code|zip codes|zipcode|zip-code|postal code|postcode|zip/postal code"
        + _ZIPS_OF_ADDRESSES,
        Slot.USER_ID: "user id|userid|user_id|user ids|username|user name|account id|member id"
        "|customer id|profile id|account number",
        Slot.ORDER_ID: "order id|order ids|order number|order numbers|order_id|which order"
        "|which orders|what order|what orders|order reference|order identifier|id of the order"
        "|number of the order|which of these orders|which of the orders|which of your orders"
        "|which one of these orders|which specific order|which pending order|which delivered order"
        "|the specific order|order details|which two orders",
        Slot.NEW_ITEM: "new item|new items|new item id|new item ids|new variant|variant|variants"
        "|replacement|replacements|replacement item|desired item|desired options|new options"
        "|color|colour|colors|size|sizes|material|brightness|capacity|storage|style|model|features"
        "|specifications|specs|specification|preferred specifications|new product|version"
        "|exchange it for|exchange them for|replace it with|switch to|change it to|instead"
        "|what options|which options|specific options|options you|option values|item options"
        "|exchange for|what kind|what type|which new|in exchange|new product options|receive in"
        "|product options|exchange to|preferred options|want instead|options for the new",
        Slot.ITEM: "which item|which items|what item|what items|item id|item ids|item name"
        "|item names|item|items|which product|which products|product|products|product name"
        "|product id|specific item|specific items|everything you|like to return|like to exchange"
        "|want to return|want to exchange|wish to return|wish to exchange",
        Slot.REASON: "reason|reasons|why",
        Slot.PAYMENT: "payment method|payment methods|payment/refund method"
        "|payment option|payment details|payment"
        "|payments|refund method|refund payment method|which card|which credit card|what card"
        "|which gift card|which certificate|method of payment|how to pay|refunded to|like to pay"
        "|payment preference|form of payment|payment method id|refund destination|want to pay"
        "|payment information|prefer to pay|receive the refund|receive your refund|which payment"
        "|what payment|settle the|refund go|refund to go|refund issued|the refund to|refund be"
        "|which of your cards|ids of your gift cards|which of these cards|cards on file"
        "|get the refund|card id"
        "|your refund to|refund preference|which saved|method for the refund|cover the difference"
        "|should i charge|should be charged|card should i|card would you|credit card|gift card",
        Slot.ADDRESS: "address|addresses|new address|shipping address|address line|street|city"
        "|apartment|suite|street address|billing address|delivery address|we ship|ship it|ship to"
        "|mailing address|full address|state , and zip code|it be sent|it be delivered",
        Slot.RESERVATION_ID: "reservation id|reservation ids|reservation number|reservation code"
        "|reservation numbers|booking id|booking number|booking reference|confirmation number"
        "|confirmation code|reservation_id|which reservation|which reservations|booking code"
        "|reservation codes|what reservation|which booking|which bookings|which trip|which trips"
        "|which of these reservations|id of the reservation|pnr|record locator|booking ids"
        "|which one of these reservations|which of your reservations|which of the reservations"
        "|the specific reservation|which specific reservation|which of these bookings"
        "|reservation details|booking details|reservation information",
        Slot.ROUTE: "origin|destination|destinations|departure city|arrival city|route|trip type"
        "|departure airport|arrival airport|one-way or|one way or|round trip or|round-trip or"
        "|or one-way|or one way|or round trip|or round-trip|flying from|flying to|traveling to"
        "|traveling from|travelling to|travelling from|departing from|departure and arrival"
        "|where are you|where you|where would you|where do you|from where|which city|which cities"
        "|which airport|which airports|what airport|departing city|type of trip|fly from|fly to"
        "|cities|departure location|to where|departing and",
        Slot.DATE: "date|dates|travel date|travel dates|departure date|return date|what day"
        "|which day|which date|what date|new date|new dates|what dates|dates of travel|when would"
        "|when do you|when are you|when should|when you'd like|when you would like|when is|when was"
        "|when you want|when will you|when did|when ?|when .|departure dates|return dates",
        Slot.CABIN: "cabin|cabin class|cabins|which class|what class|travel class|class of service"
        "|class of travel|seat class|cabin classes|economy or|or economy|or business|the class",
        Slot.FLIGHT: "which flight|which flights|flight number|flight numbers|flight option"
        "|which flight option|what flight|what flights|flight segment|flight segments|new flight"
        "|flight options|new flights|flight details|flight information|which of these flights"
        "|which segment|which segments|flight you|flights you|which itinerary|flight preference"
        "|specific flight|specific flights|outbound flight|return flight|which outbound"
        "|which return"
        "|outbound and return|of the flight|delayed flight|flight would|flights would"
        "|which of the flights|number of the flight|number of the delayed flight|preferred flight"
        "|preferred flights|which nonstop|which one-stop",
        Slot.PASSENGERS: "passenger|passengers|date of birth|dates of birth|dob|birth date"
        "|birthdate|birth dates|passenger details|passenger information|passenger names|travelers"
        "|number of passengers|how many passengers|how many people|travellers|who will|who is"
        "|passenger's|passengers'|name of each passenger|passenger name|traveler|who else"
        "|names of all passengers|name of the passenger|full name of the passenger|traveller"
        "|first and last name of each passenger|full name of each passenger|travel companions",
        Slot.BAGGAGE: "bag|bags|baggage|baggages|luggage|checked bag|checked bags|suitcases"
        "|suitcase|how many bags|number of bags|checked baggage",
        Slot.INSURANCE: "insurance|travel insurance|insured",
        Slot.CHOICE: "which option|which options would|which one|which ones|which of the following"
        "|what option|which of these|which of those|which would you|which do you|which you|choice"
        "|like to proceed|want to proceed|prefer to proceed|wish to proceed|how to proceed"
        "|preference|preferred option|option you|like to go on|want to go on|like to continue"
        "|which path|which alternative|which approach|what you'd prefer|what you prefer"
        "|what would you prefer|like to move forward|which of the two|which choice|choose one"
        "|like me to proceed|one option|option would you|option to",
    }
)
"""Slot -> words that name it in a clause that asks."""

_MORE = (
    "anything else|further assistance|further questions|additional questions|other questions"
    "|more questions|other requests|else i can|further help|something else|more help|something more"
    "|additional assistance|anything further|any further|more assistance|need assistance"
    "|any additional|any questions|other concerns|anything more|any other way|any other requests"
    "|any other concerns|any other assistance|any other help|any other issue|any other issues"
    "|any other changes|any other details|everything for today|be all|is that all"
    "|was that all|was that everything"
    "|is that everything|any other request|need any help|need help|any concerns|any more questions"
    "|more ?|else ?|what next|what else"
)
CUES: Phrases[Cue] = Phrases.of(
    {
        Cue.ASKS: each(
            "please|kindly|could you|can you|would you|could you please|then|also|first"
            "|and|please also",
            "provide tell share specify give confirm send reply enter supply include"
            " indicate choose select advise type say list clarify verify respond answer pick"
            " describe identify paste state double-check",
        )
        + "|say yes"
        "|please let|i need|i'll need|i will need|we need|we'll need|we will need|i require"
        "|need to know|have to know|let me know|tell me|i would need|i'd need"
        "|still need|do you have"
        "|do you know|do you remember|may i have|can i have|can i get|could i have|could i get"
        "|may i know|may i ask|will need|you provide|you share|you tell|you specify|able to provide"
        "|able to share|must provide|need you to|i just need|i also need|requires|is required"
        "|are required|able to give|what's|please have|need your|need the|required|you give"
        "|you clarify|you let|you also|if you have the|if you have your|if you know the"
        "|if you can|if you could|if you remember|give me|send me|send us|give us"
        "|you mind|i must have|missing|i lack"
        "|i'm missing|help me with your|all i need|what i need|you confirm|let us know"
        "|i have to ask",
        Cue.PROPOSES: "would you like|do you want|would you prefer|shall i|should i|may i|is this"
        "|is that|are these|does that|does this|is it|are you|can i|do you agree|do you still"
        "|did you|do you|is the|are the|you'd like|you would like|you want|you wish|if you are"
        "|will you|have you|was this|was it|were you|would it|like me to|want me to|could i"
        "|shall we|is there|are there|should we|has the|was the|would that",
        Cue.AGREES: "reply yes|say yes|type yes|respond yes|yes to proceed|yes to confirm|yes/no"
        "|yes or no|may proceed|i proceed|should proceed|go ahead"
        "|that correct|this correct|correct ?|correct .|is correct|are correct|you sure"
        "|want me to|like me to|shall i|should i|explicit confirmation|your confirmation|yes if"
        "|answer yes|with yes|do you confirm|you agree|confirm if|confirm that|confirm whether"
        "|confirm you|confirm to|confirm by|confirm with|confirm so|confirm this|confirm these"
        "|confirm and|confirm the following|confirm below|confirm all|a yes|yes so|reply confirm"
        "|yes ?"
        "|okay with you|sounds good|work for you|right ?|all right|look right|look good|is okay"
        "|confirm everything|clear yes|you'd like to proceed|you want to proceed"
        "|like to proceed with|you would like to proceed|an explicit|you confirm ?"
        "|ready to proceed",
        Cue.OFFERS: "let me know|feel free|reach out|here to help|just ask|happy to|here to assist"
        "|glad to|just say|please ask|is there|do you have|can i|may i|are there|do you need"
        "|would you like|should you|don't hesitate|do not hesitate|i'm here|let us know|if you have"
        "|if you need|if there's|if there is",
        Cue.MORE: _MORE,
        Cue.REQUEST: "how can i help|how can i assist|how may i help|how may i assist|what can i do"
        "|what can i help|how could i help|how i can help|how i can assist|how i may assist"
        "|what i can do|you like to do|what do you need|what you'd like to do|what you need"
        "|what you would like to do|how can we help|what brings|what can i assist"
        "|what you want to do"
        "|what would you like help|what you'd like help|what would you like me|what you'd like me"
        "|details of your request|how i may help|what do you want to do|describe your request"
        "|what would you like assistance|describe what|describe the issue|your request is"
        "|do for you ?|what changes|which changes|what specific changes|changes would you"
        "|changes you'd like|changes you would like|what action|which action|help with your order"
        "|what change|change would you|like to change|change you'd like|help you with ?"
        "|assist you with ?|what it is you|what is your request|what is this about",
        Cue.INVITES: "would you like|do you want|would you prefer|would you rather|you like to :"
        "|you prefer :|following options",
    }
)
"""Cue -> words that give it."""

TOPICS: Phrases[Slot] = Phrases.of(
    {
        Slot.PAYMENT: "gift card|gift cards|credit cards|cards|credit card|card|paypal"
        "|payment|payment method|payment methods"
        "|certificate|refund|visa|mastercard|to pay",
        Slot.ORDER_ID: "orders|order ids|recent orders",
        Slot.RESERVATION_ID: "reservations|bookings",
        Slot.NEW_ITEM: "variants|variant|in stock|available options|colors|sizes",
        Slot.FLIGHT: "flights|nonstop|departs|itinerary|itineraries",
        Slot.CHOICE: "option|options|either|alternatively|two ways|choices|ways"
        "|you could|we could|options :",
        Slot.ITEM: "to exchange|to return|be exchanged|be returned|exchanged|items",
    }
)
"""Slot -> words that make it the topic of a later "which one?"."""

EITHER: Phrases[Slot] = Phrases.of(
    {
        Slot.CABIN: "economy or|or economy|or business|business or",
        Slot.ROUTE: "one-way or|one way or|round trip or|round-trip or|or one-way|or one way"
        "|or round trip|or round-trip|trip or|a one-way|a one way|a round trip ?|a round-trip ?",
        Slot.PAYMENT: "card or|paypal or|or paypal|or gift card|or your gift|or a gift|or original"
        "|or the original|method or|or with your|or credit card|or to your"
        "|or your credit|or a credit"
        "|or to paypal|or your original|or to a gift|or an existing gift|or to the visa|or to an",
        Slot.REASON: "by mistake|no longer|change of plan|change of plans|is the reason",
        Slot.NEW_ITEM: "or the smaller|or the larger|inch or|wired or|version or",
    }
)
"""Slot -> words of an either-or question about it."""

NOT_ASKED = Phrases.of(
    {
        True: each(
            "to",
            "locate find look verify access retrieve authenticate identify help assist pull"
            " complete process start begin continue move search review determine",
        )
        + "|so i|so that|so we|in order to|before i|before we|once i|because|linked to|don't have"
        "|do not have|don't remember|do not remember|don't know|do not know|can't find|without"
        "|no email|no e-mail|not have|as soon as|once you|in case"
    }
)
"""Words after which a clause tells something, up to the next comma."""

RESUMES = frozenset(words_of(", : i i'd i'll please could"))
"""Words with which the question continues."""

OPTIONS = frozenset(words_of("option options choice choose"))
"""Words next to which "which" can only mean one of the options."""

WH = frozenset(words_of("which what how when where who whom why whose what's"))
"""Words, one of which every open question has."""

ALWAYS_OPEN = frozenset(words_of("which what how where why what's"))
"""Open words that ask at any position."""

POINTERS = frozenset(words_of("these those following details information both them"))
"""Words that refer to the text before or below, in a question that names no slot."""

IMPERATIVES = frozenset(words_of("provide share tell specify reply choose select confirm give"))
"""First words of clauses that ask."""

SUBORDINATE = frozenset(
    words_of("once after when as before with using to by because since while for if")
)
"""First words of clauses that only prepare the next clause."""

AUXILIARIES = frozenset(words_of("would do does did will are is was were should shall can could"))
"""Words that follow the first word of an open question, and begin a closed one."""

EXAMPLES = frozenset(words_of("e.g like such example i.e format starts begins"))
"""Words after which a value is only an example."""
