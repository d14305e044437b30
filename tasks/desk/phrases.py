"""The desk's users' wishes, in many wordings.

Users vary because a policy should not learn their wording by heart. All phrases are whole
sentences, so any two can follow each other. No phrase has a digit of its own: users' words cannot
be mistaken for tools' answers.
"""

from __future__ import annotations

from collections.abc import Mapping

ITEMS = (
    *("lamp", "kettle", "chair", "mirror", "carpet", "clock", "mug", "toaster", "blender", "tent"),
    *("backpack", "jacket", "scarf", "puzzle", "guitar", "keyboard", "camera", "radio", "drill"),
    *("ladder", "bike", "helmet", "vase", "pillow"),
)
"""The items on sale; no item's name is part of another's."""
CITIES = (
    *("Boston", "Chicago", "Denver", "Seattle", "Dallas", "Austin"),
    *("Miami", "Atlanta", "Portland", "Phoenix", "Detroit", "Houston"),
)
"""The cities to which orders go."""
CANCEL = (
    "Please cancel {thing}.",
    "I want to cancel {thing}.",
    "I would like to cancel {thing}.",
    "Can you cancel {thing} for me?",
    "Could you please cancel {thing}?",
    "I need to cancel {thing}.",
    "Is it possible to cancel {thing}?",
    "Cancel {thing}, please.",
    "I wish to cancel {thing}.",
    "I have to cancel {thing}.",
    "I have decided to cancel {thing}.",
    "Would you cancel {thing}?",
    "Please stop {thing}, I want it cancelled.",
    "I do not want {thing}. Please cancel it.",
    "I changed my mind about {thing}. Please cancel it.",
    "Let us cancel {thing}.",
)
"""Wishes to cancel `{thing}`."""
REASONS: Mapping[str, tuple[str, ...]] = {
    "no longer needed": (
        "I no longer need it.",
        "I do not need it any more.",
        "It is no longer needed.",
        "There is no need for it now.",
        "My plans have changed, so I have no use for it.",
        "I have no use for it now.",
        "I got one as a gift, so I do not need it.",
        "My old one works again, so it is not needed.",
        "I just do not need it.",
        "We do not need it after all.",
        "Somebody gave me one, so it is not needed now.",
        "The need for it is gone.",
    ),
    "ordered by mistake": (
        "I ordered it by mistake.",
        "It was ordered by mistake.",
        "That was a mistake of mine.",
        "I clicked on the wrong thing.",
        "I meant to order something else, it was a mistake.",
        "My son ordered it by mistake.",
        "I never meant to order it.",
        "It was an accident, I did not mean to buy it.",
        "I pressed the wrong button.",
        "Sorry, I made a mistake when I ordered.",
        "I ordered the wrong one by accident.",
        "Ordering it was a mistake.",
    ),
    "found cheaper": (
        "I found it cheaper.",
        "I found it cheaper in another shop.",
        "Another shop has it cheaper.",
        "It is cheaper somewhere else.",
        "I saw a lower price in another shop.",
        "I can get it for less money.",
        "There is a better price elsewhere.",
        "I found a better offer.",
        "Your price is too high, another shop sells it for less.",
        "A friend showed me a cheaper offer.",
        "It costs less in the shop next door.",
        "I have found a lower price.",
    ),
}
"""Reason, as `cancel_order` names it -> the users' words for it."""
RETURN = (
    "I want to return {thing}.",
    "I would like to return {thing}.",
    "Please take back {thing}.",
    "Can I return {thing}?",
    "Can I send {thing} back?",
    "I want to send {thing} back.",
    "Could you take {thing} back?",
    "I need to return {thing}.",
    "Is it possible to return {thing}?",
    "I am not happy with {thing}. I want to return it.",
    "Please start a return for {thing}.",
    "I have to give {thing} back.",
    "There is a problem with {thing}. I want to return it.",
    "I do not like {thing}. Can I send it back?",
    "I wish to return {thing}.",
    "Please arrange a return of {thing}.",
)
"""Wishes to return `{thing}`."""
CITY = (
    "Please send {thing} to {city} instead.",
    "Can you send {thing} to {city}?",
    "I want {thing} to go to {city}.",
    "Please deliver {thing} to {city}.",
    "I am moving to {city}. Please send {thing} there.",
    "Could {thing} be delivered to {city} instead?",
    "Please change the city for {thing} to {city}.",
    "I would like {thing} in {city}, not at the old place.",
    "I need {thing} in {city}.",
    "My new home is in {city}. Can {thing} go there?",
    "The city for {thing} is wrong, it should be {city}.",
    "Would you ship {thing} to {city} instead?",
    "Can I have {thing} delivered to {city}?",
    "Change the delivery of {thing} to {city}, please.",
)
"""Wishes to have `{thing}` sent to `{city}`."""
CITY_OPEN = (
    "Please send {thing} to another city.",
    "Can you send {thing} to a different city?",
    "I want {thing} to go to another city.",
    "I have moved. Please change the city for {thing}.",
    "I gave the wrong city for {thing}.",
    "The city for {thing} is wrong.",
    "Could {thing} be delivered to another city?",
    "I need another delivery city for {thing}.",
    "Can I change the city for {thing}?",
    "I would like to change where {thing} goes.",
    "Please change the delivery city of {thing}.",
    "I am moving. Can {thing} go to my new city?",
    "Would you ship {thing} to another city?",
    "I want to change the city of {thing}.",
)
"""Wishes to have `{thing}` sent to another city, which is not named."""
QUESTIONS: Mapping[str, tuple[str, ...]] = {
    "arrival": (
        "When will {thing} arrive?",
        "When does {thing} arrive?",
        "How long until {thing} arrives?",
        "When can I expect {thing}?",
        "How many days until I get {thing}?",
        "I am waiting for {thing}. When will it come?",
        "When will {thing} be delivered?",
        "Can you tell me when {thing} will be here?",
        "How long do I have to wait for {thing}?",
        "I want to know when {thing} arrives.",
        "In how many days will {thing} come?",
        "When will I get {thing}?",
    ),
    "delivered": (
        "When was {thing} delivered?",
        "How long ago was {thing} delivered?",
        "How many days ago did {thing} arrive?",
        "When did {thing} arrive?",
        "When did I get {thing}?",
        "Can you tell me when {thing} was delivered?",
        "I want to know when {thing} was delivered.",
        "How long have I had {thing}?",
        "On which day was {thing} delivered?",
        "When did you deliver {thing}?",
        "How long is it since {thing} came?",
        "I forgot when {thing} was delivered. Can you look?",
    ),
    "price": (
        "How much did {thing} cost?",
        "What did {thing} cost?",
        "What was the price of {thing}?",
        "How much did I pay for {thing}?",
        "What did I pay for {thing}?",
        "Can you tell me the price of {thing}?",
        "I want to know what {thing} cost.",
        "Please tell me the total for {thing}.",
        "What was the total for {thing}?",
        "I forgot the price of {thing}. How much was it?",
        "How much money was {thing}?",
        "Could you look up the price of {thing}?",
    ),
    "place": (
        "To which city does {thing} go?",
        "Which city will {thing} be sent to, and when?",
        "Where does {thing} go, and when will it be there?",
        "To which city are you sending {thing}?",
        "In which city will {thing} arrive?",
        "Where will {thing} be delivered, and when?",
        "What city did I give for {thing}?",
        "Can you tell me where {thing} is going?",
        "I want to know which city {thing} goes to.",
        "Which city is {thing} going to?",
        "What is the delivery city of {thing}?",
        "Where are you sending {thing}?",
    ),
    "status": (
        "What is the status of {thing}?",
        "How is {thing} doing?",
        "What about {thing}?",
        "Can you check {thing} for me?",
        "Please check the status of {thing}.",
        "Is there any news about {thing}?",
        "Could you look up {thing}?",
        "I want to know the status of {thing}.",
        "What is going on with {thing}?",
        "How far along is {thing}?",
        "Tell me the status of {thing}, please.",
        "Can you give me an update on {thing}?",
    ),
}
"""Topic -> questions about `{thing}`."""
TOPICS: Mapping[str, tuple[str, ...]] = {
    "payment": (
        "My card was charged twice.",
        "I want to pay by bank transfer from now on.",
        "My credit card does not work in your shop.",
        "I need an invoice for my company.",
        "Can I pay in small parts?",
        "There is a wrong charge on my card.",
        "I want to change how I pay.",
    ),
    "complaint": (
        "Your driver was very rude to me.",
        "I want to complain about your service.",
        "I have a complaint about the driver.",
        "The box was thrown over my fence. I want to complain.",
        "I am angry about how your staff treated me.",
        "Who takes complaints about your drivers?",
        "Your service is terrible, I want to complain.",
    ),
    "account": (
        "I forgot my password.",
        "Please delete my account.",
        "I want to change the name on my account.",
        "I cannot log in to my account.",
        "Somebody else uses my account.",
        "Please change the email of my account.",
        "I want to close my account.",
    ),
    "product advice": (
        "Which tent is best for the mountains?",
        "Which camera should I buy next?",
        "Can you recommend a good gift for my mother?",
        "Which drill do you recommend for concrete?",
        "What is the difference between your two radios?",
        "Which bike is right for a small child?",
        "Can you recommend a warm jacket?",
    ),
}
"""Topic, as `transfer_to_human` names it -> requests that the desk cannot meet."""
THINGS = ("the {item}", "my {item}", "the {item} I ordered", "the {item} I bought")
"""Names of an order by its item."""
NUMBERED = ("order {order}", "my order {order}", "order number {order}")
"""Names of an order by its number."""
