"""The ways out of what the queue lists: a link for each format, with the search in it."""

from __future__ import annotations

from urllib.parse import urlencode

from assistant.review.exports import FORMATS
from assistant.review.queue import Wanted
from assistant.staff.access import Staff

EXPORT = "/desk/export"


def export_links(wanted: Wanted, staff: Staff) -> str:
    """The ways out of what is listed."""
    masked = "".join(_link(wanted, form, False) for form in FORMATS)
    shown = "".join(_link(wanted, form, True) for form in FORMATS) if staff.may("unmask") else ""
    more = f"<details><summary>With personal data (logged)</summary>{shown}</details>" if shown else ""
    return f'<div class="exports">Export all of them, masked: {masked}{more}</div>'


def _link(wanted: Wanted, form: str, unmasked: bool) -> str:
    asked = {
        "form": form, "text": wanted.text, "where": wanted.where, "saved": wanted.saved, "intent": wanted.intent,
        "outcome": wanted.outcome, "since": wanted.since, "until": wanted.until, "unmasked": unmasked or None,
    }  # fmt: skip
    query = urlencode({name: value for name, value in asked.items() if value}).replace("&", "&amp;")
    return f'<a href="{EXPORT}?{query}" download>{FORMATS[form].title}</a> '
