"""Read labelled messages from a CSV file: a `text` column and an `intent` column, as shops and public sets have them.

`category` or `label` will do for `intent`. What cannot be read becomes a Problem with file, line and how to mend it;
own_catalogue.py turns the labels into intents.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from intents.examples import Problem

LABEL_COLUMNS = ("intent", "category", "label")


@dataclass(frozen=True)
class Labelled:
    """One message as its shop labels it: intent and slots by the shop's own names, values in the message's words."""

    text: str
    label: str
    source: str  # `file:line`
    slots: tuple[tuple[str, str], ...] = ()


def read_csv(path: Path, problems: list[Problem]) -> list[Labelled]:
    """Every row with a text and an intent; what is wrong with the others is added to `problems`."""
    text = _text(path, problems)
    if text is None:
        return []
    rows = _rows(path, text, problems)
    _, header = next(rows, (1, []))
    columns = _columns(header)
    if columns is None:
        hint = "; columns are separated by commas" if len(header) == 1 and set(";\t|") & set(header[0]) else ""
        found = ", ".join(header) or "nothing"
        wanted = f"`text` and `intent` (or {', '.join(f'`{name}`' for name in LABEL_COLUMNS[1:])})"
        problems.append(Problem(f"{path}:1", f"the first line names the columns {wanted}; found {found}{hint}"))
        return []
    return [one for line, row in rows if (one := _labelled(f"{path}:{line}", row, columns, len(header), problems))]


def _text(path: Path, problems: list[Problem]) -> str | None:
    """The file's text, without the mark that Excel puts before it."""
    data = b""
    try:
        data = path.read_bytes()
        return data.decode("utf-8-sig")
    except OSError as error:
        problems.append(Problem(str(path), f"cannot be read: {error}"))
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        problems.append(
            Problem(f"{path}:{line}", f"byte 0x{data[error.start]:02x} is not UTF-8; save the file as CSV in UTF-8")
        )
    return None


def _rows(path: Path, text: str, problems: list[Problem]) -> Iterator[tuple[int, list[str]]]:
    """(line where the row begins, its fields) of every row that is not blank."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader, None)
        except csv.Error as error:
            problems.append(Problem(f"{path}:{line}", f"not CSV: {error}; look at the quotes here"))
            return
        if row is None:
            return
        if row:
            yield line, row


def _columns(header: Sequence[str]) -> tuple[int, int] | None:
    """Where the text and the label stand."""
    names = [name.strip().casefold() for name in header]
    label = next((names.index(name) for name in LABEL_COLUMNS if name in names), None)
    return (names.index("text"), label) if label is not None and "text" in names else None


def _labelled(
    source: str, row: list[str], columns: tuple[int, int], width: int, problems: list[Problem]
) -> Labelled | None:
    if len(row) != width:
        problems.append(
            Problem(source, f"has {len(row)} columns, the first line {width}; put a text with commas in quotes")
        )
        return None
    text, label = " ".join(row[columns[0]].split()), row[columns[1]].strip()
    if not text:
        problems.append(Problem(source, f"an example of `{label}` has no text"))
    if not label:
        problems.append(Problem(source, f"{text!r} has no intent; name one, or delete the line"))
    return Labelled(text, label, source) if text and label else None
