"""Whether words describe an item of an order: by its name, its brand, its options, or what kind of thing it is.

described(words_of("the black mug"), items)  ->  the black mugs among the items
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise

from assistant.orders import SAYS_NOTHING
from assistant.references import NUMBERS
from assistant.search.words import HEAD_ENDS_AT, key
from assistant.store import OrderItem
from assistant.texts import fold, raw_words

SHORTEST_ENDING = 4  # letters: "shelf" is the end of "bookshelf", "set" says nothing
NO_ENDING = frozenset((key("phone"), key(name)) for name in ("headphones", "earphones", "microphone"))
NOISE = SAYS_NOTHING | frozenset(
    "just only please also too same old received purchased have had has be do so above".split()
)
KINDS = {  # a wider word for a thing, where the order holds nothing nearer
    "shoes": "boots sneakers trainers runners sandals loafers slippers",
    "footwear": "boots sneakers trainers shoes sandals slippers",
    "bag": "backpack tote duffel suitcase",
    "suitcase": "luggage",
    "coat": "jacket parka",
    "shirt": "t-shirt tee",
    "computer": "laptop",
    "machine": "maker",
    "maker": "machine",
    "pot": "kettle",
    "glasses": "sunglasses",
    "headphones": "earbuds earphones",
    "reader": "e-reader",
    "light": "lamp bulb",
    "watch": "wristwatch smartwatch",
    "puzzle": "jigsaw",
    "case": "cover",
}


def words_of(text: str) -> tuple[str, ...]:
    """The words that say something; numbers in digits."""
    return tuple(_digits(word) for word in raw_words(fold(text)) if word not in NOISE)


def described(words: Sequence[str], items: Sequence[OrderItem]) -> tuple[OrderItem, ...]:
    """The items that all words fit; failing that, those that are such a thing; failing that, those of that kind."""
    return fully_described(words, items) or _such_things(words, items) or _of_that_kind(words, items)


def fully_described(words: Sequence[str], items: Iterable[OrderItem]) -> tuple[OrderItem, ...]:
    return tuple(item for item in items if words and _matched(words, item) == len(words))


def names_item(text: str, item: OrderItem) -> bool:
    """Whether a sentence has the item's whole name in it, or the noun of it."""
    said = _forms(_raw(text))
    name = _raw(item.name)
    return all(key(word) in said for word in name) or any(_same_thing(word, name) for word in said)


def is_noun_of(word: str, item: OrderItem) -> bool:
    """Whether one word of a sentence is what the item is: "thermostat" of a "Smart Thermostat"."""
    return bool(word) and word[-1].isalpha() and any(_same_thing(form, _raw(item.name)) for form in _forms(_raw(word)))


def is_kind_of(word: str, item: OrderItem) -> bool:
    """Whether it is another word for such a thing: "shoes" of "Hiking Boots", "jigsaw" of a "Jigsaw Puzzle"."""
    head, said = _raw(item.name)[-1:], key(word.lower())
    pairs = [(kind, one) for kind, ones in KINDS.items() for one in ones.split()]
    return any({said, *map(key, head)} == {key(kind), key(one)} for kind, one in pairs)


def known_words(item: OrderItem) -> frozenset[str]:
    """The words of its name, its brand and its options, each as `key` has it."""
    return _item_words(item)


def is_plural(words: Sequence[str], item: OrderItem) -> bool:
    """Whether the thing is said in the plural though the item's own name is not: "mugs", never "boots"."""
    head, own = _head(words), _raw(item.name)[-1:]
    return head.endswith("s") and key(head) in map(key, own) and head not in own and not head.endswith("ss")


def is_plural_by_nature(item: OrderItem) -> bool:
    own = "".join(_raw(item.name)[-1:])
    return own.endswith("s") and not own.endswith("ss")


def _such_things(words: Sequence[str], items: Sequence[OrderItem]) -> tuple[OrderItem, ...]:
    """Those whose name has the noun that was said, best described first place only: "noise cancelling headphones"."""
    such = [item for item in items if _same_thing(key(_head(words)), _raw(item.name)) or _in_category(words, item)]
    best = max((_matched(words, item) for item in such), default=0)
    return tuple(item for item in such if _matched(words, item) == best)


def _of_that_kind(words: Sequence[str], items: Sequence[OrderItem]) -> tuple[OrderItem, ...]:
    named = next((kind for kind in KINDS if key(kind) == key(_head(words))), None)
    kinds = {form for kind in KINDS.get(named or "", "").split() for form in _forms(_raw(kind))}
    return tuple(item for item in items if any(_same_thing(kind, _raw(item.name)) for kind in kinds))


def _matched(words: Sequence[str], item: OrderItem) -> int:
    known, name = _item_words(item), _raw(item.name)
    joined = {place for place, (one, two) in enumerate(pairwise(words)) if key(one + two) in known}
    return sum(
        key(word) in known or _ends_some(key(word), name) or place in joined or place - 1 in joined
        for place, word in enumerate(words)
    )


def _same_thing(word: str, name: Sequence[str]) -> bool:
    """Whether the word is the noun of the name, or the end of it; "tshirt" is "t-shirt"."""
    return word in {key(name[-1]), key("".join(name[-2:]))} or _ends_some(word, name[-1:]) if name else False


def _in_category(words: Sequence[str], item: OrderItem) -> bool:
    category = _raw(item.variant.product.category or "")
    return bool(category) and key(_head(words)) == key(category[-1])


def _ends_some(word: str, names: Iterable[str]) -> bool:
    return len(word) >= SHORTEST_ENDING and any(
        key(name).endswith(word) and (word, key(name)) not in NO_ENDING for name in names
    )


def _head(words: Sequence[str]) -> str:
    """The noun: the last word, or the last before "with" or "in"."""
    for place, word in enumerate(words):
        if word in HEAD_ENDS_AT and place:
            return words[place - 1]
    return words[-1] if words else ""


def _item_words(item: OrderItem) -> frozenset[str]:
    product = item.variant.product
    parts = [item.name, product.brand or "", product.category or "", *item.options, *item.options.values()]
    return frozenset(form for part in parts for form in _forms(_raw(part)))


def _forms(words: Sequence[str]) -> frozenset[str]:
    """Each word, and each two of them written as one."""
    return frozenset([*map(key, words), *(key(one + two) for one, two in pairwise(words))])


@lru_cache(maxsize=1000)
def _raw(text: str) -> tuple[str, ...]:
    return tuple(_digits(word) for word in raw_words(fold(text)))


def _digits(word: str) -> str:
    return str(NUMBERS.index(word) + 1) if word in NUMBERS else word
