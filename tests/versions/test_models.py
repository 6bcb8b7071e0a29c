"""People and versions: rights, reasons and the audit log; the jobs that they begin are told the right command."""

import json
import shutil
import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from assistant.review.regressions import fingerprints, write_conversation
from assistant.settings import Settings
from assistant.staff.access import NotAllowed, Staff
from assistant.store import AuditEntry, StaffUser
from assistant.versions.files import write_json
from assistant.versions.models import Models, NeedsReason
from assistant.versions.registry import NoSuchVersion, NotPromotable
from finetune.settings import BadSetting


@pytest.fixture
def models(own_sqlite, tmp_path):
    with own_sqlite.session() as session:
        for number, role in enumerate(("agent", "trainer"), start=1):
            session.add(StaffUser(id=number, name=role, role=role, password_hash="x"))
    settings = Settings(
        database_url=str(own_sqlite.url), versions=tmp_path / "models", regressions=tmp_path / "desk", adapter=None
    )
    return Models.of(settings, own_sqlite)


@pytest.fixture
def begun(models, monkeypatch):
    """The commands of the jobs that were begun, none of which is run."""
    commands = []

    def start(kind, subject, by, command):
        commands.append(list(command(models.jobs.root / "progress.jsonl")))
        models.jobs.root.mkdir(parents=True, exist_ok=True)
        folder = models.jobs.root / "20261128-101010-000000"
        folder.mkdir(exist_ok=True)
        about = {"kind": kind, "subject": subject, "by": by, "started_at": "2026-11-28T10:10:10+00:00"}
        (folder / "job.json").write_text(json.dumps({**about, "command": []}), "utf-8")
        return models.jobs.job(folder.name)

    monkeypatch.setattr(models.jobs, "start", start)
    return commands


TRAINER, AGENT = Staff(2, "trainer", "trainer"), Staff(1, "agent", "agent")


def audit(models):
    with models.database.reading() as session:
        return [
            (one.action, one.subject, one.data) for one in session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        ]


def reported(models, name, live="shipped", regressions=(), **more):
    version = models.registry.version(name)
    report = {"live": live, "regressions": list(regressions), "corrected": fingerprints(models.settings.regressions)}
    write_json(version.adapter / "report.json", {**report, **more})


def test_what_has_a_clean_report_is_promoted_without_a_word(models, trained):
    models.registry.add(trained("one"), "trainer")
    reported(models, "v001")
    assert models.promote(TRAINER, "v001").state == "live"
    assert audit(models) == [("model.promoted", "v001", {"reason": "", "against": [], "before": "shipped"})]
    assert models.roll_back(TRAINER, "too eager").name == "shipped"
    assert audit(models)[1] == ("model.rolled_back", "shipped", {"reason": "too eager", "before": "v001"})
    assert models.against("v001") == [], "what has been live may come back"


@pytest.mark.parametrize(
    ("report", "says"),
    [
        (None, "no report on it yet"),
        ({"live": "v009"}, "compares it with v009, and shipped is live now"),
        ({"regressions": ["greet: 1 of 9 messages are right, not 8"]}, "greet: 1 of 9"),
        ({"only": ["cancelling"]}, "its report played only some of the conversations"),
        ({"of_its_own": "few.jsonl"}, "its report read few.jsonl in place of the validation messages"),
    ],
)
def test_what_is_worse_or_unmeasured_needs_a_written_reason(models, trained, report, says):
    models.registry.add(trained("one"), "trainer")
    if report is not None:
        reported(models, "v001", **report)
    for nothing in ("", "   "):
        with pytest.raises(NeedsReason, match=says):
            models.promote(TRAINER, "v001", nothing)
    assert models.registry.live().name == "shipped" and audit(models) == []
    assert models.promote(TRAINER, "v001", " gift cards matter more ").name == "v001"
    assert models.registry.history()[0].reason == "gift cards matter more"
    assert says in audit(models)[0][2]["against"][0]


def test_a_turn_corrected_since_the_report_asks_for_another_report(models, trained):
    models.registry.add(trained("one"), "trainer")
    write_conversation(models.settings.regressions, "mia", ["hm", "send it back"], {1: "return_items()"})
    reported(models, "v001")
    assert models.against("v001") == []
    write_conversation(models.settings.regressions, "lee", ["hello"], {0: "greet()"})
    write_conversation(models.settings.regressions, "mia", ["hm", "send it back"], {0: "out_of_scope()"})
    with pytest.raises(NeedsReason, match="lacks 2 conversations that were corrected at the desk since"):
        models.promote(TRAINER, "v001")
    reported(models, "v001")
    assert models.promote(TRAINER, "v001").name == "v001"


