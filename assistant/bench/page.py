"""The figures of a benchmark as Markdown and as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from assistant.bench.plain import PLAIN

GIB = 2**30
PAUSE_S = 20  # that somebody who reads and types takes between two messages
STAGES = ("understand", "act", "first_words", "reply", "turn")
NAMES = {"first_words": "first words", "turn": "whole turn"}
BASELINES = {"float32": "transformers", "plain": PLAIN}  # by the name of a column
COLOURS = {"understand": "#2f5d8a", "act": "#c2552d", "reply": "#9bb3cc"}


def page(record: Mapping[str, Any]) -> str:
    """Tables, each with a line that says what it holds."""
    serving = next(iter(record["engines"].values()))
    parts = [
        f"{record['device']}, commit {record['commit']}; {record['load_before']} processes wanted a core in the minute "
        "before. Seconds, median / 95th percentile.",
        "One shopper, by engine. First words: on screen so long after the answer is decided. Typing: who pauses so "
        "long before each message, while the engine reads ahead. Times float32, plain: the median turn of transformers "
        f"and of {PLAIN}, which writes each reply to its end, over this one's of the same messages.",
        _engines(record["engines"]),
        "Many shoppers at once, none of whom pauses before the next message, by the first engine; CPU s: of a turn; "
        f"carries: shoppers who pause {PAUSE_S} s between messages, by Little's law.",
        _shoppers(serving["levels"]),
        "The server and its model.",
        _costs(record, serving),
    ]
    return "\n\n".join(parts) + "\n"


def draw(path: Path, record: Mapping[str, Any]) -> None:
    """Left the turn by stage and engine, right the turn and the turns a second by the number of shoppers."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(11, 4), layout="constrained")
    engines = record["engines"]
    bottom = [0.0] * len(engines)
    for stage, colour in COLOURS.items():
        heights = [_stages(one).get(stage, {"median": 0.0})["median"] for one in engines.values()]
        left.bar(
            [name.replace("-", "\n") for name in engines], heights, bottom=bottom, label=stage, color=colour, width=0.6
        )
        bottom = [low + height for low, height in zip(bottom, heights, strict=True)]
    left.set(ylabel="seconds (medians)", title="A turn by stage, one shopper")
    left.legend()
    levels = next(iter(engines.values()))["levels"]
    shoppers = [f"{level['shoppers']}\n{level['turns_per_s']:.1f} turns/s" for level in levels]
    for figure_name, style in (("median", "o-"), ("p95", "o--")):
        right.plot(shoppers, [level["stages_s"]["turn"][figure_name] for level in levels], style, label=figure_name)
    right.set(xlabel="shoppers at once", ylabel="seconds a turn", title="Many shoppers", ylim=(0, None))
    right.legend(loc="upper left")
    figure.savefig(path, dpi=110)
    pyplot.close(figure)


def _engines(engines: Mapping[str, Any]) -> str:
    rows = []
    for name, one in engines.items():
        for level in (one["levels"][0], *([one["typing"]] if one["typing"] else [])):
            pause = f", typing {level['pause_s']:g} s" if level["pause_s"] else ""
            rows.append(
                [
                    f"{name}{pause}",
                    str(level["turns"]),
                    *_spreads(level["stages_s"]),
                    *(_times(engines.get(baseline), level) for baseline in BASELINES.values()),
                    "" if pause else f"{level['tokens_per_s']:.0f}",
                    f"{one['opened_s']:.1f}",
                    f"{one['peak_mib']:,}",
                ]
            )
    named = [NAMES.get(stage, stage) for stage in STAGES]
    times = [f"times {name}" for name in BASELINES]
    return table(["engine", "turns", *named, *times, "tokens/s", "opened, s", "peak MiB"], rows)


def _times(baseline: Mapping[str, Any] | None, level: Mapping[str, Any]) -> str:
    """The baseline's median turn over this one's, of the messages that both played; empty where they differ."""
    if not baseline or level["shoppers"] != 1:
        return ""
    both = list(zip(baseline["levels"][0]["turns_s"], level["turns_s"], strict=False))
    return f"{median(slow for slow, _ in both) / median(own for _, own in both):.1f}"


def _shoppers(levels: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        [
            str(level["shoppers"]),
            str(level["turns"]),
            *_spreads(level["stages_s"]),
            f"{level['turns_per_s']:.1f}",
            f"{level['tokens_per_s']:.0f}",
            f"{level['cpu_s_per_turn']:.3f}",
            f"{level['turns_per_s'] * (PAUSE_S + level['stages_s']['turn']['median']):.0f}",
            str(len(level["failures"])),
        ]
        for level in levels
    ]
    named = [NAMES.get(stage, stage) for stage in STAGES]
    return table(
        ["shoppers", "turns", *named, "turns/s", "tokens/s", "CPU s", f"carries at {PAUSE_S} s", "failures"], rows
    )


def _costs(record: Mapping[str, Any], serving: Mapping[str, Any]) -> str:
    server, steps = record["server"], serving["steps"]
    rows = [
        ["from the start to the first answer", f"{server['start_s']:.1f} s"],
        [
            "memory resting, after 12 turns, at its peak",
            f"{server['mib']:,} / {server['after_mib']:,} / {server['peak_mib']:,} MiB",
        ],
        ["tokens that the model writes in a turn", f"{serving['levels'][0]['tokens_per_turn']:.1f}"],
    ]
    if steps:
        least = 1000 * steps["weights_bytes"] / GIB / record["memory_gib_per_s"]
        rows += [
            ["memory bandwidth, by copying", f"{record['memory_gib_per_s']:.1f} GiB/s"],
            ["weights read for a token", f"{steps['weights_bytes'] / 2**20:.0f} MiB"],
            ["a token: measured, at the memory's limit", f"{steps['token_ms']:.1f} / {least:.1f} ms"],
            ["distance to that limit", f"{steps['token_ms'] / least:.2f} times"],
            ["a prompt, median", f"{steps['prompt_tokens']:.0f} tokens"],
            ["reading it anew, again", f"{steps['read_ms']:.0f} / {steps['read_again_ms']:.0f} ms"],
            ["prompt tokens that the prefix cache can save", f"{100 * steps['shared']:.0f} %"],
        ]
    return table(["what", "figure"], rows)


def _stages(engine: Mapping[str, Any]) -> Mapping[str, Any]:
    """Of one shopper, or of the fewest."""
    found: Mapping[str, Any] = engine["levels"][0]["stages_s"]
    return found


def _spreads(stages: Mapping[str, Any]) -> list[str]:
    return [f"{stages[one]['median']:.3f} / {stages[one]['p95']:.3f}" if one in stages else "" for one in STAGES]


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """As Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
