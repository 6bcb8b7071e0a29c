"""A played conversation written down with its events and its SQL."""

from __future__ import annotations

import pytest

from assistant.settings import Settings
from assistant.testing.command import choose_conversations
from assistant.testing.meant import as_meant
from assistant.testing.shops import Shops
from assistant.testing.watch import page
from assistant.testing.written import play_written

CANCELS = "cancels a fresh order named by what is in it"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> str:
    settings = Settings(index=False)
    shops = Shops(settings, tmp_path_factory.mktemp("watched"), None, as_meant(settings))
    played = play_written(choose_conversations([CANCELS])[0], shops, {})
    assert not played.faults
    return page(CANCELS, played.exchanges)


def turn(told: str, number: int) -> str:
    return told.split(f"\n## {number}. ")[1].split("\n## ")[0]


def test_each_turn_has_what_it_was_read_as_what_moved_and_what_was_said(told: str) -> None:
    assert "Read as `cancel_order(" in turn(told, 1)
    assert "stack      cancel_order at step" in turn(told, 1)
    assert "> Before" in turn(told, 1) or "e-mail" in turn(told, 1)


def test_the_change_stands_with_the_yes_that_allowed_it_and_the_statement_that_made_it(told: str) -> None:
    before, yes = turn(told, 3), turn(told, 4)
    assert "UPDATE orders SET" not in before
    assert "UPDATE orders SET status=" in yes
    assert "INSERT INTO proofs" in yes
    assert '"kind": "cancel"' in yes


def test_no_email_stands_in_full_among_the_statements(told: str) -> None:
    sql = [line for line in told.splitlines() if line.startswith(("SELECT", "INSERT", "UPDATE"))]
    assert sql
    assert not [line for line in sql if "mia.lindqvist@example.com" in line]
