"""The HTML of the tab "Models": versions, the job under way with its loss curve, a report, a replay."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

from assistant.versions.jobs import Job
from assistant.versions.registry import Change, Version

WIDTH, HEIGHT = 560, 150  # of the loss curve, in its own units
MOST_FLIPS = 8  # of an intent that are shown
MOST_CHANGES = 200  # of a replay; the page in the version's folder has them all
TITLES = {"train": "Training", "report": "Report on", "replay": "Replay of"}
FIGURES = {
    "intents_exact": "intents right",
    "frames_exact": "right whole",
    "slot_f1": "slots, F1",
    "out_of_scope_recall": "foreign topics recognised",
    "false_refusals": "good requests refused",
    "ece_frames": "calibration error",
}
NOT_YET = "not yet the live version: it is being loaded, or the log says why it is not"
CHIPS = {"done": "good", "failed": "bad", "lost": "bad", "cancelled": "warn"}
REPORTED = {"broken": "now wrong", "mended": "now right"}


def versions_html(versions: Sequence[Version], answering: str) -> str:
    """All versions, and which model answers shoppers at this moment."""
    rows = "".join(map(_version_row, versions))
    live = next((one for one in versions if one.state == "live"), None)  # none: its folder was taken away
    is_live = live is not None and is_of(live, answering)
    waits = "" if is_live else f' <span class="worse">{NOT_YET}</span>'
    return (
        f"<p>Answering shoppers: <code>{escape(answering)}</code>{waits}</p>"
        '<table class="versions"><thead><tr><th scope="col">Version</th><th scope="col">State</th>'
        '<th scope="col">Trained</th><th scope="col">By</th><th scope="col">For</th>'
        f'<th scope="col">Development loss</th></tr></thead><tbody>{rows}</tbody></table>'
    )


def is_of(version: Version, label: str) -> bool:
    """Whether an engine's label ("base+v003@1f2e3d4c") names the version."""
    named = label.partition("+")[2].rpartition("@")[0]
    return named == (version.adapter.name if version.adapter else "")


def _version_row(version: Version) -> str:
    made = version.manifest
    when = f"{version.created_at:%Y-%m-%d %H:%M}" if version.created_at else ""
    loss = f"{made['dev_loss']:.4f}" if "dev_loss" in made else ""
    cells = (when, version.created_by, version.note, loss)
    return (
        f'<tr><th scope="row">{escape(version.name)}</th>'
        f'<td><span class="chip {version.state}">{version.state}</span></td>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        + "</tr>"
    )


def history_html(history: Sequence[Change]) -> str:
    if not history:
        return '<p class="soft">No version has been promoted yet.</p>'
    lines = (
        f"<li>{one.at:%Y-%m-%d %H:%M} {escape(one.by)} {'promoted' if one.kind == 'promoted' else 'rolled back to'} "
        f"<strong>{escape(one.version)}</strong>{f': {escape(one.reason)}' if one.reason else ''}</li>"
        for one in reversed(history)
    )
    return f'<ol class="promotions">{"".join(lines)}</ol>'


def job_html(job: Job | None, log: str) -> str:
    """The latest job: how far it is, how it goes, how it ended."""
    if job is None:
        return '<p class="soft">Nothing has been trained from here yet.</p>'
    title = f"{TITLES.get(job.kind, job.kind)} {job.subject}"
    parts = [
        f'<h3>{escape(title)} <span class="chip {CHIPS.get(job.state, "")}">{job.state}</span></h3>',
        f'<p class="soft">Begun {job.started_at:%H:%M} UTC by {escape(job.by)}</p>',
    ]
    if (steps := job.latest("steps")) and job.state == "running":
        parts.append(_progress(job, int(steps)))
    parts += [loss_svg(job.progress)] if job.kind == "train" else []
    parts += [f"<details><summary>Log</summary><pre>{escape(log)}</pre></details>"] if log else []
    return "".join(parts)


def _progress(job: Job, steps: int) -> str:
    step = int(job.latest("step") or 0)
    told = [str(job.latest("stage") or ""), f"{step:,} of {steps:,}"]
    if job.kind == "train":
        loss, pace, left = (job.latest(name) for name in ("loss", "tokens_per_s", "seconds_left"))
        told = [f"step {step:,} of {steps:,}"]
        told += [f"loss {loss:.3f}"] if loss is not None else []
        told += [f"{pace:,.0f} tokens/s"] if pace else []
        told += [f"{span(left)} left"] if left else []
        told += ["choosing how it is used: some minutes"] if step == steps else []
    return (
        f'<progress max="{steps}" value="{step}" aria-label="Progress"></progress>'
        f"<p>{escape(', '.join(filter(None, told)))}</p>"
    )


def span(seconds: float) -> str:
    minutes = round(seconds / 60)
    return (
        f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min" if minutes else "under a minute"
    )