def test_of_two_trainers_who_roll_back_at_once_the_second_is_told_and_nothing_moves(models, trained):
    for weights in ("one", "two"):
        version = models.registry.add(trained(weights), "trainer")
        models.promote(TRAINER, version.name, "because")
    shown = models.registry.before().name  # on both their pages
    assert models.roll_back(TRAINER, "worse", shown).name == "v001"
    with pytest.raises(NotPromotable, match="shipped was before it"):
        models.roll_back(TRAINER, "worse", shown)
    assert models.registry.live().name == "v001"
    assert [subject for action, subject, _ in audit(models) if action == "model.rolled_back"] == ["v001"]


def test_a_report_against_a_version_that_was_just_replaced_promotes_nothing(models, trained, monkeypatch):
    for weights in ("one", "two"):
        reported(models, models.registry.add(trained(weights), "trainer").name)
    colleague, against = Models.of(models.settings, models.database), Models.against

    def looks_meanwhile(self, name):
        found = against(self, name)
        if self is models:
            colleague.promote(TRAINER, "v002")
        return found

    monkeypatch.setattr(Models, "against", looks_meanwhile)
    with pytest.raises(NotPromotable, match="v002 has gone live meanwhile, in place of shipped"):
        models.promote(TRAINER, "v001")
    assert [(action, subject) for action, subject, _ in audit(models)] == [("model.promoted", "v002")]


def test_a_live_version_whose_folder_was_taken_away_is_left_by_promoting_or_rolling_back(models, trained):
    for weights in ("one", "two"):
        models.registry.add(trained(weights), "trainer")
    models.promote(TRAINER, "v001", "because")
    shutil.rmtree(models.registry.version("v001").adapter)
    assert models.promote(TRAINER, "v002", "v001 is away").name == "v002"
    assert audit(models)[1][2]["before"] == "v001"
    shutil.rmtree(models.registry.version("v002").adapter)
    with pytest.raises(NotPromotable, match="v001 was live before"):
        models.roll_back(TRAINER)
    assert models.promote(TRAINER, "shipped", "both are away").name == "shipped"


def test_an_agent_may_do_none_of_it(models, trained, begun):
    models.registry.add(trained("one"), "trainer")
    reported(models, "v001")
    for act in (
        lambda: models.promote(AGENT, "v001"),
        lambda: models.roll_back(AGENT),
        lambda: models.train(AGENT, "live", {}, ""),
        lambda: models.report(AGENT, "v001"),
        lambda: models.replay(AGENT, "v001"),
        lambda: models.cancel(AGENT, "20261128-101010-000000"),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert begun == [] and audit(models) == [] and models.registry.live().name == "shipped"


def test_a_change_that_fails_leaves_no_entry(models):
    with pytest.raises(NotPromotable, match="nothing to roll back to"):
        models.roll_back(TRAINER)
    with pytest.raises(NoSuchVersion):
        models.promote(TRAINER, "v007", "because")
    assert audit(models) == []


def test_a_model_server_of_its_own_is_left_alone(models, trained):
    models.registry.add(trained("one"), "trainer")
    other = Models.of(models.settings.model_copy(update={"engine": "openai"}), models.database)
    with pytest.raises(NotPromotable, match="its own server"):
        other.promote(TRAINER, "v001", "because")


def test_nothing_begins_while_the_database_cannot_write_down_who_began_it(models, begun, monkeypatch):
    monkeypatch.setattr("assistant.store.database.BUSY_TIMEOUT_MS", 50)
    models.database.close()  # its next connections have less patience
    other = sqlite3.connect(models.database.url.database, isolation_level=None)
    with closing(other):
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OperationalError, match="locked"):
            models.train(TRAINER, "live", {}, "")
    assert begun == []
    models.train(TRAINER, "live", {}, "")
    assert len(begun) == 1 and [action for action, *_ in audit(models)] == ["model.train_started"]


def test_a_training_is_the_command_that_one_could_type(models, begun):
    models.train(TRAINER, "live", {"epochs": "2", "sample": 500.0, "learning_rate": ""}, " --out=/etc; rm x ")
    assert begun[0][1:5] == ["-m", "assistant", "model", "train"]
    assert begun[0][5:-1] == ["--start=live", "--note=--out=/etc; rm x", "--epochs=2", "--sample=500", "--by=trainer"]
    assert audit(models)[0][:2] == ("model.train_started", "--out=/etc; rm x")


@pytest.mark.parametrize(
    "chosen",
    [
        {"epochs": 0},
        {"epochs": "many"},
        {"epochs": 99},
        {"sample": -1},
        {"learning_rate": 3},
        {"learning_rate": float("nan")},
        {"out": 1},
    ],
)
def test_a_setting_out_of_bounds_begins_nothing(models, begun, chosen):
    with pytest.raises(BadSetting):
        models.train(TRAINER, "live", chosen, "")
    assert begun == []


def test_a_training_that_goes_on_from_nothing_known_is_refused(models, begun):
    with pytest.raises(NoSuchVersion):
        models.train(TRAINER, "v044", {}, "")
    assert begun == []
