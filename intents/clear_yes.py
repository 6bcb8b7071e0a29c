"""Whether a message is a clear yes to "shall I go ahead?", before something is done that cannot be undone.

    is_clear_yes("yes please")     ->  True
    is_clear_yes("let me think")   ->  False
    added("and the dumbbell too")  ->  "the dumbbell"

A recogniser that has learnt a thousand ways to say yes there takes nearly everything for one. What hesitates, asks or
adds something is therefore told by its words. A few ways to say yes by a question are asked again: one message more.
"""

from __future__ import annotations

import re


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


YES = _words(
    r"\b(?:y|ye[ahps]*|yup+|yh|yes\w*|ya|aye|sure|o?k(?:ay|ie|ey)?|all? ?right|right|correct|confirm(?:ed)?|agreed|"
    r"exactly|absolutely|definitely|certainly|of course|indeed|perfect|fine|sounds good|proceed|carry on|by all means|"
    r"please do|do,? please|do the needful|go (?:ahead|on|for it)|s[ií]|oui|ja|haan|"
    r"(?:do|place|send|cancel|return|change|swap|save|book|order) (?:it|that|them|so))\b|👍|✅|👌|🤝"
)
NEVER = _words(  # a yes beside it is none
    r"\b(?:maybe|perhaps|possibly|unsure|undecided|second thoughts?|chang(?:ed|ing) my mind|in two minds|"
    r"not (?:quite |really |entirely |100 ?% )?(?:sure|certain|yet|now))\b|"
    r"\bbut (?:is|are|does|do|did|can|could|will|what|when|how|which|where|who|should|wait|first|let me|not)\b"
)
HOLD = _words(  # a yes after it counts: "hold on, yes, that's right"
    r"(?<!can't )(?<!cant )(?<!can )(?<!could )(?<!'ll )(?<!ill )\bwait(?! for| any)\b|"
    r"^\W*(?:h+m+|u+m+|u+h+|e+r+m?)\W*$|\bh(?:old|ang) (?:on|up|it|off|fire)\b|"
    r"\b(?:one|a|1|two|half a) (?:sec\w*|mo|moment|min\w*|tick)\b|\bnot so fast\b|\bslow down\b|\bgo back\b|"
    r"\b(?:let me|lemme|i'?ll|i need to|i have to|i want to|i'?d like to|i should|gotta) (?:just |first |quickly )?"
    r"(?:think|see|check|look|ask|read|sleep|get back|come back|decide|measure|find out)\b|"
    r"\bthink (?:about|it|on|again)\b|\bthinking\b|\b(?:don'?t|do not) know\b|\bdunno\b|\bno idea\b|"
    r"\b(?:ask|talk to|check with) my\b|^\W*(?:\w+\W+){0,3}(?:later|tomorrow|tonight)\W*$"
)
BEFORE = _words(r"\bbefore (?:you|u|i|we)\b[^,.;!?]*")  # "wait before you do that" says no yes
ASKS = _words(
    r"^\W*(?:(?:and|but|so|hmm+|um+|uh+|er+|oh|well|actually|also|wait|then|or|sorry|ok|okay)\W+)*"
    r"(?:(?:can|could|may|should|shall|must|will|did|does|is|are|was|were|have|has) (?:it|this|that)|"
    r"(?:can|could|may|should|shall|must|will|did|do|does|is|are|was|were|have|has) "
    r"(?:i|you|u|we|they|these|those|there|he|she|the|my|your)|"
    r"what|when|where|which|who|how|what'?s|how'?s)\b"
)
ENDS_ASKING = _words(r"\?\s*$")
ENDS_WITH_YES = _words(rf"(?:{YES.pattern})(?:\W+(?:please|pls|thanks?|thank you|then))*\W*$")
BEGINS_ADDING = _words(r"^\W*(?:oh\W+)?(?:and|also|plus)\b")
ADDS = _words(
    r"^\W*(?:oh\W+)?(?:and|also|plus)\W+(?:also )?"
    r"(?P<item>(?:the|my|that|those|these|both|one of|an?)(?: [\w'-]+){1,5}?)"
    r"(?: (?:too|also|as well|please|pls))*\W*$"
)
A_PERSON = _words(
    r"\b(?:person|people|human|some(?:one|body)|any(?:one|body)|agent|colleague|manager|staff|team|they|them|him|her|"
    r"please|pls|plz|relief|help|call|wait|ask|might as well|time|finally|love|great|good|kind|grateful|appreciate\w*|"
    r"why not|say no|worth)\b"
)
NO_ITEM = _words(r"\b(?:refund|money|rest|difference|card|visa|paypal|to|on|is|are|goes|in|for|with)\b")


def is_clear_yes(message: str) -> bool:
    """Of a message that was read as a yes: whether it neither hesitates nor asks nor only adds something."""
    message = BEFORE.sub(" ", message)
    if NEVER.search(message):
        return False
    said_yes, held = (max((found.start() for found in one.finditer(message)), default=-1) for one in (YES, HOLD))
    if held > said_yes:
        return False
    if said_yes < 0:
        return not (ENDS_ASKING.search(message) or BEGINS_ADDING.match(message) or ASKS.match(message))
    return not ASKS.match(message) or bool(ENDS_WITH_YES.search(message))


def says_yes(message: str) -> bool:
    """Whether it holds a word of yes, or of the person that is offered."""
    return bool(YES.search(message) or A_PERSON.search(message))


def asks_something(message: str) -> bool:
    """Whether it has the form of a question, and does not just hesitate."""
    hesitates = NEVER.search(message) or HOLD.search(message)
    return not hesitates and bool(ASKS.match(message) or ENDS_ASKING.search(message))


def added(message: str) -> str | None:
    """The thing that a message adds to what was proposed, where it does nothing else."""
    found = ADDS.match(message)
    return None if found is None or NO_ITEM.search(found["item"]) else found["item"].strip()
