"""Read an address from a shopper's words, or see which of the addresses we know they mean.

    read_address("445 Maple Drive, Suite 394, Fort Worth, Texas 76165", known=())
    ->  AddressRead({"address1": "445 Maple Drive", "address2": "Suite 394", "city": "Fort Worth", "state": "TX", …})

It is read from its end: country, postcode and region are told by what they are; then the city, the street, the unit.
What is not there is named, never guessed; only a state that the ZIP code proves is added. An answer that gives what was
missing is read by appending it, with a comma, to the words before it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from assistant.desk.countries import KNOWN_BY_CODE, Country, Region, country, country_named
from assistant.desk.known_addresses import pointed_at
from assistant.desk.streets import capitalised, ends_in_city, names_street, place_lines, split_city, take_units
from assistant.store import Address

OWN_POSTCODES = ("CA", "GB", "AU", "IE", "NL")  # countries told by a postcode or region that no other has
LONGEST_POSTCODE = 4  # words
LONGEST_NAME = 5  # words of a country or region
BREAKS = re.compile(r"\s*[,;\n|]+\s*|\s+[-\u2013]+\s+")
SAYING = frozenset(
    "i i'm im i've we we're we've my me our it it's its send ship deliver change move moving moved mail redirect "
    "update switch set use put make go goes live address is to at please new instead should want need sorry no".split()
)
LEAD_IN = re.compile(
    r"^.*?\b(?:(?:send|ship|deliver|change|move|mail|redirect|update|switch|set)\b.{0,60}? to|"
    r"(?:address|place|house|home|apartment) ?(?:is|to|:|=|should be|would be)|"
    r"(?:live|moved|moving) (?:at|to|in))\b:? *",
    re.IGNORECASE,
)
LEAD_OUT = re.compile(
    r"[\s,.!?:-]*\b(?:please|pls|plz|thanks|thank you|thx|instead|from now on|if possible|for (?:all|both|my|the) .*|"
    r"and (?:keep|also|then|let|make|i)\b.*|(?:next|this) (?:week|month|year|summer)|tomorrow|today|starting .*|"
    r"as my (?:new )?default.*|since .*)$",
    re.IGNORECASE,
)
LABELS = re.compile(
    r"\b(?:(?:zip ?code|zip|post ?code|postal code)(?: is|:)?|(?:city|state|country|province)(?: is|:)) +(?=\S)",
    re.IGNORECASE,
)
FILLER = re.compile(
    r"^(?:(?:it'?s|it is|in|and|at|oh|um|sorry|no|my (?:house|home|place|apartment|office) (?:at|on|in)) +)+", re.I
)
FILLER_END = re.compile(r" +(?:in|at)$", re.IGNORECASE)
ORDER = ("address1", "city", "state", "zip", "country")  # in which missing fields are told
CITIES_TOO = ("New York", "Washington")  # states that are cities without their name being said twice


@dataclass(frozen=True)
class AddressRead:
    """An address; or several known ones that fit the words; or what is missing."""

    address: dict[str, str] | None = None
    missing: tuple[str, ...] = ()  # of ADDRESS_FIELDS, in ORDER
    candidates: tuple[dict[str, str], ...] = ()  # of the known ones
    wrong_zip: str | None = None  # the postcode given, where it cannot be of that region; then `zip` is missing


@dataclass
class _Reading:
    """The words still to be read, in segments that commas make, and what was read."""

    country: Country
    segments: list[list[str]]
    postcodes: list[str] = field(default_factory=list)
    region: Region | None = None
    region_said: str = ""


def read_address(words: str, known: Sequence[Address]) -> AddressRead:
    """The address that the words say or point at. `known`: the customer's own addresses, the default among them, and
    those of their other orders."""
    plain = " ".join(words.replace("\u2019", "'").split(" "))
    pointed = pointed_at(plain, known)
    if pointed:
        found = tuple(address.snapshot() for address in pointed)
        return AddressRead(found[0]) if len(found) == 1 else AddressRead(candidates=found)
    segments = _segments(plain)
    if not segments:
        return AddressRead(missing=ORDER[:-1])
    stated = _take_country(segments)
    return _told(_read(stated, segments)) if stated else _without_country(segments, known)


def _without_country(segments: list[list[str]], known: Sequence[Address]) -> AddressRead:
    """No country is named: a state or a postcode tells it, or it is the customer's own."""
    home = _home(known)
    readings = [_read(country(code), segments) for code in dict.fromkeys((home, "US", *OWN_POSTCODES))]
    for reading in readings:
        if _tells_country(reading, home):
            return _told(reading)
    return AddressRead(missing=("country",)) if _postcode_elsewhere(segments[-1]) else _told(readings[0])


def _tells_country(reading: _Reading, home: str) -> bool:
    postcode, region = _postcode(reading), reading.region
    if region is not None:
        return postcode is None or region.may_have(postcode) or reading.country.code == home
    own = postcode is not None and any(letter.isalpha() for letter in postcode)
    return own or (postcode is not None and reading.country.code == home)


def _postcode_elsewhere(last: Sequence[str]) -> bool:
    """Whether it begins as other countries begin the line of the city: "28013 Madrid"."""
    begins = len(last) > 1 and len(last[0]) >= 4 and last[0].isdigit()
    return begins and not split_city(" ".join(last))[0].isdigit() and not names_street(" ".join(last))


def _home(known: Sequence[Address]) -> str:
    own = next((address for address in known if address.is_default), None)
    named = country_named(own.country) if own else None
    return named.code if named else "US"


