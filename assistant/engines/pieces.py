"""Turn growing token lists into pieces of text that never need taking back, and say where each token ends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from intents.engine import OnText

Token = TypeVar("Token")  # an id, or a text where a server has decoded it already
HALF = "\N{REPLACEMENT CHARACTER}"  # what the first bytes of a longer character decode to


class Pieces(Generic[Token]):
    """Passes on new text as tokens arrive; the pieces joined are the completion's stripped text."""

    def __init__(self, decode: Callable[[Sequence[Token]], str], on_text: OnText):
        self._decode = decode
        self._on_text = on_text
        self.text = ""  # all that was passed on
        self.enough = False  # as its reader said; nothing more is passed on

    def add(self, tokens: Sequence[Token]) -> None:
        """All tokens so far. White space at the end waits: more text may or may not follow it."""
        self._send(self._decode(tokens).strip().rstrip(HALF).rstrip())

    def finish(self, text: str) -> None:
        """The whole text, now that it is known."""
        self._send(text)

    def _send(self, text: str) -> None:
        new = text[len(self.text) :]
        if new and not self.enough:
            self.text = text
            self.enough = self._on_text(new) is True


def ends(decode: Callable[[Sequence[Token]], str], tokens: Sequence[Token]) -> tuple[int, ...]:
    """For each token, how many characters of the stripped text stand once it is written."""
    return tuple(len(decode(tokens[:count]).strip().rstrip(HALF)) for count in range(1, len(tokens) + 1))
