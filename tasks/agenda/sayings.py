"""How customers talk: many ways of saying each thing, in any of which `{value}` may stand.

`{value}` is put in as it is, `{Value}` with a capital. What is said of a request itself (what is
wanted, and of which thing) stands in the agenda: these phrases fit any world.
"""

from __future__ import annotations

from collections.abc import Mapping

from tasks.agenda import sayings_of_travel as travel
from tasks.agenda.slots import Slot

ANSWERS: Mapping[Slot, tuple[str, ...]] = {
    **travel.ANSWERS,
    Slot.NAME: (
        "My name is {value}.",
        "I'm {value}.",
        "It's {value}.",
        "The name is {value}.",
        "{value} is my name.",
        "You can find me under {value}.",
        "This is {value}.",
        "The account is under the name {value}.",
        "It should be under {value}.",
        "{value}.",
    ),
    Slot.ZIP: (
        "My zip code is {value}.",
        "The zip is {value}.",
        "Zip code {value}.",
        "I live in {value}.",
        "{value} is the zip code.",
        "The zip code on the account is {value}.",
        "My postal code is {value}.",
        "It's in the {value} area, that's the zip.",
        "Zip: {value}.",
        "The zip should be {value}.",
        "{value}.",
    ),
    Slot.EMAIL: (
        "My email is {value}.",
        "It's {value}.",
        "The email address is {value}.",
        "I use {value}.",
        "You can look me up by {value}.",
        "{value} is the address I signed up with.",
        "My email address: {value}.",
        "The account is under {value}.",
        "That would be {value}.",
        "I registered with {value}.",
        "Email: {value}.",
        "It should be {value}.",
    ),
    Slot.USER_ID: (
        "My user id is {value}.",
        "The user id is {value}.",
        "User id {value}.",
        "My id with you is {value}.",
        "I'm {value} in your system.",
        "My login is {value}.",
        "{value} is my user id.",
        "The account id is {value}.",
    ),
    Slot.ORDER_ID: (
        "It's order {value}.",
        "The order number is {value}.",
        "That's {value}.",
        "My order number is {value}.",
        "Order {value}.",
        "I have {value} here.",
        "The confirmation says {value}.",
        "It's number {value}.",
        "The one I mean is {value}.",
        "It says {value} in my email.",
        "{value} is the number.",
        "This is about {value}.",
    ),
    Slot.ITEM: (
        "It's {value}.",
        "I mean {value}.",
        "That would be {value}.",
        "It's about {value}.",
        "{Value}, please.",
        "Just {value}.",
        "I'm talking about {value}.",
        "What I mean is {value}.",
        "{Value}.",
        "Only {value}.",
        "That's {value}.",
    ),
    Slot.NEW_ITEM: (
        "I'd like {value}.",
        "I want {value}.",
        "What I'd like instead is {value}.",
        "Make it {value}, please.",
        "{Value}, please.",
        "I'd rather have {value}.",
        "I'm after {value}.",
        "What I need is {value}.",
        "I was thinking of {value}.",
        "Please make that {value}.",
        "I would prefer {value}.",
        "Instead I'd take {value}.",
    ),
    Slot.REASON: (
        "{Value}.",
        "The reason is simple: {value}.",
        "Well, {value}.",
        "It's just that {value}.",
        "Because {value}.",
        "To be honest, {value}.",
        "Honestly, {value}.",
        "You see, {value}.",
    ),
    Slot.PAYMENT: (
        "Please use {value}.",
        "{Value}, please.",
        "I'd like to use {value}.",
        "I'd go with {value}.",
        "Use {value}.",
        "{Value} would be best.",
        "Let's use {value}.",
        "Please take {value}.",
        "I prefer {value}.",
        "I'd choose {value}.",
        "{Value}.",
        "{Value} is fine.",
    ),
    Slot.ADDRESS: (
        "It's {value}.",
        "The address is {value}.",
        "Please use {value}.",
        "The new address is {value}.",
        "It should be {value}.",
        "That would be {value}.",
        "Here it is: {value}.",
        "{value}.",
        "Send it to {value}.",
    ),
}
"""Slot -> sentences that answer it."""
ANY_ANSWER = (
    "It's {value}.",
    "That would be {value}.",
    "{Value}.",
    "{Value}, please.",
    "I'd say {value}.",
    "Let's say {value}.",
)
"""The same for all other slots."""
INTRODUCTIONS: Mapping[Slot, tuple[str, ...]] = {
    Slot.NAME: (
        "My name is {value}.",
        "I'm {value}.",
        "This is {value}.",
        "It's {value}.",
        "The name is {value}.",
        "{value} here.",
    ),
    Slot.ZIP: (
        "My zip code is {value}.",
        "My zip is {value}.",
        "I live in {value}.",
        "The zip code on the account is {value}.",
    ),
    Slot.EMAIL: (
        "My email is {value}.",
        "My email address is {value}.",
        "I registered with {value}.",
        "My account is under {value}.",
    ),
    Slot.USER_ID: (
        "My user id is {value}.",
        "I'm {value} in your system.",
        "My login is {value}.",
        "My account id is {value}.",
    ),
}
"""Slot -> how they introduce themselves, unasked."""
LEADS = ("Sure.", "Of course.", "Sure thing.", "Okay.", "Yes, of course.", "Certainly.", "Yes.")
"""What may come before an answer."""
HESITATIONS = ("Let me see.", "Hmm, let me think.", "Okay.", "Well, okay.", "Right.", "Let's see.")
"""What may come before an answer that takes a thought."""
AGAIN = ("As I said:", "Like I said:", "Once more:", "I told you already:", "Again:")
"""What comes before an answer given before."""
YES = (
    "Yes, please.",
    "Yes, go ahead.",
    "Yes.",
    "Yes, that's right.",
    "Yes, please do.",
    "Yes, that's correct.",
    "Yes, I confirm.",
    "Yes, do it.",
    "That's right, yes.",
    "Yes, please go ahead.",
    "Yes, that works for me.",
    "Sounds good, yes.",
    "Yes, I agree.",
    "Correct, yes.",
    "Yep, go ahead.",
    "Perfect. Yes, please.",
    "Yes, that's what I want.",
    "Yes, all correct.",
)
CHANGES_OF_MIND = (
    "Actually, wait. I've thought about it again.",
    "Hmm, wait. I've changed my mind.",
    "Hold on, I've reconsidered.",
    "No, sorry, one change first.",
    "Oh, now that I hear it, I'd rather have it another way.",
    "Wait a moment, I want it differently.",
    "Sorry, but I've just changed my mind.",
    "Before you do that, one change, please.",
    "Sorry, I have to change something.",
)
WITHDRAWALS = (
    "Actually no, please leave it as it is.",
    "Hmm, no. I've changed my mind, leave everything as it is.",
    "No, on second thought I don't want that any more. Please don't do it.",
    "Wait, no. Let's forget about this one.",
    "No, thank you. Now that I hear it, I'd rather leave it.",
    "Oh. In that case, please don't change anything.",
    "No, I'd rather not. Please leave it.",
)
OWN_SLIPS = (
    "Oh, sorry, I misread that.",
    "My mistake.",
    "Sorry, I mixed that up.",
    "Ah, that was a typo.",
    "Oops, that was wrong.",
    "Let me check. Right, I gave you the wrong one.",
    "Sorry about that.",
    "I see, I got that wrong.",
)
MISREADINGS = (
    "No, that's not right.",
    "No, you've got something wrong.",
    "Not quite.",
    "No, that's not what I said.",
    "Sorry, but that's wrong.",
    "No, there's a mistake.",
)
INSISTENCES = (
    "Are you sure? Can't you make an exception?",
    "That's disappointing. Is there really nothing you can do?",
    "Oh, come on. Please try again.",
    "But I really need this. Could you check once more?",
    "That's not the answer I hoped for. Can you not do it just this once?",
    "Really? I was sure that this would work.",
    "I don't like that. Surely there is a way?",
)
THANKS = (
    "Thanks.",
    "Thank you.",
    "Great, thanks.",
    "Perfect, thank you.",
    "Thanks a lot.",
    "Wonderful.",
    "That's great.",
    "Good, thank you.",
    "Very good.",
    "Okay, good.",
    "Great.",
    "Thanks for that.",
)
REGRETS = (
    "That's a pity.",
    "Too bad.",
    "Okay, I understand.",
    "All right.",
    "Hmm, okay.",
    "I see.",
    "That's a shame, but okay.",
    "Fine.",
    "Oh well.",
)
TRANSITIONS = (
    "There is something else.",
    "One more thing.",
    "Next,",
    "I have another request.",
    "There's another thing.",
    "While I'm here,",
    "Also,",
    "And then,",
    "Besides that,",
    "",
    "",
)
"""What may come before the next request."""
GREETINGS = (
    "Hi.",
    "Hello.",
    "Hi there.",
    "Good morning.",
    "Good afternoon.",
    "Hey.",
    "Hello there.",
    "Hi, I hope you can help me.",
    "Hello, I need some help.",
    "Good day.",
    "Good evening.",
    "",
)
VAGUE = (
    "I need some help, please.",
    "Could you help me with something?",
    "I have a question about my account.",
    "I hope you can help me.",
    "Is somebody there who can help me?",
    "I'd like some assistance.",
)
LACKING: Mapping[Slot, tuple[str, ...]] = {
    **travel.LACKING,
    Slot.ORDER_ID: (
        "I don't have the order number at hand.",
        "I can't find the order number right now.",
        "Sorry, I don't know the number.",
        "I don't remember the order number.",
        "No idea what the number is.",
    ),
    Slot.EMAIL: (
        "I don't remember which email I used.",
        "I can't recall the email address of the account.",
        "Sorry, I don't have the email at hand.",
        "No idea which email that was.",
    ),
    Slot.NAME: ("I'd rather go by my email.", "Please look me up by my email instead."),
    Slot.ZIP: (
        "I'd rather go by my email.",
        "I have moved a few times, please use my email instead.",
        "Could you look me up by my email?",
    ),
    Slot.USER_ID: (
        "I don't know my user id.",
        "I don't remember my user id.",
        "No idea what my user id is.",
    ),
    Slot.REASON: ("I'd rather not go into that.", "Does that matter?"),
    Slot.PAYMENT: ("I leave that to you.", "Whatever is usual.", "I have no wish there."),
}
"""What it says where it cannot tell what was asked."""
ANY_LACK = (
    "I can't tell you that, sorry.",
    "I don't know.",
    "Sorry, I have no idea.",
    "I'm afraid I don't know that.",
)
REMINDERS = (
    "Wait, that isn't settled yet.",
    "But you haven't done what I asked for.",
    "Hold on, my request is still open.",
    "We're not done with this one yet.",
    "Not so fast, please.",
)
NOT_UNDERSTOOD = (
    "Sorry, I don't understand.",
    "I'm not sure what you mean.",
    "I don't quite follow.",
    "Sorry, I don't get what you are telling me.",
    "I didn't understand that.",
    "What do you mean by that?",
)
WAITING = (
    "Okay, I'll wait.",
    "Sure, take your time.",
    "Fine, I'm here.",
    "All right.",
    "Okay, thanks.",
)
FAREWELLS = (
    "That's it. Bye!",
    "That's all I wanted. Thank you, goodbye!",
    "That would be all. Thanks!",
    "That's all for today. Goodbye!",
    "Then I have no more questions. Thanks and bye!",
    "Thanks for your help. Goodbye!",
    "I have nothing else. Have a nice day!",
)
NO_MORE = (
    "No, that's all. Thank you, goodbye!",
    "No, that was everything. Thanks for your help!",
    "That's it. Bye!",
    "Nothing else, thank you. Have a nice day!",
    "No, thanks. Goodbye.",
    "That would be all. Thanks!",
    "No, I'm all set. Thank you!",
    "That's all for today. Goodbye!",
    "No more questions. Thanks and bye!",
    "No, that's all. Goodbye!",
    "No, nothing else. Have a nice day!",
    "No, that was everything. Bye!",
)
GIVING_UP = (
    "This is going nowhere. Goodbye.",
    "I've had enough, I'll try another time. Bye.",
    "Forget it. This takes too long. Goodbye.",
    "I give up. Goodbye.",
    "You're not helping me. Bye.",
)
