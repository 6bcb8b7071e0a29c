"""Slots whose words come from a short list, put right by the message: colours, materials, departments, the order of
results, stock, why something is not wanted, and where money goes back to.

A small model leaves such a word out, or has it in another slot, where a list cannot err. Only what is unmistakable is
taken: a word that is something else as often ("silver", "olive", "mesh") is not in the lists.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from intents.catalogue import Catalogue
from intents.commands import Command
from intents.wording import Slots, places

SEARCHES = ("search_products", "refine_search")
SHADES = (
    "light|dark|pale|navy|royal|sky|forest|bottle|olive|bright|deep|hot|baby|midnight|off|charcoal|slate|dusty|sage|mint"
    "|neon|emerald|pastel|rose"
)
COLORS = (
    "black|white|red|blue|green|grey|gray|navy|teal|pink|purple|yellow|orange|brown|beige|cream|ivory|burgundy|lilac"
    "|turquoise|maroon|khaki|mustard|indigo|violet|crimson|scarlet|magenta|cyan|tan|taupe|aqua|fuchsia"
)
COLOR = re.compile(rf"(?<![\w'-])(?:(?:{SHADES})[ -])?(?:{COLORS})(?![\w'-])", re.IGNORECASE)
MISTYPED = re.compile(
    "blak(?:c|ck)?|balck|blac|blck|whit|whtie|wihte|gren|grene|greeen|yelow|yello|purpl|purpel|pnik|orang|bor?wn|brwon|rde|gery",
    re.IGNORECASE,
)
SIZE_IN_COLOR = re.compile(rf"(?P<size>.+?) in (?P<color>{COLOR.pattern})", re.IGNORECASE)
ASKED_IN = re.compile(r"(?:\b(?:in|in the|in a|and|be|to|for|the|size \w+)|,)\s$", re.IGNORECASE)
NOT_IN = re.compile(r"\b(?:not|never|no|than|instead of|came|arrived|got|sent|bought)\W+(?:\w+ )?$", re.IGNORECASE)
OWNED = re.compile(  # in the clause before: what somebody has or was sent is not what is asked for
    r"\b(?:i|we|she|he|they)(?:'ve| have| had| just| already| accidentally| only)* "
    r"(?:ordered|bought|got|received|own|have|had|chose|picked)\b"
    r"|\b(?:ordered|came|arrived|turned up|sent|delivered|received|painted|done|decorated|hates?|no one|has|had)\b"
    r"|n'?t\b|(?<!you )(?<!u )\b(?:got|picked) (?:the|my)\b"
    r"|\b(?:is|are|was|were|will be|going to be|trying to be)(?: in)? (?:the )?$"
    r"|\bout of the $|(?:\bi'?m|'s|joining)(?: in)? the $",
    re.IGNORECASE,
)
ASKED_FOR = re.compile(
    r"\W*$|[.,;!?]| (?:ones?|please|pls|plz|instead|ta|thanks|would|if|or|and|version|colou?r)\b", re.IGNORECASE
)
MATERIALS = (
    "acacia|aluminium|aluminum|bamboo|birch|bone china|brass|canvas|cashmere|cast iron|ceramic|chiffon|corduroy|cotton"
    "|crystal|denim|georgette|jute|leather|linen|mahogany|marble|melamine|merino|neoprene|oak|organic cotton|pine"
    "|plastic|porcelain|rattan|satin|sheepskin|silicone|silk|stainless steel|sterling silver|stoneware|straw|suede"
    "|teak|terracotta|titanium|vegan leather|velvet|walnut|wooden|wool"
)
NOT_ALONE = re.compile(  # a material that is as often a colour, a scent, or a part of what is sought
    "acacia|bamboo|birch|brass|canvas|cast iron|crystal|denim|linen|mahogany|marble|melamine|oak|pine|plastic"
    "|porcelain|rattan|satin|stainless steel|sterling silver|straw|teak|terracotta|titanium|velvet|walnut|wooden",
    re.IGNORECASE,
)
MATERIAL = re.compile(f"{MATERIALS}|memory foam", re.IGNORECASE)
NO_DEPARTMENT = (
    "sale|reviews?|middle|clearance|same|other|new|wrong|right|next|outlet|(?:wo)?mens?|kids|girls|boys|deals|offers"
    "|comments"
)
DEPARTMENT = re.compile(
    rf"\b(?:in|from) (?:the|your|ur) (?P<category>(?!(?:{NO_DEPARTMENT})\b)[a-z]+(?: (?:and|&) [a-z]+)?)"
    r" (?:department|dept|section|aisle)\b",
    re.IGNORECASE,
)
NO_THING = (  # "leather care kit", "cotton buds", "marble run": it is no material there
    r"(?:in|free|effect|look|and|for|or|brush|growing|blend|mix|lined|coated|bound|trim\w*|straps?|handled?|hole|run|buds?"
    r"|pads?|balls?|cones?|nuts?|cups?|candy|baskets?|closet|cupboard|instruments?|wool"
    r"|scented|shampoo|water|bin|palace|covers?|print\w*|needles?|tips|swabs|hob|shoots|cake|wrap|syrup|board|screen)\b"
    r"|.*\b(?:clean\w*|protect\w*|conditioner|oil|sprays?|wash|detergent|varnish|seasoning|softener|polish|care|dye"
    r"|glue|paint|honey|plants?|sealant|punch|comb|tape|stain|repair|wipes?|wax|balm"
    r"|cream|craft|eraser|freshener|remover|vinyl)\b"
)
OF_MATERIAL = re.compile(rf"(?P<material>{MATERIALS}) (?P<query>(?!{NO_THING}).+)", re.IGNORECASE)
FIRST = r" (?:ones? )?(?:first|at the top|on top|up top)\b"
SORTS = {
    "price_asc": rf"(?<!not )\b(?:cheapest|lowest(?: price[sd]?)?|least expensive){FIRST}"
    r"|(?<!rated )\blow(?:est)? to high(?:est)?\b",
    "price_desc": rf"\b(?:dearest|priciest|most expensive|highest price[sd]?|costliest){FIRST}"
    r"|(?<!rated )\bhigh(?:est)? to low(?:est)?\b",
    "rating": rf"\b(?:best|highest|top) (?:rated|reviewed|ratings?|reviews){FIRST}",
    "newest": rf"\b(?:newest|latest){FIRST}",
    "popular": rf"\b(?:most popular|best ?sell(?:ers|ing)){FIRST}",
}
SORT = {name: re.compile(said, re.IGNORECASE) for name, said in SORTS.items()}
NOT_OF_PRICE = re.compile(
    r"\b(?:rat(?:ing|ings|ed)|reviews?|reviewed|scores?|stars?|popular(?:ity)?|discounts?|sizes?|settings?|hem|dress"
    r"|heels?|heat|intensity|speeds?|impact|temperatures?)\b",
    re.IGNORECASE,
)
STOCK = re.compile(
    r"\bin[ -]stock\b(?! or not)"
    r"|\b(?:no|not|nothing|hide|without|exclude|skip|remove|drop)\W+(?:\w+\W+){0,3}out of stock\b",
    re.IGNORECASE,
)
NOT_THERE = re.compile(r"(?:\b(?:not|never|no longer)\b|n'?t\b)[^.,;!?]*$", re.IGNORECASE)
NO_MATTER = re.compile(
    r"\b(?:don'?t care|do(?:es)?(?:n'?t| not) (?:have|need) to|no matter|need(?:n'?t| not))\b", re.IGNORECASE
)
PAYMENTS = (
    "visa|mastercard|amex|american express|pay ?pal|klarna|clearpay|after ?pay|(?:google|apple|g) ?pay|revolut|monzo"
    "|barclaycard|upi|(?:debit|credit|gift|bank|store|prepaid) ?card(?: balance)?|(?:bank|business|current|checking"
    "|savings) account|store credit|card|account|bank|wallet"
)
NOT_WANTED = re.compile(
    r"(?P<reason>(?:i )?(?:don'?t|do not|didn'?t|no longer) need (?:it|them)(?: any ?more| in the end| now)?"
    r"|found (?:it|them) cheaper(?: elsewhere)?|(?:ordered|bought) (?:it |them )?by (?:mistake|accident)"
    r"|(?:it'?s |it is )?taking (?:too|so) long)(?=\W*$|[.,;!?]| (?:and|so|please|pls)\b)",
    re.IGNORECASE,
)
BACK_TO = re.compile(  # where it goes, and not how it was paid: "i bought it with my visa"
    r"\b(?:(?:refund(?:ed)?|money(?: back)?|back|credit|goes?|lot|amount)\s+(?:back\s+)?"
    r"(?:on ?to|to|on|2|via|with|into)"
    r"|(?<!\bi )(?:put|stick|pop|send|give|return|refund|want|have|credit|whack|chuck|bung) (?:it|them|that)\s+"
    r"(?:back\s+)?(?:on ?to|to|on|2|via|into))\s+(?:the |a )?"
    rf"(?P<method>(?:(?:my|our|his|her) )?(?:[a-z]+ )?(?:{PAYMENTS}))(?![\w'])(?! number)",
    re.IGNORECASE,
)
NOT_SO = re.compile(r"\b(?:not|never|already got)\b|n'?t\b", re.IGNORECASE)


def with_closed_words(commands: Sequence[Command], text: str, catalogue: Catalogue) -> list[Command]:
    """The commands with what the message, `text`, says in such words."""
    mended = list(commands)
    if len(mended) == 1 and "color" in catalogue.intents[mended[0].intent].slots and mended[0].intent != "inform":
        mended = [replace(mended[0], slots=with_color(mended[0].slots, text))]
    mended = [replace(one, slots=of_material(one.slots)) if one.intent == "search_products" else one for one in mended]
    mended = [with_material(one) if "material" in catalogue.intents[one.intent].slots else one for one in mended]
    searches = [place for place, one in enumerate(mended) if one.intent in SEARCHES]
    if len(searches) == 1:
        mended[searches[0]] = replace(mended[searches[0]], slots=_with_order(mended[searches[0]].slots, text))
        found = STOCK.search(text)
        stock = found and not NO_MATTER.search(text) and not NOT_THERE.search(text[: found.start()])
        if len(mended) == 1 and stock and "in_stock" not in dict(mended[0].slots):
            mended = [replace(mended[0], slots=(*mended[0].slots, ("in_stock", "yes")))]
        if len(mended) == 1:
            mended = [with_category(mended[0], text, catalogue)]
    return _with_money_back(_with_reason(mended, text), text)


def with_color(slots: Slots, text: str) -> Slots:
    """The slots with the one colour that the message asks for and none of them has."""
    if "color" in dict(slots):
        return slots
    for place, (name, value) in enumerate(slots):
        if name in ("feature", "size") and (COLOR.fullmatch(str(value)) or MISTYPED.fullmatch(str(value))):
            return (*slots[:place], ("color", value), *slots[place + 1 :])
        parts = SIZE_IN_COLOR.fullmatch(str(value)) if name == "size" else None
        if parts:
            return (*slots[:place], ("size", parts["size"]), ("color", parts["color"]), *slots[place + 1 :])
    taken = [place for _, value in slots for place in places(str(value), text)]
    free = [one for one in COLOR.finditer(text) if not any(a < one.end() and one.start() < b for a, b in taken)]
    if len(free) != 1:
        return slots
    before, after = text[: free[0].start()], text[free[0].end() :]
    clause = re.split(r"[.,;!?\n]", before)[-1]
    asked = ASKED_IN.search(before) and ASKED_FOR.match(after) and not (NOT_IN.search(before) or OWNED.search(clause))
    return (*slots, ("color", free[0].group())) if asked else slots


def of_material(slots: Slots) -> Slots:
    """The slots with the material that the query begins with in its own: "stoneware teapot"."""
    found = OF_MATERIAL.fullmatch(str(dict(slots).get("query", "")))
    if not found or "material" in dict(slots):
        return slots
    place = next(place for place, (name, _) in enumerate(slots) if name == "query")
    return (*slots[:place], *found.groupdict().items(), *slots[place + 1 :])


def with_material(command: Command) -> Command:
    """The command with a material in its own slot: "must be of ceramic" is no colour."""
    if "material" in dict(command.slots):
        return command
    for place, (name, value) in enumerate(command.slots):
        said = str(value)
        if name in ("feature", "size", "color") and MATERIAL.fullmatch(said) and not NOT_ALONE.fullmatch(said):
            slots = (*command.slots[:place], ("material", value), *command.slots[place + 1 :])
            return replace(command, slots=slots)
    return command


def with_category(command: Command, text: str, catalogue: Catalogue) -> Command:
    """The search with the department that the message names."""
    found = DEPARTMENT.search(text)
    if not found or "category" in dict(command.slots) or "category" not in catalogue.intents[command.intent].slots:
        return command
    category = found["category"]
    if any(str(value).casefold() == category.casefold() for _, value in command.slots):
        return command
    return replace(command, slots=(*command.slots, ("category", category)))


def _with_order(slots: Slots, text: str) -> Slots:
    said = [name for name, words in SORT.items() if words.search(text)]
    if NOT_OF_PRICE.search(text) and said and said[0].startswith("price_") and " to " in text.casefold():
        return slots
    return (*(one for one in slots if one[0] != "sort"), ("sort", said[0])) if len(said) == 1 else slots


def _with_reason(commands: list[Command], text: str) -> list[Command]:
    """The one command, a return or a cancellation, with the plain reason that the message gives for it."""
    found = NOT_WANTED.search(text)
    if len(commands) != 1 or commands[0].intent not in ("cancel_order", "return_items") or not found:
        return commands
    if "reason" in dict(commands[0].slots) or re.search(r"\b(?:if|unless|you)\b[^.,;!?]*$", text[: found.start()]):
        return commands
    return [replace(commands[0], slots=(*commands[0].slots, ("reason", found["reason"])))]


def _with_money_back(commands: list[Command], text: str) -> list[Command]:
    """The commands with where the money is to go, in the one return that they hold."""
    returns = [place for place, one in enumerate(commands) if one.intent == "return_items"]
    found = BACK_TO.search(text)
    if found and NOT_SO.search(re.split(r"[.,;!?]", text[: found.start()])[-1]):
        return commands
    if len(returns) != 1 or not found or any("payment_method" in dict(one.slots) for one in commands):
        return commands
    place, method = returns[0], found["method"].strip()
    kept = [
        (name, value)
        for name, value in commands[place].slots
        if name != "reason" or method.casefold() not in str(value).casefold()
    ]
    there = replace(commands[place], slots=(*kept, ("payment_method", method)))
    return [*commands[:place], there, *commands[place + 1 :]]
