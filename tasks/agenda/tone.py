"""What a reply does in addition to asking: refuse, report, ask for patience."""

from __future__ import annotations

import re
from enum import Flag, auto

from tools.remembered import remembered

LISTENS_TO = 10_000
"""The characters of a reply that a customer reads; chosen by hand, to bound a step's time."""


class Tone(Flag):
    """What a reply says about the request."""

    NONE = 0
    NOT_FOUND = auto()
    """Something that the customer named was not found."""
    REFUSED = auto()
    """The request will not or cannot be met."""
    DONE = auto()
    """The request has been met."""
    STALLS = auto()
    """The customer should wait."""


_NOT_FOUND = (
    r"(?:no|not|n't|unable|cannot|can not)\b[^.?!]{0,60}\b(?:find|found|locate|located|match|"
    r"matches|matching|exists?|record|recognised|recognized)\b|"
    r"\b(?:wrong|invalid|incorrect) (?:order|number|e-?mail|id|zip|name)|does ?n[o']t exist|"
    r"no (?:such )?(?:order|account|customer|user|profile|reservation|booking)\b(?![^.?!]*\?)|"
    r"nothing (?:comes|came) up|turned up nothing|came back empty|"
    r"\bsees? nothing\b|\bthere is none\b|\b(?:number|id|code|ref|key) is unknown\b"
)
_REFUSED = (
    r"\b(?:cannot|can not|can't|i may not|unable|not able|not possible|impossible|isn't possible|"
    r"not allowed|not permitted|not eligible|n't eligible|won't be able|not in a position|"
    r"no way to|too late to|no longer be|not something (?:i|we)|beyond what|out of my hands|"
    r"have to decline|must decline|have to say no|only (?:be )?(?:possible|allowed)|does not allow|"
    r"doesn't allow|no option to|not available|n't available|out of stock|unavailable|"
    r"only (?:\w+ ){0,3}(?:pending|delivered) orders)\b"
)
_HARMLESS = (
    r"\b(?:cannot|can't|can not|no longer|not|won't|n't|unable)\b[^.?!;]{0,40}"
    r"\b(?:undone|undo|reversed|taken back|once more|again|afterwards?|after that|"
    r"from then on|a second time)\b|"
    r"\b(?:again|afterwards?|after that|after this|once (?:this|that|it) is done|"
    r"from then on|then),?[^.?!;]{0,60}\b(?:cannot|can't|can not|no longer|not)\b[^.?!;]{0,60}"
)
_DONE = (
    r"\b(?:done|all set|completed?|successful(?:ly)?|went through|taken care of|"
    r"(?:has|have|'s|'ve|is|are) (?:now |been |just |all )*(?:been |now )*"
    r"(?:cancel+ed|changed|updated|modified|returned|exchanged|requested|refunded|processed|"
    r"submitted|set up|booked|switched|registered|arranged|recorded|placed|upgraded|added|"
    r"started|filed|in place|moved|sent|made|applied|saved|taken care of|sorted)|"
    r"now (?:go(?:es)?|paid|ships?|charged))\b"
)
_STALLS = (
    r"\b(?:one moment|a moment|just a (?:second|minute|moment)|please (?:wait|hold|bear)|"
    r"bear with me|let me (?:check|look|see|find|verify|pull)|i(?:'ll| will) (?:check|look|"
    r"now (?:check|look|proceed)|go ahead|proceed|get back)|hold on|give me a)\b"
)
_PATTERNS = {
    Tone.NOT_FOUND: re.compile(_NOT_FOUND),
    Tone.REFUSED: re.compile(_REFUSED),
    Tone.DONE: re.compile(_DONE),
    Tone.STALLS: re.compile(_STALLS),
}
_ASIDE = re.compile(_HARMLESS)


@remembered(megabytes=8)
def tone_of(reply: str) -> Tone:
    """The tone of a reply.

    >>> tone_of("I am sorry, but a delivered order cannot be cancelled.")
    <Tone.REFUSED: 2>
    >>> tone_of("This cannot be undone. Shall I go ahead?")
    <Tone.NONE: 0>
    """
    text = reply[:LISTENS_TO].lower().replace("’", "'")
    plain = _ASIDE.sub(" ", text)
    found = Tone.NONE
    for tone, pattern in _PATTERNS.items():
        if pattern.search(plain if tone is Tone.REFUSED else text):
            found |= tone
    return found
