"""What went before a message, as far as it changes what the message means."""

from __future__ import annotations

from dataclasses import dataclass

CONFIRM = "confirm"


@dataclass(frozen=True)
class Context:
    """The conversation around one message. An empty context is a conversation's first message."""

    bot: str | None = None  # the assistant's last reply, as the shopper read it
    task: str | None = None  # the active task: an intent name
    asked: str | None = None  # the slot being asked, or "confirm"
    shown: tuple[str, ...] = ()  # names on screen, in their order

    @property
    def is_empty(self) -> bool:
        return not (self.bot or self.task or self.asked or self.shown)


EMPTY = Context()