def loss_svg(progress: Sequence[Mapping[str, Any]]) -> str:
    """The training loss at each step as a line, the development loss as points."""
    training = [(one["step"], one["loss"]) for one in progress if "loss" in one]
    judged = [(one["step"], one["development_loss"]) for one in progress if "development_loss" in one]
    if len(training) < 2:
        return ""
    last, top = training[-1][0], max(loss for _, loss in (*training, *judged)) or 1.0

    def at(step: float, loss: float) -> tuple[float, float]:
        return round(WIDTH * step / last, 1), round(HEIGHT * (1 - loss / top), 1)

    line = " ".join(f"{x},{y}" for x, y in (at(*one) for one in training))
    points = "".join(f'<circle cx="{x}" cy="{y}" r="4"/>' for x, y in (at(*one) for one in judged))
    told = f"Training loss over {last} steps, from {training[0][1]:.3f} to {training[-1][1]:.3f}"
    return (
        f'<svg class="loss" viewBox="-6 -6 {WIDTH + 12} {HEIGHT + 12}" role="img" aria-label="{told}">'
        f'<polyline points="{line}"/>{points}</svg><p class="soft">Line: training loss. Points: development loss. '
        f"Top: {top:.2f}.</p>"
    )


def report_html(report: Mapping[str, Any] | None, picture: Path | None) -> str:
    if report is None:
        return '<p class="soft">No report on this version yet.</p>'
    worse = "".join(f"<li>{escape(told)}</li>" for told in report["regressions"])
    rows = "".join(
        f'<tr><th scope="row">{title}</th><td>{old:.3f}</td><td>{new:.3f}</td><td>{new - old:+.3f}</td></tr>'
        for name, title in FIGURES.items()
        for old, new in ([report["figures"][name]] if name in report["figures"] else [])
    )
    live, candidate = escape(report["live"]), escape(report["candidate"])
    return (
        (f'<h3 class="worse">What got worse</h3><ul>{worse}</ul>' if worse else "<h3>Nothing regressed</h3>")
        + f'<table><thead><tr><th scope="col">{escape(report["messages"])}</th><th scope="col">{live}</th>'
        f'<th scope="col">{candidate}</th><th scope="col">change</th></tr></thead><tbody>{rows}</tbody></table>'
        + _conversations(report)
        + "".join(map(_intent_html, report["intents"]))
        + (_picture(picture) if picture and picture.is_file() else "")
    )


def _conversations(report: Mapping[str, Any]) -> str:
    won = "".join(f"<li>{escape(name)}</li>" for name in report["won"])
    return (
        f"<p>{report['conversations']} conversations were played: {len(report['lost'])} no longer go as written, "
        f"{len(report['won'])} now do.</p>"
        + _differing("Lost", report["lost"])
        + _differing("Not as it was corrected at the desk", report.get("unheld") or {})
        + (f"<details><summary>Won</summary><ul>{won}</ul></details>" if won else "")
    )


def _differing(title: str, found: Mapping[str, Sequence[str]]) -> str:
    rows = "".join(
        f"<li>{escape(name)}<ul>{''.join(f'<li>{escape(fault)}</li>' for fault in faults)}</ul></li>"
        for name, faults in found.items()
    )
    return f'<details open><summary class="worse">{title}</summary><ul>{rows}</ul></details>' if rows else ""


def _intent_html(change: Mapping[str, Any]) -> str:
    mark = "worse" if change["candidate"] < change["live"] else ""
    flips = "".join(_flip_html(kind, flip) for kind in REPORTED for flip in change[kind][:MOST_FLIPS])
    return (
        f'<details><summary class="{mark}">{escape(change["intent"])}: {change["live"]} of {change["n"]} right, '
        f"now {change['candidate']}</summary><ul>{flips}</ul></details>"
    )


def _flip_html(kind: str, flip: Mapping[str, str]) -> str:
    meant, live, candidate = (f"<code>{escape(flip[name])}</code>" for name in ("meant", "live", "candidate"))
    return (
        f"<li>{REPORTED[kind]}: “{escape(flip['text'])}”<br>"
        f'<span class="soft">meant {meant}, live {live}, candidate {candidate}</span></li>'
    )


def _picture(path: Path) -> str:
    encoded = base64.b64encode(path.read_bytes()).decode()
    told = "Confusion matrix of the candidate: a row for each intent meant, a column for each read"
    return (
        "<details><summary>Which intent it takes for which</summary>"
        f'<img src="data:image/png;base64,{encoded}" alt="{told}"></details>'
    )


def replay_html(found: Mapping[str, Any] | None) -> str:
    if found is None:
        return '<p class="soft">No replay with this version yet.</p>'
    changes = found["changes"]
    head = (
        f"<p>{found['messages']:,} messages of the last {found['days']} days were read again; {len(changes):,} of them "
        "would go otherwise.</p>"
    )
    return head + f'<ol class="changes">{"".join(map(_change_html, changes[:MOST_CHANGES]))}</ol>'


def _change_html(one: Mapping[str, Any]) -> str:
    asked = f'<span class="soft">{escape(one["after"])}</span><br>' if one["after"] else ""
    was = _side("Was", one["was"], one["was_sure"], one["did"])
    would = _side("Would be", one["now"], one["now_sure"], one["would"])
    link = f'<a href="/desk/?conversation={quote(one["conversation"], safe="")}">turn {one["turn"]}</a>'
    return f"<li>{asked}<strong>{escape(one['said'])}</strong> {link}{was}{would}</li>"


def _side(title: str, commands: str, sure: float, does: Sequence[str]) -> str:
    return f"<p>{title} <code>{escape(commands)}</code> {sure:.0%}: {escape(', '.join(does) or 'nothing')}</p>"
