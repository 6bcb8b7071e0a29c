"""The studio under /studio: Gradio Blocks with one tab for each of the trainers' tasks, behind the gate.

TABS names them in order. The page is for the roles that have the right `studio`: the gate refuses the others on every
path below /studio, and each event asks again who is there.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from html import escape
from pathlib import Path

import gradio as gr
from fastapi import FastAPI

from assistant.staff.access import Staff
from assistant.web import studio_inbox, studio_intents, studio_models, studio_try, studio_valuation
from assistant.web.chat import FONT, MONO_FONT, OwnHead
from assistant.web.shell import CLOSED_MOUNT
from assistant.web.studio_services import QUIET, Services

HERE = Path(__file__).parent
STUDIO = "/studio"
STYLES = ("chat.css", "desk.css", "studio.css", "studio_models.css")
TABS: tuple[tuple[str, Callable[[Services], None]], ...] = (  # what trainers read, and what draws it
    ("Intents", studio_intents.build),
    ("Try it", studio_try.build),
    ("Inbox", studio_inbox.build),
    ("Valuation", studio_valuation.build),
    ("Models", studio_models.build),
)


def mount_studio(app: FastAPI, services: Services) -> None:
    """Put the studio into an application that has the staff's gate (assistant.web.staff)."""
    gr.mount_gradio_app(
        app,
        studio_blocks(services),
        path=STUDIO,
        theme=gr.themes.Base(primary_hue="teal", neutral_hue="stone", font=FONT, font_mono=MONO_FONT),
        css="".join((HERE / name).read_text("utf-8") for name in STYLES),
        **CLOSED_MOUNT,
    )
    app.add_middleware(OwnHead, path=STUDIO)


def studio_blocks(services: Services) -> gr.Blocks:
    """The page: who is here, and the tabs."""
    with gr.Blocks(title=f"{services.shop}: studio", analytics_enabled=False, fill_width=True) as blocks:
        top = gr.HTML("", elem_id="desk-top", apply_default_css=False)  # as the desk's, down to its look
        with gr.Tabs(elem_id="studio"):
            for title, build in TABS:
                with gr.Tab(title):
                    build(services)

        def load(request: gr.Request) -> str:
            return top_html(services.shop, services.staff(request))

        blocks.load(load, outputs=top, **QUIET)
    blocks._queue.ANAYLTICS_CACHE_FREQUENCY = sys.maxsize  # else each event sums up all before it
    return blocks


def top_html(shop: str, staff: Staff) -> str:
    return (
        f'<header><span class="mark" aria-hidden="true">{escape(shop[:1])}</span>'
        f"<h1>Studio <small>{escape(shop)}</small></h1>"
        '<nav><a href="/desk/">Desk</a></nav>'
        f'<p>{escape(staff.name)} <span class="chip">{escape(staff.role)}</span></p>'
        '<form method="post" action="/logout"><button>Sign out</button></form></header>'
    )
