"""The tab "Intents": find examples, write and mark them, be warned, save, look back and undo."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from assistant.studio.browsing import Looked, counts, find_entries
from assistant.studio.example_store import SaveRefused, Seen
from assistant.studio.history import latest_saves
from assistant.studio.library import Entry
from assistant.studio.writing import BadDraft, Draft, read_draft
from assistant.web.studio_html import examples_html, history_html, warnings_html
from assistant.web.studio_services import QUIET, Services, number_of, on_load, text_of
from assistant.web.studio_try import context_typed
from intents.catalogue import Catalogue
from intents.commands import format_commands
from intents.context import CONFIRM
from intents.examples import Example

SCRIPT = (Path(__file__).parent / "studio.js").read_text("utf-8")
FINE = "Nothing speaks against it."
NONE_OPEN = "Choose an example on the left first."
# the words that are selected in the message become a slot's; a slot with values carries the chosen one
MARK = """(message, slot) => {
  const box = document.querySelector("#studio-message textarea");
  const [from, to] = [box.selectionStart, box.selectionEnd];
  const words = box.value.slice(from, to);
  if (!slot || !words.trim()) return message;
  const [name, value] = slot.split("=");
  const number = words.replace(/[^0-9.]/g, "");
  const isPlain = value === undefined || (value === "#" && words === number);
  const written = value === "#" ? Number(number) : JSON.stringify(value);
  const told = isPlain ? `(${name})` : `{"entity": "${name}", "value": ${written}}`;
  return box.value.slice(0, from) + "[" + words + "]" + told + box.value.slice(to);
}"""
Updates = dict[Any, Any]


@dataclass(frozen=True)
class Form:
    """The editor's components, in the order in which events hand their values over."""

    message: Any
    intent: Any
    commands: Any
    bot: Any
    task: Any
    asked: Any
    shown: Any

    @property
    def inputs(self) -> list[Any]:
        return [self.message, self.intent, self.commands, self.bot, self.task, self.asked, self.shown]


def build(services: Services) -> None:
    catalogue = services.recogniser().catalogue
    seen, page = gr.State(None), gr.State(0)
    with gr.Row(elem_classes="studio-columns"):
        with gr.Column(scale=6, min_width=340):
            with gr.Row(elem_classes="desk-line"):
                words = gr.Textbox(label="Search", show_label=False, placeholder="Search", max_lines=1, scale=3)
                wanted = gr.Dropdown([("Any intent", "")], value="", label="Any intent", show_label=False, scale=2)
                untrained = gr.Checkbox(label="Not yet trained", scale=1, min_width=130)
            found = gr.HTML("", js_on_load=SCRIPT, elem_id="studio-examples", apply_default_css=False)
        with gr.Column(scale=6, min_width=340):
            form, slot, buttons = drawn(catalogue)
            warned = gr.HTML("", elem_id="studio-warnings", apply_default_css=False)
            with gr.Accordion("History", open=False):
                past = gr.HTML("", js_on_load=SCRIPT, elem_id="studio-history", apply_default_css=False)
    tab = Tab(services, catalogue, form, Parts(seen, page, words, wanted, untrained, found, warned, past, slot))
    at = tab.parts
    looked, typed, every = at.looked, form.inputs, [*at.everything, *form.inputs]
    on_load(tab.open, every)
    for changed in (words.submit, wanted.input, untrained.input):
        changed(tab.search, inputs=looked, outputs=every, **QUIET)
    found.turn(tab.turn, inputs=looked, outputs=every, **QUIET)
    found.open(tab.choose, outputs=every, **QUIET)
    for box in form.inputs:
        box.input(tab.warn, inputs=[seen, *typed], outputs=warned, trigger_mode="always_last", **QUIET)
    form.intent.change(tab.slots_of, inputs=form.intent, outputs=slot, **QUIET)
    slot.input(None, inputs=[form.message, slot], outputs=form.message, js=MARK).then(
        tab.warn_marked, inputs=[seen, *typed], outputs=[warned, slot], **QUIET
    )
    for button, act in zip(buttons, (tab.save, tab.add, tab.delete, tab.clear), strict=True):
        button.click(act, inputs=[*looked, page, seen, *typed], outputs=every, **QUIET)
    past.undo(tab.undo, inputs=[*looked, page], outputs=every, **QUIET)


