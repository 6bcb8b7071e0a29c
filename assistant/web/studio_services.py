"""What every tab of the studio works with, and who is asking.

A tab is a module `studio_….py` with `build(services)`, which draws into the gr.Tab around it and wires its events.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any

import gradio as gr
from gradio.context import Context as Drawing

from assistant.settings import Settings
from assistant.staff.access import Staff
from assistant.staff.signing_in import Door
from assistant.store import Database
from assistant.studio.example_store import ExampleStore
from assistant.studio.examples_to_come import ExamplesToCome
from assistant.studio.library import Library
from assistant.studio.live_examples import LiveExamples
from assistant.studio.neighbours import Neighbours, measured_sets
from assistant.web.gate import COOKIE
from dialogues.tracker import Tracker
from intents.context import Context
from intents.recogniser import Recogniser

SIGNED_OUT = "Your session has ended. Sign in again, at /login."
NOT_YOURS = "Your role no longer opens the studio. Ask an admin of the shop."
BEING_FITTED = "the example index is still being fitted"
SWITCHED_OFF = "the example index is switched off (AISLE_INDEX)"
QUIET: dict[str, Any] = {"show_progress": "hidden", "concurrency_limit": None, "api_visibility": "private"}


@dataclass(frozen=True)
class Services:
    settings: Settings
    database: Database
    door: Door
    shop: str  # its name
    recogniser: Callable[[], Recogniser]  # the one that answers shoppers now
    candidate: Callable[[], Recogniser | None]  # one that was trained and is not promoted yet, loaded when asked
    context_of: Callable[[Tracker], Context]  # what the recogniser is told before the next message
    library: Library
    store: ExampleStore
    neighbours: Neighbours

    def staff(self, request: gr.Request) -> Staff:
        """Who is asking, looked up anew. Raises gr.Error for whoever may not be here any more."""
        staff = self.door.who(request.cookies.get(COOKIE))
        if staff is None:
            raise gr.Error(SIGNED_OUT, print_exception=False)
        if not staff.may("studio"):
            raise gr.Error(NOT_YOURS, print_exception=False)
        return staff

    @property
    def live(self) -> LiveExamples | None:
        """The examples as the live recogniser knows them; None where it does without, or still does."""
        return live_of(self.recogniser())

    def take_in(self) -> str:
        """Let the recogniser know at once what was just saved; from when it is understood, in words."""
        live = self.live
        if live is None and self.settings.index:
            return f"understood in some minutes: {BEING_FITTED}"
        if live is None:
            return f"understood after the next training: {SWITCHED_OFF}"
        live.refresh()
        return "understood from now on"


def open_services(
    settings: Settings,
    database: Database,
    shop: str,
    recogniser: Callable[[], Recogniser],
    context_of: Callable[[Tracker], Context],
    candidate: Callable[[], Recogniser | None],
) -> Services:
    """The services over the example files that the settings name."""
    known = recogniser().index_source
    library = (
        known.library
        if isinstance(known, LiveExamples | ExamplesToCome)
        else Library(settings.examples, recogniser().catalogue, settings.cache / "examples")
    )
    store = ExampleStore(library, database, settings.cache / "locks")
    neighbours = Neighbours(library, lambda: live_of(recogniser()), measured_sets())
    door = Door(database, settings.staff_session_h)
    return Services(
        settings, database, door, shop, recogniser, candidate, context_of, library, store, neighbours
    )  # fmt: skip


def live_of(recogniser: Recogniser) -> LiveExamples | None:
    source = recogniser.index_source
    if isinstance(source, ExamplesToCome):
        source = source.live
    return source if isinstance(source, LiveExamples) else None


def on_load(load: Callable[[gr.Request], dict[Any, Any]], outputs: Sequence[Any]) -> None:
    """Call it when the page opens, from within a tab. The tab can be chosen from then on, unless it is the first, which
    lies open: else what the page brings may come after what the first click in the tab brings, and take its place."""
    blocks, tab = Drawing.root_block, Drawing.block
    assert blocks is not None and isinstance(tab, gr.Tab) and tab.parent is not None
    if tab is tab.parent.children[0]:
        blocks.load(load, outputs=outputs, **QUIET)
        return
    tab.interactive = False

    @wraps(load)
    def load_and_open(request: gr.Request) -> dict[Any, Any]:
        return {**load(request), tab: gr.update(interactive=True)}

    blocks.load(load_and_open, outputs=[*outputs, tab], **QUIET)


def text_of(event: gr.EventData, name: str) -> str:
    """What the browser told with an event; "" for what it did not."""
    return str(event._data.get(name) or "") if isinstance(event._data, dict) else ""


def number_of(event: gr.EventData, name: str) -> int:
    told = text_of(event, name)
    return int(told) if told.lstrip("-").isdecimal() else 0
