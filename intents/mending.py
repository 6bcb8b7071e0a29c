"""Commands put right where the message itself shows what was meant: an e-mail, a name, an order's number, an address, a
price.

A small model copies such things badly, and what they look like is plain. Nothing else is guessed here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from intents.amounts import PRICES, mend_prices, names_its_prices, prices_said, without_measures
from intents.beside_identity import EMAIL, with_identity_apart
from intents.catalogue import Catalogue
from intents.closed_words import with_closed_words
from intents.commands import Command
from intents.order_words import with_order_words
from intents.together import names_another, put_together
from intents.wording import Slots, whole_wording, with_bed_size, with_brand, with_quantity, with_thing, without_strays

SPELT = re.compile(r"\b(?:at|dot)\b", re.IGNORECASE)
NAME_AND_ZIP = re.compile(r"(?P<name>[^\W\d_]+(?:[ '-][^\W\d_]+)+),? +(?P<zip>\d{5})\b")
GREETING = re.compile(
    r"^(?:(?:hi+|hey+|hello|hiya|yes|yeah|yep|yup|ok|oh|so|sure|sorry|thanks|myself|that'?s|its|it's|i'm|im|i am"
    r"|this is)[ ,]+)+",
    re.IGNORECASE,
)
HERE = re.compile(r"[ ,]+(?:here|speaking|again)$", re.IGNORECASE)
NO_NAME = frozenset(
    "a and all am at be code first for from give here i im in is it it's its me my name no of on order post postcode "
    "the then this to take use was will with you zip zipcode team sir madam support morning sure sorry not never still "
    "wrong item items bill shipment one oh um yeah yes ok dear late damaged broken missing last pretty waiting payment "
    "failed think thats that what when why how which did does has have had pls plz pleese cansel cancle".split()
)
WHO = re.compile(
    r"(?P<name>\b[A-Z][^\W\d_]*(?:[ '-][A-Z][^\W\d_]*)+|^(?:(?i:hi|hey+|hello|hiya)[ ,!]+)?[a-z]+ [a-z]+)"
    r"[,.]? (?:(?i:here)[,.]? )?(?:(?i:from|in|zip|zip code) )?(?P<zip>\d{5})(?![\w-])"
)
WANTED = frozenset(
    "return cancel track exchange refund order orders swap where want need send change invoice status tracking "
    "delivery parcel package update ref reference number please receipt".split()
)
NUMBER = (
    r"(?:[A-Za-z]{1,4}-?\d{4,9}(?:-\d+)?|\d{4,9}-\d{2,9}|\d{2,9}-\d{4,9}|\d{5,9})(?![\w@/]|[.,]\d|-\w)"
    r"(?!\s?(?:mins?|minutes|hours?|hrs|days?|rupees|rs|dollars|pounds|euros|quid)\b)"
)
SHAPED = r"(?:[Ww]\d{6,8}|[A-Z]{2,4}-\d{5,7}(?:-\d+)?)"  # with fewer digits it is as often a model: "Epson ET-2850"
ORDER_NUMBER = re.compile(
    rf"(?<!\w)#\s?(?P<marked>{NUMBER})|(?<![\w.@/#-])(?P<shaped>{SHAPED})(?![\w@-])"
    rf"|\b(?i:order|purchase|ref|reference)(?i:'?s)?(?i: (?:is|no|nr|number|num|id|ref))*"
    rf"[\s.:]{{1,3}}(?P<named>{NUMBER})"
)
AN_ORDER = re.compile("#?" + SHAPED)
ENDS_IN_ZIP = re.compile(  # of the US, Britain, India, Australia
    r"\b(?:\d{5}(?:-\d{4})?|\d{6}|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]{2,3} \d{4})$"
)
TO_A_NUMBER = re.compile(r"^[24] (?!\d+(?:st|nd|rd|th)\b)(?=\d)")  # "send it 2 9 Elm Ct"
HOUSE_FIRST = re.compile(r"\d+[a-z]? [^\W\d]", re.IGNORECASE)
IN_A_HOUSE = re.compile(r"\d|\b(?:flat|apt|apartment|unit|plot|block|house|room|suite|floor|h\.?no)\b", re.IGNORECASE)
NO_PART_OF_ADDRESS = re.compile(r"#\d{5,}|\+?\d{7,}|\d+[ap]m", re.IGNORECASE)
A_TIME = re.compile(r"\W*\d+\s*(?:days?|weeks?|months?|years?|hrs?|hours?|[ap]m)\b", re.IGNORECASE)
LINKS = r"(?:[\s,(]|\b(?:on|in|from|for|of|order|orders|ref|number|no|nr|id|is|it'?s|the|my)\b|#|:)*"
PART_OF_ADDRESS = re.compile(
    r"(?:[A-Z\d#][^\s!?()]*$|d(?:e|el|er|os|as|a|i)|l[aeo]s?|v[ao]n|den|zu[rm]?|of|na|al|el|st|rd|ave|apt|flat|unit|y)$"
)
NO_ADDRESS = frozenset(
    "i i'm i've im it its it's please pls thanks thank to my send ship change deliver address new order no yes ok the "
    "hi hello instead use use: is: to: at: address: hey sorry and also cheers ta not is at for from can do does will "
    "my regards many kind best monday tuesday wednesday thursday friday saturday sunday order".split()
)


def mend(commands: Sequence[Command], text: str, catalogue: Catalogue) -> tuple[Command, ...]:
    """The commands with what the message says plainly: `text` is the shopper's message."""
    if "identify" in catalogue.intents:
        commands = with_own_email(with_who_it_is(with_identity_apart(commands, text), text), text)
    priced = [one for one in commands if {name for name, _ in one.slots} & {*PRICES}]
    mended = [
        replace(one, slots=without_strays(_mended(one, text, prices=one not in priced or len(priced) == 1), text))
        for one in commands
    ]
    if len(mended) == 1:  # of several it may be any
        slots = catalogue.intents[mended[0].intent].slots
        mended = [with_order_number(mended[0], text)] if "order_id" in slots else mended
        mended = [with_said_prices(mended[0], text)] if "max_price" in slots else mended
        mended = [replace(mended[0], slots=_with_its_thing(mended[0].intent, mended[0].slots, text))]
        mended = [replace(mended[0], slots=without_measures(whole_wording(mended[0].slots, text), text))]
    else:
        mended = with_the_order(mended, text, catalogue)
    mended = with_order_words(mended, text)
    return put_together(with_closed_words(mended, text, catalogue), text, catalogue)


