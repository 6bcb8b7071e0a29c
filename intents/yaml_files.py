"""Read a YAML file that people edit, with the line of everything in it, so that a mistake can be named by its line."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import ruamel.yaml.main
from ruamel.yaml import YAML, YAMLError
from ruamel.yaml.constructor import RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.reader import ReaderError

# what libyaml takes and the careful reader does not, or reads otherwise: tabs, line breaks of Unicode, another
# version of YAML, tags and anchors
READ_OTHERWISE = re.compile(r"[\t\x85\u2028\u2029]|^%|(?:^|[-:?]\s|[,\[{])\s*(?:!|&\w)", re.MULTILINE)


class BadYaml(ValueError):
    """The file cannot be read as YAML; `line` counts from 1."""

    def __init__(self, line: int, message: str) -> None:
        self.line = line
        super().__init__(message)


class _WithLines(RoundTripConstructor):
    """Mappings and lists that know their lines, of what C has parsed: it has no comments to keep."""

    comment_handling = None  # which a parser in C does not say


def read_yaml(path: Path) -> Any:
    """The file's content; its mappings and lists know their lines (`.lc`, from 0). Raises BadYaml."""
    reader = YAML()
    if ruamel.yaml.main.CParser:
        reader.Parser, reader.Scanner, reader.Reader = ruamel.yaml.main.CParser, None, None  # all three in one
        reader.Constructor = _WithLines
    return _read(path, reader, YAML())


def read_plain_yaml(path: Path) -> Any:
    """The file's content in Python's own types. Raises BadYaml."""
    return _read(path, YAML(typ="safe"), YAML(typ="safe", pure=True))


def _read(path: Path, quick: YAML, careful: YAML) -> Any:
    """In C (libyaml), which takes a sixth of the time, and what that does not take by the careful reader, for the line
    of a mistake."""
    text = _text(path)
    if not READ_OTHERWISE.search(text):
        with suppress(YAMLError, RecursionError, ValueError, TypeError, KeyError, AssertionError, AttributeError):
            return quick.load(text)
    return _parsed(text, careful)


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8").removeprefix("\ufeff")
    except (OSError, UnicodeDecodeError) as error:
        raise BadYaml(1, f"cannot be read: {error}") from error


def _parsed(text: str, reader: YAML) -> Any:
    try:
        return reader.load(text)
    except MarkedYAMLError as error:
        raise BadYaml(_line(error), f"not YAML: {error.problem}; look at the indentation and quotes here") from error
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise BadYaml(line, f"not YAML: the character {error.character!r} may not stand in it") from error
    except YAMLError as error:
        raise BadYaml(1, f"not YAML: {error}") from error
    except RecursionError as error:
        raise BadYaml(1, "not readable: it nests deeper than anybody writes") from error
    except (ValueError, TypeError, KeyError, AssertionError) as error:  # a 45th of month 13, a number in letters
        raise BadYaml(1, f"not readable: {error}") from error


def _line(error: MarkedYAMLError) -> int:
    """Where the mistake is: for what never closes, where it begins rather than the end of the file."""
    mark = error.problem_mark
    if error.context_mark and "end of stream" in str(error.problem):
        mark = error.context_mark
    return mark.line + 1 if mark else 1
