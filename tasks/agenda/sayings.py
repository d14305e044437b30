"""The customers' phrases: each in many wordings, which may contain `{value}`.

`{value}` is filled in as it is, `{Value}` with a capital. The words about a request itself stand in
the agenda: these phrases fit any world.
"""

LEADS = ("Sure.", "Of course.", "Sure thing.", "Okay.", "Yes, of course.", "Certainly.", "Yes.")
"""Words that may come before an answer."""
HESITATIONS = ("Let me see.", "Hmm, let me think.", "Okay.", "Well, okay.", "Right.", "Let's see.")
"""Words that may come before an answer that needs a thought."""
AGAIN = ("As I said:", "Like I said:", "Once more:", "I told you already:", "Again:")
"""Words before an answer that was given before."""
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
"""Words that may come before the next request."""
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
