"""The desk under /desk: Gradio Blocks with a queue, the transcript that is open, and what staff do with it.

The controls are Gradio's own; the queue and the transcript are our HTML (desk_html.py), because a table of Gradio's
shows neither a conversation as the shopper saw it nor a row worth clicking. `Desk` has one method per event. Who is
asking is looked up anew at each of them, by the cookie: a session that ended, or a role that changed, counts at once.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import gradio as gr
from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.conversations import ConversationMoved
from assistant.review import work
from assistant.review.queue import SAVED, Wanted, find, intents_seen
from assistant.review.takeover import Counter, NotYours
from assistant.review.transcript import NoSuchConversation, Transcript, read_transcript
from assistant.review.work import BadWork
from assistant.staff.access import NotAllowed, Staff
from assistant.staff.signing_in import Door
from assistant.store import Conversation, Database
from assistant.web.desk_html import NOTHING_OPEN, OUTCOMES, queue_html, top_html, transcript_html
from assistant.web.desk_layout import Layout
from assistant.web.desk_search import wanted_of
from assistant.web.export_links import export_links
from assistant.web.gate import COOKIE

FOR_PEOPLE = (NotAllowed, NoSuchConversation, BadWork, NotYours)
MOVED = "The shopper is writing just now. Try again in a moment."
SIGNED_OUT = "Your session has ended. Sign in again, at /login."
ANY = ""  # the choice of a list that chooses nothing
Updates = dict[Any, Any]


@dataclass(frozen=True)
class Desk:
    """What the page's events do. Each method answers with updates of the layout's components."""

    database: Database
    door: Door
    counter: Counter
    shop: str
    layout: Layout

    def staff(self, request: gr.Request) -> Staff:
        return staff_of(self.door, request)

    @property
    def nothing(self) -> Updates:
        """No change. Gradio takes an empty dict for missing values."""
        return {self.layout.tools: gr.skip()}

    # finding

    def load(self, request: gr.Request) -> Updates:
        """The page as it opens: the queue, and the conversation that its address names."""
        staff, at = self.staff(request), self.layout
        with self.database.reading() as session:
            intents = intents_seen(session)
        chosen = str(request.query_params.get("conversation") or "")
        opened = self.opened(staff, chosen) if chosen else {}
        return {
            at.top: top_html(self.shop, staff),
            at.intent: gr.update(choices=[("Any intent", ANY), *((name, name) for name in intents)]),
            **self.listed(staff, Wanted(), 0, chosen),
            **opened,
        }

    def search(
        self, text: str, where: Any, saved: str, intent: str, outcome: str, since: str, until: str, chosen: str,
        request: gr.Request,
    ) -> Updates:  # fmt: skip
        wanted = wanted_of(text, where, saved, intent, outcome, since, until)
        return self.listed(self.staff(request), wanted, 0, chosen)

    def turn_page(
        self, text: str, where: Any, saved: str, intent: str, outcome: str, since: str, until: str, chosen: str,
        request: gr.Request, event: gr.EventData,
    ) -> Updates:  # fmt: skip
        page = event._data.get("page") if isinstance(event._data, dict) else 0
        wanted = wanted_of(text, where, saved, intent, outcome, since, until)
        return self.listed(self.staff(request), wanted, page if isinstance(page, int) else 0, chosen)

    def listed(self, staff: Staff, wanted: Wanted, page: int, chosen: str) -> Updates:
        with self.database.reading() as session:
            found = find(session, staff, wanted, page)
        rows, at = queue_html(found, page, chosen), self.layout
        links = export_links(wanted, staff) if found.total else ""
        return {at.queue: rows, at.exports: links, at.page: page, at.listed: rows}

    def relist(
        self, text: str, where: Any, saved: str, intent: str, outcome: str, since: str, until: str, chosen: str,
        page: int, listed: str, request: gr.Request,
    ) -> Updates:  # fmt: skip
        """The queue as it is by now, if it has changed. A search is left as it was found."""
        if text:
            return self.nothing
        wanted = wanted_of(text, where, saved, intent, outcome, since, until)
        now, at = self.listed(self.staff(request), wanted, page, chosen), self.layout
        return self.nothing if now[at.queue] == listed else {at.queue: now[at.queue], at.listed: now[at.listed]}

    # reading

    def pick(self, before: str, answer: str, kept: dict[str, str], request: gr.Request, event: gr.EventData) -> Updates:
        """Open another conversation. What was begun to its shopper comes back; the other's stays with that one."""
        told = event._data.get("conversation") if isinstance(event._data, dict) else None
        chosen, at = str(told or ""), self.layout
        shown = self.opened(self.staff(request), chosen)
        if at.chosen not in shown or chosen == before:
            return shown
        kept = {**kept, before: answer or ""}
        emptied = dict.fromkeys((at.note, at.label, at.draft, at.draft_words), "")
        return {
            **shown, **emptied, at.answer: kept.get(chosen, ""), at.kept: kept, at.use_draft: gr.update(visible=False)
        }  # fmt: skip

    def unmask(self, chosen: str, unmasked: bool, request: gr.Request) -> Updates:
        return self.opened(self.staff(request), chosen, unmasked=not unmasked)

    def refresh(self, chosen: str, unmasked: bool, length: int, request: gr.Request) -> Updates:
        """What has been said since, if anything."""
        if not chosen:
            return self.nothing
        with self.database.reading() as session:
            now_long = session.scalar(select(Conversation.event_count).where(Conversation.id == chosen))
        return (
            self.nothing
            if now_long == length
            else self.opened(self.staff(request), chosen, unmasked=unmasked, again=True)
        )

    def opened(self, staff: Staff, chosen: str, *, unmasked: bool = False, again: bool = False) -> Updates:
        """The conversation, with what this person may do about it."""
        try:
            with self.database.session() as session:
                found = read_transcript(session, staff, chosen, unmasked=unmasked, again=again)
                colleagues = work.who_answer(session)
        except FOR_PEOPLE as problem:
            gr.Warning(escape(str(problem)))
            return self.nothing
        closed = {} if again else {self.layout.correcting: gr.update(visible=False)}
        return {**self.shown(staff, found, colleagues), **closed}

    def shown(self, staff: Staff, found: Transcript, colleagues: list[str]) -> Updates:
        at, answers = self.layout, staff.may("answer")
        own = found.taken_by == staff.name
        return {
            at.transcript: transcript_html(found, staff.may("correct")),
            at.chosen: found.id,
            at.unmasked: not found.masked,
            at.length: found.length,
            at.tools: gr.update(visible=True),
            at.unmask: gr.update(
                value="Show personal data" if found.masked else "Mask personal data", visible=staff.may("unmask")
            ),
            at.flag: gr.update(value="Take the flag off" if found.facts.flagged else "Flag"),
            at.resolve: gr.update(value="Reopen" if found.facts.resolved_at else "Resolve", visible=answers),
            at.assignee: gr.update(
                choices=[("Nobody", ANY), *((name, name) for name in colleagues)],
                value=found.assigned_to or ANY,
                visible=answers,
            ),
            at.take: gr.update(visible=answers and not own),
            at.give_back: gr.update(visible=answers and own),
            at.answering: gr.update(visible=answers and own),
        }

    # working

    def do(
        self, act: Callable[[Staff], None], chosen: str, unmasked: bool, request: gr.Request, *empties: Any
    ) -> Updates:
        """Do something about the open conversation, and show it as it is then. The boxes `empties` hold what was typed
        until it is done: what was refused can be sent again."""
        staff = self.staff(request)
        try:
            act(staff)
        except (*FOR_PEOPLE, ConversationMoved) as problem:
            gr.Warning(MOVED if isinstance(problem, ConversationMoved) else escape(str(problem)))
            empties = ()
        shown = self.opened(staff, chosen, unmasked=unmasked and staff.may("unmask"), again=True)
        return {**shown, **dict.fromkeys(empties, "")}

    def mark(
        self, act: Callable[[Session, Staff], None], chosen: str, unmasked: bool, request: gr.Request, *empties: Any
    ) -> Updates:
        """The same in a transaction."""

        def in_session(staff: Staff) -> None:
            with self.database.session() as session:
                act(session, staff)

        return self.do(in_session, chosen, unmasked, request, *empties)

    def flag(self, chosen: str, unmasked: bool, request: gr.Request) -> Updates:
        return self.mark(lambda session, staff: work.turn_flag(session, staff, chosen), chosen, unmasked, request)

    def resolve(self, chosen: str, unmasked: bool, request: gr.Request) -> Updates:
        return self.mark(lambda session, staff: work.turn_resolved(session, staff, chosen), chosen, unmasked, request)

    def assign(self, name: str, chosen: str, unmasked: bool, request: gr.Request) -> Updates:
        def act(session: Session, staff: Staff) -> None:
            work.assign(session, staff, chosen, name or None)

        return self.mark(act, chosen, unmasked, request)

    def note(self, text: str, chosen: str, unmasked: bool, request: gr.Request) -> Updates:
        def act(session: Session, staff: Staff) -> None:
            work.add_note(session, staff, chosen, text)

        return self.mark(act, chosen, unmasked, request, self.layout.note)

    def label(self, text: str, chosen: str, unmasked: bool, request: gr.Request) -> Updates:
        def act(session: Session, staff: Staff) -> None:
            work.turn_label(session, staff, chosen, text)

        return self.mark(act, chosen, unmasked, request, self.layout.label)

    def take(self, chosen: str, unmasked: bool, request: gr.Request) -> Updates:
        return self.do(lambda staff: self.counter.take(staff, chosen), chosen, unmasked, request)

    def give_back(self, chosen: str, unmasked: bool, request: gr.Request) -> Updates:
        return self.do(lambda staff: self.counter.give_back(staff, chosen), chosen, unmasked, request)

    def say(self, text: str, chosen: str, unmasked: bool, request: gr.Request) -> Updates:
        at = self.layout
        return self.do(
            lambda staff: self.counter.say(staff, chosen, text), chosen, unmasked, request, at.answer, at.canned
        )


