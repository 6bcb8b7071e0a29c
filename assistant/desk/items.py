"""Which items of an order a shopper means: "both", "everything except the pet bed", "the two mugs", "the black one".

    choose_items([{"item": ["lamp and the rug"]}], "return the lamp and the rug", order.items)

Start at `choose_items`; pure functions over the rows. Where words fit different things the shopper is asked, never
guessed for; rows of the very same variant are as good as each other. Reading the words is in mentions.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from assistant.desk.item_words import described, fully_described, is_plural, is_plural_by_nature, names_item, words_of
from assistant.desk.mentions import Mention, but, kept, read, says_whole, split
from assistant.store import OrderItem

LONGEST_SAID_BACK = 60  # characters of an item that is not in the order
Items = tuple[OrderItem, ...]


@dataclass(frozen=True)
class ItemChoice:
    """What was found. It is settled when `lines` holds something and the other fields hold nothing."""

    lines: tuple[tuple[OrderItem, int, int], ...] = ()  # item, how many of it, the index of its wish
    unclear: tuple[OrderItem, ...] = ()  # the words fit each of these: ask which
    unknown: str | None = None  # the words fit nothing in the order
    too_many: OrderItem | None = None  # more of it are wanted than were bought


def choose_items(wishes: Sequence[Mapping[str, Any]], message: str, items: Sequence[OrderItem]) -> ItemChoice:
    """The items of one order that the wishes mean. `message`, the shopper's whole sentence, tells "except" and "keep",
    and stands in for the items where a wish names none."""
    picking = _Picking(message, tuple(items))
    for index, wish in enumerate(wishes or ({},)):
        picking.pick(index, wish)
    return ItemChoice(tuple(picking.lines), picking.unclear, picking.unknown, picking.too_many)


@dataclass
class _Picking:
    """What is picked so far, wish by wish."""

    message: str
    items: Items
    lines: list[tuple[OrderItem, int, int]] = field(default_factory=list)
    unclear: Items = ()
    unknown: str | None = None
    too_many: OrderItem | None = None

    def pick(self, index: int, wish: Mapping[str, Any]) -> None:
        texts = _texts(wish)
        quantity, position = _whole_number(wish.get("quantity")), _whole_number(wish.get("position"))
        if excepted := self._excepted(texts):
            self._pick_all_but(index, *excepted)
        elif texts:
            self._pick_named(index, [part for text in texts for part in _parts(text, self.items)], quantity)
        elif position is not None:
            self._take(index, Mention("", count=quantity), _at(position, self.items))
        else:
            self._pick_by_message(index, quantity)

    def left(self, item: OrderItem) -> int:
        return item.quantity - sum(count for other, count, _ in self.lines if other is item)

    def _pick_named(self, index: int, said: Sequence[Mention], quantity: int | None) -> None:
        found = [(mention, self._fitting(mention)) for mention in said]
        for mention, fitting in found:
            if any(_narrows(other, fitting) and not mention.every for _, other in found):
                continue  # "the vacuum cleaner", "the robotic one": the second says which the first is
            wanted = replace(mention, count=quantity) if len(said) == 1 and quantity else mention
            self._take(index, wanted, fitting)

    def _pick_by_message(self, index: int, quantity: int | None) -> None:
        """The wish names nothing: the whole message may, or there is just one thing it can be."""
        named = tuple(item for item in self.items if names_item(self.message, item))
        if named:
            kinds = list(dict.fromkeys(item.name for item in named))
            for name in kinds:
                same = tuple(item for item in named if item.name == name)
                count = quantity if len(kinds) == 1 else None
                self._take(index, Mention(name, words_of(self.message), count), same)
        elif says_whole(self.message):
            self._take(index, Mention("", every=True), self.items)
        else:
            self._take(index, Mention("", count=quantity), self.items)

    def _excepted(self, texts: Sequence[str]) -> tuple[str, str] | None:
        """What is wanted and what of it is not, if the shopper excepts something; both as said."""
        within = next((found for text in texts if (found := but(text))), None)
        if within:
            return within
        spoken = but(self.message)
        if spoken and all(says_whole(text) or not read(text).words for text in texts):
            return (texts[0] if texts else spoken[0]), spoken[1]
        if spoken and says_whole(spoken[0]) and all(words_of(text)[-1:] == words_of(spoken[1])[-1:] for text in texts):
            return spoken  # what is excepted was taken for what is wanted
        stays = kept(self.message)
        if stays and all(says_whole(text) for text in texts or [self.message]):
            return "everything", stays
        return None

    def _pick_all_but(self, index: int, wanted: str, excepted: str) -> None:
        among = self._among(wanted)
        staying: list[tuple[OrderItem, int]] = []
        for mention in _parts(excepted, self.items):
            fitting = self._fitting(mention)
            count = _how_many(mention, fitting, sum(item.quantity for item in fitting))
            if not fitting:
                self.unknown = self.unknown or mention.text[:LONGEST_SAID_BACK]
            elif count is None:
                self.unclear = self.unclear or fitting
            else:
                staying += _share(count, [(item, item.quantity) for item in fitting])
        if not self.unknown and not self.unclear:
            kept_of = {id(item): count for item, count in staying}
            left = [(item, self.left(item) - kept_of.get(id(item), 0)) for item in among]
            self.lines += [(item, count, index) for item, count in left if count > 0]

    def _among(self, wanted: str) -> Items:
        """What something is excepted of: all the mugs in "all the mugs except the black one"."""
        fitting = described(read(wanted).words, self.items)
        return fitting or tuple(item for item in self.items if names_item(wanted, item)) or self.items

    def _fitting(self, mention: Mention) -> Items:
        fitting = self.items
        if mention.code:
            fitting = tuple(i for i in fitting if mention.code in (i.variant_id, i.variant.product_id))
        elif mention.words:
            fitting = described(mention.words, fitting)
        free = tuple(item for item in fitting if self.left(item) > 0)
        if mention.other and free:
            fitting = free
        if mention.cheapest or mention.dearest:
            fitting = _priced(min if mention.cheapest else max, fitting)
        return _at(mention.place, fitting, mention.count or 1) if mention.place is not None else fitting

    def _take(self, index: int, mention: Mention, fitting: Items) -> None:
        """Take as many as were meant, or note that it is not clear which, or that there are not so many."""
        if not fitting:
            self.unknown = self.unknown or mention.text[:LONGEST_SAID_BACK]
            return
        free = tuple(item for item in fitting if self.left(item) > 0)
        bought = sum(self.left(item) for item in free)
        if not free and mention.count is None:
            return  # named twice
        wanted = _how_many(mention, free, bought)
        if wanted is not None and wanted > bought:
            self.too_many = self.too_many or (free or fitting)[0]
        elif wanted is None or (wanted < bought and _different(free)):
            self.unclear = self.unclear or free
        else:
            shared = _share(wanted, [(item, self.left(item)) for item in free])
            self.lines += [(item, count, index) for item, count in shared]


def _parts(text: str, items: Items) -> list[Mention]:
    """The things named in the text. What describes one item as a whole is not split: "black and white mug"."""
    whole = _settled(read(text), items)
    if len(whole.words) > 1 and fully_described([word for word in whole.words if word != "and"], items):
        return [whole]
    return [_settled(read(part), items) for part in split(text)]


def _settled(mention: Mention, items: Items) -> Mention:
    """The mention with its number taken as a count, or as part of the name: "two kettles", "2 liter kettle"."""
    if mention.number is None:
        return mention
    if not mention.words:
        return replace(mention, number=None)
    with_number = (*words_of(mention.number), *mention.words)
    named = fully_described(with_number, items)
    if named and not any(is_plural(mention.words, item) for item in named):
        return replace(mention, words=with_number, count=None, number=None)
    return replace(mention, number=None)


def _how_many(mention: Mention, free: Items, bought: int) -> int | None:
    """How many units are meant; None when the words mean one thing and fit different ones."""
    if mention.count is not None:
        return mention.count
    if mention.every or mention.many or any(is_plural(mention.words, item) for item in free):
        return bought
    if _different(free):
        return None
    return bought if all(is_plural_by_nature(item) for item in free) else 1


def _different(items: Items) -> bool:
    return len({item.variant_id for item in items}) > 1


def _narrows(one: Items, other: Items) -> bool:
    """Whether one is a true part of the other."""
    return 0 < len(one) < len(other) and all(item in other for item in one)


def _priced(extreme: Any, items: Items) -> Items:
    price = extreme((item.price_cents for item in items), default=None)
    return tuple(item for item in items if item.price_cents == price)


def _at(place: int, items: Items, count: int = 1) -> Items:
    """The item at that place, from 1 or, from the end, from -1; with a count "the first two", "the last two"."""
    index = place - 1 if place > 0 else len(items) + place - (count - 1)
    return items[index : index + count] if place and 0 <= index < len(items) else ()


def _share(wanted: int, bought: Sequence[tuple[OrderItem, int]]) -> list[tuple[OrderItem, int]]:
    """So many units, taken from the rows in order."""
    shared = []
    for item, most in bought:
        count = min(wanted, most)
        wanted -= count
        shared += [(item, count)] if count > 0 else []
    return shared


def _texts(wish: Mapping[str, Any]) -> list[str]:
    said = wish.get("item") or []
    return [text for text in ([said] if isinstance(said, str) else said) if text.strip()]


def _whole_number(value: Any) -> int | None:
    return int(value) if value is not None else None
