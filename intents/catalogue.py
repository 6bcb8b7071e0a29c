"""The intent catalogue as values: which intents exist, which slots each takes, what a slot may hold.

`load_catalogue` reads catalogue.yml (or a trainer's own file of the same form); `Catalogue.problems` says what is
wrong with a command, for the example loader and the tests. The grammar is built from this in grammar.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from intents.commands import LARGEST, NAME, Command, SlotValue
from intents.yaml_files import BadYaml, read_plain_yaml

SHIPPED = Path(__file__).with_name("catalogue.yml")


class BadCatalogue(ValueError):
    """The catalogue file cannot be used; the message names the file, the place and how to mend it."""


@dataclass(frozen=True)
class Slot:
    """What a slot may hold: text in the shopper's words, a number, or one of `values`."""

    name: str
    kind: str  # "text", "number" or "choice"
    values: tuple[str, ...] = ()
    repeat: bool = False


@dataclass(frozen=True)
class Intent:
    name: str
    means: str
    slots: Mapping[str, Slot]


@dataclass(frozen=True)
class Catalogue:
    intents: Mapping[str, Intent]

    def problems(self, command: Command) -> list[str]:
        """What is wrong with a command, one sentence each, or nothing."""
        intent = self.intents.get(command.intent)
        if intent is None:
            return [f"unknown intent `{command.intent}`; the catalogue has {', '.join(self.intents)}"]
        found: list[str] = []
        seen: set[str] = set()
        for name, value in command.slots:
            slot = intent.slots.get(name)
            if slot is None:
                found.append(f"`{command.intent}` takes no slot `{name}`; it takes {', '.join(intent.slots) or 'none'}")
                continue
            if name in seen and not slot.repeat:
                found.append(f"slot `{name}` stands twice; only a slot with `repeat: true` may")
            seen.add(name)
            found += value_problems(slot, value)
        return found

    def is_valid(self, command: Command) -> bool:
        return not self.problems(command)


def value_problems(slot: Slot, value: SlotValue) -> list[str]:
    """What is wrong with one slot value."""
    if slot.kind == "number" and not _is_number(value):
        return [f"slot `{slot.name}` holds a number, not {value!r}"]
    if slot.kind != "number" and not isinstance(value, str):
        return [f"slot `{slot.name}` holds text, so write it in quotes: {value!r}"]
    if slot.kind == "choice" and value not in slot.values:
        return [f"slot `{slot.name}` is one of {', '.join(slot.values)}, not {value!r}"]
    if isinstance(value, str) and not value.strip():
        return [f"slot `{slot.name}` is empty; leave it out"]
    return []


def _is_number(value: object) -> bool:
    """Finite and of a size that SQL can hold; true and false are no numbers, though Python counts with them."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < LARGEST


def load_catalogue(path: Path = SHIPPED) -> Catalogue:
    """Read a catalogue file. Raises BadCatalogue."""
    try:
        data = read_plain_yaml(path)
    except BadYaml as error:
        raise BadCatalogue(f"Cannot read the intent catalogue {path}: {error}") from error
    if not isinstance(data, dict) or not isinstance(data.get("intents"), dict):
        raise BadCatalogue(f"{path} has no `intents:` mapping; see intents/catalogue.yml for the form.")
    slots = {name: _slot(path, name, spec) for name, spec in (data.get("slots") or {}).items()}
    return Catalogue({name: _intent(path, name, spec, slots) for name, spec in data["intents"].items()})


def _slot(path: Path, name: Any, spec: Any) -> Slot:
    _check_name(path, name)
    if isinstance(spec, dict) and isinstance(spec.get("values"), list):
        return Slot(name, "choice", tuple(str(value) for value in spec["values"]), bool(spec.get("repeat")))
    if isinstance(spec, dict) and spec.get("type") in ("text", "number"):
        return Slot(name, spec["type"], (), bool(spec.get("repeat")))
    raise BadCatalogue(f"{path}: slot `{name}` needs `type: text`, `type: number` or a list of `values`.")


def _check_name(path: Path, name: Any) -> None:
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise BadCatalogue(f"{path}: `{name}` is no name; use small letters, digits and _, a letter first.")


def _intent(path: Path, name: Any, spec: Any, slots: Mapping[str, Slot]) -> Intent:
    _check_name(path, name)
    spec = spec or {}
    if not isinstance(spec, dict):
        raise BadCatalogue(f"{path}: intent `{name}` is a mapping with `means:` and `slots:`, not {spec!r}.")
    wanted = spec.get("slots") or []
    if wanted == "any":
        return Intent(name, spec.get("means", ""), slots)
    if not isinstance(wanted, list):
        raise BadCatalogue(f"{path}: intent `{name}`: `slots` is a list of names or `any`, not {wanted!r}.")
    taken: dict[str, Slot] = {}
    for entry in wanted:
        slot_name, values = next(iter(entry.items())) if isinstance(entry, dict) else (entry, None)
        if slot_name not in slots:
            raise BadCatalogue(f"{path}: intent `{name}` names slot `{slot_name}`, which `slots:` does not define.")
        slot = slots[slot_name]
        taken[slot_name] = Slot(slot_name, "choice", tuple(values), slot.repeat) if values else slot
    return Intent(name, spec.get("means", ""), taken)
