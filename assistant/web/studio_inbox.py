"""The tab "Inbox": messages worth labelling, what is proposed for each, one key to accept or to dismiss."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from assistant.staff.access import Staff
from assistant.store import InboxItem
from assistant.studio.example_store import SaveRefused
from assistant.studio.inbox import NoSuchItem, accept, context_of, dismiss, open_item, open_items
from assistant.studio.neighbours import wrong_with
from assistant.studio.worth_labelling import search_messages
from assistant.studio.writing import BadDraft, Draft, read_draft
from assistant.web.studio_html import inbox_html, warnings_html
from assistant.web.studio_intents import SCRIPT
from assistant.web.studio_services import QUIET, Services, number_of, on_load

HELP = "With a message chosen: <kbd>A</kbd> accepts it as it is proposed, <kbd>D</kbd> dismisses it."
Updates = dict[Any, Any]


def build(services: Services) -> None:
    chosen = gr.State(0)
    with gr.Row(elem_classes="studio-columns"):
        with gr.Column(scale=6, min_width=340):
            look = gr.Button("Look for messages", elem_id="inbox-look")
            gr.HTML(f'<p class="soft">{HELP}</p>', apply_default_css=False)
            waiting = gr.HTML("", js_on_load=SCRIPT, elem_id="studio-inbox", apply_default_css=False)
        with gr.Column(scale=6, min_width=340):
            text = gr.Textbox(label="Message", lines=2, max_lines=5, elem_id="inbox-text")
            before = gr.Textbox(label="What went before", interactive=False, max_lines=4)
            commands = gr.Textbox(label="What it means, in commands", lines=2, max_lines=5, elem_id="inbox-commands")
            with gr.Row(elem_classes="desk-line"):
                take = gr.Button("Accept", variant="primary", elem_id="inbox-accept")
                leave = gr.Button("Dismiss")
            told = gr.HTML("", elem_id="inbox-told", apply_default_css=False)
    tab = Tab(services, chosen, waiting, text, before, commands, told)
    every = [chosen, waiting, text, before, commands, told]
    on_load(tab.open_inbox, every)
    look.click(tab.look, outputs=every, **{**QUIET, "show_progress": "minimal"})
    waiting.choose(tab.choose_item, outputs=every, **QUIET)
    waiting.accept(tab.accept_by_key, outputs=every, **QUIET)
    waiting.dismiss(tab.dismiss_by_key, outputs=every, **QUIET)
    take.click(tab.accept_edited, inputs=[chosen, text, commands], outputs=every, **QUIET)
    leave.click(tab.dismiss_chosen, inputs=chosen, outputs=every, **QUIET)


@dataclass(frozen=True)
class Tab:
    """What the tab's events do. Each method answers with updates of its components."""

    services: Services
    chosen: Any
    waiting: Any
    text: Any
    before: Any
    commands: Any
    told: Any

    def open_inbox(self, request: gr.Request) -> Updates:
        self.services.staff(request)
        return self.listed(0)

    def look(self, request: gr.Request) -> Updates:
        """Search the conversations since the last time."""
        services = self.services
        added = search_messages(services.database, services.staff(request), services.context_of, services.live)
        return {**self.listed(0), self.told: warnings_html([], f"{added} new.")}

    def listed(self, chosen: int) -> Updates:
        with self.services.database.reading() as session:
            items = open_items(session)
        first = next((one for one in items if one.id == chosen), items[0] if items else None)
        return {self.waiting: inbox_html(items, first.id if first else 0), **self.shown(first), self.told: ""}

    def shown(self, item: InboxItem | None) -> Updates:
        return {
            self.chosen: item.id if item else 0,
            self.text: item.text if item else "",
            self.before: before_text(item) if item else "",
            self.commands: item.proposed if item else "",
        }

    def choose_item(self, request: gr.Request, event: gr.EventData) -> Updates:
        self.services.staff(request)
        with self.services.database.reading() as session:
            return {**self.shown(session.get(InboxItem, number_of(event, "item"))), self.told: ""}

    def accept_by_key(self, request: gr.Request, event: gr.EventData) -> Updates:
        """As it is proposed."""
        staff = self.services.staff(request)
        with self.services.database.reading() as session:
            item = session.get(InboxItem, number_of(event, "item"))
        return self.accepted(staff, item.id, item.text, item.proposed) if item else self.listed(0)

    def accept_edited(self, request: gr.Request, chosen: int, text: str, commands: str) -> Updates:
        return self.accepted(self.services.staff(request), chosen, text, commands)

    def accepted(self, staff: Staff, chosen: int, text: str, commands: str) -> Updates:
        """Make it an example, which counts at once. The files come first: they are not written inside a transaction."""
        database = self.services.database
        try:
            with database.reading() as session:
                draft = self.draft_of(open_item(session, chosen), text, commands)
            self.services.store.add(staff, draft)
            with database.session() as session:
                accept(session, staff, chosen)
        except (NoSuchItem, BadDraft, SaveRefused) as problem:
            return {self.told: warnings_html([str(problem)])}
        told = f"“{draft.text}” is {self.services.take_in()}."
        return {**self.listed(0), self.told: warnings_html([], told)}

    def draft_of(self, item: InboxItem, text: str, commands: str) -> Draft:
        """Raises BadDraft, for what is masked as well."""
        catalogue = self.services.library.catalogue
        draft = read_draft(catalogue, text or "", "", (commands or "").strip() or " ", context_of(item))
        wrong = wrong_with(catalogue, draft)
        if wrong:
            raise BadDraft(wrong[0])
        return draft

    def dismiss_by_key(self, request: gr.Request, event: gr.EventData) -> Updates:
        return self.dismiss_chosen(request, number_of(event, "item"))

    def dismiss_chosen(self, request: gr.Request, chosen: int) -> Updates:
        staff = self.services.staff(request)
        try:
            with self.services.database.session() as session:
                dismiss(session, staff, chosen)
        except NoSuchItem as problem:
            return {self.told: warnings_html([str(problem)])}
        return self.listed(0)


def before_text(item: InboxItem) -> str:
    context = context_of(item)
    told = {"reply": context.bot, "task": context.task, "asked": context.asked, "on screen": ", ".join(context.shown)}
    return "\n".join(f"{name}: {value}" for name, value in told.items() if value)
