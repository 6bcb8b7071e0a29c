"""Any shop's own intents: a catalogue made from the examples themselves, and kept beside the adapter that learnt it.

`load_own` reads a folder of Rasa NLU YAML and CSV that is not ours. Names such as "card arrival?" are made safe for the
command language; the shop's own name stays in `means`, and `labels` leads back to it. The catalogue is written in the
form of catalogue.yml, so that evaluation and serving read what training wrote: `catalogue_of`.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from intents.catalogue import Catalogue, Intent, Slot, load_catalogue
from intents.commands import Command
from intents.csv_files import Labelled, read_csv
from intents.examples import BadExamples, Example, Problem, conflicts
from intents.grammar import MOST_SLOTS
from intents.rasa_files import read_rasa

CATALOGUE_FILE = "catalogue.yml"  # beside adapter_config.json
FEWEST = 2  # examples of an intent: one to learn from and one to check with
READERS = {".csv": read_csv, ".yml": read_rasa, ".yaml": read_rasa}
NO_WORD = re.compile(r"[^a-z0-9]+")
HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")  # cancelOrder


class CatalogueMismatch(ValueError):
    """An adapter was taught another catalogue than the one at hand."""


def load_own(paths: Iterable[Path], leave_out: Collection[Path] = ()) -> tuple[Catalogue, list[Example]]:
    """The catalogue and the examples of a shop's files (folders give all in them), but for those in `leave_out`.

    Raises BadExamples with every problem of every file.
    """
    paths = list(paths)
    problems: list[Problem] = []
    labelled = _read(paths, leave_out, problems)
    catalogue = own_catalogue(labelled)
    examples = labelled_examples(labelled, catalogue, problems)
    problems += conflicts(examples)
    if not problems:  # lines that could not be read may be the ones that are missing
        problems += _too_few(labelled)
    if not problems and len(catalogue.intents) < FEWEST:
        problems.append(Problem(str(paths[0]), f"{len(catalogue.intents)} intents; there is nothing to tell apart"))
    if problems:
        raise BadExamples(problems)
    return catalogue, examples


def read_own(paths: Iterable[Path], catalogue: Catalogue) -> list[Example]:
    """A shop's labelled messages, for a catalogue that is there already. Raises BadExamples."""
    problems: list[Problem] = []
    examples = labelled_examples(_read(paths, (), problems), catalogue, problems)
    if problems:
        raise BadExamples(problems)
    return examples


def own_catalogue(labelled: Sequence[Labelled]) -> Catalogue:
    """Intents in order of name, each with the entities annotated in its examples as text slots."""
    intents = safe_names({one.label for one in labelled})
    slots = [Counter(safe_name(entity) for entity, _ in one.slots) for one in labelled]
    repeated = {slot for counts in slots for slot, times in counts.items() if times > 1}
    taken: defaultdict[str, set[str]] = defaultdict(set)
    for one, counts in zip(labelled, slots, strict=True):
        taken[one.label] |= counts.keys()
    made = [
        Intent(name, label, {slot: Slot(slot, "text", (), slot in repeated) for slot in sorted(taken[label])})
        for label, name in intents.items()
    ]
    return Catalogue({intent.name: intent for intent in sorted(made, key=lambda intent: intent.name)})


