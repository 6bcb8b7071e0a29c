"""An answer on its way to the shopper: checked text of the message being written, then each complete message."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dialogues.messages import BotMessage


@dataclass(frozen=True)
class Piece:
    """Part of an answer on its way."""

    kind: str  # "text" or "message"
    text: str = ""
    message: BotMessage | None = None


OnPiece = Callable[[Piece], None]


def whole_messages(on_piece: OnPiece | None) -> OnPiece | None:
    """Passes on complete messages only."""
    if on_piece is None:
        return None
    pass_on = on_piece
    return lambda piece: pass_on(piece) if piece.kind == "message" else None


def hand_out(messages: list[BotMessage], on_piece: OnPiece | None) -> list[BotMessage]:
    """The messages, each passed on as it is."""
    for message in messages:
        if on_piece:
            on_piece(Piece("message", message=message))
    return messages
