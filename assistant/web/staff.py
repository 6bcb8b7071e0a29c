"""The staff's part of the web application: signing in, and the pages behind it."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import gradio as gr
from fastapi import FastAPI

from assistant.assembly import Voice
from assistant.review.clusters import Embed
from assistant.review.correcting import Corrector
from assistant.review.takeover import Counter
from assistant.staff.access import Right
from assistant.staff.signing_in import Door
from assistant.store import Database
from assistant.web import desk_correcting, desk_drafting
from assistant.web.chat import FONT, MONO_FONT, OwnHead
from assistant.web.desk import desk_blocks
from assistant.web.exports import CONVERSATIONS, export_routes
from assistant.web.figures import figures_blocks
from assistant.web.gate import Gate
from assistant.web.login import login_routes
from assistant.web.shell import CLOSED_MOUNT

HERE = Path(__file__).parent
DESK = "/desk"
FIGURES = f"{DESK}/figures"
PAGES: dict[str, Right] = {FIGURES: "desk", DESK: "desk", CONVERSATIONS: "desk", "/studio": "studio"}


def mount_staff(
    app: FastAPI,
    database: Database,
    voice: Voice,
    hours: int,
    corrector: Corrector,
    embed: Embed,
    drafter: desk_drafting.Drafter,
) -> None:
    """Put /login, /logout and the desk into the application, behind the gate. `hours` is how long a session lasts."""
    door = Door(database, hours)
    app.include_router(login_routes(door, voice.shop, hours, tuple(PAGES)))
    app.include_router(export_routes(database, door))
    mount_page(app, figures_blocks(database, door, voice.shop, embed), FIGURES)  # before what lies above it
    counter = Counter(database, voice.colleague_joins, voice.colleague_leaves)
    script = (HERE / "desk.js").read_text("utf-8")
    intents = {name: intent.means for name, intent in corrector.catalogue.intents.items()}
    more = [partial(desk_correcting.wire, corrector), partial(desk_drafting.wire, drafter)]
    blocks = desk_blocks(database, door, counter, voice.shop, voice.canned, script, intents, more)
    mount_page(app, blocks, DESK)
    app.add_middleware(Gate, door=door, pages=PAGES)


def mount_page(app: FastAPI, blocks: gr.Blocks, path: str) -> None:
    """A page of the staff's in the desk's looks, with nothing of Gradio's that is not asked for."""
    gr.mount_gradio_app(
        app,
        blocks,
        path=path,
        theme=gr.themes.Base(primary_hue="teal", neutral_hue="stone", font=FONT, font_mono=MONO_FONT),
        css="".join((HERE / name).read_text("utf-8") for name in ("chat.css", "cards.css", "desk.css")),
        **CLOSED_MOUNT,
    )
    app.add_middleware(OwnHead, path=path)
