"""The desk's figures under /desk/figures: tiles, plots by day, the same as a table, and what nobody could answer.

The plots are Gradio's; what they show stands in a table too, for who cannot see them. Everything from a shopper is
masked where it is kept, and escaped here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import cycle
from typing import Any

import gradio as gr
import numpy as np
import pandas as pd

from assistant.engines.embeddings import EmbeddingsError
from assistant.fetch import FetchError
from assistant.review.clusters import Cluster, Embed, clusters
from assistant.review.figures import Day, Figures, Span, read_figures, unanswered
from assistant.staff.signing_in import Door
from assistant.store import Database
from assistant.web.desk import Updates, staff_of
from assistant.web.desk_html import top_html

SPANS = [("7 days", 7), ("30 days", 30), ("90 days", 90)]
MOST_UNANSWERED = 300  # messages that are gathered into questions; the latest
SHOWN_CLUSTERS = 12
MOST_REMEMBERED = 5000  # vectors of messages, 8 MB
NO_VECTORS = "The questions cannot be gathered: {} Set AISLE_INDEX on, or run `aisle fetch`."
PLOT: dict[str, Any] = {
    "x": "day", "color": "series", "x_title": " ", "y_title": " ", "color_title": " ", "height": 260, "buttons": [],
}  # fmt: skip
# Told apart by those who see few colours too (Okabe and Ito 2008), and dark enough on white
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#5c4b9b", "#b07d00", "#56b4e9", "#4d4d4d")
Series = Mapping[str, Callable[[Day], float | int | None]]
VOLUME: Series = {"conversations": lambda day: day.conversations, "messages": lambda day: day.messages}
RATES: Series = {
    "without a person": lambda day: percent(day.contained),
    "handed over": lambda day: percent(day.handed_over),
    "fell back": lambda day: percent(day.fell_back),
}
TIMES: Series = {"median": lambda day: day.median_s, "95 of 100": lambda day: day.p95_s}
THUMBS: Series = {"up": lambda day: day.thumbs_up, "down": lambda day: day.thumbs_down}


@dataclass(frozen=True)
class Page:
    """Its components; all but the span are drawn anew when that changes."""

    top: Any
    days: Any
    tiles: Any
    volume: Any
    rates: Any
    times: Any
    thumbs: Any
    intents: Any
    table: Any
    lost: Any

    @classmethod
    def drawn(cls) -> Page:
        top = gr.HTML("", elem_id="desk-top", apply_default_css=False)
        with gr.Column(elem_id="figures"):
            days = gr.Radio(SPANS, value=30, label="The last", container=False, elem_id="figures-days")
            tiles = gr.HTML("", elem_id="figures-tiles", apply_default_css=False)
            with gr.Row():
                volume = _line("Conversations and messages a day", "number", VOLUME)
                rates = _line("How they went, in % a day", "%", RATES)
            with gr.Row():
                times = _line("Seconds to the whole answer", "seconds", TIMES)
                thumbs = gr.BarPlot(title="Thumbs a day", y="number", color_map=colors(THUMBS), **PLOT)
            intents = _line("What was asked, a day", "number", ())
            lost = gr.HTML("", elem_id="figures-lost", apply_default_css=False)
            table = gr.HTML("", elem_id="figures-table", apply_default_css=False)
        return cls(top, days, tiles, volume, rates, times, thumbs, intents, table, lost)


def _line(title: str, unit: str, series: Iterable[str]) -> Any:
    return gr.LinePlot(title=title, y=unit, y_lim=[0, None], color_map=colors(series), **PLOT)


def colors(series: Iterable[str]) -> dict[str, str]:
    """A colour for each line, in order; more lines than colours begin again."""
    return dict(zip(series, cycle(COLORS)))


class Remembered:
    """Embeds each text once: the same messages come back at every look."""

    def __init__(self, embed: Embed) -> None:
        self.embed = embed
        self.known: dict[str, np.ndarray] = {}
        self.lock = threading.Lock()

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        with self.lock:
            if len(self.known) > MOST_REMEMBERED:
                self.known.clear()
            if new := [text for text in texts if text not in self.known]:
                self.known |= dict(zip(new, self.embed(new), strict=True))
            return np.stack([self.known[text] for text in texts])


@dataclass(frozen=True)
class Shown:
    """What the page's events do."""

    database: Database
    door: Door
    shop: str
    embed: Embed
    page: Page

    def load(self, days: int, request: gr.Request) -> Updates:
        staff, at = staff_of(self.door, request), self.page
        with self.database.reading() as session:
            found = read_figures(session, staff, span_of(days))
        return {
            at.top: top_html(self.shop, staff, "figures"),
            at.tiles: tiles_html(found.whole),
            at.volume: frame(found.days, VOLUME, "number"),
            at.rates: frame(found.days, RATES, "%"),
            at.times: frame(found.days, TIMES, "seconds"),
            at.thumbs: frame(found.days, THUMBS, "number"),
            at.intents: intents_plot(found),
            at.table: table_html(found.days),
        }

    def gather(self, days: int, request: gr.Request) -> str:
        """What nobody could answer; apart, since reading the messages takes longer than counting."""
        staff = staff_of(self.door, request)
        with self.database.reading() as session:
            texts = unanswered(session, staff, span_of(days), MOST_UNANSWERED)
        try:
            return clusters_html(clusters(texts, self.embed)[:SHOWN_CLUSTERS], len(texts))
        except (EmbeddingsError, FetchError) as error:
            return f'<p class="none">{escape(NO_VECTORS.format(error))}</p>'


