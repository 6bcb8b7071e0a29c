"""The tab "Models": train a candidate, watch it, compare and replay it, promote it, roll back."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import gradio as gr

from assistant.staff.access import NotAllowed, Staff
from assistant.versions.jobs import Job, JobUnderWay, NoSuchJob
from assistant.versions.models import Models
from assistant.versions.registry import NoSuchVersion, NotPromotable
from assistant.versions.replayed import read_replay
from assistant.versions.report import PICTURE, read_report
from assistant.web.studio_models_html import history_html, job_html, replay_html, report_html, versions_html
from assistant.web.studio_services import QUIET, Services, on_load
from finetune.settings import SHORT, BadSetting

FOR_PEOPLE = (NotAllowed, JobUnderWay, NoSuchJob, NoSuchVersion, NotPromotable, BadSetting)
LOOK_EVERY_S = 3
STARTS = [("Go on from the live version", "live"), ("From scratch (hours)", "none")]


class Tab:
    """What the tab's events do. `updates` says how it all stands."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.models = Models.of(services.settings, services.database)
        self.shown: dict[str, Any] = {}  # the components, by name

    def fill_models(self, request: gr.Request) -> dict[Any, Any]:
        self.services.staff(request)
        return self.updates()

    def show_version(self, name: str, request: gr.Request) -> dict[Any, Any]:
        self.services.staff(request)
        return self.updates(name)

    def watch_job(self, name: str, seen: str, request: gr.Request) -> dict[Any, Any]:
        """The job as it goes on; the versions too, when it has ended since or another model answers. What it made is
        chosen then, unless somebody is about to promote another."""
        self.services.staff(request)
        job = self.models.jobs.latest()
        if standing(job, self.answering()) == seen:
            return {self.shown["job"]: self.job_html(job) if job and job.state == "running" else gr.skip()}
        made = job.latest("version") if job else None
        return self.updates(made if made and name == self.models.registry.live_name() else name)

    def train(self, note: str, start: str, epochs: Any, sample: Any, rate: Any, name: str, request: gr.Request) -> Any:
        chosen = {"epochs": epochs, "sample": sample, "learning_rate": rate}
        return self.do(lambda staff: self.models.train(staff, start, chosen, note or ""), name, request)

    def make_report(self, name: str, request: gr.Request) -> Any:
        return self.do(lambda staff: self.models.report(staff, name), name, request)

    def make_replay(self, name: str, request: gr.Request) -> Any:
        return self.do(lambda staff: self.models.replay(staff, name), name, request)

    def stop_job(self, name: str, request: gr.Request) -> Any:
        def act(staff: Staff) -> None:
            if job := self.models.jobs.running():
                self.models.cancel(staff, job.name)

        return self.do(act, name, request)

    def promote(self, name: str, reason: str, request: gr.Request) -> Any:
        return self.do(lambda staff: self.models.promote(staff, name, reason or ""), name, request)

    def roll_back(self, name: str, reason: str, to: str, request: gr.Request) -> Any:
        return self.do(lambda staff: self.models.roll_back(staff, reason or "", to), name, request)

    def do(self, act: Callable[[Staff], Any], name: str, request: gr.Request) -> dict[Any, Any]:
        """Do it and show how all stands then; what is refused is told."""
        staff = self.services.staff(request)
        try:
            act(staff)
        except FOR_PEOPLE as problem:
            gr.Warning(escape(str(problem)))
            return self.updates(name)
        return {**self.updates(name), self.shown["reason"]: "", self.shown["note"]: ""}

    def updates(self, name: str | None = None) -> dict[Any, Any]:
        at, registry = self.shown, self.models.registry
        # first, and each once: what they miss is drawn the next time
        job, answering = self.models.jobs.latest(), self.answering()
        versions = registry.versions()
        names = [one.name for one in versions]
        chosen = next((one for one in versions if one.name == name), versions[0])
        before = registry.before()
        against = self.models.against(chosen.name) if chosen.state != "live" else []
        picture = chosen.adapter / PICTURE if chosen.adapter else None
        return {
            at["versions"]: versions_html(versions, answering),
            at["history"]: history_html(registry.history()),
            at["job"]: self.job_html(job),
            at["stop"]: gr.update(visible=bool(job and job.state == "running")),
            at["version"]: gr.update(choices=names, value=chosen.name),
            at["against"]: against_html(chosen.name, chosen.state, against),
            at["back"]: gr.update(
                value=f"Roll back to {before.name}" if before else "Roll back", interactive=bool(before)
            ),
            at["back_to"]: before.name if before else "",
            at["report"]: report_html(read_report(chosen), picture),
            at["replay"]: replay_html(read_replay(chosen)),
            at["seen"]: standing(job, answering),
        }

    def answering(self) -> str:
        """The model that reads what shoppers say now."""
        return self.services.recogniser().engine.model

    def job_html(self, job: Job | None) -> str:
        return job_html(job, self.models.jobs.log(job.name) if job else "")


