"""Words of others on a Markdown page."""

from __future__ import annotations

from html import escape


def line(text: str) -> str:
    """One line that cannot break out of where it stands, be that code, a heading or a table."""
    return " ".join(escape(text, quote=False).replace("`", "'").replace("#", "&#35;").replace("|", "&#124;").split())