def figures_blocks(database: Database, door: Door, shop: str, embed: Embed) -> gr.Blocks:
    with gr.Blocks(title=f"{shop}: figures", analytics_enabled=False, fill_width=True) as blocks:
        page = Page.drawn()
        shown = Shown(database, door, shop, Remembered(embed), page)
        quiet: dict[str, Any] = {"show_progress": "hidden", "concurrency_limit": None, "api_visibility": "private"}
        drawn = [page.top, page.tiles, page.volume, page.rates, page.times, page.thumbs, page.intents, page.table]
        for event in (blocks.load, page.days.input):
            event(shown.load, inputs=page.days, outputs=drawn, **quiet)
            event(shown.gather, inputs=page.days, outputs=page.lost, **quiet)
    return blocks


def span_of(days: int) -> Span:
    return Span.last(days if days in dict(SPANS).values() else SPANS[0][1])


def percent(rate: float | None) -> float | None:
    return None if rate is None else round(100 * rate, 1)


def frame(days: Sequence[Day], series: Series, unit: str) -> pd.DataFrame:
    """One row for each day and line, where there is a value."""
    rows = [(day.date, name, value) for name, of in series.items() for day in days if (value := of(day)) is not None]
    return _frame(rows, unit)


def intents_plot(found: Figures) -> Any:
    names = dict.fromkeys(name for _, name, _ in found.intents)
    lines = _frame([(day, name, count) for day, name, count in found.intents], "number")
    return gr.LinePlot(lines, color_map=colors(names))


def _frame(rows: Iterable[tuple[Any, str, Any]], unit: str) -> pd.DataFrame:
    made = pd.DataFrame(list(rows), columns=["day", "series", unit])
    made["day"] = pd.to_datetime(made["day"])
    return made


def tiles_html(whole: Day) -> str:
    tiles = [
        ("Conversations", f"{whole.conversations:,}"),
        ("Messages", f"{whole.messages:,}"),
        ("Without a person", _percent_text(whole.contained)),
        ("Handed over", _percent_text(whole.handed_over)),
        ("Fell back", _percent_text(whole.fell_back)),
        ("Median turn", _seconds_text(whole.median_s)),
        ("95 of 100 within", _seconds_text(whole.p95_s)),
        ("Thumbs up / down", f"{whole.thumbs_up:,} / {whole.thumbs_down:,}"),
    ]
    drawn = "".join(f"<div><b>{value}</b><span>{name}</span></div>" for name, value in tiles)
    return f'<div class="tiles">{drawn}</div>'


def table_html(days: Sequence[Day]) -> str:
    heads = "Day|Conversations|Messages|Without a person|Handed over|Fell back|Median|95 of 100|Up|Down".split("|")
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    rows = "".join(
        f'<tr><th scope="row">{day.date}</th>'
        + "".join(
            f"<td>{value}</td>"
            for value in (
                day.conversations, day.messages, _percent_text(day.contained), _percent_text(day.handed_over),
                _percent_text(day.fell_back), _seconds_text(day.median_s), _seconds_text(day.p95_s),
                day.thumbs_up, day.thumbs_down,
            )
        )
        + "</tr>"
        for day in reversed(days)
    )  # fmt: skip
    return f"<details><summary>As a table</summary><table><tr>{head}</tr>{rows}</table></details>"


def clusters_html(found: Sequence[Cluster], messages: int) -> str:
    if not found:
        return "<h2>Top unanswered questions</h2><p>None: every message was in scope and understood.</p>"
    rows = "".join(
        f"<li><b>{escape(one.name)}</b> <span>{one.count} message{'' if one.count == 1 else 's'}</span>"
        f"<p>{escape(' · '.join(one.examples))}</p></li>"
        for one in found
    )
    return (
        f"<h2>Top unanswered questions</h2><p>The last {messages} messages that were out of scope or not understood; "
        f"those that ask the same stand together, named by the most central one.</p><ol>{rows}</ol>"
    )


def _percent_text(rate: float | None) -> str:
    return "–" if rate is None else f"{100 * rate:.1f} %"  # noqa: RUF001 - a dash is meant


def _seconds_text(seconds: float | None) -> str:
    return "–" if seconds is None else f"{seconds:.2f} s"  # noqa: RUF001
