"""Read Rasa NLU YAML that was written for another bot: any intent names, entities, roles, synonyms beside it.

Our own examples are read by examples.py, which knows the catalogue and is strict; here the catalogue is yet to be made
from what is read. Lookup tables, synonyms and regexes are for other components of Rasa and are passed over.
The format: https://rasa.com/docs/rasa/training-data-format
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import LiteralScalarString

from intents.csv_files import Labelled
from intents.examples import Problem
from intents.yaml_files import BadYaml, read_yaml

ANNOTATION = re.compile(r"\[(?P<text>[^\[\]]+)\](?:\((?P<slot>[^()]+)\)|(?P<json>\{[^{}]*\}))")
NOT_INTENTS = ("synonym", "regex", "lookup")


def read_rasa(path: Path, problems: list[Problem]) -> list[Labelled]:
    """Every example under the file's `nlu:`; what is wrong is added to `problems`. Other Rasa files give nothing."""
    try:
        data = read_yaml(path)
    except BadYaml as error:
        problems.append(Problem(f"{path}:{error.line}", str(error)))
        return []
    blocks = data.get("nlu", CommentedSeq()) if isinstance(data, CommentedMap) else CommentedSeq()
    if not isinstance(blocks, CommentedSeq):
        problems.append(Problem(f"{path}:1", "has no list under `nlu:`"))
        return []
    found: list[Labelled] = []
    for number, block in enumerate(blocks):
        found += _block(path, block, blocks.lc.item(number)[0] + 1, problems)
    return found


def _block(path: Path, block: Any, line: int, problems: list[Problem]) -> list[Labelled]:
    if isinstance(block, CommentedMap) and any(kind in block for kind in NOT_INTENTS):
        return []
    if not isinstance(block, CommentedMap) or set(block) - {"metadata"} != {"intent", "examples"}:
        problems.append(Problem(f"{path}:{line}", "a block needs `intent:` and `examples:`, and takes nothing else"))
        return []
    label = str(block["intent"] or "").strip()
    if not label:
        problems.append(Problem(f"{path}:{line}", "the block's `intent:` is empty; name one"))
        return []
    written = block["examples"]
    if not isinstance(written, LiteralScalarString | CommentedSeq):
        problems.append(Problem(f"{path}:{line}", f"intent `{label}` needs `examples: |` with lines that begin `- `"))
        return []
    lines = list(_lines(written, block.lc.value("examples")[0] + 1, path, problems))
    if not lines:
        problems.append(Problem(f"{path}:{line}", f"intent `{label}` has no examples; write some, or delete it"))
    found = []
    for at, one in lines:
        try:
            text, slots = read_annotated(one)
        except ValueError as error:
            problems.append(Problem(f"{path}:{at}", str(error)))
            continue
        found.append(Labelled(text, label, f"{path}:{at}", slots))
    return found


def _lines(
    written: LiteralScalarString | CommentedSeq, first: int, path: Path, problems: list[Problem]
) -> Iterator[tuple[int, str]]:
    """(line, example) of `examples: |` and of Rasa's list of `- text:` with metadata; `first` is the line after `|`."""
    if isinstance(written, CommentedSeq):
        for number, one in enumerate(written):
            at = written.lc.item(number)[0] + 1
            text = str(one.get("text") or "") if isinstance(one, CommentedMap) else str(one or "")
            if text.strip():
                yield at, text
            else:
                problems.append(Problem(f"{path}:{at}", "the example is empty"))
        return
    for offset, line in enumerate(written.split("\n"), 1):
        if not line.strip():
            continue
        example = line.strip().removeprefix("-").strip()
        if not line.strip().startswith("-") or not example:
            problems.append(Problem(f"{path}:{first + offset}", f"each example is `- ` and a message: {line!r}"))
            continue
        yield first + offset, example


def read_annotated(line: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """`to [Rome]{"entity": "city", "role": "to"}` to its plain text and (entity, words). Raises ValueError.

    A slot holds the words of the message, so a `value`, which is what Rasa would map them to, is left aside. An entity
    with a role is a slot of its own, `city_to` here.
    """
    text, slots, end = "", [], 0
    for mark in ANNOTATION.finditer(line):
        text += line[end : mark.start()] + mark["text"]
        slots.append((_entity(mark), " ".join(mark["text"].split())))
        end = mark.end()
    text = " ".join((text + line[end:]).split())
    if "](" in text or "]{" in text:
        raise ValueError(f"an annotation does not close in {line!r}; write [text](entity)")
    if not text or not all(words for _, words in slots):
        raise ValueError(f"{line!r} has no words in it")
    return text, tuple(slots)


def _entity(mark: re.Match[str]) -> str:
    if mark["slot"]:
        return mark["slot"].partition(":")[0].strip()  # "city:Rome" is the older way to give a value
    try:
        spec = json.loads(mark["json"])
    except json.JSONDecodeError as error:
        raise ValueError(f'{mark["json"]} is not JSON ({error.msg}); write {{"entity": "…"}}') from error
    entity = spec.get("entity")
    if not isinstance(entity, str) or not entity.strip():
        raise ValueError(f'{mark["json"]} names no entity; write {{"entity": "…"}}')
    return f"{entity}_{spec['role']}" if spec.get("role") else entity
