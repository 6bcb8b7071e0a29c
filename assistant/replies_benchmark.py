"""Measure the replies: turns over every response, worded by the model, beside the written variations in the same run.

aisle evaluate replies --n 500 --seed 7

A turn takes a reply example's shopper and names of facts (held out of training where the response has such an
example), and facts drawn from the rows of a fresh demo shop. Written to the folder: replies.json, replies.md, 40 pairs
in shuffled order for blind judging (pairs.md) and, apart, which of each pair the model wrote (pairs_key.json).
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from tqdm import tqdm

from assistant.actions.base import open_shop
from assistant.assembly import assemble
from assistant.drawn_facts import Rows, as_asked, draw_facts, read_rows
from assistant.engines import open_engine
from assistant.settings import Settings
from assistant.shop.builder import build_demo_shop
from assistant.training import commit
from dialogues.messages import BotMessage, Say
from dialogues.replies import ReplyWriter
from dialogues.reply_examples import ReplyExample, load_reply_examples
from dialogues.reply_figures import untold, word_figures
from dialogues.responses import Response, fill
from finetune.dataset import make_pairs, split

DAY = date(2026, 11, 3)  # the demo shop's orders hang on it
PAIRS = 40
CONVERSATION = 5  # turns
AT_ONCE = 8  # conversations; the engine batches them
OWN = ("first", "retry", "cut")


@dataclass(frozen=True)
class Turn:
    """One reply: what was to be said to whom, the model's, and the written variation that could stand in."""

    says: str
    held_out: bool
    message: BotMessage
    written: str  # placeholders not filled in


