"""Hear out a message about several items: what it asks for that no command told, and whose each word is.

The recogniser may give one command for "swap the lamp for a black one and the rug for a red one", with the rug among
the lamp's options. `with_others` adds a wish for the rug; `told_apart` gives each wish its own part of the message.
Pure; a wish that has been through one of them is marked, so that what a shopper leaves out later stays out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from assistant.actions.wishes import ONLY, OPTIONS, Settled, Wish, settle
from assistant.desk.item_words import names_item
from assistant.desk.namings import NEXT_THING, RETURNS, SENTENCE_END, SWAPS, Naming, namings, passages
from assistant.desk.passages import holds, texts_of
from assistant.desk.rows import rows_fitting, rows_meant
from assistant.search.words import keys
from assistant.store import OrderItem

HEARD, APART = "heard", "apart"  # marks of a wish
ORDER_NUMBER = re.compile(r"\bW\d{5,}\b", re.IGNORECASE)
LEAVES = re.compile(
    r"\b(?:leave|leaving|not|keep|keeping|skip|forget|drop|without|except|never ?mind|remove|cancel)\b[^.;!?]*$",
    re.IGNORECASE,
)
ONE_AND_OTHER = re.compile(
    r"\b(?:one|the first(?: one)?)\b(?P<one>[^.;!?]{2,80}?)(?:,|\band\b|[.;])+\s*(?:and |then )?"
    r"\b(?:the (?:other|second)(?: one)?|one|another)\b(?P<other>[^.;!?]{2,80})",
    re.IGNORECASE,
)


def heard_out(settled: Settled, items: Sequence[OrderItem], deeds: re.Pattern[str]) -> Settled:
    """Settled wishes with those of other items that their messages name, and to each its own words."""
    settled = _told_by_what_is_said(settled, items, deeds)
    if settled.clear:
        wishes = with_others(settled.wishes, items, deeds)
        if len(wishes) > len(settled.wishes):
            settled = _told_by_what_is_said(settle(wishes, "", items), items, deeds)
        else:
            settled = replace(settled, wishes=tuple(wishes))
    if settled.clear and deeds is not RETURNS:
        settled = replace(settled, wishes=tuple(told_apart(settled.wishes, items, deeds)))
    return settled


def with_others(wishes: Sequence[Wish], items: Sequence[OrderItem], deeds: re.Pattern[str]) -> list[Wish]:
    """The wishes, and one for each further item that a message asks to deal with."""
    covered = {item.name for item in items for wish in wishes if _is_about(wish, item)}
    more: list[Wish] = []
    for said in _messages(wishes, HEARD):
        for naming in namings(said, items, deeds):
            names = {item.name for item in naming.items}
            if naming.wanted and not names & covered and not _of_another_order(said, naming):
                covered |= names
                more.append({"item": [naming.text], "said": said, HEARD: True})
    return [*({**wish, HEARD: True} for wish in wishes), *more]


def told_apart(wishes: Sequence[Wish], items: Sequence[OrderItem], deeds: re.Pattern[str]) -> list[Wish]:
    """The wishes, each with the part of its message that is about its item, and with the options named there."""
    wishes = [_without_names(wish, items) for wish in wishes]
    for said in list(_messages(wishes, APART)):
        own = [wish for wish in wishes if wish.get("said") == said and APART not in wish]
        parts = passages(said, namings(said, items, deeds))
        _share_options(own, said, parts)
        for wish in own:
            wish["said"] = parts.get(wish["line"], said)
    return [{**wish, APART: True} for wish in _one_and_other(wishes, items)]


def row_described(
    wishes: Sequence[Wish], about: int, message: str, candidates: Sequence[OrderItem]
) -> list[Wish] | None:
    """The wish asked about, settled by an answer that describes one of the candidates: "the more expensive one"."""
    found = rows_fitting(message, candidates)
    if not found or len({item.variant_id for item in found}) > 1:
        return None
    if len({item.variant_id for item in candidates}) == 1:
        return None
    return [*wishes[:about], {**wishes[about], "line": found[0].id, "count": 1}, *wishes[about + 1 :]]


def leaves_out(message: str, wishes: Sequence[Wish], about: int, items: Sequence[OrderItem]) -> bool:
    """Whether an answer drops the wish asked about: "leave the keyboard", or "only the thermostat", another one's."""
    names = [next((item.name for item in items if item.id == wish.get("line")), None) for wish in wishes]
    found = namings(message, items, SWAPS)
    own = [naming for naming in found if names[about] in {item.name for item in naming.items}]
    if own:
        return bool(LEAVES.search(message[: own[0].start]) and not own[0].wanted)
    others = {item.name for naming in found for item in naming.items} & set(names)
    return bool(others) and bool(ONLY.search(message))


