"""The HTML of the desk: the queue's rows, and a transcript with what happened beside each turn.

Every word from a shopper, the model, a colleague or the database passes through `html.escape`. A clickable thing is a
`<button>` with `data-conversation` or `data-page`; desk.js raises the event.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from html import escape
from typing import Any

from assistant.review.queue import PAGE_ROWS, UNSURE_BELOW, Found, Row
from assistant.review.transcript import Reading, Reply, SeenTurn, Transcript
from assistant.staff.access import Staff
from assistant.store import now
from assistant.web.cards import thread_html

OUTCOMES = {
    "answered": "answered",
    "done": "something was done",
    "task_open": "in a task",
    "handed_over": "handed over",
}
WRITTEN_BY = {"model": "worded by the model", "written": "a written variation", "staff": "a colleague"}
LONGEST_VALUE = 600  # characters of a slot's or a change's value


PAGES = {"conversations": ("/desk/", "Conversations"), "figures": ("/desk/figures/", "Figures")}


def top_html(shop: str, staff: Staff, page: str = "conversations") -> str:
    links = "".join(
        f'<a href="{path}"{" aria-current=page" if name == page else ""}>{title}</a>'
        for name, (path, title) in PAGES.items()
    )
    return (
        f'<header><span class="mark" aria-hidden="true">{escape(shop[:1])}</span>'
        f'<h1>Desk <small>{escape(shop)}</small></h1><nav aria-label="The desk">{links}</nav>'
        f'<p>{escape(staff.name)} <span class="chip">{escape(staff.role)}</span></p>'
        '<form method="post" action="/logout"><button>Sign out</button></form></header>'
    )


def queue_html(found: Found, page: int, chosen: str) -> str:
    """A page of the queue, and the way to the next."""
    if not found.total:
        return '<p class="none">No conversation fits. Take a filter away, or search for other words.</p>'
    first, last = page * PAGE_ROWS + 1, page * PAGE_ROWS + len(found.rows)
    rows = "".join(row_html(row, row.id == chosen) for row in found.rows)
    before = f'<button data-page="{page - 1}"{"" if page else " disabled"}>Newer</button>'
    after = f'<button data-page="{page + 1}"{"" if last < found.total else " disabled"}>Older</button>'
    counted = f"<span>{first:,}-{last:,} of {found.total:,}</span>"
    return f'<ul class="rows">{rows}</ul><nav class="pages" aria-label="Pages">{before}{counted}{after}</nav>'


def row_html(row: Row, chosen: bool) -> str:
    current = ' aria-current="true"' if chosen else ""
    return (
        f'<li><button class="row" data-conversation="{escape(row.id)}"{current}>'
        f'<span class="words">{escape(row.preview) or "<em>no words</em>"}</span>'
        f'<span class="when">{escape(ago(row.last_at))}</span>'
        f'<span class="marks">{"".join(marks(row))}</span></button></li>'
    )


def marks(row: Row) -> Iterable[str]:
    """What is worth seeing of a conversation at a glance."""
    if row.taken_by:
        yield chip(f"with {row.taken_by}", "person")
    tone = "warn" if row.outcome == "handed_over" and not row.resolved and not row.taken_by else ""
    yield chip(OUTCOMES[row.outcome] + (f": {row.open_task}" if row.outcome == "task_open" else ""), tone)
    if row.resolved:
        yield chip("resolved", "good")
    if row.flagged:
        yield chip("flagged", "bad")
    if row.thumbs_down:
        yield chip("thumbs down", "bad")
    if row.not_understood:
        yield chip(f"fell back {row.not_understood}×", "warn")  # noqa: RUF001 - a multiplication sign is meant
    if row.lowest_confidence is not None and row.lowest_confidence < UNSURE_BELOW:
        yield chip(f"unsure {row.lowest_confidence:.2f}", "warn")
    if row.assigned_to and row.assigned_to != row.taken_by:
        yield chip(f"for {row.assigned_to}")
    yield chip(f"{row.turns} turn{'' if row.turns == 1 else 's'}")


def chip(text: str, tone: str = "") -> str:
    return f'<span class="chip {tone}">{escape(text)}</span>'


def ago(when: datetime) -> str:
    """How long ago, for the eye; older than a day, the date."""
    minutes = int((now() - when).total_seconds() // 60)
    if minutes < 1:
        return "now"
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 24 * 60 else f"{when:%b} {when.day}, {when.year}"


NOTHING_OPEN = '<p class="none">Choose a conversation to read it. Who reads what is kept in the audit log.</p>'


def transcript_html(found: Transcript, correcting: bool) -> str:
    """The conversation: what the shopper saw on the left, what happened on the right.

    `correcting`: with buttons by which a turn's reading is put right.
    """
    turns = "".join(turn_html(turn, correcting) for turn in found.turns)
    return f'{head_html(found)}<div id="aisle" class="quoted"><ol class="turns">{turns}</ol></div>{notes_html(found)}'


def head_html(found: Transcript) -> str:
    facts = found.facts
    state = f"{found.taken_by} answers" if found.taken_by else "the assistant answers"
    about = [
        f"{facts.started_at:%Y-%m-%d %H:%M} UTC, {facts.turns} turns",
        OUTCOMES[facts.outcome],
        state,
        f"assigned to {found.assigned_to}" if found.assigned_to else "",
        "resolved" if facts.resolved_at else "",
    ]
    chips = [chip(label, "label") for label in found.labels]
    chips += [chip("flagged", "bad")] if facts.flagged else []
    seen = chip("personal data masked", "good") if found.masked else chip("personal data shown", "bad")
    return (
        f'<div class="head"><h2>{escape(found.id)}</h2>{seen}{"".join(chips)}'
        f"<p>{escape(' · '.join(filter(None, about)))}</p></div>"
    )


def turn_html(turn: SeenTurn, correcting: bool) -> str:
    notices = "".join(f'<p class="notice-line">{escape(notice)}</p>' for notice in turn.notices)
    return (
        f'<li class="turn-row" id="turn-{turn.number}"><div class="seen">{thread_html(turn.said)}{notices}</div>'
        f'<div class="behind">{behind_html(turn, correcting)}</div></li>'
    )


def behind_html(turn: SeenTurn, correcting: bool) -> str:
    thumb = {"up": chip("thumb up", "good"), "down": chip("thumb down", "bad")}.get(turn.thumb or "", "")
    took = sum(seconds for name, seconds in turn.seconds.items() if name != "first_words")
    head = f'<p class="turn-no">Turn {turn.number} <span>{turn.at:%H:%M:%S}</span>'
    head += f" <span>{took:.2f} s</span>{thumb}</p>" if turn.seconds else f"{thumb}</p>"
    facts = [
        ("Read as", reading_html(turn.reading) if turn.reading else ""),
        ("Should be", meant_html(turn, correcting)),
        ("Tasks", stack_html(turn.stack)),
        ("Actions", escape(", ".join(turn.actions))),
        ("Replies", "".join(reply_html(reply) for reply in turn.replies)),
        ("Changed", "".join(f"<code>{value_text(change)}</code>" for change in turn.changes)),
        ("Summary", "<br>".join(escape(line) for line in turn.summary)),
    ]
    rows = "".join(f"<dt>{name}</dt><dd>{told}</dd>" for name, told in facts if told)
    more = [("Slots set", pairs_html(dict(turn.slots))), ("Seconds", pairs_html(turn.seconds))]
    details = "".join(f"<dt>{name}</dt><dd>{told}</dd>" for name, told in more if told)
    folded = f"<details><summary>Slots and timings</summary><dl>{details}</dl></details>" if details else ""
    return f"{head}<dl>{rows}</dl>{folded}"


def reading_html(reading: Reading) -> str:
    sure = ""
    if reading.confidence is not None:
        tone = "warn" if reading.confidence < UNSURE_BELOW else ""
        sure = (
            f'<span class="sure {tone}"><i style="width:{reading.confidence * 100:.0f}%"></i></span>'
            f'<span class="number">{reading.confidence:.2f}</span>'
        )
    others = "".join(f"<br><small>or {escape(name)} {sure:.2f}</small>" for name, sure in reading.runners_up)
    commands = "<br>".join(f"<code>{escape(one)}</code>" for one in reading.commands.split("; ") if one)
    return f"{commands} {sure} <small>{escape(reading.model)}</small>{others}"


def meant_html(turn: SeenTurn, correcting: bool) -> str:
    """What staff said that the turn means; and, for who may say so, what it might mean instead."""
    meant = f'<code class="meant">{escape(turn.meant)}</code> ' if turn.meant else ""
    words = next((str(text) for who, text in turn.said if who == "user"), "")
    if not correcting or not turn.reading or not words.strip() or words.startswith("/"):
        return meant
    names = [name for name, _ in turn.reading.runners_up]
    chosen = "".join(correct_button(turn.number, name, name) for name in names)
    return f'{meant}<span class="rights">{chosen}{correct_button(turn.number, "", "another…")}</span>'


def correct_button(turn: int, intent: str, title: str) -> str:
    label = f"Turn {turn} should have been {intent or 'something else'}"
    return (
        f'<button class="right" data-correct="{turn}" data-intent="{escape(intent)}" aria-label="{escape(label)}">'
        f"{escape(title)}</button>"
    )


def stack_html(stack: tuple[str, ...] | None) -> str:
    if stack is None:
        return ""
    return " › ".join(f"<code>{escape(task)}</code>" for task in stack) or "<em>none open</em>"  # noqa: RUF001


def reply_html(reply: Reply) -> str:
    how = f", {escape(reply.how.replace('_', ' '))}" if reply.how else ""
    refused = f"; refused: {escape(', '.join(reply.refused))}" if reply.refused else ""
    tone = {"model": "good", "staff": "person"}.get(reply.written_by, "")
    told = f"<code>{escape(reply.response)}</code> {chip(WRITTEN_BY.get(reply.written_by, reply.written_by), tone)}"
    facts = pairs_html(reply.facts)
    sources = f"<details><summary>Receipts</summary>{pairs_html(reply.receipts)}</details>" if reply.receipts else ""
    return f"<div>{told}<small>{how}{refused}</small>{facts}{sources}</div>"


def pairs_html(pairs: Mapping[str, Any]) -> str:
    if not pairs:
        return ""
    rows = "".join(
        f"<tr><th>{escape(str(name))}</th><td>{value_text(value)}</td></tr>" for name, value in pairs.items()
    )
    return f"<table>{rows}</table>"


def value_text(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return escape(text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…")


def notes_html(found: Transcript) -> str:
    if not found.notes:
        return ""
    notes = "".join(
        f"<li><b>{escape(note.author)}</b> <span>{note.at:%Y-%m-%d %H:%M}</span><p>{escape(note.text)}</p></li>"
        for note in found.notes
    )
    return f'<section class="notes"><h3>Notes</h3><ul>{notes}</ul></section>'
