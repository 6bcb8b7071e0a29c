"""Which payment method a shopper means: "visa ending 4411", "the original", "gift card, else paypal", "not visa".

    choose_method("the other card", customer.payment_methods, paid_with)

Only methods on file are ever chosen; whether a method is allowed for a refund or has money enough, changes.py checks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.references import Referent, refer
from assistant.store import PaymentMethod
from assistant.texts import fold

LONGEST_SAID_BACK = 40  # characters of a method that is not on file
BRANDS = {
    "visa": r"visa",
    "mastercard": r"master ?card|mc",
    "amex": r"amex|american express",
    "discover": r"discover( card)?",
    "diners club": r"diners( club)?",
    "maestro": r"maestro",
    "jcb": r"jcb",
}
SOURCES = {
    "gift_card": r"gift ?-?(card|certificate|voucher|credit)s?|giftcards?|gc|store credit|voucher",
    "paypal": r"pay ?-?pal",
    "credit_card": r"(credit|debit|bank) ?-?cards?|cards?|credit|debit|cc",
}
NAMES = {"gift_card": "a gift card", "paypal": "PayPal", "credit_card": "a card"}
ORIGINAL = re.compile(
    r"\b(original(ly)?|same|initial|i (had )?(paid|used)|it was paid|already (paid|used)|came from|paid with|"
    r"where (it|the money) (was|came)|back to (it|where)|current)\b"
)
OTHER = re.compile(r"\b(other|another|different|instead of that|else|second)\b")
NOT = re.compile(
    r"\b(?:(?<!if )not|never|anything (?:but|except)|except|other than|rather than|instead of|"
    r"don'?t (?:want|use)|without)"
    r"\b (?:to |on |onto |with |use |using )?(?:the |my |a |that )*([^,.;]*?)(?=$|[,.;]|\b(?:but|use|put|please|and)\b)"
)
OTHERWISE = re.compile(
    r"\b(otherwise|or else|else|if not|if (?:that|this|it)(?: is|'s|s)?(?: not|n't| isnt| cant| fails)[^,.;]*|"
    r"failing that|as a backup|then)\b"
)
NO_MATTER = re.compile(r"\b(any|whichever|whatever|don'?t (care|mind)|no preference|doesn'?t matter|either)\b")
POINTING = re.compile(r"\b(it|that|this|one|ok|yes|method|account|payment)\b")
NEW = re.compile(r"\bnew\b")
ENDING = re.compile(r"(?<!\d)(\d{4})(?!\d)")
WHOLE_NUMBER = re.compile(r"(?<!\d)(?:\d[ -]?){11,18}(\d{4})(?!\d)")


@dataclass(frozen=True)
class MethodChoice:
    """One method; or several that fit, to be asked about; or what was named and is not on file, fit to be said back."""

    method: PaymentMethod | None = None
    candidates: tuple[PaymentMethod, ...] = ()
    unknown: str | None = None


@dataclass(frozen=True)
class _Named:
    """A method as described: some of its source, its brand and its last four digits."""

    source: str | None = None
    brand: str | None = None
    last_four: str | None = None

    def fits(self, method: PaymentMethod) -> bool:
        return (
            (self.source is None or self.source == method.source)
            and (self.brand is None or self.brand == _brand(method))
            and (self.last_four is None or self.last_four == method.last_four)
        )

    def text(self) -> str:
        if self.source != "credit_card":
            return NAMES[self.source or "gift_card"]
        brand = f"{self.brand.title()} " if self.brand else ""
        ending = f" ending in {self.last_four}" if self.last_four else ""
        return f"{'an' if brand.startswith('A') else 'a'} {brand}card{ending}"


def choose_method(
    words: str | None, methods: Sequence[PaymentMethod], original: Sequence[PaymentMethod]
) -> MethodChoice:
    """The method meant. `methods`: all that the customer has; `original`: what the order was paid with."""
    said = fold(words or "").replace("\u2019", "'").strip(" .!?")
    on_file = {method.id: method for method in methods}
    if said in on_file:
        return MethodChoice(on_file[said])
    choice = MethodChoice()
    for preference in _preferences(said):
        choice = _one_of(preference, methods, original)
        if choice.method or choice.candidates:
            return choice
    return choice


def _preferences(said: str) -> list[str]:
    """What is wanted first, and what otherwise: "gift card, otherwise paypal"."""
    parts = [part.strip(" ,.;") for part in OTHERWISE.split(said)]
    return [part for part in parts if part and not OTHERWISE.fullmatch(part)] or [""]


def _one_of(said: str, methods: Sequence[PaymentMethod], original: Sequence[PaymentMethod]) -> MethodChoice:
    refused = [named for found in NOT.finditer(said) for named in _named(found[1])]
    wanted = NOT.sub(" ", said)
    left = [method for method in methods if not any(named.fits(method) for named in refused)]
    named = _named(wanted)
    if NEW.search(wanted) and not any(one.last_four for one in named):
        return MethodChoice(
            unknown=f"a new {'card' if any(one.source == 'credit_card' for one in named) else 'method'}"
        )
    if ORIGINAL.search(wanted) and (paid := [method for method in dict.fromkeys(original) if method in left]):
        found = [method for method in left if any(one.fits(method) for one in named)]
        return _only([method for method in paid if method in found or not named] or [*paid, *found])
    if OTHER.search(wanted) and not _place_said(wanted):
        left = [method for method in left if method not in original]
        if not left:
            return MethodChoice(unknown="another method")
    if named:
        found = [method for method in left if any(one.fits(method) for one in named)]
        text = re.sub("^an? ", "another ", named[0].text()) if OTHER.search(wanted) else named[0].text()
        return _only(found) if found else MethodChoice(unknown=text)
    if NO_MATTER.search(wanted):
        return _only([method for method in original if method in left] or left)
    return _by_place(wanted, left) or _unnamed(wanted, left, bool(refused))


def _unnamed(wanted: str, left: Sequence[PaymentMethod], refused: bool) -> MethodChoice:
    """No method was named. Words that say something else name one we do not take."""
    if refused or OTHER.search(wanted) or POINTING.search(wanted) or not wanted.strip():
        return _only(left)
    return MethodChoice(unknown=wanted.strip()[:LONGEST_SAID_BACK])


def _named(said: str) -> list[_Named]:
    """The methods that are described, one for each "and" or "or"."""
    return [named for part in re.split(r"\b(?:and|or)\b|[,&]|(?<!w)/", said) if (named := _description(part))]


def _description(said: str) -> _Named | None:
    number = WHOLE_NUMBER.search(said) or ENDING.search(said)
    brand = next((name for name, forms in BRANDS.items() if re.search(rf"\b({forms})\b", said)), None)
    source = next((name for name, forms in SOURCES.items() if re.search(rf"\b({forms})\b", said)), None)
    if brand or (number and source != "gift_card"):
        source = "credit_card"
    return _Named(source, brand, number[1] if number and source == "credit_card" else None) if source else None


def _place_said(said: str) -> bool:
    return bool(re.search(r"\b(first|second|third|last|\d(st|nd|rd))\b", said))


def _by_place(said: str, left: Sequence[PaymentMethod]) -> MethodChoice | None:
    """ "The second one", of the methods in the order in which they are offered."""
    if not _place_said(said):
        return None
    found = refer(said, None, [Referent(method.id, "") for method in left])
    return _only([method for method in left if any(method.id == one.id for one in found)]) if found else None


def _only(found: Sequence[PaymentMethod]) -> MethodChoice:
    return MethodChoice(found[0]) if len(found) == 1 else MethodChoice(candidates=tuple(found))


def _brand(method: PaymentMethod) -> str | None:
    brand = (method.brand or "").lower()
    return next((name for name, forms in BRANDS.items() if re.fullmatch(forms, brand)), brand or None)
