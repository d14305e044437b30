"""The gold agents' phrases that fit any domain, in several wordings each."""

from __future__ import annotations

MORE = (
    "Is there anything else I can do for you?",
    "Can I help you with anything else?",
    "Is there anything else?",
    "Anything else I can help with?",
    "What else can I do for you?",
)
GO_AHEAD = (
    "Shall I go ahead?",
    "Is that right? Please answer yes, and I'll go ahead.",
    "Do you confirm this (yes or no)?",
    "May I proceed?",
    "Would you like me to go ahead with that?",
    "Is this okay for you?",
    "Please confirm with a yes if I may do that.",
)
FAREWELLS = (
    "You're welcome. Goodbye!",
    "Thank you, and have a nice day!",
    "My pleasure. Have a good day!",
    "Glad to help. Goodbye!",
)
LEFT_ALONE = (
    "All right, I leave everything as it is.",
    "No problem, nothing has been changed.",
    "Of course, then I won't do anything.",
)
STILL_REFUSED = (
    "I understand, but I really can't do that.",
    "I'm sorry, there is no exception, so I cannot do it.",
    "I'd like to, but the rules do not allow it, so it's not possible.",
)
ASK_REQUEST = (
    "Thank you. What can I do for you?",
    "Thanks, I've found your account. How can I help you?",
    "Found you, thank you. What can I help you with today?",
)
