"""The tab "Try it": a message in its context, read by the live model and by the candidate, side by side."""

from __future__ import annotations

from html import escape
from typing import Any

import gradio as gr

from assistant.studio.trying import Trial, try_message
from assistant.texts import clean
from assistant.web.studio_html import neighbours_html
from assistant.web.studio_services import QUIET, Services
from intents.commands import format_value
from intents.context import Context
from intents.engine import EngineError
from intents.recogniser import Recogniser

EMPTY = "Write a message first."
FAILED = "The model engine failed; the server's log says why."
NO_CANDIDATE = "No candidate: train one first, and it stands here beside the live model."


def build(services: Services) -> None:
    with gr.Row():
        with gr.Column(scale=5):
            text = gr.Textbox(label="Message", lines=2, max_lines=5, elem_id="try-text")
            bot = gr.Textbox(label="The assistant's last reply", max_lines=3)
            with gr.Row():
                intents = services.recogniser().catalogue.intents
                slots = sorted({slot for intent in intents.values() for slot in intent.slots})
                task = gr.Dropdown([("None", ""), *intents], value="", label="Task under way")
                asked = gr.Dropdown([("None", ""), "confirm", *slots], value="", label="Slot being asked")
            shown = gr.Textbox(label="Names on screen, one a line", lines=1, max_lines=6)
            read = gr.Button("Read it", variant="primary", elem_id="try-read")
        with gr.Column(scale=7):
            result = gr.HTML("", elem_id="try-result", apply_default_css=False)

    def try_it(text: str, bot: str, task: str, asked: str, shown: str, request: gr.Request) -> Any:
        services.staff(request)
        said = clean(text or "")[: services.settings.max_message_chars]
        if not said:
            return trials_html([], EMPTY)
        context = context_typed(bot, task, asked, shown)
        try:
            near = neighbours_html(services.neighbours.nearest(said, context))
            return trials_html(trials(services, said, context)) + near
        except EngineError:
            return trials_html([], FAILED)

    for event in (read.click, text.submit):
        event(try_it, inputs=[text, bot, task, asked, shown], outputs=result, **QUIET)


def context_typed(bot: str | None, task: str | None, asked: str | None, shown: str | None) -> Context:
    """A context from what stands in the form's fields."""
    names = tuple(name.strip() for name in (shown or "").splitlines() if name.strip())
    return Context(clean(bot or "") or None, task or None, asked or None, names)


def trials(services: Services, text: str, context: Context) -> list[tuple[str, Trial | None]]:
    """What the live model reads and what the candidate does; None where there is no candidate."""
    models: list[tuple[str, Recogniser | None]] = [("Live", services.recogniser()), ("Candidate", services.candidate())]
    return [(title, try_message(one, text, context) if one else None) for title, one in models]


def trials_html(found: list[tuple[str, Trial | None]], problem: str = "") -> str:
    if problem:
        return f'<p class="none" role="status">{escape(problem)}</p>'
    return '<div class="trials" role="status">' + "".join(trial_html(*one) for one in found) + "</div>"


def trial_html(title: str, trial: Trial | None) -> str:
    if trial is None:
        return f'<section><h2>{escape(title)}</h2><p class="soft">{NO_CANDIDATE}</p></section>'
    read = trial.understanding
    commands = "".join(
        f"<li><code>{escape(command.intent)}</code>"
        + "".join(
            f' <span class="slot">{escape(name)}={escape(format_value(value))}</span>' for name, value in command.slots
        )
        + "</li>"
        for command in read.commands
    )
    others = "".join(f"<li>{escape(name)} <span>{chance:.0%}</span></li>" for name, chance in trial.runners_up)
    return (
        f'<section><h2>{escape(title)}</h2><ol class="commands">{commands}</ol>'
        f'<p>Confidence <strong>{read.confidence:.0%}</strong> <span class="soft">{escape(read.model)}</span></p>'
        f'<h3>Runners-up</h3><ol class="runners">{others}</ol></section>'
    )
