"""The tab "Valuation": what each example is worth, the suspected mislabels on top."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import gradio as gr

from assistant.studio.library import Entry
from assistant.studio.valuer import Valuer, Worth
from assistant.web.studio_html import example_html, worth_html
from assistant.web.studio_intents import nothing_is_fresh
from assistant.web.studio_services import BEING_FITTED, QUIET, SWITCHED_OFF, Services, on_load

SHOWN = 100
LOOK_EVERY_S = 2
NOT_YET = "These examples have not been valued yet. It takes a minute or two, and the server goes on answering."
WHAT = (
    "An example is worth what it adds when messages like it are read by their nearest examples (KNN-Shapley); below "
    "zero it misleads them. A label is suspect where that is little and the nearest examples mean something else. Find "
    "it by its words in the tab Intents to put it right."
)
Updates = dict[Any, Any]


def build(services: Services) -> None:
    valuer = Valuer(services.settings.cache / "values")
    with gr.Row(elem_classes="desk-line"):
        work = gr.Button("Work out the values", variant="primary", elem_id="valuation-start", min_width=160, scale=0)
        intent = gr.Dropdown(
            [("All intents", ""), *services.recogniser().catalogue.intents], value="", label="Intent", show_label=False
        )
    gr.HTML(f'<p class="soft">{WHAT}</p>', apply_default_css=False)
    table = gr.HTML("", elem_id="studio-values", apply_default_css=False)
    timer = gr.Timer(LOOK_EVERY_S, active=False)
    tab = Tab(services, valuer, table, timer)
    every = [table, timer]
    on_load(tab.open_values, every)
    work.click(tab.value, inputs=intent, outputs=every, **QUIET)
    intent.input(tab.show_values, inputs=intent, outputs=every, **QUIET)
    timer.tick(tab.show_values, inputs=intent, outputs=every, **QUIET)


@dataclass(frozen=True)
class Tab:
    """What the tab's events do."""

    services: Services
    valuer: Valuer
    table: Any
    timer: Any

    def open_values(self, request: gr.Request) -> Updates:
        return self.show_values(request, "")

    def value(self, request: gr.Request, intent: str) -> Updates:
        """Begin to work them out."""
        self.services.staff(request)
        live = self.services.live
        if live is None:
            why = BEING_FITTED if self.services.settings.index else SWITCHED_OFF
            return {self.table: f'<p class="none">No values now: {why}.</p>'}
        self.valuer.start(self.services.library.entries(), live.base)
        return self.show_values(request, intent)

    def show_values(self, request: gr.Request, intent: str) -> Updates:
        self.services.staff(request)
        entries = self.services.library.entries()
        if self.valuer.is_working:
            done = f'<p class="none" role="status">Working: {self.valuer.done:.0%}</p>'
            return {self.table: done, self.timer: gr.update(active=True)}
        values = self.valuer.values(entries)
        told = (
            values_html(entries, values, intent) if values else f'<p class="none">{self.valuer.problem or NOT_YET}</p>'
        )
        return {self.table: told, self.timer: gr.update(active=False)}


def values_html(entries: tuple[Entry, ...], worths: Mapping[str, Worth], intent: str) -> str:
    """The examples whose labels are most suspect, of one intent or of all, with what each is worth."""
    known = [(one, worths[one.version]) for one in entries if one.version in worths]
    chosen = [pair for pair in known if not intent or intent in {one.intent for one in pair[0].example.commands}]
    ranked = sorted(chosen, key=lambda pair: -pair[1].suspect)[:SHOWN]
    rows = "".join(
        f"<li>{example_html(one, nothing_is_fresh(one.example), worth_html(worth.value))}</li>" for one, worth in ranked
    )
    below = sum(worth.value < 0 for _, worth in chosen)
    told = f"{below:,} of {len(chosen):,} are worth less than nothing. The most suspect labels come first."
    return f'<p>{told}</p><ul class="examples">{rows}</ul>'
