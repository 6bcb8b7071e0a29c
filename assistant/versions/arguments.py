"""The arguments of `aisle model`; what they do is in command.py, which is imported when one is run."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


def add_model(commands: Any) -> None:
    model = commands.add_parser("model", help="the versions of the model: train, compare, promote, roll back")
    forms = model.add_subparsers(required=True, dest="form", metavar="form")
    forms.add_parser("list", help="all versions, and which is live")

    train = forms.add_parser("train", help="train a candidate on the examples as they are now")
    train.add_argument("--start", default="live", help="go on from this version; none: from scratch (live)")
    train.add_argument("--epochs", type=int, help="(3)")
    train.add_argument("--sample", type=int, metavar="N", help="examples in an epoch, new ones first (all)")
    train.add_argument("--learning-rate", type=float, help="(0.0001; 0.001 from scratch)")
    train.add_argument("--note", default="", help="what it is made for")

    report = forms.add_parser("report", help="compare a candidate with the live version")
    report.add_argument("--test", type=Path, help="labelled messages to compare on (finetune/validation.jsonl)")
    report.add_argument("--conversations", nargs="*", default=[], help="files, folders or names (all)")

    replay = forms.add_parser("replay", help="read real conversations with a candidate; show what would change")
    replay.add_argument("--days", type=int, default=30, help="(30)")

    promote = forms.add_parser("promote", help="make a version live")
    back = forms.add_parser("rollback", help="make live what was before")
    for parser in (report, replay, promote):
        parser.add_argument("version", help="a name, as `aisle model list` shows it")
    for parser in (promote, back):
        parser.add_argument("--reason", default="", help="why, where something speaks against it")
    for parser in (train, report, replay):
        parser.add_argument("--by", default="the command line", help=argparse.SUPPRESS)  # the studio's jobs
        parser.add_argument("--progress", type=Path, help="file that is told how it goes on, as JSON lines")
    for parser in forms.choices.values():
        parser.set_defaults(run=run_model)


def run_model(options: argparse.Namespace) -> None:
    from assistant.settings import Settings
    from assistant.versions.command import run

    run(Settings(), options)