def _with_its_thing(intent: str, slots: Slots, text: str) -> Slots:
    """Of the one command of a message."""
    if intent in ("search_products", "refine_search"):
        slots = with_bed_size(slots, text)
    if intent == "search_products":
        slots = with_thing(with_brand(slots, text), text)
    return with_quantity(slots, text) if intent in ("add_to_cart", "remove_from_cart") else slots


def _mended(command: Command, text: str, prices: bool) -> Slots:
    """With `prices` the message's are this command's; else they may be another's, and what it names outright stays."""
    slots = with_whole_name(with_real_email(command.slots, text), text, command.intent == "identify")
    slots = mend_prices(slots, text) if prices or not names_its_prices(slots, text) else slots
    return tuple((name, whole_address(str(value), text) if name == "address" else value) for name, value in slots)


def with_real_email(slots: Slots, text: str) -> Slots:
    """Slots whose e-mail is one: the message's own address, or the name and zip that were taken for one.

    One that is spelt out, "laura at example dot com", stays as it was said.
    """
    slots = tuple((name, value) for name, value in slots if name != "name" or not EMAIL.fullmatch(str(value)))
    emails = [str(value) for name, value in slots if name == "email"]
    if all("@" in one or SPELT.search(one) for one in emails):  # one that is mistyped is asked again, not lost
        return slots
    others = tuple((name, value) for name, value in slots if name != "email")
    address = EMAIL.search(text)
    if address:
        return (*others, ("email", address.group()))
    named = NAME_AND_ZIP.search(text)
    return (*others, ("name", named["name"]), ("zip", named["zip"])) if named else slots


