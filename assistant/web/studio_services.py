"""What every tab of the studio works with, and who is asking.

A tab is a module `studio_….py` with `build(services)`, which draws into the gr.Tab around it and wires its events.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gradio as gr

from assistant.settings import Settings
from assistant.staff.access import Staff
from assistant.staff.signing_in import Door
from assistant.store import Database
from assistant.web.gate import COOKIE
from intents.recogniser import Recogniser

SIGNED_OUT = "Your session has ended. Sign in again, at /login."
NOT_YOURS = "Your role no longer opens the studio. Ask an admin of the shop."
QUIET: dict[str, Any] = {"show_progress": "hidden", "concurrency_limit": None, "api_visibility": "private"}


@dataclass(frozen=True)
class Services:
    settings: Settings
    database: Database
    door: Door
    shop: str  # its name
    recogniser: Callable[[], Recogniser]  # the one that answers shoppers now
    candidate: Callable[[], Recogniser | None]  # one that was trained and is not promoted yet, loaded when asked

    def staff(self, request: gr.Request) -> Staff:
        """Who is asking, looked up anew. Raises gr.Error for whoever may not be here any more."""
        staff = self.door.who(request.cookies.get(COOKIE))
        if staff is None:
            raise gr.Error(SIGNED_OUT, print_exception=False)
        if not staff.may("studio"):
            raise gr.Error(NOT_YOURS, print_exception=False)
        return staff


def no_candidate() -> None:
    """The candidate of a studio where nothing was trained."""
