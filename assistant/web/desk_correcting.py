"""The events by which a turn is corrected on the desk: choose what it should have been, look at the slots, save."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

import gradio as gr

from assistant.review.correcting import Corrector, Draft
from assistant.web.desk import FOR_PEOPLE, Desk, Updates

SAVED = "Saved: the trainers have the example, and {} holds the test."


@dataclass(frozen=True)
class Correcting:
    """One method per event. Each answers with updates of the desk's components."""

    desk: Desk
    corrector: Corrector

    def choose(self, chosen: str, request: gr.Request, event: gr.EventData) -> Updates:
        """A turn's button: open the panel with what it was read as, or with the intent on the button."""
        wanted = event._data if isinstance(event._data, dict) else {}
        turn, intent = wanted.get("turn"), str(wanted.get("intent") or "")
        return self.proposed(chosen, turn if isinstance(turn, int) else 0, [intent] if intent else [], request)

    def retype(self, intents: list[str] | None, turn: int, chosen: str, request: gr.Request) -> Updates:
        """Other intents: their commands, with the slots that fit."""
        return self.proposed(chosen, turn, intents or [], request)

    def proposed(self, chosen: str, turn: int, intents: list[str], request: gr.Request) -> Updates:
        staff = self.desk.staff(request)
        try:
            with self.desk.database.reading() as session:
                draft = self.corrector.draft(session, staff, chosen, turn, intents)
        except FOR_PEOPLE as problem:
            gr.Warning(escape(str(problem)))
            return self.desk.nothing
        at = self.desk.layout
        return {
            at.correcting: gr.update(visible=True),
            at.correct_turn: turn,
            at.wrong: wrong_html(draft),
            at.right_intents: gr.update(value=intents),
            at.right_commands: draft.proposed,
        }

    def save(self, commands: str, turn: int, chosen: str, unmasked: bool, request: gr.Request) -> Updates:
        staff = self.desk.staff(request)
        try:
            with self.desk.database.session() as session:
                path = self.corrector.save(session, staff, chosen, turn, commands or "")
        except FOR_PEOPLE as problem:
            gr.Warning(escape(str(problem)))
            return self.desk.nothing
        gr.Info(escape(SAVED.format(path.name)))
        shown = self.desk.opened(staff, chosen, unmasked=unmasked and staff.may("unmask"), again=True)
        return {**shown, **self.leave()}

    def leave(self) -> Updates:
        return {self.desk.layout.correcting: gr.update(visible=False), self.desk.layout.correct_turn: 0}


def wrong_html(draft: Draft) -> str:
    return (
        f'<p class="wrong">Turn {draft.turn}: <q>{escape(draft.text)}</q> was read as <code>{escape(draft.read_as)}'
        "</code>. Names, addresses and the like are replaced by made-up ones.</p>"
    )


def wire(corrector: Corrector, desk: Desk, quiet: dict[str, Any]) -> None:
    """Connect the panel's components to the methods above."""
    at, events = desk.layout, Correcting(desk, corrector)
    at.transcript.correct(events.choose, inputs=at.chosen, outputs=at.everything, **quiet)
    chosen = [at.correct_turn, at.chosen]
    at.right_intents.input(events.retype, inputs=[at.right_intents, *chosen], outputs=at.everything, **quiet)
    saved_from = [at.right_commands, *chosen, at.unmasked]
    for event in (at.save_right.click, at.right_commands.submit):
        event(events.save, inputs=saved_from, outputs=at.everything, **quiet)
    at.leave_right.click(events.leave, outputs=at.everything, **quiet)
