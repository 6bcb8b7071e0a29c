"""Prices as feeds write them, to integer cents and a currency: "12.99 USD", "€12,99", "1,299.00", "1 299,00 kr".

A price that could be read in two ways is refused, not guessed: "1.299" may be a thousand or one and a bit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

MAX_CENTS = 2**31 - 1  # an SQL INTEGER
CURRENCIES = frozenset(
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF "
    "CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD "
    "HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD "
    "MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN "
    "PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY "
    "TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG".split()
)
DOLLARS = ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD", "MXN", "ARS", "CLP", "COP")
CROWNS = ("SEK", "NOK", "DKK", "ISK", "CZK")
SYMBOLS: dict[str, tuple[str, ...]] = {  # what each may mean
    "$": DOLLARS, "US$": ("USD",), "C$": ("CAD",), "CA$": ("CAD",), "A$": ("AUD",), "AU$": ("AUD",), "NZ$": ("NZD",),
    "S$": ("SGD",), "HK$": ("HKD",), "NT$": ("TWD",), "MX$": ("MXN",), "R$": ("BRL",), "€": ("EUR",), "EURO": ("EUR",),
    "£": ("GBP",), "¥": ("JPY", "CNY"), "￥": ("JPY", "CNY"), "₹": ("INR",), "RS": ("INR", "PKR", "LKR", "NPR", "MUR"),
    "RS.": ("INR", "PKR", "LKR", "NPR", "MUR"), "₩": ("KRW",), "₽": ("RUB",), "₺": ("TRY",), "TL": ("TRY",),
    "₪": ("ILS",), "₴": ("UAH",), "₫": ("VND",), "฿": ("THB",), "₱": ("PHP",), "₦": ("NGN",), "ZŁ": ("PLN",),
    "KČ": ("CZK",), "FT": ("HUF",), "FR.": ("CHF",), "LEI": ("RON",), "KR": CROWNS, "KR.": CROWNS, ":-": CROWNS,
}  # fmt: skip
USUAL = {"$": "USD", "¥": "JPY", "￥": "JPY"}  # when nothing else tells
SPACES = re.compile(r"[\s\u00a0\u2000-\u200b\u202f\u205f\u3000]+")
SHAPE = re.compile(r"(?P<before>[^0-9]*)(?P<amount>[0-9](?:[0-9.,'\u2019 ]*[0-9])?)(?P<after>[^0-9]*)")
MINUS = dict.fromkeys(map(ord, "\u2212\u2013\u2010\u2011\ufe63\uff0d"), "-")
GROUPED = re.compile(r"(?P<whole>[1-9][0-9]{0,2}(?:(?P<mark>[.,'\u2019 ])[0-9]{3})(?:(?P=mark)[0-9]{3})*)(?P<rest>.*)")
SIMPLE = re.compile(r"(?P<whole>[0-9]+)(?:[.,](?P<cents>[0-9]+))?")


class UnreadablePrice(ValueError):
    """The text is no price; the message says why, to stand after the value."""


@dataclass(frozen=True)
class Price:
    cents: int  # 0..MAX_CENTS
    currency: str  # an ISO 4217 code


def read_price(text: str, currency: str) -> Price:
    """The price that `text` states, in `currency` where it names none. Raises UnreadablePrice."""
    tidy = SPACES.sub(" ", text).translate(MINUS).strip()
    found = SHAPE.fullmatch(tidy)
    if found is None:
        raise UnreadablePrice("is not a price")
    before, after = found["before"].strip(), found["after"].strip()
    if before.startswith(("-", "(")) or before.endswith("-") or after == "-":
        raise UnreadablePrice("is below zero")
    cents = _cents(found["amount"])
    return Price(cents, _currency([mark for mark in (before, after) if mark], currency))


def read_currency(code: str) -> str:
    """The ISO code in capitals. Raises UnreadablePrice for one that is not known."""
    if code.strip().upper() not in CURRENCIES:
        raise UnreadablePrice(f"{code.strip()[:20]} is not a currency known here")
    return code.strip().upper()


def _cents(amount: str) -> int:
    value = Decimal(_decimal_text(amount)) if len(amount) <= 30 else Decimal(MAX_CENTS)
    if value > MAX_CENTS // 100:
        raise UnreadablePrice("is more than a price can be")
    cents = value * 100
    if cents != int(cents):
        raise UnreadablePrice("is not in whole cents")
    return int(cents)


def _decimal_text(amount: str) -> str:
    """The amount with a point before its cents and nothing between its thousands."""
    grouped = GROUPED.fullmatch(amount)
    if grouped and (grouped["rest"] == "" or _ends_in_cents(grouped["rest"], grouped["mark"])):
        if grouped["mark"] == "." and grouped["rest"] == "" and grouped["whole"].count(".") == 1:
            raise UnreadablePrice("could be thousands or a fraction; write it with two decimals")
        return re.sub("[^0-9]", "", grouped["whole"]) + grouped["rest"].replace(",", ".")
    simple = SIMPLE.fullmatch(amount)
    if simple is None:
        raise UnreadablePrice("is not a price")
    return f"{simple['whole']}.{simple['cents'] or '0'}"


def _ends_in_cents(rest: str, mark: str) -> bool:
    return re.fullmatch("[.,][0-9]{1,2}", rest) is not None and rest[0] != mark


def _currency(marks: list[str], usual: str) -> str:
    """The currency that all of `marks` ("$", "USD") may mean; `usual` if it is among several."""
    possible: set[str] | None = None
    for mark in marks:
        upper = mark.upper()
        meant = set(SYMBOLS.get(upper, (upper,) if upper in CURRENCIES else ()))
        if not meant:
            raise UnreadablePrice(f'names a currency that is not known here, "{mark[:20]}"')
        possible = meant if possible is None else possible & meant
    if possible is None or usual in possible:
        return usual
    if len(possible) == 1:
        return possible.pop()
    if not possible:
        raise UnreadablePrice("names two currencies")
    if marks[0] in USUAL:
        return USUAL[marks[0]]
    raise UnreadablePrice(f'does not tell which currency "{marks[0]}" is; say it with --currency')
