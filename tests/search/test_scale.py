"""`aisle bench search` measures every search at each size, and finds a kept catalogue again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.cli import main
from assistant.scale_benchmark import OtherCatalogue, build
from assistant.scale_systems import load_queries
from assistant.settings import Settings
from assistant.shop.builder import build_demo_shop
from assistant.store import Database
from tests.shop.conftest import TODAY


def test_the_queries_are_of_every_kind_and_each_asks_something() -> None:
    queries = load_queries()
    assert len(queries) >= 60
    assert {one.kind for one in queries} == {"word", "phrase", "filter", "feature", "typo", "need", "nothing"}
    assert all(one.asked.says_something and one.words for one in queries)


def test_every_search_has_a_row_at_each_size(
    tmp_path: Path, new_database_url, capsys: pytest.CaptureFixture[str]
) -> None:
    url, out = new_database_url("sqlite"), tmp_path / "figures.json"
    for time in ("first", "again"):
        assert main(["bench", "search", "--sizes", "300", "--database-url", url, "--out", str(out)]) == 0
        *table, last = capsys.readouterr().out.splitlines()
        assert [line.split(" | ")[1] for line in table[2:]] == ["Aisle", "bm25s", "SQL LIKE"]
        record = json.loads(last)
        assert record == json.loads(out.read_text("utf-8"))
        assert [row["products"] for row in record["rows"]] == [300] * 3
        assert all(row["p95_ms"] >= row["median_ms"] > 0 for row in record["rows"])
        assert (record["rows"][0]["index_s"] is None) is (time == "again")


def test_a_database_with_another_shop_is_refused(own_sqlite: Database) -> None:
    build_demo_shop(own_sqlite, TODAY)
    settings = Settings(database_url=own_sqlite.url.render_as_string(hide_password=False))
    with pytest.raises(OtherCatalogue, match="not the made-up catalogue of 300"):
        build(settings, 300)
