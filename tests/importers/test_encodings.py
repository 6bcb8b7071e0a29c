"""Whatever a feed's encoding and however its quotation marks are broken, no row is lost unsaid."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from feed_folder import FeedFolder
from hypothesis import given
from hypothesis import strategies as st

from assistant.importers.decoding import BrokenFeed
from assistant.importers.google_xml import read_items
from assistant.importers.report import Report
from assistant.importers.tables import open_table

CAFE = "id,name,price\n1,Café Mug,5\n2,Crème Cup,6\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_unicode_is_read_by_its_byte_order_mark_or_as_utf8(feeds: FeedFolder, encoding: str) -> None:
    feeds.imports("csv", CAFE.encode(encoding))
    assert (feeds.product("1").name, feeds.problems()) == ("Café Mug", [])


def test_utf16_of_either_order_with_tabs_is_what_a_spreadsheet_exports(feeds: FeedFolder) -> None:
    feeds.imports("csv", b"\xfe\xff" + CAFE.replace(",", "\t").encode("utf-16-be"))
    assert (feeds.product("2").name, feeds.prices()) == ("Crème Cup", {"1": 500, "2": 600})


def test_windows_letters_are_read_as_such_and_reported(feeds: FeedFolder) -> None:
    feeds.imports("csv", CAFE.replace("Mug", "Mug “5 €”").encode("cp1252"))
    assert feeds.product("1").name == "Café Mug “5 €”"
    assert feeds.problems() == [("1", "encoding", "cp1252", "the file is not UTF-8", "read as Windows-1252 (cp1252)")]


def test_a_stray_byte_in_utf8_costs_one_letter_of_one_row(feeds: FeedFolder) -> None:
    feeds.imports("csv", CAFE.encode().replace(b"Mug", b"M\xffg"))
    assert (feeds.product("1").name, feeds.product("2").name) == ("Café M\ufffdg", "Crème Cup")
    ((row, field, value, wrong, done),) = feeds.problems()
    assert (row, field, value) == ("2", "name", "Café M\ufffdg") and "cannot be read" in wrong and "kept" in done


def test_half_a_character_at_the_end_of_utf16_is_no_error(feeds: FeedFolder) -> None:
    feeds.imports("csv", CAFE.strip().encode("utf-16")[:-1])
    assert feeds.prices() == {"1": 500}, "the last price lost its only digit"
    assert [row for row, *_ in feeds.problems()] == ["3", "3"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\n\n", "has no header"),
        (b"id,name,price\n", "has no products"),
        (b"PK\x03\x04 xl/workbook.xml", "is a spreadsheet"),
        (CAFE.encode("utf-16-le"), "UTF-16 without a byte order mark"),
    ],
)
def test_what_is_no_feed_is_refused(feeds: FeedFolder, content: bytes, message: str) -> None:
    with pytest.raises(BrokenFeed, match=message):
        feeds.imports("csv", content)


def test_quotation_marks_and_line_breaks_inside_a_field_are_text(feeds: FeedFolder) -> None:
    feeds.imports(
        "csv", 'id,name,description,price\r\n1,"A ""5"""" nail","two\r\nlines, one comma",5\r\n2,B 5" x,,6\r\n'
    )
    assert (feeds.product("1").name, feeds.product("1").description) == ('A "5"" nail', "two\nlines, one comma")
    assert (feeds.product("2").name, feeds.problems()) == ('B 5" x', [])


@pytest.mark.parametrize("last", ['3,"closed, here",7\n', "3,open,7\n"])
def test_a_quotation_mark_that_is_not_closed_swallows_no_rows(feeds: FeedFolder, last: str) -> None:
    feeds.imports("csv", f'id,name,price\n1,"Mug,5\n2,Cup,6\n{last}')
    assert (feeds.prices(), feeds.product("1").name) == ({"1": 500, "2": 600, "3": 700}, "Mug")
    ((row, _, value, wrong, done),) = feeds.problems()
    assert (row, value, wrong, done) == (
        "2",
        '1,"Mug,5',
        "a quotation mark is not closed",
        "read to the end of its line",
    )


def test_a_field_of_any_length_is_no_error(feeds: FeedFolder) -> None:
    feeds.imports("csv", f'id,name,price\n1,"{"x" * 300_000}",5\n2,Cup,6\n3,"{"word " * 20_000}",7\n')
    assert feeds.prices() == {"2": 600, "3": 700}
    assert [(row, done) for row, *_, done in feeds.problems()] == [("2", "row skipped"), ("4", "cut to 255")]


def test_rows_that_are_blank_or_short_are_no_problem(feeds: FeedFolder) -> None:
    feeds.imports("csv", "id,name,price,brand\n\n1,Mug,5\n,,,,\n2,Cup,6,\n")
    assert (feeds.prices(), feeds.problems()) == ({"1": 500, "2": 600}, [])


LINES = st.lists(
    st.sampled_from([b'"', b",", b"\n", b"\r\n", b"1", b"Mug", b"\xff", b"\0", "\u00e9".encode()]), max_size=40
)


@given(LINES)
def test_a_good_row_is_read_whatever_stands_above_it(lines: list[bytes]) -> None:
    with TemporaryDirectory() as folder, Report(Path(folder) / "report.csv") as report:
        path = Path(folder) / "feed.csv"
        path.write_bytes(b"id,name,price\n" + b"".join(lines) + b"\n7,Cup,6\n")
        rows = [row.cells for row in open_table(path, report).rows]
        assert {"id": "7", "name": "Cup", "price": "6"} in rows


@given(st.binary())
def test_any_bytes_inside_xml_are_items_or_refused(content: bytes) -> None:
    with TemporaryDirectory() as folder, Report(Path(folder) / "report.csv") as report:
        path = Path(folder) / "feed.xml"
        path.write_bytes(b"<rss><item><title>" + content + b"</title></item></rss>")
        try:
            assert len(list(read_items(path, report))) == 1 or b"<" in content
        except BrokenFeed as error:
            assert "is not XML" in str(error) or "entities" in str(error)
