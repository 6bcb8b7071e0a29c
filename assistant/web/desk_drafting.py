"""While a person answers, the assistant's own draft stands above their reply: to be sent, changed or left alone.

A draft is made when the shopper has written and nobody has answered yet; it is shown to the person who has the
conversation, and to nobody else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any

import gradio as gr

from assistant.store import ConversationFacts
from assistant.turns import Drafted
from assistant.web.desk import Desk, Updates

Drafter = Callable[[str], Drafted | None]
CHANGES = "The assistant would change something here, with the shopper's yes. Give the conversation back for that."


@dataclass(frozen=True)
class Drafting:
    """One method per event."""

    desk: Desk
    drafter: Drafter

    def suggest(self, chosen: str, request: gr.Request) -> Updates:
        staff, at = self.desk.staff(request), self.desk.layout
        with self.desk.database.reading() as session:
            facts = session.get(ConversationFacts, chosen) if chosen else None
        own = facts is not None and facts.taken_by == staff.id and staff.may("answer")
        drafted = self.drafter(chosen) if own else None
        words = "" if drafted is None or drafted.changes else drafted.text
        return {
            at.draft: draft_html(drafted),
            at.draft_words: words,
            at.use_draft: gr.update(visible=bool(words)),
        }

    def use(self, words: str) -> Updates:
        """Into the box, where it can still be changed."""
        at = self.desk.layout
        return {at.answer: words, at.draft: "", at.draft_words: "", at.use_draft: gr.update(visible=False)}


def draft_html(drafted: Drafted | None) -> str:
    if drafted is None:
        return ""
    told = CHANGES if drafted.changes else drafted.text
    return f'<p class="draft"><b>The assistant\'s draft</b> {escape(told)}</p>'


def wire(drafter: Drafter, desk: Desk, quiet: dict[str, Any]) -> None:
    at, events = desk.layout, Drafting(desk, drafter)
    drawn = [at.draft, at.draft_words, at.use_draft]
    for changed in (at.chosen.change, at.length.change):
        changed(events.suggest, inputs=at.chosen, outputs=drawn, **quiet)
    at.use_draft.click(events.use, inputs=at.draft_words, outputs=[at.answer, *drawn], **quiet)
