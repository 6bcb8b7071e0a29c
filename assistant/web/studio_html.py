"""The HTML of the studio: examples, warnings, the history, the inbox, values.

Every word from a trainer, a shopper or a file passes through `html.escape`. What can be clicked is a `<button>` with a
`data-does`; studio.js raises the event.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from html import escape

from assistant.store import InboxItem
from assistant.studio.browsing import PAGE_ROWS, Page
from assistant.studio.history import Save
from assistant.studio.library import Entry
from assistant.studio.neighbours import Neighbour
from intents.context import Context
from intents.examples import ANNOTATION, Example

NOT_TRAINED = '<span class="chip warn">not yet trained</span>'
NOTHING = '<p class="none">No examples fit.</p>'
SOURCES = {"corrected": "corrected by a colleague", "uncertain": "unsure", "novel": "like nothing taught"}
LINE = re.compile(r"\s+")


def examples_html(page: Page, is_fresh: Callable[[Example], bool]) -> str:
    """A page of examples, each a button."""
    if not page.rows:
        return NOTHING
    rows = "".join(f"<li>{example_html(one, is_fresh(one.example))}</li>" for one in page.rows)
    first = page.number * PAGE_ROWS
    return (
        f'<ul class="examples">{rows}</ul><div class="pages">{_to_page("Earlier", page.number - 1, page.number == 0)}'
        f"<span>{first + 1:,}-{first + len(page.rows):,} of {page.total:,}</span>"
        f"{_to_page('Later', page.number + 1, page.is_last)}</div>"
    )


def example_html(entry: Entry, fresh: bool, worth: str = "") -> str:
    return (
        f'<button type="button" class="example" data-does="open" data-file="{escape(entry.file)}" '
        f'data-line="{entry.line}" data-version="{entry.version}">'
        f'<span class="words" dir="auto">{_marked(entry)}</span>'
        f'<span class="about"><code>{escape(_intents(entry.example))}</code> {_context(entry.example.context)}'
        f'<span class="soft">{escape(entry.example.source)}</span> {worth}'
        f"{NOT_TRAINED if fresh else ''}</span></button>"
    )


def _marked(entry: Entry) -> str:
    """The message, with the words that fill a slot marked."""
    if not entry.is_annotated:
        return escape(entry.example.text)
    shown, end = "", 0
    for mark in ANNOTATION.finditer(entry.written):
        slot = mark["slot"] or LINE.sub(" ", mark["json"])
        shown += (
            f'{escape(entry.written[end : mark.start()])}<mark title="{escape(slot)}">{escape(mark["text"])}</mark>'
        )
        end = mark.end()
    return shown + escape(entry.written[end:])


def _intents(example: Example) -> str:
    return "; ".join(command.intent for command in example.commands)


def _context(context: Context) -> str:
    parts = [f"in {context.task}" if context.task else "", f"asked {context.asked}" if context.asked else ""]
    told = ", ".join(part for part in parts if part) or ("after a reply" if context.bot else "")
    return f'<span class="chip">{escape(told)}</span> ' if told else ""


def warnings_html(warnings: Sequence[str], fine: str = "") -> str:
    if not warnings:
        return f'<p class="fine">{escape(fine)}</p>' if fine else ""
    return f'<ul class="warnings">{"".join(f"<li>{escape(one)}</li>" for one in warnings)}</ul>'


def neighbours_html(found: Iterable[Neighbour]) -> str:
    rows = "".join(
        f'<li><span class="near">{one.likeness:.2f}</span> {escape(one.entry.example.text)} '
        f"<code>{escape(one.meaning)}</code> {NOT_TRAINED if one.is_fresh else ''}</li>"
        for one in found
    )
    return f'<h3>Nearest examples</h3><ol class="nearest">{rows}</ol>' if rows else ""


def history_html(saves: Sequence[Save]) -> str:
    if not saves:
        return '<p class="none">Nothing was saved here yet.</p>'
    return f'<ol class="history">{"".join(_save(one) for one in saves)}</ol>'


def _save(save: Save) -> str:
    changes = "".join(
        f'<li><span class="soft">{escape(one.file)}:{one.line}</span>'
        + "".join(f"<del>{escape(line.strip())}</del>" for line in one.before.splitlines())
        + "".join(f"<ins>{escape(line.strip())}</ins>" for line in one.after.splitlines())
        + "</li>"
        for one in save.changes
    )
    undo = (
        '<span class="chip">undone</span>'
        if save.is_undone
        else f'<button type="button" data-does="undo" data-save="{escape(save.number)}">Undo</button>'
    )
    return (
        f'<li><p><strong>{escape(save.who)}</strong> <time datetime="{save.at.isoformat()}">'
        f"{save.at:%Y-%m-%d %H:%M} UTC</time> {undo}</p><ul>{changes}</ul></li>"
    )


def inbox_html(items: Sequence[InboxItem], chosen: int) -> str:
    if not items:
        return '<p class="none">Nothing waits here. Press “Look for messages” to search the conversations.</p>'
    return f'<ul class="inbox">{"".join(f"<li>{_item(one, chosen)}</li>" for one in items)}</ul>'


def _item(item: InboxItem, chosen: int) -> str:
    current = ' aria-current="true"' if item.id == chosen else ""
    bot = item.context.get("bot")
    before = f'<span class="soft" dir="auto">{escape(str(bot)[-120:])}</span>' if bot else ""
    return (
        f'<button type="button" class="example" data-does="choose" data-item="{item.id}"{current}>{before}'
        f'<span class="words" dir="auto">{escape(item.text)}</span><span class="about">'
        f'<code>{escape(item.proposed)}</code> <span class="chip">{SOURCES[item.source]}</span></span></button>'
    )


def worth_html(value: float) -> str:
    return f'<span class="worth{" bad" if value < 0 else ""}">{value:+.2f}</span> '


def _to_page(title: str, number: int, off: bool) -> str:
    disabled = " disabled" if off else ""
    return f'<button type="button" data-does="turn" data-page="{number}"{disabled}>{title}</button>'
