"""What is kept beside an adapter: the manifest, the loss curve and the model card."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from intents.head import ENCODER, RECORD_FILE

SMOOTHED_STEPS = 15  # of the training loss in the picture

CARD = """---
base_model: HuggingFaceTB/SmolLM2-135M-Instruct
library_name: peft
license: apache-2.0
tags: [lora, intent-recognition, slot-filling, grounded-generation]
---
# The adapter that Aisle ships

A LoRA adapter of rank {rank} on all linear layers of SmolLM2-135M-Instruct. It does two tasks, told apart by the
system line of the prompt: `understand` turns a shopper's message, with its context, into commands of the intent
catalogue (`intents/catalogue.yml`); `reply` words a response around `{{placeholders}}` that the program fills from SQL.

**Made by** `{command}` from the examples in `intents/*.yml` and `dialogues/replies/*.yml`, all written for this
project. Data SHA-256 `{data}`, {pairs} training and {dev_pairs} development pairs, commit `{commit}`.{origin}
{encoder}
**Limits.** English, one shop's kinds of request, short messages. It writes the shopper's words into slots and can miss
or misread them; it must be run under the catalogue's grammar, and its replies behind the grounding checker
(`dialogues/checker.py`). It knows no facts and must not be asked for any.

| training | |
|---|---|
{training}

| held-out shoppers (`{test_set}`) | |
|---|---|
{figures}

![loss](loss.png)
"""


def write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", "utf-8")


def read_manifest(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "manifest.json").read_text("utf-8")))


def draw_loss(folder: Path, manifest: Mapping[str, Any]) -> None:
    """loss.png: the training loss, smoothed, and the development loss after each epoch."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    losses = manifest["train_losses"]
    smooth = [
        sum(losses[max(0, step - SMOOTHED_STEPS) : step + 1]) / len(losses[max(0, step - SMOOTHED_STEPS) : step + 1])
        for step in range(len(losses))
    ]
    figure, axes = pyplot.subplots(figsize=(7, 4), layout="constrained")
    axes.plot(range(1, len(losses) + 1), losses, color="#c9d3df", linewidth=0.8, label="training, each step")
    axes.plot(range(1, len(losses) + 1), smooth, color="#2f5d8a", label=f"training, mean of {SMOOTHED_STEPS + 1}")
    axes.plot(*zip(*manifest["dev_losses"], strict=True), "o-", color="#c2552d", label="development")
    axes.set(xlabel="step", ylabel="loss (nats per completion token)", yscale="log")
    axes.legend(frameon=False)
    figure.savefig(folder / "loss.png", dpi=110)
    pyplot.close(figure)


def write_card(folder: Path, manifest: Mapping[str, Any], test_set: str, figures: Mapping[str, float]) -> None:
    """README.md of the adapter's folder."""
    settings = manifest["settings"]
    rows = {key: manifest[key] for key in ("best_epoch", "dev_loss", "steps", "tokens", "seconds", "tokens_per_second")}
    card = CARD.format(
        rank=settings["rank"],
        command=manifest["command"],
        data=manifest["data"][:16],
        pairs=manifest["pairs"],
        dev_pairs=manifest["dev_pairs"],
        commit=manifest["commit"],
        origin=_origin(manifest.get("start")),
        encoder=_encoder(folder / ENCODER),
        training=_rows({**settings, **rows}),
        test_set=test_set,
        figures=_rows(figures),
    )
    (folder / "README.md").write_text(card, "utf-8")


def _origin(start: Mapping[str, str] | None) -> str:
    if start is None:
        return ""
    return f" It went on from the adapter made of commit `{start['commit']}` (weights `{start['weights'][:16]}`)."


def _encoder(folder: Path) -> str:
    if not (folder / RECORD_FILE).is_file():
        return ""
    made = json.loads((folder / RECORD_FILE).read_text("utf-8"))
    return (
        f"\n**The encoder beside it** (`{folder.name}/`) is all-MiniLM-L6-v2 with LoRA of rank {made['rank']} and a "
        f"linear head, taught the intents of {made['examples']} examples in {made['epochs']} epochs by\n"
        "`aisle encoder`: a third opinion, in the example index.\n"
    )


def _rows(values: Mapping[str, Any]) -> str:
    return "\n".join(f"| {name.replace('_', ' ')} | {value} |" for name, value in values.items())