def standing(job: Job | None, answering: str) -> str:
    """What the page is drawn anew for when it changes. It must be of the job that is drawn: one that was looked up
    again may have ended between, and the page would then show it as running for good."""
    return f"{job.name} {job.state} {answering}" if job else answering


def against_html(name: str, state: str, against: list[str]) -> str:
    if state == "live":
        return f'<p class="soft">{escape(name)} is live.</p>'
    if not against:
        return f"<p>Nothing speaks against {escape(name)}.</p>"
    lines = "".join(f"<li>{escape(one)}</li>" for one in against)
    return f'<p class="worse">To promote {escape(name)}, write a reason:</p><ul>{lines}</ul>'


def build(services: Services) -> None:
    """Draw the tab and wire its events."""
    tab = Tab(services)
    at = tab.shown
    at["seen"], at["back_to"] = gr.State(""), gr.State("")
    with gr.Row():
        with gr.Column(scale=7):
            at["versions"] = gr.HTML("", elem_id="models-versions", apply_default_css=False)
            with gr.Row():
                at["version"] = gr.Dropdown([], label="Version", elem_id="models-version", scale=2, min_width=120)
                report = gr.Button("Compare with live", size="sm", min_width=120)
                replay = gr.Button("Replay a month", size="sm", min_width=120)
            at["against"] = gr.HTML("", elem_id="models-against", apply_default_css=False)
            at["reason"] = gr.Textbox(label="Reason", max_lines=3, elem_id="models-reason")
            with gr.Row():
                promote = gr.Button("Promote", variant="primary", elem_id="models-promote")
                at["back"] = gr.Button("Roll back", elem_id="models-back")
            at["history"] = gr.HTML("", elem_id="models-history", apply_default_css=False)
        with gr.Column(scale=5, elem_id="models-train"):
            at["note"] = gr.Textbox(label="What the training is for", max_lines=1)
            start = gr.Dropdown(STARTS, value="live", label="Start")
            with gr.Row():
                epochs = gr.Number(SHORT["epochs"], label="Epochs", precision=0, min_width=90)
                sample = gr.Number(SHORT["sample"], label="Examples an epoch", precision=0, min_width=90)
                rate = gr.Number(SHORT["learning_rate"], label="Learning rate", min_width=90)
            train = gr.Button("Train", variant="primary", elem_id="models-begin")
            at["job"] = gr.HTML("", elem_id="models-job", apply_default_css=False)
            at["stop"] = gr.Button("Stop it", size="sm", visible=False, elem_id="models-stop")
    with gr.Accordion("Report", open=True):
        at["report"] = gr.HTML("", elem_id="models-report", apply_default_css=False)
    with gr.Accordion("Replay", open=True):
        at["replay"] = gr.HTML("", elem_id="models-replay", apply_default_css=False)
    every, chosen = list(at.values()), at["version"]
    chosen.input(tab.show_version, inputs=chosen, outputs=every, **QUIET)
    train.click(tab.train, inputs=[at["note"], start, epochs, sample, rate, chosen], outputs=every, **QUIET)
    for button, act in ((report, tab.make_report), (replay, tab.make_replay), (at["stop"], tab.stop_job)):
        button.click(act, inputs=chosen, outputs=every, **QUIET)
    promote.click(tab.promote, inputs=[chosen, at["reason"]], outputs=every, **QUIET)
    at["back"].click(tab.roll_back, inputs=[chosen, at["reason"], at["back_to"]], outputs=every, **QUIET)
    gr.Timer(LOOK_EVERY_S).tick(tab.watch_job, inputs=[chosen, at["seen"]], outputs=every, **QUIET)
    on_load(tab.fill_models, every)
