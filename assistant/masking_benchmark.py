"""How much of what is personal the masking finds, and how much that is harmless it leaves, on lines drawn by a seed.

aisle evaluate masking --n 500 --seed 7
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from assistant.masking import mask
from assistant.masking_lines import KINDS, SPLITS, Line, draw_lines

SHOWN = 12  # misses that are printed of the split that may be looked at


def evaluate_masking(out: Path, number: int, seed: int) -> None:
    """The table on stdout, and in `out`/masking.json and masking.md."""
    from assistant.training import commit  # which brings much along that the figures themselves do without

    lines = draw_lines(seed, number)
    figures = {"bench": "masking", "n": number, "seed": seed, "commit": commit(), **measure(lines)}
    table = as_table(figures)
    out.mkdir(parents=True, exist_ok=True)
    (out / "masking.md").write_text(table + "\n", "utf-8")
    (out / "masking.json").write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    for line in [one for one in lines if one.split == "dev" and is_wrong(one)][:SHOWN]:
        print(f"{line.kind}: {line.text}  ->  {mask(line.text)}")
    print(table)
    print(json.dumps(figures))


def leaks(line: Line) -> list[str]:
    """What is personal in the line and still there when it is masked."""
    left = mask(line.text).casefold()
    return [part for part in line.personal if part.casefold() in left]


def is_wrong(line: Line) -> bool:
    return bool(leaks(line)) or (line.kind == "harmless" and mask(line.text) != line.text)


def measure(lines: Sequence[Line]) -> dict[str, Any]:
    """By split: recall over the personal parts, by kind and in all, and the share of harmless lines that stayed.

    Precision counts lines: of those in which something was masked, the share that has something personal.
    """
    return {split: _measure([line for line in lines if line.split == split]) for split in SPLITS}


def _measure(lines: Sequence[Line]) -> dict[str, Any]:
    parts, found = Counter[str](), Counter[str]()
    for line in lines:
        parts[line.kind] += len(line.personal)
        found[line.kind] += len(line.personal) - len(leaks(line))
    harmless = [line for line in lines if line.kind == "harmless"]
    stayed = sum(mask(line.text) == line.text for line in harmless)
    masked = sum(mask(line.text) != line.text for line in lines)
    recall = {kind: round(found[kind] / parts[kind], 4) for kind in KINDS if parts[kind]}
    return {
        "parts": parts.total(),
        "recall": round(found.total() / parts.total(), 4),
        **{f"recall_{kind}": value for kind, value in recall.items()},
        "precision": round((masked - len(harmless) + stayed) / masked, 4),
        "harmless": len(harmless),
        "harmless_kept": round(stayed / len(harmless), 4),
    }


def as_table(figures: dict[str, Any]) -> str:
    names = ["recall", *(f"recall_{kind}" for kind in KINDS), "precision", "harmless_kept"]
    rows = [f"| {split} | " + " | ".join(f"{figures[split][name]:.1%}" for name in names) + " |" for split in SPLITS]
    head = "| layouts | " + " | ".join(name.replace("recall_", "").replace("_", " ") for name in names) + " |"
    return "\n".join([head, "|---" * (len(names) + 1) + "|", *rows])
