"""`aisle backup`, `aisle restore` and `aisle privacy export|erase|sweep`: parsers and what they run."""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

MOST_DAYS = 36_500  # as in the settings: a century, and dates go no further back than two thousand years


def add_operations(commands: Any) -> None:
    """The parsers. What they need is imported when they run."""
    backup = commands.add_parser("backup", help="write the whole database into one file, while the shop goes on")
    backup.add_argument("file", type=Path, help="the file to write; it holds personal data")
    backup.set_defaults(run=run_backup)
    restore = commands.add_parser("restore", help="fill an empty database from a backup, of either kind")
    restore.add_argument("file", type=Path)
    restore.add_argument("--replace", action="store_true", help="lose what the database holds now")
    restore.set_defaults(run=run_restore)
    _add_privacy(commands)


def _add_privacy(commands: Any) -> None:
    privacy = commands.add_parser("privacy", help="what is kept of a person, and for how long (docs/privacy.md)")
    forms = privacy.add_subparsers(required=True, dest="form", metavar="form")
    export = forms.add_parser("export", help="everything about one customer, as JSON")
    export.add_argument("--out", type=Path, help="a file that only you may read (standard output)")
    erase = forms.add_parser("erase", help="take one customer out; orders stay, under a name that is nobody's")
    erase.add_argument("--yes", action="store_true", help="do not ask")
    for form in (export, erase):
        form.add_argument("customer", help="their id or e-mail")
    sweep = forms.add_parser("sweep", help="erase conversations older than AISLE_RETENTION_DAYS, as servers do daily")
    sweep.add_argument("--days", type=_days, help="instead of the setting; 1 or more")
    for form, run in ((export, run_export), (erase, run_erase), (sweep, run_sweep)):
        form.set_defaults(run=run)


def _days(typed: str) -> int:
    """Fewer than one would be all conversations, those of this moment too."""
    if not typed.isdecimal() or not 1 <= int(typed) <= MOST_DAYS:
        raise argparse.ArgumentTypeError(f"{typed!r} is no number of days from 1 to {MOST_DAYS:,}")
    return int(typed)


def run_backup(options: argparse.Namespace) -> None:
    from assistant.operations.backup import back_up

    with closing(_database()) as database:
        manifest = back_up(database, options.file)
        _audit(database, "backup.made", options.file, rows=manifest.rows)
    size = options.file.stat().st_size / 1e6
    print(f"{manifest.rows:,} rows of {len(manifest.tables)} tables are in {options.file} ({size:.1f} MB).")


def run_restore(options: argparse.Namespace) -> None:
    from assistant.operations.restore import restore

    with closing(_database(ready=False)) as database:
        manifest = restore(database, options.file, options.replace)
        made = manifest.made_at.isoformat(timespec="seconds")
        _audit(database, "backup.restored", options.file, rows=manifest.rows, made_at=made)
    print(
        f"{manifest.rows:,} rows of {manifest.made_at:%Y-%m-%d %H:%M} UTC are restored from {manifest.made_from} into "
        f"{database.safe_url}."
    )
    print("Start the servers anew: what they hold in memory is of the rows before.", file=sys.stderr)


def _audit(database: Any, action: str, file: Path, **data: Any) -> None:
    from assistant.staff.audit import record

    with database.session() as session:
        record(session, None, action, file.name, **data)


def run_export(options: argparse.Namespace) -> None:
    from assistant.operations.exporting import export

    with closing(_database()) as database:
        document = export(database, options.customer)
    if options.out is None:
        print(document)
        return
    with os.fdopen(os.open(options.out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), 0o600)  # one that was there before keeps its mode otherwise
        file.write(document + "\n")


def run_erase(options: argparse.Namespace) -> None:
    from assistant.operations.erasing import erase

    with closing(_database()) as database:
        if not options.yes and input(f"Erase {options.customer} for good? Type yes: ").strip().lower() != "yes":
            print("Nothing was erased.")
            return
        done = erase(database, options.customer)
        _forget_erased(database)
    kept = f"; {done.orders} orders stay for the books as {done.pseudonym}" if done.pseudonym else ""
    print(f"Erased, with {done.conversations} conversations{kept}. Backups made before still hold them.")
    if done.elsewhere:
        print(f"Their e-mail, phone or id was replaced in {done.elsewhere} rows of others.")
    if done.named_in:
        print(f"Somebody of that name is spoken of in: {', '.join(done.named_in)}. Look there at the desk.")


def run_sweep(options: argparse.Namespace) -> None:
    from assistant.operations.retention import sweep
    from assistant.settings import Settings

    days = Settings().retention_days if options.days is None else options.days
    if days is None:
        print("Conversations are kept for good: set AISLE_RETENTION_DAYS, or give --days N.", file=sys.stderr)
        return
    with closing(_database()) as database:
        print(f"Erased {sweep(database, days)} conversations in which nothing was said for {days} days.")
        _forget_erased(database)


def _forget_erased(database: Any) -> None:
    """What is no longer in the database leaves the replays of the versions too."""
    from assistant.settings import Settings
    from assistant.versions.registry import Registry
    from assistant.versions.replayed import forget_erased

    settings = Settings()
    forget_erased(Registry(settings.versions, settings.adapter), database)


def _database(ready: bool = True) -> Any:
    """The database of the settings. Raises DatabaseNotReady, where it has to be `ready`."""
    from assistant.settings import Settings
    from assistant.store import Database

    database = Database(Settings().database_url)
    if ready:
        database.check()
    return database
