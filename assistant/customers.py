"""Who a shopper is: find a customer by e-mail, or by full name and zip code, in the shopper's own words. Read only.

Spelling is met half-way: case, accents, spaces, hyphens and apostrophes do not count, names go in either order, a
ZIP+4 counts by its first five digits, and words around ("it's Yusuf Rossi") are let be. Spelling is all that is
forgiven, and one message tries one e-mail and one zip code: a list of them is a guess, and matches nobody.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from assistant.store import Address, Customer, normalise_email
from assistant.texts import fold

EMAIL = re.compile(r"[\w.+%'-]+@[\w-]+(?:\.[\w-]+)+")
SPOKEN_AT = re.compile(r"\s+[(\[]?at[)\]]?\s+", re.IGNORECASE)
SPOKEN_DOT = re.compile(r"\s+[(\[]?dot[)\]]?\s+", re.IGNORECASE)
WORD = re.compile(r"[^\W\d_]+")
ZIP_PLUS_FOUR = 9  # digits
ZIP_LENGTHS = range(3, 11)  # from Iceland's to Iran's, without spaces
AROUND_A_NAME = frozenset(
    "it is its s i m im am my name full the this that here hi hello yes under account in of and for customer "
    "mr mrs ms miss dr sir madam with an".split()
)
MOST_OTHER_WORDS = 2  # beside the name: middle names, a maiden name


def find_by_email(session: Session, text: str) -> Customer | None:
    """The customer whose e-mail stands in the text."""
    email = read_email(text)
    return session.scalar(select(Customer).where(Customer.email == email)) if email else None


def find_by_name(session: Session, name: str, zip_code: str) -> list[Customer]:
    """All customers of that name with an address of that zip code. More than one is nobody in particular."""
    wanted = zip_key(zip_code)
    if len(wanted) not in ZIP_LENGTHS:
        return []
    stored = func.upper(func.replace(func.replace(Address.zip, " ", ""), "-", ""))
    near = select(Address.customer_id).where(stored.contains(wanted))
    there = session.scalars(select(Customer).where(Customer.id.in_(near)).options(selectinload(Customer.addresses)))
    return [customer for customer in there if has_zip(customer, zip_code) and has_name(customer, name)]


def has_email(customer: Customer, text: str) -> bool:
    return read_email(text) == customer.email


def has_zip(customer: Customer, text: str) -> bool:
    return zip_key(text) in {zip_key(address.zip) for address in customer.addresses}


def has_name(customer: Customer, text: str) -> bool:
    """Whether the text is the customer's first and last name, give or take the words of an introduction."""
    words = WORD.findall(fold(text))
    first, last = ("".join(WORD.findall(fold(name))) for name in (customer.first_name, customer.last_name))
    spans = [(a, b) for a in _spans(words, first) for b in _spans(words, last) if a[1] <= b[0] or b[1] <= a[0]]
    spans += [(whole, whole) for key in (first + last, last + first) for whole in _spans(words, key)]
    return any(len(_other_words(words, pair)) <= MOST_OTHER_WORDS for pair in spans)


def read_email(text: str) -> str | None:
    """The one e-mail address in the text, "mia at example dot com" too; None without any or with several."""
    if "@" not in text:
        text = SPOKEN_DOT.sub(".", SPOKEN_AT.sub("@", text))
    found = {normalise_email(email) for email in EMAIL.findall(text)}
    return found.pop() if len(found) == 1 else None


def zip_key(text: str) -> str:
    """A zip code without the words around it and without spaces, as two spellings of it are compared."""
    words = re.findall(r"[A-Z0-9]+", text.upper())
    key = "".join(word for word in words if any(letter.isdigit() for letter in word))
    return key[:5] if key.isdigit() and len(key) == ZIP_PLUS_FOUR else key


def _spans(words: Sequence[str], key: str) -> list[tuple[int, int]]:
    """Where neighbouring words, written together, make the key: [start, end)."""
    return [
        (start, end)
        for start in range(len(words))
        for end in range(start + 1, min(start + len(key), len(words)) + 1)
        if "".join(words[start:end]) == key
    ]


def _other_words(words: Sequence[str], pair: Sequence[tuple[int, int]]) -> list[str]:
    named = {place for start, end in pair for place in range(start, end)}
    return [word for place, word in enumerate(words) if place not in named and word not in AROUND_A_NAME]
