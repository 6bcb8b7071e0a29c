"""Grammars in llama.cpp's dialect of EBNF."""

from __future__ import annotations

import re

RULE_OR_LITERAL = re.compile(r'"(?:[^"\\]|\\.)*"|\[(?:[^\]\\]|\\.)*\]|[A-Za-z_][\w-]*')


def to_gbnf(grammar: str) -> str:
    """The same grammar for llama.cpp, whose rule names have no underscores."""
    return RULE_OR_LITERAL.sub(lambda found: found[0] if found[0][0] in '"[' else found[0].replace("_", "-"), grammar)
