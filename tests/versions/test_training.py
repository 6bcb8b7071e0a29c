"""A candidate by a real training on a tiny model, by the command that the studio's job runs; and one that is cut."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from filelock import FileLock

from assistant import cli, training
from assistant.store import Database
from assistant.versions.jobs import Jobs
from assistant.versions.registry import Registry
from finetune.card import read_manifest, write_manifest
from finetune.taught import read_taught

SAYS = {
    "greet": "hi|hello|good morning|hey there|hi again|good evening|howdy|hello hello|hey|morning",
    "goodbye": "bye|see you|good night|bye bye|so long|until later|take care|farewell|see you soon|i am off",
}


@pytest.fixture
def shop(tmp_path: Path, tiny_base: Path, own_sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "examples"
    folder.mkdir()
    blocks = [
        f"- intent: {intent}\n  examples: |\n" + "".join(f"    - {text}\n" for text in texts.split("|"))
        for intent, texts in SAYS.items()
    ]
    (folder / "talk.yml").write_text('version: "3.1"\nnlu:\n' + "".join(blocks), "utf-8")
    for name, value in {
        "BASE": tiny_base, "ENGINE": "transformers", "THREADS": 1, "VERSIONS": tmp_path / "models", "ADAPTER": "none",
        "EXAMPLES": folder, "DATABASE_URL": own_sqlite.url, "INDEX": "false",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"AISLE_{name}", str(value))
    # a random model calibrates nothing; what is measured after a training is tested where it is measured
    monkeypatch.setattr(training, "apart", lambda work, settings, out, *rest: write_manifest(out, evaluated(out)))
    monkeypatch.setattr(training, "load_reply_examples", lambda responses: [])
    monkeypatch.setattr(training, "split", lambda pairs: (pairs[2:], pairs[:2]))
    return tmp_path


def evaluated(out: Path) -> dict[str, object]:
    return {**read_manifest(out), "evaluation": {}}


def aisle(command: str) -> int:
    return cli.main(command.split())


def test_two_candidates_the_second_going_on_from_the_first(shop, capsys, one_thread):
    progress = shop / "progress.jsonl"
    assert aisle(f"model train --start none --epochs 1 --note first --progress {progress}") == 0, (
        capsys.readouterr().err
    )
    registry = Registry(shop / "models", None)
    first = registry.version("v001")
    assert (first.state, first.note, first.created_by) == ("candidate", "first", "the command line")
    assert len(read_taught(first.adapter, first.manifest["data"])) == 20
    told = [json.loads(line) for line in progress.read_text("utf-8").splitlines()]
    assert told[-1]["version"] == "v001" and any("loss" in one for one in told)
    assert "v001 is a candidate" in capsys.readouterr().out

    with (shop / "examples" / "talk.yml").open("a", encoding="utf-8") as file:
        file.write("    - ciao for now\n")
    assert aisle("model promote v001 --reason because") == 0
    assert aisle("model train --start live --epochs 1 --sample 4") == 0, capsys.readouterr().err
    second = registry.version("v002")
    assert second.manifest["settings"]["sample"] == 4 and second.manifest["pairs"] == 19
    rates = [one.manifest["settings"]["learning_rate"] for one in (first, second)]
    assert rates == [1e-3, 1e-4], "what goes on from a version learns gently"
    assert second.manifest["start"]["data"] == first.manifest["data"] != second.manifest["data"]
    assert aisle("model list") == 0 and "v001\tlive" in capsys.readouterr().out
    assert not list((shop / "models").glob(".training-*"))
    assert aisle("model train --start v001 --epochs 1 --sample 4 --learning-rate 0.0005") == 0
    assert registry.version("v003").manifest["settings"]["learning_rate"] == 5e-4


def test_a_training_that_is_cut_leaves_no_version(shop, monkeypatch, one_thread):
    def cut(*anything: object) -> None:
        raise SystemExit(143)

    monkeypatch.setattr(training, "apart", cut)
    with pytest.raises(SystemExit):
        aisle("model train --start none --epochs 1")
    assert [one.name for one in Registry(shop / "models", None).versions()] == ["shipped"]
    assert [path.name for path in (shop / "models").iterdir()] == []


def test_what_a_killed_training_left_goes_with_the_next_and_what_runs_stays(shop, one_thread):
    killed, running = (shop / "models" / f".training-{name}" for name in ("killed", "running"))
    for folder in (killed, running):
        folder.mkdir(parents=True)
        (folder / "held.lock").touch()
    with FileLock(running / "held.lock"):
        assert aisle("model train --start none --epochs 1") == 0
        assert running.is_dir() and not killed.exists()


def test_a_promotion_without_a_report_wants_a_reason_at_the_command_line_too(shop, capsys):
    assert aisle("model promote v001") == 1
    assert "There is no version 'v001'" in capsys.readouterr().err
    assert aisle("model rollback") == 1 and "nothing to roll back to" in capsys.readouterr().err
    assert Jobs(shop / "models" / "jobs").latest() is None