def evaluate_replies(settings: Settings, out: Path, n: int, seed: int) -> None:
    """The table on stdout and the files in `out`. Raises EngineError or FetchError."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        shop = open_shop(settings.model_copy(update={"database_url": f"sqlite:///{folder}/shop.db", "index": False}))
        shop.database.upgrade()
        build_demo_shop(shop.database, DAY)
        writer = assemble(settings.model_copy(update={"index": False}), shop, open_engine(settings)).writer
        with shop.database.reading() as session:
            rows = read_rows(session)
            names = rows.names
            situations = draw_situations(writer.responses, load_reply_examples(writer.responses), n, seed)
            says, situations = with_facts(rows, situations, seed)
        turns = play(writer, says, situations, seed)
        shop.database.close()
    figures: dict[str, Any] = {
        "bench": "replies",
        "n": n,
        "seed": seed,
        "commit": commit(),
        "model": writer.engine.model,
    }
    figures |= summary(turns, names)
    figures["seconds"] = round(time.monotonic() - started, 1)
    out.mkdir(parents=True, exist_ok=True)
    (out / "replies.json").write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    (out / "replies.md").write_text(table(figures) + "\n", "utf-8")
    (out / "turns.jsonl").write_text("".join(json.dumps(line_of(turn)) + "\n" for turn in turns), "utf-8")
    write_pairs(turns, out, seed)
    print(table(figures))
    print(json.dumps(figures))


def draw_situations(
    responses: Mapping[str, Response], examples: Sequence[ReplyExample], n: int, seed: int
) -> list[tuple[ReplyExample, bool]]:
    """`n` reply examples, each with whether it was held out of training; every response in turn, those before others.

    A response without examples, whose text is said as it is, is played with its own facts and no words.
    """
    chance = random.Random(seed)
    held_out = {pair.key for pair in split(make_pairs((), examples))[1]}
    by_response: defaultdict[str, list[ReplyExample]] = defaultdict(list)
    for one in examples:
        by_response[one.response].append(one)
    for name, response in responses.items():
        own = by_response[name] or [ReplyExample(name, tuple(sorted(response.facts)), "", "")]
        chance.shuffle(own)
        by_response[name] = sorted(own, key=lambda one: one.reply not in held_out)
    drawn: list[ReplyExample] = []
    while len(drawn) < n:
        turn = len(drawn) // len(responses)
        drawn += [
            by_response[name][turn % len(by_response[name])]
            for name in chance.sample(sorted(responses), len(responses))
        ]
    return [(one, one.reply in held_out) for one in drawn[:n]]


def with_facts(
    rows: Rows, situations: Sequence[tuple[ReplyExample, bool]], seed: int
) -> tuple[list[Say], list[tuple[ReplyExample, bool]]]:
    """What is to be said in each situation, with facts that fit the shopper's words, and those words with the order's
    number in them."""
    chance = random.Random(seed)
    says = [Say(one.response, draw_facts(rows, one.facts, chance, one.says)) for one, _ in situations]
    return says, [
        (replace(one, says=as_asked(one.says, say.facts)), held_out)
        for (one, held_out), say in zip(situations, says, strict=True)
    ]


def play(
    writer: ReplyWriter, says: Sequence[Say], situations: Sequence[tuple[ReplyExample, bool]], seed: int
) -> list[Turn]:
    """Every turn worded by the model, in conversations of five in which nothing is said twice.

    The written variation beside it is drawn among those that tell most, none twice in its conversation."""

    def converse(first: int) -> list[Turn]:
        chance = random.Random(f"{seed} {first}")
        turns: list[Turn] = []
        for place in range(first, min(first + CONVERSATION, len(says))):
            example, held_out = situations[place]
            (message,) = writer.write([says[place]], example.says, [turn.message.wording for turn in turns])
            fitting = writer.responses[example.response].best_variations(message.facts)
            fresh = [text for text in fitting if text not in [turn.written for turn in turns]] or fitting
            turns.append(Turn(example.says, held_out, message, chance.choice(fresh)))
        return turns

    firsts = range(0, len(says), CONVERSATION)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        played = tqdm(pool.map(converse, firsts), total=len(firsts), desc="conversations", file=sys.stderr)
        return [turn for turns in played for turn in turns]


def summary(turns: Sequence[Turn], names: Sequence[str]) -> dict[str, Any]:
    """Facts not from SQL, how the wordings came about, and how they read beside the written variations."""
    faults = [
        (turn.message.text, found) for turn in turns if (found := untold(turn.message.text, turn.message.facts, names))
    ]
    how = Counter(turn.message.how for turn in turns)
    asked = len(turns) - how["text"]  # a text of the shop is said as it is: the model is not asked
    groups = [turns[first : first + CONVERSATION] for first in range(0, len(turns), CONVERSATION)]
    spoken = [[turn for turn in group if turn.message.how != "text"] for group in groups]
    return {
        "responses": len({turn.message.response for turn in turns}),
        "held_out": sum(turn.held_out for turn in turns),
        "facts_not_from_sql": len(faults),
        "faults": faults,
        "own_wording": sum(how[one] for one in OWN) / asked if asked else 0.0,
        "how": dict(how),
        "refused": dict(Counter(kind for turn in turns for kind in turn.message.refused)),
        "model": asdict(word_figures([[turn.message.wording for turn in group] for group in spoken])),
        "written": asdict(word_figures([[turn.written for turn in group] for group in spoken])),
    }


def table(figures: Mapping[str, Any]) -> str:
    """As Markdown: the model's replies beside the written variations."""
    how, n = figures["how"], figures["n"]
    asked = n - how.get("text", 0)
    lines = [
        "| figure | the model's replies | written variations | bar |",
        "|---|---|---|---|",
        f"| facts not from SQL, of {n} | {figures['facts_not_from_sql']} | | 0 |",
        f"| own wording accepted, of {asked} | {figures['own_wording']:.1%} | | 90% |",
        f"| at once / at the second try / fell back | {how.get('first', 0)} / {how.get('retry', 0)} / "
        f"{asked - sum(how.get(one, 0) for one in OWN)} | | |",
    ]
    rows = {
        "distinct-2": "distinct_2",
        "different wordings": "different",
        "opens as an earlier reply of its conversation": "repeated_openings",
    }
    model, written = figures["model"], figures["written"]
    lines += [f"| {said} | {model[key]:.1%} | {written[key]:.1%} | |" for said, key in rows.items()]
    lines.append(f"| mean length, words | {model['mean_words']:.1f} | {written['mean_words']:.1f} | |")
    return "\n".join(lines)


def line_of(turn: Turn) -> dict[str, Any]:
    message = turn.message
    return {"response": message.response, "says": turn.says, "held_out": turn.held_out, "how": message.how,
            "wording": message.wording, "text": message.text, "written": turn.written}  # fmt: skip


def write_pairs(turns: Sequence[Turn], out: Path, seed: int) -> None:
    """Pairs of which a judge cannot tell who wrote which; only where the two differ and the shopper said something."""
    chance = random.Random(seed)
    own = [turn for turn in turns if turn.message.how in OWN and turn.says]
    different = [turn for turn in own if turn.message.wording != turn.written]
    lines, key = [], {}
    for number, turn in enumerate(chance.sample(different, min(PAIRS, len(different))), 1):
        both = {"model": turn.message.text, "written": fill(turn.written, turn.message.facts)}
        order = chance.sample(sorted(both), 2)
        key[number] = dict(zip("AB", order, strict=True))
        lines.append(f"## {number}. {turn.message.response.removeprefix('utter_')}\n\nShopper: {turn.says}\n")
        lines += [f"- {letter}: {both[who]}" for letter, who in key[number].items()]
        lines.append("")
    (out / "pairs.md").write_text("\n".join(lines), "utf-8")
    (out / "pairs_key.json").write_text(json.dumps(key, indent=1) + "\n", "utf-8")