def with_who_it_is(commands: Sequence[Command], text: str) -> Sequence[Command]:
    """The commands with the zip beside a name, where it was taken for an order's number, as who the shopper is."""
    who = WHO.search(text)
    if not who:
        return commands
    name, number = bare_name(who["name"]), who["zip"]
    if (NO_NAME | WANTED) & set(name.casefold().split()):
        return commands
    if re.search(r"\b(?:for|my|the|our|your) $", text[: who.start()]):  # "refund for the Sony Headphones, 48213"
        return commands
    things = " ".join(str(value) for command in commands for slot, value in command.slots if slot in ("item", "query"))
    if name.casefold() in things.casefold():
        return commands
    mistaken = [(slot, value) for command in commands for slot, value in command.slots if slot == "order_id"]
    if not any(str(value).endswith(number) for _, value in mistaken):
        return commands
    words = f"{name} {number}".casefold()
    kept = [
        replace(one, slots=tuple((slot, value) for slot, value in one.slots if str(value).casefold() not in words))
        for one in commands
    ]
    there = next((place for place, one in enumerate(kept) if one.intent in ("identify", "inform")), None)
    if there is None:
        identify = Command("identify", (("name", name), ("zip", number)))
        return [identify, *kept] if who.start() == 0 else [*kept, identify]
    kept[there] = replace(kept[there], slots=(("name", name), ("zip", number), *kept[there].slots))
    return kept


def with_own_email(commands: Sequence[Command], text: str) -> Sequence[Command]:
    """Who says who they are beside an e-mail, and nothing else of it was read, says it by that."""
    address = EMAIL.search(text)
    said = [slot for command in commands for slot in command.slots]
    known = {name for name, value in said if not EMAIL.fullmatch(str(value).rstrip(".!?")) or name == "email"}
    if not address or known & {"email", "name", "zip"}:
        return commands
    own = ("email", address.group().rstrip(".!?"))
    return [replace(one, slots=(*one.slots, own)) if one.intent == "identify" else one for one in commands]


def with_whole_name(slots: Slots, text: str, unnamed: bool = True) -> Slots:
    """Slots with the whole of a name, and no more: "hey Yara Ito here, 75284" names Yara Ito, seen or not."""
    named = NAME_AND_ZIP.fullmatch(text.strip())
    whole = bare_name(named["name"]) if named and ("zip", named["zip"]) in slots else ""
    if NO_NAME & set(whole.casefold().split()):
        whole = ""
    alone = whole.istitle() and {name for name, _ in slots} <= {"zip", "name"}  # there is nothing else in the message
    if alone and len(slots) == 1:
        named_apart = unnamed or "," in text  # "San Diego 92101" may answer for the zip, "Yara Ito, 75284" says more
        return (("name", whole), *slots) if named_apart else slots

    def mended(name: str) -> str:
        bare = bare_name(name)
        if alone and len(bare.split()) == 1:
            return whole
        return bare_name(whole) if bare in whole and len(bare.split()) == 1 else bare

    return tuple((name, mended(str(value)) if name == "name" else value) for name, value in slots)


def bare_name(name: str) -> str:
    return HERE.sub("", GREETING.sub("", name)) or name


def with_said_prices(command: Command, text: str) -> Command:
    """The command with a price that the message names outright, where the model saw none or took it for a size."""
    if any(name in PRICES for name, _ in command.slots):
        return command
    said = prices_said(text)
    if any(re.search(r"\btops?\b", str(value), re.IGNORECASE) for _, value in command.slots):  # "2 tops for yoga"
        said = {name: one for name, one in said.items() if not one[1].casefold().endswith(("top", "tops"))}
    if command.intent == "inform" and {"problem", "reason"} & {name for name, _ in command.slots}:
        return command
    weighed = " ".join(str(value) for name, value in command.slots if name in ("feature", "size"))
    said = {name: one for name, one in said.items() if "pound" not in one[1] or one[1] not in weighed}
    words = [phrase.casefold() for _, phrase in said.values()]
    kept = tuple((name, value) for name, value in command.slots if str(value).casefold() not in words)
    return replace(command, slots=(*kept, *((name, amount) for name, (amount, _) in said.items())))


