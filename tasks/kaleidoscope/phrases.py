"""The phrases of users and agents in any domain, in several wordings each."""

from __future__ import annotations

GREETINGS = ("", "", "Hi!", "Good afternoon.", "Greetings.", "Hello you.", "Dear team,", "Morning!")
CHATTER = (
    "Thank you for your help so far.",
    "I know you are busy, but this is important.",
    "My friend told me that you are quick.",
    "I have been waiting for a long time.",
    "It was a gift from my mother.",
    "I made a mistake with it last week.",
    "We are moving to another country next month.",
    "My plans have changed again.",
    "I would like to know before the weekend.",
    "The weather is nice where I live.",
    "I bought something else in the meantime.",
    "There is no need to hurry, I can wait.",
    "Last time you sent me to somebody else.",
    "I wrote to you some days ago.",
    "My old telephone is broken, so I write.",
    "This is my first question ever.",
    "I found your address on the web.",
    "My family will come to see me soon.",
    "I do not want to pay more money than needed.",
    "Other people get an answer on the same day.",
    "Could somebody look into that, please?",
    "I am happy with your service, by the way.",
    "My son wants to know it, too.",
    "The last answer that arrived was wrong.",
    "I forgot to ask about this when I called.",
    "Perhaps you can check it right now?",
    "I never had a problem like this.",
    "You are welcome to tell my brother.",
    "It is cheaper elsewhere, but I like yours better.",
    "I will be at home until evening.",
    "A letter was delivered to the wrong house.",
    "I hope that I have everything with me.",
    "Sorry, I am writing on a small screen.",
    "My account says nothing about it.",
    "I cannot find the paper any more.",
    "Please keep it short, I have little time.",
    "Something is not right here, I think.",
    "I would rather do it myself, but I cannot.",
    "Your people were kind to me.",
    "How many others have asked you this today?",
)
"""Sentences that are unrelated to the request."""
IDENTITY = (
    "The {words} is {id}.",
    "{words}: {id}.",
    "I am {owner} {id}.",
    "You have me as {id}.",
    "{id} is my {words}.",
)
"""The owner's id."""
BY_ID = ("{thing} {id}", "my {thing} {id}", "the {thing} with {words} {id}", "the {thing} {id}")
BY_KIND = ("my {kind} {thing}", "the {kind} {thing}", "the {thing} they call {kind}")
BY_NOTHING = ("my {thing}", "a {thing} of mine", "one of my {thing}s")
DEEDS = (
    "Kindly {verb} {it}.",
    "I'd love you to {verb} {it}.",
    "Time to {verb} {it}.",
    "My wish today: {verb} {it}.",
    "It would be great to have {it} {done}.",
    "Will you {verb} {it}?",
    "Have {it} {done} for me.",
    "We agreed that you {verb} {it}.",
    "How do I get {it} {done}?",
)
QUESTIONS = (
    "Remind me of the {field} of {it}.",
    "About {it}: which {field}?",
    "I lost track of the {field} of {it}.",
    "Read me the {field} of {it}.",
    "For {it}, give me the {field}.",
    "Somebody asked for the {field} of {it}. Do you have that?",
)
STATES_IT = (
    "{name}: {value}.",
    "The {name} is {value}.",
    "Take {value} as {name}.",
    "I say {value}.",
)
"""Questions for a tool's further argument."""
ID_ANSWERS = (
    "{value}.",
    "It says {value}.",
    "{value}, I think.",
    "Here: {value}.",
    "Found it, {value}.",
)
KIND_ANSWERS = ("The {value} one.", "{value}.", "I mean the {value} one.")
SLIPS = ("Oh, it is {value}.", "I misread it: {value}.", "Then {value}.", "Sorry, {value}.")
TOPICS = (
    "Now something about {topic}.",
    "Who deals with {topic} here?",
    "I have a word to say on {topic}.",
    "It is {topic} that worries me.",
)
YES = ("Yes.", "Yes, go on.", "Right, yes.", "Yes please.", "Do it, yes.")
NO = ("No.", "No, rather not.", "Better not, no.", "No, leave it.")
LAST = ("That was all.", "No, bye.", "Nothing more.", "I am done.", "Fine, so long.", "No more.")

ASK_ID = (
    "Which {id}?",
    "Please tell me the {id}.",
    "I need the {id}.",
    "Could I have the {id}?",
)
ASK_KIND = ("Which {kind}?", "Please tell me the {kind}.", "I need the {kind}.")
ASK_AGAIN = (
    "There is none of that {id}. Please look again.",
    "This {id} is unknown. What does it say?",
    "I see nothing under it. Is the {id} right?",
)
ASK_ARGUMENT = (
    "Which {name}?",
    "Please tell me the {name}.",
    "I need the {name}.",
    "Could I have the {name}?",
)
ASK_CHOICE = (
    "Which {name}: {choices}?",
    "Please choose the {name}: {choices}.",
    "What {name}? {choices}?",
)
CONFIRM = (
    "I will {verb} {it}. Yes?",
    "So {it} gets {done}. Say yes if I may.",
    "Ready to {verb} {it}, yes or no?",
)
DONE = (
    "{It} is {done}. The {name} is {value}.",
    "Done, {it} is {done}, {name} {value}.",
    "{name}: {value}. {It} is {done}.",
)
REFUSED = (
    "{It} is {state}, I cannot {verb} it.",
    "No: {it} is {state} and cannot be {done}.",
    "I may not {verb} {it}, it is {state}.",
)
OVER = (
    "{It} has {number} {count}, I cannot {verb} it.",
    "No: {it} has {number} {count} and cannot be {done}.",
    "I may not {verb} {it}, it has {number} {count}.",
)
COUNTED = ("It has {number} {count}.", "The {count}: {number}.", "{count}: {number}.")
TOLD = (
    "The {name} of {it} is {value}.",
    "{It}: {name} {value}.",
    "For {it} the {name} is {value}.",
)
LEFT = ("Then nothing changes.", "I leave it.", "All stays as it is.")
MORE = ("", "", "More?", "What next?", "Else?")
FAREWELL = ("So long!", "Bye.", "Take care.", "Farewell!")
