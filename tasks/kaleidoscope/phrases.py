"""What users and agents say in any domain, in several wordings each."""

from __future__ import annotations

GREETINGS = ("", "", "Hi!", "Good afternoon.", "Greetings.", "Hello you.", "Dear team,", "Morning!")
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
"""What a tool wants to know."""
ID_ANSWERS = ("{id}.", "It says {id}.", "{id}, I think.", "Here: {id}.", "Found it, {id}.")
KIND_ANSWERS = ("The {kind} one.", "{kind}.", "I mean the {kind} one.")
SLIPS = ("Oh, it is {id}.", "I misread it: {id}.", "Then {id}.", "Sorry, {id}.")
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