def staff_of(door: Door, request: gr.Request) -> Staff:
    """Who is asking. Raises gr.Error when nobody is signed in any more."""
    staff = door.who(request.cookies.get(COOKIE))
    if staff is None:
        raise gr.Error(SIGNED_OUT, print_exception=False)
    return staff


Wire = Callable[[Desk, dict[str, Any]], None]  # connects components of a desk; the dict is for every event


def desk_blocks(
    database: Database,
    door: Door,
    counter: Counter,
    shop: str,
    canned: tuple[str, ...],
    script: str,
    intents: Mapping[str, str],
    more: Sequence[Wire],
) -> gr.Blocks:
    """The page with its events; `more` connects those that have a module of their own."""
    with gr.Blocks(title=f"{shop}: desk", analytics_enabled=False, fill_width=True) as blocks:
        saved = {name: title for name, (title, _) in SAVED.items()}
        at = Layout.drawn(saved, OUTCOMES, intents, canned, script, NOTHING_OPEN)
        desk = Desk(database, door, counter, shop, at)
        quiet: dict[str, Any] = {"show_progress": "hidden", "concurrency_limit": None, "api_visibility": "private"}
        every = at.everything
        filters = [at.text, at.where, at.saved, at.intent, at.outcome, at.since, at.until, at.chosen]
        blocks.load(desk.load, outputs=every, **quiet)
        for changed in (at.saved.input, at.where.input, at.intent.input, at.outcome.input, at.text.submit):
            changed(desk.search, inputs=filters, outputs=every, **quiet)
        for changed in (at.since.change, at.until.change):
            changed(desk.search, inputs=filters, outputs=every, **quiet)
        at.find.click(desk.search, inputs=filters, outputs=every, **quiet)
        at.queue.turn_page(desk.turn_page, inputs=filters, outputs=every, **quiet)
        at.queue.pick(desk.pick, inputs=[at.chosen, at.answer, at.kept], outputs=every, **quiet)
        open_one = [at.chosen, at.unmasked]
        for button, act in (
            (at.unmask, desk.unmask), (at.flag, desk.flag), (at.resolve, desk.resolve), (at.take, desk.take),
            (at.give_back, desk.give_back),
        ):  # fmt: skip
            button.click(act, inputs=open_one, outputs=every, **quiet)
        at.assignee.input(desk.assign, inputs=[at.assignee, *open_one], outputs=every, **quiet)
        for event, act_on, box in (
            (at.note.submit, desk.note, at.note), (at.add_note.click, desk.note, at.note),
            (at.label.submit, desk.label, at.label), (at.answer.submit, desk.say, at.answer),
            (at.send.click, desk.say, at.answer),
        ):  # fmt: skip
            event(act_on, inputs=[box, *open_one], outputs=every, **quiet)
        at.canned.input(lambda text: text, inputs=at.canned, outputs=at.answer, **quiet)
        at.queue_timer.tick(desk.relist, inputs=[*filters, at.page, at.listed], outputs=every, **quiet)
        at.timer.tick(desk.refresh, inputs=[*open_one, at.length], outputs=every, **quiet)
        for wire in more:
            wire(desk, quiet)
    blocks._queue.ANAYLTICS_CACHE_FREQUENCY = sys.maxsize  # else each event sums up all before it
    return blocks
