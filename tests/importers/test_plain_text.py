"""HTML of a description becomes the words that a browser would show, whatever is broken in it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.importers.plain_text import parts_of, plain_text


@pytest.mark.parametrize(
    ("html", "plain"),
    [
        ("<p>Warm &amp; <b>dry</b>.</p>\n<ul><li>480 g<li>vegan</ul>", "Warm & dry.\n480 g\nvegan"),
        ("one<br>two<br/>three", "one\ntwo\nthree"),
        ("<style>p {color: red}</style><script>alert('<b>')</script>Tin", "Tin"),
        ("<!-- old <b>text</b> -->Tin<![if !vml]> mug<![endif]><!x><?php 1 ?>", "Tin mug"),
        ("<![CDATA[Tin]]> mug<![odd[", "Tin mug<![odd["),
        ("under 5 < 6 &lt;b&gt; &nbsp; &hearts; &#9733;", "under 5 < 6 <b> \u2665 \u2605"),
        ("I <3 this <b>mug", "I <3 this mug"),
        ("Plain\tas it\0 is", "Plain as it is"),
        ("<img src=x onerror=alert(1)>", ""),
    ],
)
def test_html_becomes_plain_text(html: str, plain: str) -> None:
    assert plain_text(html) == plain


@given(
    st.lists(
        st.sampled_from(
            ["<", ">", "</", "<!", "<![", "<!--", "-->", "]]>", "<?", "&", "&#", "a", "=", "'", " ", "p", "script"]
        )
    )
)
def test_no_broken_markup_is_an_error(pieces: list[str]) -> None:
    assert len(plain_text("".join(pieces))) <= len("".join(pieces))


@pytest.mark.parametrize("piece", ["<a ", "<a b='", "<!--", "<", "&#", "<p><"])
def test_markup_that_never_closes_takes_no_time(piece: str) -> None:
    started = time.process_time()
    plain_text("<b>" + piece * 40_000)
    assert time.process_time() - started < 5, "minutes, where each piece is read to the end"


def test_a_path_is_its_parts() -> None:
    assert parts_of("Home &amp; Garden &gt; Mugs > ") == ["Home & Garden", "Mugs"]
