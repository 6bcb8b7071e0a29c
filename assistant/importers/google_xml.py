"""The items of a Google Merchant feed in XML, RSS 2.0 or Atom, one at a time.

Entities are never expanded: a file that declares any is refused. Bytes that do not decode become LOST before the XML
parser sees them, so a broken letter costs a letter and not the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from xml.parsers import expat

from assistant.importers.decoding import LOST, BrokenFeed, encoding_of, open_feed
from assistant.importers.feeds import Row
from assistant.importers.report import Report

GOOGLE = "http://base.google.com/ns/1.0"
ITEMS = ("item", "entry")  # of RSS and of Atom
ATOM_NAMES = {"summary": "description", "content": "description"}
MARKED_UP = ("description", "summary", "content")  # may hold elements of HTML, whose text is theirs
CHUNK = 1 << 16  # characters
LONGEST_TEXT = 1 << 18  # characters of one element
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def read_items(path: Path, report: Report) -> Iterator[Row]:
    """Each item with the text of its elements by name. Raises BrokenFeed where the XML does not hold."""
    encoding = encoding_of(path)
    if encoding.remark:
        report.add(1, "encoding", encoding.name, encoding.remark, "read as Windows-1252 (cp1252)")
    items = _Items(path)
    with open_feed(path, encoding) as file:
        for number, chunk in enumerate(iter(partial(file.read, CHUNK), "")):
            text = chunk if number else chunk.lstrip()  # an XML declaration must be the very first thing
            yield from items.read(NOT_IN_XML.sub(LOST, text).encode(), report)
        yield from items.read(b"", report, last=True)


class _Items:
    """An expat parser that collects the items which are complete."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._parser = expat.ParserCreate("utf-8", namespace_separator=" ")  # whatever the declaration says
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.EntityDeclHandler = self._entity
        self._count = 0
        self._depth = 0  # below the item; 0 outside one
        self._cells: dict[str, str] = {}
        self._own: set[str] = set()  # cells that are from Google's own elements
        self._marked_up = False
        self._pieces: list[str] = []
        self._length = 0
        self._done: list[Row] = []

    def read(self, data: bytes, report: Report, last: bool = False) -> Iterator[Row]:
        try:
            self._parser.Parse(data, last)
        except expat.ExpatError as error:
            raise BrokenFeed(
                f"{self._path} is not XML: line {error.lineno}, column {error.offset + 1}: "
                f"{expat.ErrorString(error.code)}. Nothing was imported; mend the file and import it again."
            ) from None
        done, self._done = self._done, []
        for row in done:
            for name, text in row.cells.items():
                if LOST in text:
                    wrong = "has characters that cannot be read as text"
                    report.add(row.number, name, text, wrong, f"kept with {LOST} in their place")
            yield row

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self._depth == 0:
            if _local(name) in ITEMS:
                self._depth, self._cells, self._own = 1, {}, set()
            return
        self._depth += 1
        if self._depth == 2:
            self._pieces, self._length, self._marked_up = [], 0, _local(name) in MARKED_UP
        elif self._marked_up:
            self._pieces.append("\n")

    def _end(self, name: str) -> None:
        if self._depth == 0:
            return
        self._depth -= 1
        if self._depth == 1:
            self._keep(name, "".join(self._pieces).strip())
        elif self._depth == 0:
            self._count += 1
            self._done.append(Row(self._count, self._cells))

    def _text(self, data: str) -> None:
        # Deeper than an item's own elements is another matter: the price of shipping is not that of the product.
        if (self._depth == 2 or (self._depth > 2 and self._marked_up)) and self._length < LONGEST_TEXT:
            self._pieces.append(data)
            self._length += len(data)

    def _keep(self, name: str, text: str) -> None:
        """Google's own elements win over those of RSS and Atom; of several the first that is filled."""
        local = ATOM_NAMES.get(_local(name), _local(name))
        own = name.startswith(GOOGLE)
        if text and (local not in self._cells or (own and local not in self._own)):
            self._cells[local] = text
            if own:
                self._own.add(local)

    def _entity(self, *declaration: object) -> None:
        raise BrokenFeed(f"{self._path} declares XML entities, which a feed may not: they can blow up to any size.")


def _local(name: str) -> str:
    return name.rpartition(" ")[2].lower()
