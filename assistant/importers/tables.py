"""Rows of a CSV or TSV file, one at a time; what a stray quotation mark swallowed is given back.

Start at `open_table`. The separator is the one that the header has most of: comma, tab, semicolon or bar.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TextIO

from assistant.importers.decoding import LOST, BrokenFeed, encoding_of, open_feed
from assistant.importers.feeds import Row
from assistant.importers.report import ROW_SKIPPED, Report

SEPARATORS = ",\t;|"
LONGEST_FIELD = 1 << 18  # characters
LONGEST_LINE = 1 << 22
MOST_TRIED = 100  # quotation marks of a line that may be the stray one
UNCLOSED = "a quotation mark is not closed"


@dataclass(frozen=True)
class Table:
    columns: tuple[str, ...]  # the header in small letters, "" for a column without a name
    rows: Iterator[Row]


def open_table(path: Path, report: Report) -> Table:
    """The header, read now, and the rows, read as they are asked for. Raises BrokenFeed when there is no header."""
    encoding = encoding_of(path)
    if encoding.remark:
        report.add(1, "encoding", encoding.name, encoding.remark, "read as Windows-1252 (cp1252)")
    csv.field_size_limit(LONGEST_FIELD)
    lines = _Lines(path, open_feed(path, encoding))
    try:
        header = _header(lines)
    except BaseException:
        lines.file.close()
        raise
    separator = max(SEPARATORS, key=header.count)
    columns = tuple(column_name(cell) for cell in next(csv.reader([header], delimiter=separator), []))
    if not any(columns):
        lines.file.close()
        raise BrokenFeed(f"{path} has no header: its first row should name the columns.")
    _report_twice(columns, report)
    return Table(columns, _rows(lines, columns, separator, report))


def column_name(cell: str) -> str:
    """A column's name as rows are keyed by it: small letters, single spaces."""
    return " ".join(cell.split()).lower()


class _Lines:
    """The lines of a file, some of which may be given back; `taken` are those since it was last emptied."""

    def __init__(self, path: Path, file: TextIO) -> None:
        self.taken: list[str] = []
        self._path = path
        self.file = file
        self._again: deque[str] = deque()

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self.file.readline(LONGEST_LINE)
        if len(line) >= LONGEST_LINE:
            raise BrokenFeed(f"{self._path} has a line of over {LONGEST_LINE:,} characters. Is it a table of products?")
        if not line:
            raise StopIteration
        self.taken.append(line)
        return line

    def give_back(self, lines: list[str]) -> None:
        self._again.extendleft(reversed(lines))


def _header(lines: _Lines) -> str:
    """The first line that is not blank; a header's names have no line breaks."""
    return next((line for line in lines if line.strip()), "")


def _report_twice(columns: tuple[str, ...], report: Report) -> None:
    for place, name in enumerate(columns):
        if name and name in columns[:place]:
            report.add(1, name, name, "the header has this column twice", "the first that is filled is used")


def _rows(lines: _Lines, columns: tuple[str, ...], separator: str, report: Report) -> Iterator[Row]:
    reader = csv.reader(lines, delimiter=separator)
    number = 1
    while True:
        lines.taken.clear()
        number += 1
        cells: list[str] | None
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            cells = None
        if cells is None or (len(lines.taken) > 1 and not _well_quoted(lines.taken, separator)):
            cells = _mended(lines, len(columns), separator, number, report)
        if cells and any(cell.strip() for cell in cells):
            _report_lost(cells, columns, number, report)
            if _fits(cells, columns, number, report):
                yield Row(number, _by_name(columns, cells))


def _well_quoted(lines: list[str], separator: str) -> bool:
    """Whether every quotation mark that opens is closed, right before a separator or the end."""
    try:
        return len(list(csv.reader(lines, delimiter=separator, strict=True))) == 1
    except csv.Error:
        return False


def _mended(lines: _Lines, width: int, separator: str, number: int, report: Report) -> list[str] | None:
    """The row as its first line has it, without the quotation mark that swallowed the lines after; they come next."""
    first, *rest = lines.taken
    line = first.rstrip("\r\n")
    mended = _without_a_quote(line, width, separator)
    report.add(number, "row", line, UNCLOSED, ROW_SKIPPED if mended is None else "read to the end of its line")
    lines.give_back(rest)
    return mended


def _without_a_quote(line: str, width: int, separator: str) -> list[str] | None:
    """The cells of a line of `width` of them, once one of the quotation marks that begin a cell is taken as stray."""
    places = (at for at, sign in enumerate(line) if sign == '"' and (at == 0 or line[at - 1] == separator))
    for place in islice(places, MOST_TRIED):
        try:
            cells = next(csv.reader([line[:place] + line[place + 1 :]], delimiter=separator, strict=True))
        except (csv.Error, StopIteration):
            continue
        if len(cells) == width:
            return cells
    return None


def _report_lost(cells: list[str], columns: tuple[str, ...], number: int, report: Report) -> None:
    for place, cell in enumerate(cells):
        if LOST in cell:
            name = columns[place] if place < len(columns) else ""
            report.add(number, name, cell, "has bytes that cannot be read as text", f"kept with {LOST} in their place")


def _fits(cells: list[str], columns: tuple[str, ...], number: int, report: Report) -> bool:
    """A row with a cell too many is not used, though the last may be blank: 1,299.00 without quotes is not 1."""
    if len(cells) <= len(columns):
        return True
    wrong = f"the row has {len(cells)} cells and the header {len(columns)}; a separator may need quotes around it"
    report.add(number, "row", ", ".join(cells), wrong, ROW_SKIPPED)
    return False


def _by_name(columns: tuple[str, ...], cells: list[str]) -> dict[str, str]:
    named: dict[str, str] = {}
    for name, cell in zip(columns, cells, strict=False):
        if name and not named.get(name):
            named[name] = cell.strip()
    return named
