"""What is wrong with a feed, row by row, in a CSV file that a person reads in a spreadsheet.

    with Report(path) as report:
        report.add(17, "price", "-5.00", "is below zero", "row skipped")

The file is begun with the first problem, so a feed without problems leaves none. Whatever a feed holds, a cell of the
report is never a formula.
"""

from __future__ import annotations

import csv
from pathlib import Path
from types import TracebackType
from typing import IO, Any

HEADER = ("row", "field", "value", "problem", "done")
LONGEST_VALUE = 80  # characters of a value that are shown
FORMULA_STARTS = "=+-@\t\r\uff1d\uff0b\uff0d\uff20"  # with the full-width forms, which some spreadsheets take as well
ROW_SKIPPED = "row skipped"
LEFT_OUT = "field left out"


class ReportInTheWay(ValueError):
    """The report cannot be written where it should go. The message says where it may."""


class Report:
    """Counts the problems of a feed and writes each one down. Rows count as in a spreadsheet: the header is row 1."""

    def __init__(self, path: Path) -> None:
        """Raises ReportInTheWay where another file stands; an earlier report is replaced."""
        self.path = path
        self.problems = 0
        self._file: IO[str] | None = None
        self._writer: Any = None
        _remove_earlier(path)

    def add(self, row: int, field: str, value: str, wrong: str, done: str) -> None:
        if self._file is None:
            self._begin()
        self.problems += 1
        self._writer.writerow([row, *map(_cell, (field, value, wrong, done))])

    def __enter__(self) -> Report:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def _begin(self) -> None:
        try:
            self._file = self.path.open("w", encoding="utf-8-sig", newline="")  # spreadsheets tell UTF-8 by the BOM
        except OSError as error:
            raise ReportInTheWay(
                f"The report {self.path} cannot be written: {error.strerror}. Choose another place with --report."
            ) from None
        self._writer = csv.writer(self._file)
        self._writer.writerow(HEADER)


def shortened(value: str) -> str:
    """The value as a report shows it: on one line, at most LONGEST_VALUE characters."""
    line = " ".join(value.split())
    return line if len(line) <= LONGEST_VALUE else f"{line[: LONGEST_VALUE - 1]}…"


def _cell(text: str) -> str:
    shown = shortened(text)
    return f"'{shown}" if shown.startswith(tuple(FORMULA_STARTS)) else shown


def _remove_earlier(path: Path) -> None:
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            first = file.readline(1_000).strip()
    except FileNotFoundError:
        return
    except OSError as error:
        raise ReportInTheWay(f"The report {path} cannot be written: {error.strerror}. Choose another.") from None
    if first != ",".join(HEADER):
        raise ReportInTheWay(f"{path} is there already and is no report of an import. Choose another with --report.")
    path.unlink()