def drawn(catalogue: Catalogue) -> tuple[Form, Any, tuple[Any, ...]]:
    """The editor: its form, the choice of a slot for the selected words, and the buttons."""
    message = gr.Textbox(label="Message, its slots marked", lines=2, max_lines=5, elem_id="studio-message")
    with gr.Row(elem_classes="desk-line"):
        intent = gr.Dropdown([("Choose", ""), *catalogue.intents], value="", label="Intent", scale=3)
        slot = gr.Dropdown([], value=None, label="Mark the selected words as", elem_id="studio-slot", scale=3)
    with gr.Accordion("Several commands, and what went before", open=False, elem_id="studio-more"):
        commands = gr.Textbox(label="Commands, where one marked message does not say it", max_lines=4)
        bot = gr.Textbox(label="The assistant's last reply", max_lines=3)
        with gr.Row(elem_classes="desk-line"):
            slots = sorted({slot for one in catalogue.intents.values() for slot in one.slots})
            task = gr.Dropdown([("None", ""), *catalogue.intents], value="", label="Task under way")
            asked = gr.Dropdown([("None", ""), CONFIRM, *slots], value="", label="Slot being asked")
        shown = gr.Textbox(label="Names on screen, one a line", max_lines=6)
    with gr.Row(elem_classes="desk-line"):
        buttons = (
            gr.Button("Save", variant="primary", min_width=80, elem_id="studio-save"),
            gr.Button("Save as another", min_width=120),
            gr.Button("Delete", min_width=80),
            gr.Button("New", min_width=80),
        )
    return Form(message, intent, commands, bot, task, asked, shown), slot, buttons


@dataclass(frozen=True)
class Parts:
    seen: Any
    page: Any
    words: Any
    wanted: Any
    untrained: Any
    found: Any
    warned: Any
    past: Any
    slot: Any

    @property
    def looked(self) -> list[Any]:
        return [self.words, self.wanted, self.untrained]

    @property
    def everything(self) -> list[Any]:
        return [self.seen, self.page, self.wanted, self.found, self.warned, self.past]