def safe_names(labels: Collection[str]) -> dict[str, str]:
    """A name of the command language for every label, all different; a label that is such a name keeps it."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for label in sorted(labels, key=lambda one: (safe_name(one) != one, one)):
        name, number = safe_name(label), 1
        while name in taken:
            number += 1
            name = f"{safe_name(label)}_{number}"
        names[label] = name
        taken.add(name)
    return names


def safe_name(label: str) -> str:
    """ "Refund_not_showing_up" to "refund_not_showing_up", "401k?" to "i_401k"."""
    letters = unicodedata.normalize("NFKD", HUMP.sub("_", label).casefold()).encode("ascii", "ignore").decode()
    name = NO_WORD.sub("_", letters).strip("_")
    if not name:
        return "intent"
    return name if name[0].isalpha() else f"i_{name}"


def labels(catalogue: Catalogue) -> dict[str, str]:
    """The shop's own name of every intent; a catalogue written by hand has its intents' names."""
    return {name: intent.means or name for name, intent in catalogue.intents.items()}


def save_catalogue(catalogue: Catalogue, path: Path) -> None:
    """Write the catalogue so that `load_catalogue` reads it back equal."""
    widest: dict[str, Slot] = {}
    for slot in (slot for intent in catalogue.intents.values() for slot in intent.slots.values()):
        if slot.name not in widest or _width(slot) > _width(widest[slot.name]):
            widest[slot.name] = slot
    intents = {
        intent.name: {
            "means": intent.means,
            "slots": [
                slot.name if slot == widest[slot.name] else {slot.name: list(slot.values)}
                for slot in intent.slots.values()
            ],
        }
        for intent in catalogue.intents.values()
    }
    writer = YAML()
    writer.width = 120
    with path.open("w", encoding="utf-8") as file:
        file.write("# The intents and slots that the adapter beside this file was taught.\n")
        writer.dump(
            {"version": "3.1", "slots": {slot.name: _spec(slot) for slot in widest.values()}, "intents": intents}, file
        )


def catalogue_of(adapter: Path | None) -> Catalogue:
    """What the adapter was taught: the catalogue beside it, or else the shipped one. Raises BadCatalogue."""
    beside = adapter / CATALOGUE_FILE if adapter else None
    return load_catalogue(beside) if beside and beside.is_file() else load_catalogue()


def check_adapter(adapter: Path | None, catalogue: Catalogue) -> None:
    """Raises CatalogueMismatch when the adapter was taught other intents or slots than these."""
    found = differences(catalogue_of(adapter), catalogue)
    if found:
        raise CatalogueMismatch(
            f"The adapter {adapter} was taught another catalogue: {'; '.join(found)}. Train it again with "
            "`aisle train`, or choose the adapter that belongs to these intents."
        )


def differences(taught: Catalogue, wanted: Catalogue) -> list[str]:
    """What an adapter would have to learn, or to forget; what an intent means to people may be reworded."""
    found = [f"it does not know the intent `{name}`" for name in wanted.intents if name not in taught.intents]
    found += [f"it knows an intent `{name}` that is gone" for name in taught.intents if name not in wanted.intents]
    for name in taught.intents.keys() & wanted.intents.keys():
        one, other = taught.intents[name].slots, wanted.intents[name].slots
        changed = sorted(slot for slot in one.keys() | other.keys() if one.get(slot) != other.get(slot))
        if changed:
            found.append(f"the slots of `{name}` changed ({', '.join(changed)})")
    return found[:10]


def _width(slot: Slot) -> float:
    """An intent may narrow a slot to fewer values; one that is not a choice takes the most."""
    return len(slot.values) if slot.kind == "choice" else math.inf


def _spec(slot: Slot) -> dict[str, Any]:
    spec: dict[str, Any] = {"values": list(slot.values)} if slot.kind == "choice" else {"type": slot.kind}
    return spec | ({"repeat": True} if slot.repeat else {})


def _read(paths: Iterable[Path], leave_out: Collection[Path], problems: list[Problem]) -> list[Labelled]:
    left_out = {path.resolve() for path in leave_out}
    found: list[Labelled] = []
    for path in paths:
        if not path.exists():
            problems.append(Problem(str(path), "no such file or folder of examples"))
            continue
        files = [file for file in _files(path) if file.resolve() not in left_out]
        before = len(problems)
        read = [one for file in files for one in READERS[file.suffix.lower()](file, problems)]
        if not read and len(problems) == before:
            problems.append(Problem(str(path), "holds no examples; give Rasa NLU YAML, or CSV with text,intent"))
        found += read
    return found


def _files(path: Path) -> list[Path]:
    """A folder's example files, its subfolders' too, as Rasa reads them; nothing hidden."""
    if not path.is_dir():
        return [path] if path.is_file() and path.suffix.lower() in READERS else []
    files = [file for file in sorted(path.rglob("*")) if file.is_file() and file.suffix.lower() in READERS]
    return [file for file in files if not any(part.startswith(".") for part in file.relative_to(path).parts)]


def labelled_examples(labelled: Sequence[Labelled], catalogue: Catalogue, problems: list[Problem]) -> list[Example]:
    """Examples in the catalogue's names; a label that is not its own counts as an intent's name."""
    names = {name: name for name in catalogue.intents} | {label: name for name, label in labels(catalogue).items()}
    found = []
    for one in labelled:
        command = Command(
            names.get(one.label, one.label), tuple((safe_name(entity), words) for entity, words in one.slots)
        )
        faults = catalogue.problems(command)
        if len(command.slots) > MOST_SLOTS:
            faults.append(f"has {len(command.slots)} annotations; at most {MOST_SLOTS} are understood")
        problems += [Problem(one.source, f"{one.text!r}: {fault}") for fault in faults]
        if not faults:
            found.append(Example(one.text, (command,), source=one.source))
    return found


def _too_few(labelled: Sequence[Labelled]) -> list[Problem]:
    """Intents with a single example."""
    first = {one.label: one for one in reversed(labelled)}
    times = Counter(one.label for one in labelled)
    return [
        Problem(first[label].source, f"intent `{label}` has one example only; write at least ten, or delete it")
        for label in sorted(label for label in times if times[label] < FEWEST)
    ]
