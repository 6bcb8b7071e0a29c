"""Compare the state of a shop, as JSON in the form of tau2's db.json, with what was expected of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

FLOAT_NOISE = 0.001  # dollars
MISSING = "nothing"


@dataclass(frozen=True)
class Difference:
    """One value that is not as expected."""

    path: tuple[str, ...]  # as in ("orders", "#W1", "items", "0", "price")
    expected: Any
    got: Any

    def __str__(self) -> str:
        return f"{'.'.join(self.path)} is {_shown(self.got)}, not {_shown(self.expected)}"


def differences(expected: Any, got: Any, *, in_part: bool = False, path: tuple[str, ...] = ()) -> list[Difference]:
    """Every value that differs, nothing ignored but float noise; `in_part`: what is not expected may be anything."""
    if expected == got:
        return []
    if isinstance(expected, Mapping) and isinstance(got, Mapping):
        keys = expected if in_part else {**expected, **got}
        return [
            found
            for key in keys
            for found in differences(
                expected.get(key, MISSING), got.get(key, MISSING), in_part=in_part, path=(*path, str(key))
            )
        ]
    if _is_list(expected) and _is_list(got) and len(expected) == len(got):
        return [
            found
            for place, (one, other) in enumerate(zip(expected, got, strict=True))
            for found in differences(one, other, in_part=in_part, path=(*path, str(place)))
        ]
    if _is_number(expected) and _is_number(got) and abs(expected - got) < FLOAT_NOISE:
        return []
    return [Difference(path, expected, got)]


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _shown(value: Any) -> str:
    text = repr(value) if isinstance(value, str) and value != MISSING else str(value)
    return text if len(text) <= 100 else f"{text[:97]}..."
