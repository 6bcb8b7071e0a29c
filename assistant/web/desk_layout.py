"""Where things are on the desk: its Gradio components, drawn in reading order and known by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import gradio as gr

REFRESH_S = 4  # how soon a shopper's next message shows
RELIST_S = 10  # how soon the queue is as it is
TIMERS = ("timer", "queue_timer")
WHERE = [
    ("in what was said", "said"),
    ("by shopper", "shopper"),
    ("by order id", "order"),
    ("by product", "product"),
    ("by label", "label"),
]


@dataclass(frozen=True)
class Layout:
    top: Any
    saved: Any
    text: Any
    where: Any
    find: Any
    intent: Any
    outcome: Any
    since: Any
    until: Any
    queue: Any
    exports: Any
    correcting: Any
    wrong: Any
    right_intents: Any
    right_commands: Any
    save_right: Any
    leave_right: Any
    transcript: Any
    tools: Any
    unmask: Any
    flag: Any
    resolve: Any
    assignee: Any
    take: Any
    give_back: Any
    answering: Any
    canned: Any
    draft: Any
    draft_words: Any
    use_draft: Any
    answer: Any
    send: Any
    note: Any
    add_note: Any
    label: Any
    chosen: Any
    kept: Any
    unmasked: Any
    length: Any
    correct_turn: Any
    page: Any
    listed: Any
    timer: Any
    queue_timer: Any

    @property
    def everything(self) -> list[Any]:
        """All of it, so that any event may change any part; what it leaves out stays as it is."""
        return [getattr(self, field.name) for field in fields(self) if field.name not in TIMERS]

    @classmethod
    def drawn(
        cls,
        saved: Mapping[str, str],
        outcomes: Mapping[str, str],
        intents: Mapping[str, str],
        canned: tuple[str, ...],
        script: str,
        nothing: str,
    ) -> Layout:
        """Draw everything into the Blocks around. `saved`, `outcomes` and `intents` are names and what staff read."""
        parts: dict[str, Any] = {
            "chosen": gr.State(""),
            "kept": gr.State({}),  # what was begun to each shopper, by conversation
            "unmasked": gr.State(False),
            "length": gr.State(0),
            "correct_turn": gr.State(0),
            "draft_words": gr.State(""),
            "page": gr.State(0),
            "listed": gr.State(""),
            "timer": gr.Timer(REFRESH_S),
            "queue_timer": gr.Timer(RELIST_S),
            "top": gr.HTML("", elem_id="desk-top", apply_default_css=False),
        }
        with gr.Row(elem_id="desk"):
            with gr.Column(scale=5, min_width=340, elem_id="desk-queue"):
                parts |= _finding(saved, outcomes)
                parts["queue"] = gr.HTML("", js_on_load=script, elem_id="desk-rows", apply_default_css=False)
                parts["exports"] = gr.HTML("", elem_id="desk-exports", apply_default_css=False)
            with gr.Column(scale=8, min_width=360, elem_id="desk-open"):
                with gr.Column(visible=False, elem_id="desk-tools") as tools:
                    parts |= {"tools": tools, **_tools()}
                parts |= _correcting(intents)
                parts["transcript"] = gr.HTML(
                    nothing, js_on_load=script, elem_id="desk-transcript", apply_default_css=False
                )
                parts |= _writing(canned)
        return cls(**parts)


def _finding(saved: Mapping[str, str], outcomes: Mapping[str, str]) -> dict[str, Any]:
    parts: dict[str, Any] = {
        "saved": gr.Radio(
            [(title, name) for name, title in saved.items()],
            value="all", show_label=False, container=False, elem_id="desk-saved",
        )
    }  # fmt: skip
    with gr.Row(elem_classes="desk-line"):
        parts["text"] = gr.Textbox(
            placeholder="Search", label="Search", show_label=False, container=False, max_lines=1, scale=4, min_width=140
        )
        parts["where"] = gr.Dropdown(
            WHERE, value="said", label="Where", show_label=False, container=False, scale=3, min_width=120
        )
        parts["find"] = gr.Button("Find", variant="primary", scale=1, min_width=70)
    with gr.Accordion("Intent, outcome and date", open=False, elem_id="desk-more"), gr.Row(elem_classes="desk-line"):
        parts["intent"] = gr.Dropdown([("Any intent", "")], value="", label="Intent", min_width=140)
        choices = [("Any outcome", ""), *((title, name) for name, title in outcomes.items())]
        parts["outcome"] = gr.Dropdown(choices, value="", label="Outcome", min_width=140)
        parts["since"] = gr.DateTime(include_time=False, type="string", label="From", min_width=140)
        parts["until"] = gr.DateTime(include_time=False, type="string", label="Until", min_width=140)
    return parts


def _tools() -> dict[str, Any]:
    with gr.Row(elem_classes="desk-line"):
        return {
            "take": gr.Button("Take over", variant="primary", size="sm", min_width=90),
            "give_back": gr.Button("Give back to the assistant", variant="primary", size="sm", min_width=160),
            "resolve": gr.Button("Resolve", size="sm", min_width=80),
            "flag": gr.Button("Flag", size="sm", min_width=80),
            "unmask": gr.Button("Show personal data", size="sm", min_width=140),
            "assignee": gr.Dropdown(
                [("Nobody", "")], value="", label="Assigned to", show_label=False, container=False, min_width=120
            ),
        }


def _correcting(intents: Mapping[str, str]) -> dict[str, Any]:
    """What a turn should have been understood as; hidden until one is chosen."""
    parts: dict[str, Any] = {}
    with gr.Column(visible=False, elem_id="desk-correcting") as correcting:
        parts["correcting"] = correcting
        parts["wrong"] = gr.HTML("", apply_default_css=False)
        with gr.Row(elem_classes="desk-line"):
            parts["right_intents"] = gr.Dropdown(
                [(f"{name}: {means}", name) for name, means in intents.items()],
                value=[], multiselect=True, max_choices=3, label="Should have been", scale=5, min_width=220,
            )  # fmt: skip
            parts["right_commands"] = gr.Textbox(
                label="With these slots, in the shopper's words", max_lines=3, scale=5, min_width=260
            )
        with gr.Row(elem_classes="desk-line"):
            parts["save_right"] = gr.Button("Save as example and test", variant="primary", size="sm", min_width=180)
            parts["leave_right"] = gr.Button("Cancel", size="sm", min_width=80)
    return parts


def _writing(canned: tuple[str, ...]) -> dict[str, Any]:
    parts: dict[str, Any] = {}
    with gr.Column(visible=False, elem_id="desk-answering") as answering:
        parts["answering"] = answering
        parts["canned"] = gr.Dropdown(
            [("Choose a ready reply, or write", ""), *((text, text) for text in canned)],
            value="",
            label="A ready reply",
            show_label=False,
            container=False,
            elem_id="desk-canned",
        )
        with gr.Row(elem_classes="desk-line"):
            parts["draft"] = gr.HTML("", elem_id="desk-draft", apply_default_css=False)
            parts["use_draft"] = gr.Button("Use the draft", visible=False, size="sm", scale=0, min_width=120)
        with gr.Row(elem_classes="desk-line"):
            parts["answer"] = gr.Textbox(
                placeholder="Write to the shopper", label="Write to the shopper", show_label=False, container=False,
                lines=1, max_lines=6, scale=6,
            )  # fmt: skip
            parts["send"] = gr.Button("Send", variant="primary", scale=1, min_width=80)
    with gr.Row(elem_classes="desk-line", elem_id="desk-marks"):
        parts["note"] = gr.Textbox(
            placeholder="A note for colleagues", label="Note", show_label=False, container=False, max_lines=4, scale=5
        )
        parts["add_note"] = gr.Button("Add note", size="sm", scale=1, min_width=90)
        parts["label"] = gr.Textbox(
            placeholder="Label, then Enter",
            label="Label",
            show_label=False,
            container=False,
            max_lines=1,
            scale=2,
            min_width=130,
        )
    return parts