@dataclass(frozen=True)
class Tab:
    """What the tab's events do. Each method answers with updates of its components."""

    services: Services
    catalogue: Catalogue
    form: Form
    parts: Parts

    # finding

    def open(self, request: gr.Request) -> Updates:
        """The tab as it opens."""
        self.services.staff(request)
        library = self.services.library
        each = counts(library.entries())
        choices = [("Any intent", ""), *((f"{name} ({each[name]:,})", name) for name in self.catalogue.intents)]
        problems = warnings_html([str(one) for one in library.problems()])
        listed = self.listed(Looked(), 0)
        return {**listed, **self.history(), self.parts.wanted: gr.update(choices=choices), self.parts.warned: problems}

    def search(self, request: gr.Request, words: str, wanted: str, untrained: bool) -> Updates:
        self.services.staff(request)
        return self.listed(looked_for(words, wanted, untrained), 0)

    def turn(self, request: gr.Request, event: gr.EventData, words: str, wanted: str, untrained: bool) -> Updates:
        self.services.staff(request)
        return self.listed(looked_for(words, wanted, untrained), number_of(event, "page"))

    def listed(self, look: Looked, number: int) -> Updates:
        live = self.services.live
        is_fresh = live.is_fresh if live else nothing_is_fresh
        page = find_entries(self.services.library.entries(), look, is_fresh, number)
        return {self.parts.found: examples_html(page, is_fresh), self.parts.page: page.number}

    def history(self) -> Updates:
        with self.services.database.reading() as session:
            return {self.parts.past: history_html(latest_saves(session))}

    # writing

    def choose(self, request: gr.Request, event: gr.EventData) -> Updates:
        self.services.staff(request)
        seen = Seen(text_of(event, "file"), number_of(event, "line"), text_of(event, "version"))
        try:
            entry = self.services.store.find(seen)
        except SaveRefused as problem:
            return {self.parts.warned: warnings_html([str(problem)])}
        return {self.parts.seen: seen, self.parts.warned: "", **self.filled(entry)}

    def filled(self, entry: Entry) -> Updates:
        """The form with an example in it."""
        context, at = entry.example.context, self.form
        one = entry.is_annotated
        return {
            at.message: entry.written,
            at.intent: entry.example.commands[0].intent if one else "",
            at.commands: "" if one else format_commands(entry.example.commands),
            at.bot: context.bot or "",
            at.task: context.task or "",
            at.asked: context.asked or "",
            at.shown: "\n".join(context.shown),
        }

    def warn(self, request: gr.Request, seen: Seen | None, *typed: str) -> str:
        """What speaks against what is typed so far."""
        self.services.staff(request)
        try:
            draft = self.drafted(*typed)
        except BadDraft as problem:
            return warnings_html([str(problem)]) if typed[0] else ""
        return warnings_html(self.services.neighbours.warnings(draft, self.entry_of(seen)), FINE)

    def warn_marked(self, request: gr.Request, seen: Seen | None, *typed: str) -> tuple[str, Any]:
        """The same, and the choice of a slot is free again."""
        return self.warn(request, seen, *typed), gr.update(value=None)

    def entry_of(self, seen: Seen | None) -> Entry | None:
        try:
            return self.services.store.find(seen) if seen else None
        except SaveRefused:
            return None

    def drafted(self, message: str, intent: str, commands: str, bot: str, task: str, asked: str, shown: str) -> Draft:
        """Raises BadDraft."""
        context = context_typed(bot, task, asked, shown)
        return read_draft(self.catalogue, message or "", intent or "", commands or "", context)

    def save(
        self, request: gr.Request, words: str, wanted: str, untrained: bool, page: int, seen: Seen | None, *typed: str
    ) -> Updates:
        """Change the example that is open, or add one when none is."""
        staff, store = self.services.staff(request), self.services.store
        look = looked_for(words, wanted, untrained)
        if seen is None:
            return self.saved(lambda: store.add(staff, self.drafted(*typed)), look, page)
        return self.saved(lambda: store.edit(staff, seen, self.drafted(*typed)), look, page)

    def add(
        self, request: gr.Request, words: str, wanted: str, untrained: bool, page: int, seen: Seen | None, *typed: str
    ) -> Updates:
        return self.save(request, words, wanted, untrained, page, None, *typed)

    def delete(
        self, request: gr.Request, words: str, wanted: str, untrained: bool, page: int, seen: Seen | None, *typed: str
    ) -> Updates:
        staff = self.services.staff(request)
        if seen is None:
            return {self.parts.warned: warnings_html([NONE_OPEN])}
        return self.saved(lambda: self.services.store.delete(staff, seen), looked_for(words, wanted, untrained), page)

    def clear(
        self, request: gr.Request, words: str, wanted: str, untrained: bool, page: int, seen: Seen | None, *typed: str
    ) -> Updates:
        self.services.staff(request)
        return {self.parts.seen: None, self.parts.warned: "", **dict.fromkeys(self.form.inputs, "")}

    def undo(
        self, request: gr.Request, event: gr.EventData, words: str, wanted: str, untrained: bool, page: int
    ) -> Updates:
        staff = self.services.staff(request)
        look = looked_for(words, wanted, untrained)
        return self.saved(lambda: self.services.store.undo(staff, text_of(event, "save")), look, page)

    def saved(self, act: Callable[[], object], look: Looked, page: int) -> Updates:
        """Do it, let the recogniser know, and show the list and the history as they are then."""
        try:
            act()
        except (BadDraft, SaveRefused) as problem:
            return {self.parts.warned: warnings_html([str(problem)])}
        told = f"Saved, and {self.services.take_in()}."
        emptied = {self.parts.seen: None, self.parts.warned: warnings_html([], told)}
        return {**self.listed(look, page), **self.history(), **emptied, **dict.fromkeys(self.form.inputs, "")}

    def slots_of(self, intent: str) -> Any:
        return gr.update(choices=slot_choices(self.catalogue, intent), value=None)


def slot_choices(catalogue: Catalogue, intent: str) -> list[tuple[str, str]]:
    """What words may be marked as: (as it is read, as MARK takes it). A slot with values comes once for each."""
    if intent not in catalogue.intents:
        return []
    found: list[tuple[str, str]] = []
    for slot in catalogue.intents[intent].slots.values():
        if slot.kind == "choice":
            found += [(f"{slot.name}: {value}", f"{slot.name}={value}") for value in slot.values]
        else:
            found.append((slot.name, f"{slot.name}=#" if slot.kind == "number" else slot.name))
    return found


def looked_for(words: str | None, wanted: str | None, untrained: bool | None) -> Looked:
    return Looked(words or "", wanted or "", bool(untrained))


def nothing_is_fresh(example: Example) -> bool:
    """Without the example index nobody knows."""
    return False
