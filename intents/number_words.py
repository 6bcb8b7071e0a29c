"""The numbers of a message in digits: "two to three hundred", "a tenner", "1.5 lakh", "Rs.1500".

Most words are read by number-parser; what it does not know, or reads otherwise than a shopper means it, is put into
digits before.
"""

from __future__ import annotations

import re

from number_parser import parse

COUPLE = re.compile(r"\b(?:a )?couple (?:of )?(?=hundred|thousand|grand)", re.IGNORECASE)
UNITS = {word: value for value, word in enumerate("one two three four five six seven eight nine".split(), 1)}
DIGIT = "|".join(UNITS)
TIMES = {"hundred": 100, "thousand": 1000, "grand": 1000, "thou": 1000, "hazar": 1000, "lakh": 100_000, "lac": 100_000}
MANY = "|".join(TIMES)
COUNT = rf"(?:{DIGIT}|\d{{1,2}})"
LOW = re.compile(  # "two to three hundred" is from 200
    rf"\b(?P<low>{COUNT})(?= (?:to|and|or) {COUNT}(?: and a half)? (?P<times>{MANY})\b)", re.IGNORECASE
)
MORE = re.compile(rf"\b(?P<low>{COUNT})(?P<half> and a half) (?P<times>{MANY})s?\b", re.IGNORECASE)
COUNTED = re.compile(  # "5 hundred", "1.5 lakh", "two lakh"; "two hundred and ten" is left to the parser
    rf"(?<![\w.,])(?:(?P<low>\d+(?:\.\d+)?)\s?(?P<times>{MANY})s?|(?P<word>{DIGIT}) (?P<of>lakh|lac|thou|hazar)s?)\b",
    re.IGNORECASE,
)
POINT = re.compile(r"(?<![\d.])(\d{1,3})\.(\d{3})(?=\s?(?:euros?|eur|€|kroner)\b)", re.IGNORECASE)  # "1.500 euro"
CURRENCY = re.compile(r"\b(?:rs\.?|inr|usd|aud|cad|gbp|eur)\s?(?=\d)", re.IGNORECASE)  # "Rs.1500"
TENS = {
    word: value * 10 for value, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)
}
AND = re.compile(  # "a hundred n twenty"
    rf"(?<=hundred) (?:n|&) (?=(?:{DIGIT}|{'|'.join(TENS)}|ten|eleven|twelve|fifteen)\b)", re.IGNORECASE
)
ENDS = re.compile(  # "between one fifty and two twenty five"
    rf"\b(?P<side>between|from|and|to) (?P<hundreds>{DIGIT}) (?P<tens>{'|'.join(TENS)})(?:[ -](?P<ones>{DIGIT}))?\b",
    re.IGNORECASE,
)
TAKEN_BACK = re.compile(  # "300.. no lets say 250" is 250
    r"(?<![\w.,#-])[£$€₹]?\d[\d.,]*\W+(?:no|nah|nope|actually|sorry|wait|scratch that)\W+"
    r"(?:(?:no|wait|actually|let'?s|say|make|it|that|call|i|mean|more|like|better|maybe)\W+){1,5}(?=[£$€₹]?\d)",
    re.IGNORECASE,
)
NOTES = {"a fiver": "5 quid", "a tenner": "10 quid", "half a grand": "500", "a grand": "1000"}


def digits_of(text: str) -> str:
    """The message with its numbers as digits, and without those that are taken back at once."""
    for words, figures in NOTES.items():
        text = re.sub(rf"\b{words}\b", figures, text, flags=re.IGNORECASE)
    if re.search(r"\b(?:between|from)\b", text, re.IGNORECASE):
        text = ENDS.sub(_spoken, text)
    text = AND.sub(" and ", text)
    text = COUPLE.sub("two ", POINT.sub(r"\1\2", CURRENCY.sub("₹", text)))
    for pattern in (LOW, MORE, COUNTED):
        text = pattern.sub(_times, text)
    digits: str = parse(text, language="en")  # it would take "once" for 11 else
    return TAKEN_BACK.sub("", digits)


def _times(found: re.Match[str]) -> str:
    parts = found.groupdict()
    said, times = (str(parts[one] or parts.get(other)).casefold() for one, other in (("low", "word"), ("times", "of")))
    count = UNITS[said] if said in UNITS else float(said)
    amount = round((count + 0.5 * bool(parts.get("half"))) * TIMES[times], 2)
    return str(int(amount) if amount == int(amount) else amount)


def _spoken(end: re.Match[str]) -> str:
    hundreds, tens, ones = (end[part].casefold() if end[part] else "" for part in ("hundreds", "tens", "ones"))
    return f"{end['side']} {100 * UNITS[hundreds] + TENS[tens] + UNITS.get(ones, 0)}"
