"""The wishes in the rest of a request: "the lamp to a brighter one and the mug to a bigger one" are two."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.testing.requests import Wish

ORDER_PHRASE = re.compile(
    r"\s*\b(?:in |from |of |for )?(?:your |the )?order #?W\d{7}(?: that you(?:'ve| have) placed)?"
)
TOLD_OF_ITEM = re.compile(r"\s*\b(?:that )?you(?:'ve| have)?(?: just)? (?:received|bought|ordered|placed)\b", re.I)
RECEIVED_WITH = re.compile(
    r"\s*\b(?:that )?you(?:'ve| have)? (?:received|bought|ordered|got) (?:together |along )?with (?:the |your )?"
    r"([\w -]+?)(?=$|[,.;]| and )", re.I
)  # fmt: skip
ITS_OPTION = re.compile(r"^\W*its\b.*\b(colou?r|size|material)\W*$", re.I)
LISTED = re.compile(r"^[^,:]*\bitems?\b[^,:]*: ")  # "two items in an order: a lamp and a rug"
INTO = re.compile(r"\s+(?:to be|to|for|into|with)\s+(?=\S)", re.I)
INTO_END = re.compile(r",? (?:and|but) (?:use|you|want the agent|get|bring)\b.*|,? (?:because|due to|since)\b.*", re.I)
ITEM_END = re.compile(
    r"\b(?:because|since|as it|due to|that you|from (?:your|the)|in (?:your|the|order|an?other|one|different)|within"
    r"|which|so that|and (?:refund|use|get|you|want|keep|ask)|if|but|first)\b.*",
    re.I | re.S,
)
AND_MORE = re.compile(r"\s*(?:,\s*(?:and\s+)?|\s+and\s+)\s*", re.I)
DETERMINER = re.compile(
    r"^(?:the|your|an?|these|those|both|this|one|another|all|my|to|only|just|pending|or return)\s+", re.I
)
EVERY_ITEM = re.compile(r"\s*(?:all|every)\b[\w ]*\b(?:items?|things)\b", re.I)
NO_ITEM = re.compile(
    r"\border|\bpurchase|\bthings\b|^items?\b(?! ID)|^(?:it|that|them|this|everything|amount|together|mind|method)\b",
    re.I,
)


def read_wishes(rest: str, intent: str) -> Iterator[Wish]:
    """ "the lamp to a brighter one and the mug to a bigger one" as two wishes; "the lamp and the mug" too."""
    rest = LISTED.sub("", TOLD_OF_ITEM.sub("", RECEIVED_WITH.sub("", ORDER_PHRASE.sub("", rest))))
    if intent in ("return_items", "cancel_order"):
        yield from (Wish(item) for item in read_items(ITEM_END.sub("", rest)))
        return
    if EVERY_ITEM.match(rest) and (cut := INTO.search(rest)):
        yield Wish("everything", INTO_END.sub("", rest[cut.end() :]).strip(" ,.;"))
        return
    waiting: list[str] = []
    for piece in _pieces(rest):
        item, into = _split(piece)
        if into and (option := ITS_OPTION.search(item)):
            yield Wish("", f"{option[1]} {into}")  # of the only thing that it can be about
            continue
        waiting += read_items(item)
        if into is None:
            continue
        yield from (Wish(one, into) for one in waiting)
        waiting = []
    yield from (Wish(one) for one in waiting)


def read_items(text: str) -> list[str]:
    """The things named; a whole order, "it" and the like are none."""
    if re.search(r"\bexcept\b", text):
        return [text.strip(" ,.")]
    names = [_bare(name) for name in AND_MORE.split(re.sub(r"\([^)]*\)?", "", text))]
    return [name for name in names if name and not NO_ITEM.search(name)]


def _pieces(rest: str) -> list[str]:
    """Cut before each "and the ..." that brings a wish of its own."""
    return re.split(r"[,;]? and (?=(?:the|your|another|one) [^,]*? (?:to|for|into) )", rest)


def _split(piece: str) -> tuple[str, str | None]:
    cut = INTO.search(piece)
    if cut is None:
        return ITEM_END.sub("", piece), None
    return ITEM_END.sub("", piece[: cut.start()]), INTO_END.sub("", piece[cut.end() :]).strip(" ,.;")


def _bare(name: str) -> str:
    name = name.strip(" ,.;:")
    while DETERMINER.search(name):
        name = DETERMINER.sub("", name)
    return name
