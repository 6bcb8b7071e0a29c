"""Words that name a value which a product plainly lacks: a color that is not made, a material it is not made of.

Only such words are said back to a shopper as "there is no …"; what means nothing to the options is passed over when
something else fits, for the recogniser often puts words into a slot where they do not belong.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.desk.named_values import named_values
from assistant.desk.options import Option
from assistant.desk.tokens import read_tokens
from assistant.search.words import key, stop_words

COLORS = frozenset(
    "black white grey gray silver gold red orange yellow green blue navy purple violet pink brown beige cream ivory "
    "teal turquoise cyan magenta maroon burgundy olive khaki tan bronze copper rose lavender lilac mint coral "
    "charcoal".split()
)
MATERIALS = frozenset(
    "leather cotton polyester wool silk linen denim nylon canvas suede mesh velvet fleece plastic metal steel "
    "stainless aluminium aluminum iron wood wooden bamboo glass ceramic porcelain stone marble granite rubber "
    "silicone cork foam fabric carbon titanium brass wicker rattan oak synthetic".split()
)
LETTERS = frozenset("xxs xs s m l xl xxl xxxl small medium large".split())
KINDS = {  # what is named -> the words of the options that could have it
    "color": (COLORS, frozenset("color colour shade finish glaze tone palette pattern".split())),
    "material": (MATERIALS, frozenset("material fabric".split())),
}
SAYS_NO_VALUE = frozenset(
    key(word)
    for word in "any option version type kind style sort new different another other material color size model same "
    "pending order item product compatible available stock please instead whatever feature variant choice regular "
    "normal usual thing possible".split()
)
DENIED = re.compile(r"\b(?:not|no|without|instead of|rather than|except|from)\b[^.;!?,]*$")


def lacks(words: str, slot: str, options: Sequence[Option]) -> bool:
    """Whether the words of a slot name a value that none of the options has."""
    tokens = read_tokens(words)
    known = {place for found in named_values(tokens, options) for place in range(found.start, found.end)}
    left = [token for place, token in enumerate(tokens) if place not in known]
    for names, of_options in KINDS.values():
        has_option = any(of_options & set(option.words) for option in options)
        named = [token for token in left if token.text in names]
        if has_option and named and not DENIED.search(words.lower().split(named[0].text)[0]):
            return True
    if slot == "size":
        return any(token.number is not None or token.text in LETTERS for token in left)
    own = KINDS.get(slot)
    has_own = own is not None and any(own[1] & set(option.words) for option in options)
    return has_own and not known and slot == "color" and bool(left) and not says_no_value(words, options)


def says_no_value(words: str, options: Sequence[Option]) -> bool:
    """Whether the words are no value of any option: "the material", "any", "the one in my pending order"."""
    dull = SAYS_NO_VALUE | {key(word) for option in options for word in option.words}
    return all(token.text in stop_words() or key(token.text) in dull for token in read_tokens(words))
