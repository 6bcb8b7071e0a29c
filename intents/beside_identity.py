"""Who a shopper is, told beside what they want: put where it belongs where a small model mixed both.

    return_items(item="boots", reason="luis@example.com")     ->  return_items(item="boots"); identify(email=…)
    identify(name="Freya Lockhart EH9 1HN", zip="4533495")    ->  identify(name="Freya Lockhart", zip="EH9 1HN")
    track_order(order_id="Viktor Halasz, 15213"); identify(…) ->  track_order(); identify(…)

`wish_beside` gives the words of a message that was read as a name or an e-mail alone and says something else too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from intents.commands import Command, SlotValue

EMAIL = re.compile(r"[^\s@,;<>()]+@[^\s@,;<>()]+\.\w+")
TEXTS = ("reason", "item", "feature", "query", "order_id", "problem", "attribute")  # slots that an e-mail strays into
LEADS = re.compile(  # what is said before an e-mail, at the end of a slot or of a wish
    r"(?:[\s,;:.(-]|\b(?:and|my|the|our|an?|e-?mail|mail|account|address|is|it'?s|its|on|under|with|by|from|for|here'?s|i'?m|"
    r"this|this is|as|login|contact|me|at|you can find)\b)*$",
    re.IGNORECASE,
)
POSTCODE = re.compile(r"[ ,]+(?P<zip>[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})$", re.IGNORECASE)  # Britain's
UNREAD_BESIDE = frozenset(  # slots and intents beside which an e-mail says nothing of who somebody is, or is known
    "email name zip identify out_of_scope account_help give_feedback complain affirm deny inform chitchat greet".split()
)
TO_EMAIL = re.compile(r"\b(?:to|of|at|change my e-?mail to)\s*$", re.IGNORECASE)
WISH = re.compile(
    r"\b(?:return\w*|cancel\w*|track\w*|exchang\w*|refund\w*|orders?|swap|where|want|need|send|chang\w*|invoice|bill|status|"
    r"deliver\w*|parcel|package|receipt|buy|show|brok\w*|arriv\w*|missing|damaged|points|balance|replace\w*|wrong|money|cart|"
    r"looking for|how (?:much|many|long)|when|recommend\w*|suggest\w*)\b",
    re.IGNORECASE,
)


def with_identity_apart(commands: Sequence[Command], text: str) -> Sequence[Command]:
    """The commands with an e-mail that strayed into another slot as who the shopper is, and names and zips whole."""
    commands = [_whole(one, text) if one.intent == "identify" else one for one in commands]
    commands = _without_identity(commands)
    strayed = [EMAIL.search(str(value)) for one in commands for name, value in one.slots if name in TEXTS]
    found = next(filter(None, strayed), None)
    if found is None:
        return _with_unread(commands, text)
    cut = [replace(one, slots=tuple(_cut(one))) for one in commands]
    if any(name == "email" for one in cut for name, _ in one.slots):
        return cut
    own = ("email", found[0].rstrip(".!?"))
    place = next((place for place, one in enumerate(cut) if one.intent == "identify"), None)
    if place is None:
        return [*cut, Command("identify", (own,))]
    cut[place] = replace(cut[place], slots=(*cut[place].slots, own))
    return cut


def _with_unread(commands: Sequence[Command], text: str) -> Sequence[Command]:
    """With an e-mail that no command has, unless it is where something is to be sent, or the message is no request."""
    found = EMAIL.search(text)
    read = {name for one in commands for name, _ in one.slots} | {one.intent for one in commands}
    if not found or read & UNREAD_BESIDE or TO_EMAIL.search(text[: found.start()]):
        return commands
    if any(EMAIL.search(str(value)) for one in commands for _, value in one.slots):
        return commands
    return [*commands, Command("identify", (("email", found[0].rstrip(".!?")),))]


def wish_beside(commands: Sequence[Command], text: str) -> str | None:
    """The rest of a message that was read as who somebody is by an e-mail, where it sounds like a wish."""
    address = EMAIL.search(text)
    if not address or [one.intent for one in commands] != ["identify"]:
        return None
    slots = dict(commands[0].slots)
    before, after = LEADS.sub("", text[: address.start()]), text[address.end() :].strip(" ,.;:)-")
    for value in (str(slots[name]) for name in ("name", "zip") if name in slots):
        before, after = (part.replace(value, " ") for part in (before, after))
    rest = ". ".join(filter(None, (before.strip(" ,.;:(-"), after)))
    return rest if WISH.search(rest) and "order_id" not in slots else None


def _cut(command: Command) -> list[tuple[str, SlotValue]]:
    """The slots without e-mails in those where they stray, and without what is said before one."""
    kept: list[tuple[str, SlotValue]] = []
    for name, value in command.slots:
        found = EMAIL.search(str(value)) if name in TEXTS else None
        if found is None:
            kept.append((name, value))
        elif rest := LEADS.sub("", str(value)[: found.start()]).strip(" ,.;:(-"):
            kept.append((name, rest))
    return kept


def _whole(command: Command, text: str) -> Command:
    """A name without the British postcode after it, which is the zip."""
    slots = dict(command.slots)
    found = POSTCODE.search(str(slots.get("name", "")))
    if found is None:
        return command
    zips = str(slots.get("zip", ""))
    is_order = bool(zips) and re.search(rf"\border\b[^.?!]{{0,12}}{re.escape(zips)}", text, re.IGNORECASE)
    name = str(slots["name"])[: found.start()]
    kept = tuple((one, value) for one, value in command.slots if one not in ("name", "zip"))
    order = (("order_id", zips),) if is_order else ()
    return replace(command, slots=(("name", name), ("zip", found["zip"]), *kept, *order))


def _without_identity(commands: Sequence[Command]) -> list[Command]:
    """Without an order's number that is the name and zip which another command has."""
    told = [str(value) for one in commands for name, value in one.slots if name in ("name", "zip")]
    return [
        replace(
            one,
            slots=tuple(
                (name, value)
                for name, value in one.slots
                if name != "order_id"
                or "," not in str(value)
                or not all(part in str(value) for part in told)
                or not told
            ),
        )
        for one in commands
    ]
