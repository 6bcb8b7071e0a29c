"""Text of a feed made plain: no HTML, no entities, no control characters, not too long.

    plain_text("<p>Warm &amp; dry.</p><ul><li>500 g</li></ul>")  ->  "Warm & dry.\\n500 g"

Start at `plain_text`; `one_line` is for names and values.
"""

from __future__ import annotations

import re
import unicodedata
from html import unescape
from html.parser import HTMLParser

MARKUP = re.compile(r"<[a-zA-Z!/?][^>]*>?")
COMMENT = re.compile(r"<!--.*?(?:-->|$)", re.DOTALL)
CDATA = re.compile(r"<!\[CDATA\[|\]\]>")
DECLARATION = re.compile(r"<[!?][^<>]*>")  # a word processor's <![if …]>
# What is left that is no tag, or one never closed, is text: html.parser gives up at some of it, and for the rest
# reads on to the end of the field each time, which takes minutes.
NO_TAG = re.compile(r"<(?!/?[a-zA-Z][^<>]{0,4000}>)")
BLOCKS = frozenset(
    "address article aside blockquote br dd div dl dt figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr li "
    "main nav ol p pre section table tbody td tfoot th thead tr ul".split()
)
SILENT = frozenset("script style template title head noscript svg".split())
KEPT_CONTROLS = "\n\t"


def plain_text(text: str) -> str:
    """The words that a browser would show, a line for each block."""
    if MARKUP.search(text):
        text = _without_markup(text)
    elif "&" in text:
        text = unescape(text)
    return _tidy(text)


def one_line(text: str) -> str:
    """As `plain_text`, for what has no lines: a name, a brand, an option's value."""
    return " ".join(plain_text(text).split())


def parts_of(path: str) -> list[str]:
    """The parts of a category's path: "Shoes > Boots" -> ["Shoes", "Boots"]."""
    return [part for part in (one_line(part) for part in unescape(path).split(">")) if part]


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._silent: list[str] = []  # the open elements whose content is not shown

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SILENT:
            self._silent.append(tag)
        elif tag in BLOCKS:
            self.pieces.append("\n")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in BLOCKS:
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._silent:
            del self._silent[self._silent.index(tag) :]
        elif tag in BLOCKS:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.pieces.append(data if self.cdata_elem else re.sub(r"\s+", " ", data))


def _without_markup(text: str) -> str:
    words = _Words()
    for hidden in (COMMENT, CDATA, DECLARATION):
        text = hidden.sub("", text)
    words.feed(NO_TAG.sub("&lt;", text))
    words.close()
    return "".join(words.pieces)


def _tidy(text: str) -> str:
    shown = "".join(" " if _is_control(character) else character for character in text) if not _plain(text) else text
    lines = (" ".join(line.split()) for line in shown.splitlines())
    return "\n".join(line for line in lines if line)


def _plain(text: str) -> bool:
    return text.isascii() and text.isprintable()


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cs", "Cn") and character not in KEPT_CONTROLS