def _told_by_what_is_said(settled: Settled, items: Sequence[OrderItem], deeds: re.Pattern[str]) -> Settled:
    """Where a wish may be about several rows of a product, what else the message says of the thing may tell."""
    rows, about = settled.unclear, settled.about
    for _ in settled.wishes:
        named = len({item.name for item in rows}) == 1 and about is not None
        if settled.clear or not named or settled.unknown or settled.too_many or about is None:
            return settled
        wish = settled.wishes[about]
        found = rows_meant(str(wish.get("said") or ""), rows, deeds)
        if len({item.variant_id for item in found}) != 1 or len(found) == len(rows):
            return settled
        known = [*settled.wishes[:about], {**wish, "line": found[0].id, "count": 1}, *settled.wishes[about + 1 :]]
        settled = settle(known, "", items)
        rows, about = settled.unclear, settled.about
    return settled


def _is_about(wish: Wish, item: OrderItem) -> bool:
    return wish.get("line") == item.id or (
        "line" not in wish and any(names_item(t, item) for t in texts_of(wish, "item"))
    )


def _of_another_order(said: str, naming: Naming) -> bool:
    """Whether the number of another order stands with the thing: "the lamp of #W2"."""
    numbers = ORDER_NUMBER.findall(NEXT_THING.split(SENTENCE_END.split(said[naming.end :])[0])[0])
    own = str(naming.items[0].order_id or "").strip("#").lower()
    return bool(own and numbers) and numbers[0].lower() != own


def _messages(wishes: Sequence[Wish], mark: str) -> Iterator[str]:
    """The messages of the wishes without this mark, each once."""
    return iter(dict.fromkeys(str(wish["said"]) for wish in wishes if wish.get("said") and mark not in wish))


def _without_names(wish: Wish, items: Sequence[OrderItem]) -> Wish:
    """What only names an item of the order is no option: the rug among what the lamp is to be."""
    names = [keys(item.name) for item in items]
    kept: Wish = {name: value for name, value in wish.items() if name not in OPTIONS}
    for slot in OPTIONS:
        texts = [text for text in texts_of(wish, slot) if not any(keys(text) and keys(text) <= name for name in names)]
        if texts:
            kept[slot] = texts if slot == "feature" else texts[0]
    return kept


def _share_options(wishes: Sequence[Wish], said: str, parts: Mapping[int, str]) -> None:
    """Move each option that is named only in the words about another item to the wish for that."""
    moved: list[tuple[str, str]] = []
    for wish in wishes:
        part = parts.get(wish["line"])
        for slot in OPTIONS if part is not None else ():
            texts = texts_of(wish, slot)
            elsewhere = [text for text in texts if holds(said, text) and not holds(part or "", text)]
            if not elsewhere:
                continue
            moved += [(slot, text) for text in elsewhere]
            left: Any = [text for text in texts if text not in elsewhere]
            wish.pop(slot)
            if left:
                wish[slot] = left if slot == "feature" else left[0]
    for slot, text in moved:
        for wish in wishes:
            if holds(parts.get(wish["line"], ""), text) and not any(text in texts_of(wish, one) for one in OPTIONS):
                _add(wish, slot, text)


def _add(wish: Wish, slot: str, text: str) -> None:
    if slot == "feature" or slot in wish:
        wish["feature"] = [*texts_of(wish, "feature"), text]
    else:
        wish[slot] = text


def _one_and_other(wishes: Sequence[Wish], items: Sequence[OrderItem]) -> list[Wish]:
    """Two of the same thing that are to become different: "one in red and the other in blue"."""
    variants = {item.id: item.variant_id for item in items}
    told: list[Wish] = []
    for wish in wishes:
        twins = [
            one
            for one in wishes
            if variants[one["line"]] == variants[wish["line"]] and one.get("said") == wish.get("said")
        ]
        found = ONE_AND_OTHER.search(str(wish.get("said") or "")) if APART not in wish else None
        if not found or sum(int(one["count"]) for one in twins) != 2:
            told.append(wish)
            continue
        alone = {name: value for name, value in wish.items() if name not in (*OPTIONS, "quantity")}
        halves = [found["one"].strip(), found["other"].strip()]
        if len(twins) == 1:
            told += [{**alone, "count": 1, "said": half} for half in halves]
        else:
            told.append({**alone, "said": halves[twins.index(wish)]})
    return told
