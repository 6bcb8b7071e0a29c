"""The encoding of a feed: by its byte order mark, UTF-8 where that fits, else Windows-1252; no byte is fatal.

A byte that does not decode becomes LOST in the text, which whoever reads the rows reports. A file is read once to find
out, and once more for its rows, so it may be of any size.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

LOST = "\ufffd"  # stands where bytes could not be read
CHUNK = 1 << 20  # bytes
BYTE_ORDER_MARKS = (  # the four-byte marks first: two of them begin like a two-byte one
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
NOT_TEXT = {b"PK\x03\x04": "a spreadsheet or a zip archive", b"\x1f\x8b": "compressed", b"%PDF": "a PDF"}
XML_ENCODING = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})["']""")


class BrokenFeed(ValueError):
    """The feed cannot be imported at all. The message names the file, what is wrong and what to do."""


@dataclass(frozen=True)
class Encoding:
    name: str  # as Python's codecs know it
    remark: str = ""  # what to report, if it had to be guessed


def encoding_of(path: Path) -> Encoding:
    """How the file is encoded. Raises BrokenFeed when it cannot be read, is empty or is not text."""
    try:
        with path.open("rb") as file:
            start = file.read(400)
    except OSError as error:
        raise BrokenFeed(f"{path} cannot be read: {error.strerror}.") from None
    if not start:
        raise BrokenFeed(f"{path} is empty.")
    for mark, name in BYTE_ORDER_MARKS:
        if start.startswith(mark):
            return Encoding(name)
    _refuse_what_is_no_text(path, start)
    declared = _declared(start)
    return declared if declared else _utf8_or_cp1252(path)


def open_feed(path: Path, encoding: Encoding) -> TextIO:
    """The file as text, with LOST for each stretch that does not decode, and its line ends as they are."""
    return path.open(encoding=encoding.name, errors="replace", newline="")


def _refuse_what_is_no_text(path: Path, start: bytes) -> None:
    for signature, kind in NOT_TEXT.items():
        if start.startswith(signature):
            raise BrokenFeed(f"{path} is {kind}, not a feed. Export it as CSV, TSV or XML and import that.")
    if start[:2].count(0) == 1:
        raise BrokenFeed(f"{path} seems to be UTF-16 without a byte order mark. Save it as UTF-8 and import that.")


def _declared(start: bytes) -> Encoding | None:
    """What an XML declaration says, unless that is UTF-8 or unknown: then the bytes tell."""
    found = XML_ENCODING.match(start.lstrip())
    if found is None:
        return None
    try:
        name = codecs.lookup(found[1].decode("ascii")).name
        "".encode(name)  # some codecs are not for text
    except LookupError:
        return None
    return None if name.startswith(("utf-8", "utf-16", "utf-32")) else Encoding(name)


def _utf8_or_cp1252(path: Path) -> Encoding:
    """UTF-8 text with stray bytes has some good letters above ASCII as well; in Windows-1252 hardly any is."""
    good = lost = 0
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            text = decoder.decode(chunk)
            if not text.isascii():
                here = max(0, text.count(LOST) - chunk.count(LOST.encode()))
                lost += here
                good += len(text) - len(text.encode("ascii", "ignore")) - here
        lost += len(decoder.decode(b"", final=True))
    if good >= lost:
        return Encoding("utf-8")
    return Encoding("cp1252", "the file is not UTF-8")
