"""The grammar of the command language for one catalogue, in EBNF as xgrammar reads it.

Decoding under it, the model can only write commands that exist, with slots that exist, so what comes back always
parses. Constrained decoding with xgrammar: Dong et al. 2024, https://arxiv.org/abs/2411.15100.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import groupby, takewhile

from intents.catalogue import Catalogue, Intent, Slot
from intents.commands import format_value

MOST_COMMANDS = 3
MOST_SLOTS = 8  # of one command; the longest of 2,000 hand-written examples has seven

TERMINALS = {  # by the kind of slot that needs them
    "text": r"""text ::= "\"" char+ "\""
char ::= [^"\\\n] | "\\" ["\\]""",
    "number": r'number ::= "-"? [0-9]+ ("." [0-9]+)?',
}


def command_grammar(catalogue: Catalogue, first: str | None = None, most: int = MOST_COMMANDS) -> str:
    """The EBNF of one to `most` commands, the first of the intent `first` if given; the start rule is `root`.

    It holds the rules that can be reached and no others: each costs memory where grammars are compiled and kept.
    """
    begins = f"{_quoted(first + '(')} i_{first}" if first else "command"
    intents = [intent for intent in catalogue.intents.values() if most > 1 or first in (None, intent.name)]
    kinds = {slot.kind for intent in intents for slot in intent.slots.values()}
    more = f' ("; " command){{0,{most - 1}}}' if most > 1 else ""
    rules = [
        f"root ::= {begins}{more}",
        *([f"command ::= {_one_of([intent.name for intent in intents])}"] if more or not first else []),
        *(rule for intent in intents for rule in _intent_rules(intent)),
        *(rule for kind, rule in TERMINALS.items() if kind in kinds),
    ]
    return "\n".join(rules)


def _one_of(names: Sequence[str], begun: str = "") -> str:
    """Each name's head and the rule of its rest, what several begin with written once, like "a" ("dd(" i_add | …).

    Names in a row as alternatives are the same grammar, but xgrammar, as OpenVINO GenAI 2026.4 bundles it,
    mixes the ends of many up where none has slots: it let pass "calculatozone()" of "calculator" and "timezone".
    """
    parts = []
    for _, group in groupby(sorted(names), key=lambda name: f"{name}("[len(begun)]):
        alike = list(group)
        shared = _shared([f"{name}(" for name in alike])
        rest = f"i_{alike[0]}" if len(alike) == 1 else f"({_one_of(alike, shared)})"
        parts.append(f"{_quoted(shared[len(begun) :])} {rest}")
    return " | ".join(parts)


def _intent_rules(intent: Intent) -> list[str]:
    """What follows the name and its bracket."""
    if not intent.slots:
        return [f'i_{intent.name} ::= ")"']
    one = f"s_{intent.name}"
    more = f'(", " {one}){{0,{MOST_SLOTS - 1}}}'
    return [
        f'i_{intent.name} ::= ({one} {more})? ")"',
        f"{one} ::= " + " | ".join(_slot_rule(slot) for slot in intent.slots.values()),
    ]


def _slot_rule(slot: Slot) -> str:
    if slot.kind == "choice":
        values = " | ".join(_quoted(format_value(value)) for value in slot.values)
        return f"{_quoted(slot.name + '=')} ({values})"
    return f"{_quoted(slot.name + '=')} {slot.kind}"


def _shared(names: Sequence[str]) -> str:
    """What all of some sorted names begin with."""
    alike = takewhile(lambda pair: pair[0] == pair[1], zip(names[0], names[-1], strict=False))
    return "".join(one for one, _ in alike)


def _quoted(text: str) -> str:
    return json.dumps(text)