def _segments(text: str) -> list[list[str]]:
    text = LABELS.sub("", LEAD_OUT.sub("", _without_lead_in(text)))
    parts = [FILLER.sub("", part.strip(" .!?\"'()")) for part in BREAKS.split(text)]
    return [part.split() for part in parts if part]


def _without_lead_in(text: str) -> str:
    """Without what is said around an address: "please send it to", "we moved to"."""
    number = re.search(r"(?<!\S)\d", text)
    before = re.split(r"[\s:]+", text[: number.start()].lower()) if number else []
    if number and "," not in text[: number.start()] and SAYING.intersection(before):
        return text[number.start() :]
    found = LEAD_IN.match(text)
    return text[found.end() :] if found and not re.search(r"\d", found[0]) else text


def _read(place: Country, segments: list[list[str]]) -> _Reading:
    """Take postcode and region off the end, in whatever order, and the postcode before the city where that is usual."""
    reading = _Reading(place, [list(segment) for segment in segments])
    while _take_postcode(reading) or _take_region(reading):
        pass
    if place.postcode_first and not reading.postcodes:
        _take_first_postcode(reading)
    return reading


def _take_country(segments: list[list[str]]) -> Country | None:
    """The country named at the end, or before a postcode there: "London, England NW1 6XE"."""
    last = segments[-1]
    codes = next((n for n in (2, 1) if len(last) >= n and all(re.search(r"\d", word) for word in last[-n:])), 0)
    end = len(last) - codes
    for start in range(max(0, end - LONGEST_NAME), end):
        named = country_named(" ".join(last[start:end]))
        if named and not any(_is_region(last[earlier:end]) for earlier in range(start + 1)):
            if start == 0 and len(segments) == 1:
                return None  # nothing but its name
            del last[start:end]
            segments[:] = [segment for segment in segments if segment]
            return named
    return None


def _is_region(words: Sequence[str]) -> bool:
    """Whether it is a state and no country: Georgia, New South Wales."""
    return any(country(code).region_named(" ".join(words)) for code in KNOWN_BY_CODE)


def _take_postcode(reading: _Reading) -> bool:
    """Whether there was one at the end. The first is the last one said, which corrects the others."""
    if not reading.country.postcode or not reading.segments:
        return False
    last = reading.segments[-1]
    for count in range(min(LONGEST_POSTCODE, len(last)), 0, -1):
        text = " ".join(last[-count:]).strip(".")
        if reading.country.postcode.fullmatch(text) and re.search(r"\d", text):
            _drop(reading.segments, count)
            reading.postcodes.append(text.upper())
            return True
    return False


def _take_first_postcode(reading: _Reading) -> None:
    for segment in reversed(reading.segments[1:] or reading.segments):
        for count in (1, 2):
            text = " ".join(segment[:count])
            if len(segment) > count and reading.country.postcode and reading.country.postcode.fullmatch(text):
                reading.postcodes.append(text.upper())
                del segment[:count]
                return


def _take_region(reading: _Reading) -> bool:
    if not reading.segments or reading.region:
        return False
    last = reading.segments[-1]
    for count in range(min(LONGEST_NAME, len(last)), 0, -1):
        said = " ".join(last[-count:])
        if region := reading.country.region_named(said):
            _drop(reading.segments, count)
            reading.region, reading.region_said = region, said
            return True
    return False


def _drop(segments: list[list[str]], count: int) -> None:
    del segments[-1][-count:]
    if not segments[-1]:
        segments.pop()


def _postcode(reading: _Reading) -> str | None:
    """Of several the last said that the region can have."""
    fitting = [one for one in reading.postcodes if reading.region is None or reading.region.may_have(one)]
    return next(iter(fitting or reading.postcodes), None)


def _told(reading: _Reading) -> AddressRead:
    lines, city = _lines_and_city(reading)
    if not city and reading.region and (reading.country.code not in KNOWN_BY_CODE or reading.region.name in CITIES_TOO):
        city = _city(reading.region_said, reading.region_said.islower())
        reading.region = reading.region if reading.region.name != "Washington" else None
    place, postcode = reading.country, _postcode(reading)
    region = reading.region or (place.region_of_postcode(postcode) if postcode else None)
    address1, address2 = place_lines(lines)
    wrong = postcode if postcode and region and not region.may_have(postcode) else None
    said = {
        "address1": address1,
        "address2": address2,
        "city": city,
        "country": place.name,
        "state": place.written(region) if region else "",
        "zip": "" if wrong else postcode or "",
    }
    missing = tuple(name for name in ORDER if name in place.required and not said[name])
    return AddressRead(None, missing, wrong_zip=wrong) if missing else AddressRead(said)


def _lines_and_city(reading: _Reading) -> tuple[list[str], str]:
    """The lines of the street, units apart from it, and the city."""
    segments = [" ".join(segment) for segment in reading.segments]
    if not segments:
        return [], ""
    street, city = ("", segments[-1]) if ends_in_city(segments) else split_city(segments[-1])
    if len(segments) == 1 and not street and not reading.region and not reading.postcodes:
        city = ""  # any word at all: "hmm"
    low = all(text == text.lower() for text in segments)
    parts = [part for line in (*segments[:-1], FILLER_END.sub("", street)) for part in take_units(line)]
    return [capitalised(part) if low else part for part in parts if part], _city(city, low)


def _city(text: str, low: bool) -> str:
    city = FILLER.sub("", text)
    return capitalised(city) if low else city
