"""`aisle backup`, `aisle restore` and `aisle privacy` as they are typed."""

from __future__ import annotations

import stat
from datetime import timedelta
from pathlib import Path

import pytest
from people import MIA, MIA_EMAIL, fill, replayed_in, talk
from sqlalchemy import select, update

from assistant.cli import main
from assistant.store import AuditEntry, Conversation, Database, now


@pytest.fixture
def shop(own_sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """The database of the settings, with a conversation of this moment and one of last year."""
    fill(own_sqlite)
    talk(own_sqlite, "today", "hello")
    talk(own_sqlite, "last-year", "hello")
    last_year = now() - timedelta(days=400)
    with own_sqlite.session() as session:
        session.execute(update(Conversation).where(Conversation.id == "last-year").values(updated_at=last_year))
    monkeypatch.setenv("AISLE_DATABASE_URL", own_sqlite.url.render_as_string(hide_password=False))
    return own_sqlite


def conversations(database: Database) -> set[str]:
    with database.reading() as session:
        return set(session.scalars(select(Conversation.id)))


@pytest.mark.parametrize("days", ["-1", "0", "1.5", "many", "99999999"])
def test_a_sweep_of_fewer_days_than_one_is_refused_and_erases_nothing(
    shop: Database, days: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main(["privacy", "sweep", f"--days={days}"])
    assert left.value.code == 2 and "is no number of days from 1" in capsys.readouterr().err
    assert conversations(shop) == {"today", "last-year"}


def test_a_sweep_by_hand_erases_what_is_older_than_it_says(shop: Database, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["privacy", "sweep", "--days", "365"]) == 0
    assert "Erased 1 conversations" in capsys.readouterr().out
    assert conversations(shop) == {"today"}


@pytest.mark.parametrize("command", [["sweep", "--days", "365"], ["erase", MIA, "--yes"]], ids=["swept", "erased"])
def test_what_is_erased_leaves_the_replays_of_the_versions_too(
    shop: Database, command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk(shop, "of-mia", f"it is {MIA_EMAIL}")
    page = replayed_in(tmp_path / "models", "today", "last-year", "of-mia")
    monkeypatch.setenv("AISLE_VERSIONS", str(tmp_path / "models"))
    assert main(["privacy", *command]) == 0
    left = {sender for sender in ("today", "last-year", "of-mia") if f"said in {sender}" in page.read_text("utf-8")}
    assert left == conversations(shop) and len(left) == 2


def test_an_export_over_an_older_file_is_for_its_owner_alone(shop: Database, tmp_path: Path) -> None:
    out = tmp_path / "mia.json"
    out.write_text("older", "utf-8")
    out.chmod(0o644)
    assert main(["privacy", "export", MIA_EMAIL, "--out", str(out)]) == 0
    assert stat.S_IMODE(out.stat().st_mode) == 0o600 and MIA_EMAIL in out.read_text("utf-8")


def test_a_folder_that_is_not_there_is_named_in_one_line(
    shop: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    away = tmp_path / "away" / "shop.zip"
    assert main(["backup", str(away)]) == 1
    assert capsys.readouterr().err.strip() == f"aisle: No such file or directory: {away}.partial"


def test_whoever_takes_or_brings_back_all_data_stands_in_the_audit_log(shop: Database, tmp_path: Path) -> None:
    archive = tmp_path / "shop.zip"
    assert main(["backup", str(archive)]) == 0
    assert main(["restore", str(archive), "--replace"]) == 0
    with shop.reading() as session:
        entries = session.execute(select(AuditEntry.action, AuditEntry.subject, AuditEntry.data)).all()
    ((action, subject, data),) = [entry for entry in entries if entry.action.startswith("backup.")]
    assert (action, subject) == ("backup.restored", "shop.zip"), "what was written after the backup is replaced"
    assert main(["backup", str(archive)]) == 0
    with shop.reading() as session:
        (made,) = session.scalars(select(AuditEntry).where(AuditEntry.action == "backup.made"))
    assert made.staff_id is None and made.data["rows"] == data["rows"] + 1