def with_order_number(command: Command, text: str) -> Command:
    """The command with the one order number that the message holds, which no other slot keeps then."""
    found = {one["marked"] or one["shaped"] or one["named"] for one in ORDER_NUMBER.finditer(text)}
    if len(found) != 1 or any(name == "order_id" for name, _ in command.slots):
        return command
    number = found.pop()
    if _is_of_another(number, text) or any(number == str(value) for name, value in command.slots if name == "zip"):
        return command
    if any(name == "address" and number in str(value) for name, value in command.slots):
        return command
    tail = re.compile(LINKS + rf"#?\s?{re.escape(number)}\b.*$", re.IGNORECASE)
    return replace(command, slots=(*_without(tail, command.slots), ("order_id", number)))


def with_the_order(commands: Sequence[Command], text: str, catalogue: Catalogue) -> list[Command]:
    """Several commands with the one order number that the message shows plainly, where only one can be about it."""
    found = {one["marked"] or one["shaped"] or one["named"] for one in ORDER_NUMBER.finditer(text)}
    if any(_is_of_another(one, text) or not AN_ORDER.fullmatch(one) for one in found):
        return list(commands)
    about = [one for one in commands if one.intent != "identify" and "order_id" in catalogue.intents[one.intent].slots]
    if len(found) != 1 or len(about) != 1 or any("order_id" in dict(one.slots) for one in commands):
        return list(commands)
    number = found.pop()
    tail = re.compile(LINKS.replace("[", "[&", 1) + rf"#?\s?{re.escape(number)}\b.*$", re.IGNORECASE)
    cut = [replace(one, slots=_without(tail, one.slots)) for one in commands]
    place = commands.index(about[0])
    cut[place] = replace(cut[place], slots=(*cut[place].slots, ("order_id", number)))
    return cut


def _is_of_another(number: str, text: str) -> bool:
    """Whether the message tells of this order, or this zip, beside what it asks about another."""
    said = re.escape(number)
    aside = rf"\b(?:ignore|forget|zip|post ?code)\b[^.!?]*{said}|{said}[^.!?]*\b(?:fine|ok|okay|good)\b"
    return names_another(text) or bool(re.search(aside, text, re.IGNORECASE))


def _without(tail: re.Pattern[str], slots: Slots) -> Slots:
    """The slots without it, and without those of which nothing is left."""
    cut = ((name, tail.sub("", value) if isinstance(value, str) else value) for name, value in slots)
    return tuple((name, value) for name, value in cut if value != "")


def whole_address(value: str, text: str) -> str:
    """The address with the words before and after it in the message that look like parts of it."""
    value = TO_A_NUMBER.sub("", value)
    at = text.find(value)
    if at < 0 or not re.search(r"\d", value):
        return value
    first_line, shouted = text[at + len(value) :].split("\n")[0], text.isupper()
    ended = ENDS_IN_ZIP.search(value) and not re.match(r"\W*(?:usa|uk|us|apt|unit|flat)\b", first_line, re.IGNORECASE)
    before, after = text[:at].split("\n")[-1].split(), [] if ended or A_TIME.match(first_line) else first_line.split()
    if shouted:  # capitals say nothing here
        before, after = [], []
    if not re.search(rf"(?<!\w){re.escape(value)}(?!\w)", text):
        return value
    first, last = at, at + len(value)
    while (
        before
        and _belongs(before[-1])
        and not (before[-1][0] + text[first]).isdigit()
        and not before[-1].endswith((".", ":", ";") if value[0].isdigit() else (".", ":", ";", ","))
    ):
        first = text.rindex(before.pop(), 0, first)
    if HOUSE_FIRST.match(value) and not IN_A_HOUSE.search(text[first:at]):
        first = at  # "Sure, 14 Park Road", "Jane Smith, 14 Park Road"
    open_end = value
    while after and not open_end.endswith((".", ";", "!", "?")) and (_belongs(after[0]) or after[0] == ","):
        open_end = after.pop(0)
        last = text.index(open_end, last) + len(open_end)
    return text[first:last].strip(" ,.;")


def _belongs(word: str) -> bool:
    bare = word.rstrip(",.;")
    if NO_PART_OF_ADDRESS.fullmatch(bare):
        return False
    return bool(PART_OF_ADDRESS.match(bare)) and bare.casefold() not in NO_ADDRESS and not AN_ORDER.fullmatch(bare)
