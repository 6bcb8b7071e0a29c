"""`aisle user add|list|disable|enable|password`: the staff accounts, at the command line."""

from __future__ import annotations

import getpass
import sys

from assistant.settings import Settings
from assistant.staff.people import BadAccount, add, change_password, everybody, set_active
from assistant.store import Database


def change_staff(settings: Settings, form: str, name: str, role: str, from_stdin: bool) -> None:
    """Do what was asked and print a line about it. Raises BadAccount."""
    database = Database(settings.database_url)
    database.upgrade()
    password = read_password(from_stdin) if form in ("add", "password") else ""
    with database.session() as session:
        if form == "add":
            print(f"{add(session, name, role, password).name} may sign in at /login as {role}.")
        elif form == "password":
            print(f"{change_password(session, name, password).name} has a new password and is signed out everywhere.")
        elif form == "list":
            for user in everybody(session):
                state = "active" if user.active else "disabled"
                print(f"{user.name}\t{user.role}\t{state}\t{user.created_at:%Y-%m-%d}")
        else:
            user = set_active(session, name, active=form == "enable")
            print(f"{user.name} is {'let in again' if user.active else 'shut out, and signed out everywhere'}.")
    database.close()


def read_password(from_stdin: bool) -> str:
    """A password, typed twice where somebody sits there. Raises BadAccount when the two differ."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != password:
        raise BadAccount("The two passwords differ; nothing was changed.")
    return password
