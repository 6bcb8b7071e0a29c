"""What a shopper typed: made safe to keep (no control characters, no lone surrogates, no binary), or to compare.

raw_words("Mia's 1.5 l flask")  ->  ["mia", "1.5", "l", "flask"]
"""

from __future__ import annotations

import re
import unicodedata

SAID_NOTHING = "utter_empty_message"
UNDECOMPOSED = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "æ": "ae", "œ": "oe", "þ": "th"})
WORD = re.compile(r"\d+[.,]\d+[a-z]*|[^\W_]+")
BINARY_SHARE = 0.3  # of characters that no keyboard makes; above it the message is not text


def clean(text: str) -> str:
    """The message as text: control characters become spaces, unpaired surrogates go, space is folded.

    Empty for a message that is mostly not text, or holds nothing to be seen.
    """
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "ignore")
    shown = [" " if _is_control(char) else char for char in whole]
    if sum(_is_odd(char) for char in whole) > BINARY_SHARE * max(1, len(whole)):
        return ""
    text = " ".join("".join(shown).split())
    return text if any(map(_can_be_seen, text)) else ""


def fold(text: str) -> str:
    """The text without case and accents."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).translate(UNDECOMPOSED)


def raw_words(text: str) -> list[str]:
    """Letters and digits only: a quarter is "1" and "4", a digit of any script is 0 to 9."""
    said = unicodedata.normalize("NFKC", re.sub(r"['\u2019]s\b", "", text)).lower()
    return WORD.findall(said if said.isascii() else "".join(map(_letter, said)))


def _letter(char: str) -> str:
    kind = unicodedata.category(char)
    if kind == "Nd":
        return str(unicodedata.decimal(char))
    return " " if kind in ("No", "Nl") else char


def _is_control(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cs", "Co", "Cn") or char == "\ufffd"


def _can_be_seen(char: str) -> bool:
    """Not by itself a space, a joiner or an accent."""
    return unicodedata.category(char)[0] not in "ZCM"


def _is_odd(char: str) -> bool:
    return _is_control(char) and char not in "\t\r\n"
