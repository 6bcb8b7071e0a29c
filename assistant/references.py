"""What a shopper means by "the second one", "it", "the Ridgeline" or "the cheapest": pure functions over what is shown.

    refer("second one", None, shown)  ->  the second of them, alone in a tuple

One found means it is clear; several mean that the words fit all of them; none that they fit nothing shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.search.words import keys
from assistant.texts import raw_words

ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
LAST = {"last": -1, "bottom": -1, "latter": -1, "penultimate": -2, "top": 1, "former": 1}
NUMBERED = re.compile(r"(?:number|no[.]?|nr[.]?|option|item|#) ?(\d{1,2}|[a-z]+)\b")
POINTING = frozenset("it that this those these they them its one ones same again product item".split())
CHEAPEST = frozenset("cheapest cheaper lowest".split())
DEAREST = frozenset("expensive dearest priciest pricier highest-priced".split())
BEST_RATED = re.compile(r"\b(best|highest|top)[ -]rated\b|\b(best|highest) rating\b")


@dataclass(frozen=True)
class Referent:
    """Something on screen that words may mean."""

    id: str
    name: str
    details: str = ""  # other words for it: brand, category, options
    price_cents: int | None = None
    rating: float | None = None


def refer(
    words: str | None, position: float | None, shown: Sequence[Referent], last_id: str | None = None
) -> tuple[Referent, ...]:
    """Those of `shown`, in the order they are on screen, that the words or the position mean.

    `last_id`: what was talked about last, which "it" means. Without words and position it is meant too."""
    if position is not None and not words:
        return _at(int(position), shown)
    text = (words or "").lower()
    extreme = _extreme(text)
    place, rest = _place(text)
    described = _described(rest if place is not None else text, shown)
    if extreme is not None:
        candidates = described or tuple(shown)
        return extreme(candidates)
    if place is not None:
        return _at(place, described or tuple(shown))
    if described:
        return described
    if any(word not in POINTING for word in raw_words(text) if keys(word)):
        return ()
    last = tuple(referent for referent in shown if referent.id == last_id)
    return last or tuple(shown)


def is_place(words: str) -> bool:
    """Whether the words name a place on screen and nothing else: "the seventh one"."""
    place, rest = _place(words.lower())
    return place is not None and not any(word not in POINTING for word in raw_words(rest) if keys(word))


def _place(text: str) -> tuple[int | None, str]:
    """The place that the text names, counted from 1 or, from the end, from -1; and the text without it."""
    if re.search(r"\bsecond (to )?last\b", text):
        return -2, re.sub(r"\bsecond (to )?last\b", " ", text)
    if found := NUMBERED.search(text):
        place = _number(found[1])
        if place is not None:
            return place, text.replace(found[0], " ")
    for word in raw_words(text):
        ending = re.fullmatch(r"(\d{1,2})(st|nd|rd|th)", word)
        place = int(ending[1]) if ending else LAST.get(word)
        if word in ORDINALS:
            place = ORDINALS.index(word) + 1
        if place is not None:
            return place, re.sub(rf"\b{word}\b", " ", text)
    alone = re.fullmatch(r"(?:the )?(\d{1,2}|[a-z]+)", text.strip())
    place = _number(alone[1]) if alone and alone[1] != "one" else None
    return place, "" if place is not None else text


def _number(text: str) -> int | None:
    if text.isdigit():
        return int(text)
    return NUMBERS.index(text) + 1 if text in NUMBERS else None


def _at(place: int, among: Sequence[Referent]) -> tuple[Referent, ...]:
    index = place - 1 if place > 0 else len(among) + place
    return (among[index],) if place and 0 <= index < len(among) else ()


def _extreme(text: str) -> Callable[[Sequence[Referent]], tuple[Referent, ...]] | None:
    words = set(raw_words(text))
    if words & CHEAPEST:
        return lambda among: _first_by(among, lambda one: one.price_cents)
    if words & DEAREST:
        return lambda among: _first_by(among, lambda one: -one.price_cents if one.price_cents is not None else None)
    if BEST_RATED.search(text):
        return lambda among: _first_by(among, lambda one: -one.rating if one.rating is not None else None)
    return None


def _first_by(among: Sequence[Referent], measure: Callable[[Referent], float | None]) -> tuple[Referent, ...]:
    known = [(value, one) for one in among if (value := measure(one)) is not None]
    return (min(known, key=lambda pair: pair[0])[1],) if known else tuple(among)


def _described(text: str, shown: Sequence[Referent]) -> tuple[Referent, ...]:
    """Those whose name holds all the words, or else their name and details do, or else some word of the name."""
    wanted = keys(" ".join(word for word in raw_words(text) if word not in POINTING | CHEAPEST | DEAREST))
    if not wanted:
        return ()
    by_name = tuple(one for one in shown if wanted <= keys(one.name))
    exact = tuple(one for one in by_name if keys(one.name) == wanted)
    if by_name:
        return exact or by_name
    by_details = tuple(one for one in shown if wanted <= keys(f"{one.name} {one.details}"))
    if by_details:
        return by_details
    return tuple(one for one in shown if 2 * len(wanted & keys(one.name)) > len(wanted))
