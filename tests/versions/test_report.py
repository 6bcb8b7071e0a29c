"""A report, with a stand-in for the engine: what it reads and plays, and what of it speaks against a promotion."""

import json

import pytest

from assistant.review.regressions import write_conversation
from assistant.versions.opening import registry_of
from assistant.versions.report import obstacles, read_report, report_on
from tests.read_shop import reader_with_memory
from tests.versions.shop_with_engine import VersionEngine, settings_of


@pytest.fixture
def settings(tmp_path, own_sqlite, trained, monkeypatch):
    """A candidate, and engines of which every version reads what its weights say; of what is shipped, a greeting."""
    settings = settings_of(tmp_path, own_sqlite).model_copy(update={"regressions": tmp_path / "desk"})
    registry_of(settings).add(trained("deny()"), "tess")

    def opens(chosen):
        reads = (chosen.adapter / "adapter_model.safetensors").read_text("utf-8") if chosen.adapter else "greet()"
        return VersionEngine("stand-in", [], reads=reads)

    monkeypatch.setattr("assistant.versions.report.open_engine", opens)
    monkeypatch.setattr("assistant.versions.report.choose_conversations", lambda wanted: [])  # minutes of playing
    monkeypatch.setattr("assistant.testing.shops.reader", lambda settings: reader_with_memory())
    return settings


@pytest.fixture
def messages(tmp_path, monkeypatch):
    """They are the validation messages here."""
    path = tmp_path / "messages.jsonl"
    said = [("no", "deny"), ("no thanks", "deny"), ("nope", "deny")]
    lines = ({"id": text, "text": text, "commands": [{"intent": intent, "slots": {}}]} for text, intent in said)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    monkeypatch.setattr("assistant.versions.report.VALIDATION", path)
    return path


def test_a_candidate_that_is_better_but_not_at_what_staff_corrected_needs_a_reason(settings, messages):
    write_conversation(settings.regressions, "mia", ["bring it back to you"], {0: "return_items()"})
    write_conversation(settings.regressions, "lee", ["no no"], {0: "deny()"})
    page = report_on(settings, "v001", None, [], None)
    registry = registry_of(settings)
    version = registry.version("v001")
    report = read_report(version)
    assert report["figures"]["frames_exact"] == [0.0, 1.0] and len(report["won"]) == 1
    [said] = obstacles(registry, version, settings.regressions)
    assert said.startswith("the conversation 'corrected at the desk, ") and said.endswith("as it was corrected")
    assert "was read as deny(), not return_items()" in page.read_text("utf-8")
    (settings.regressions / next(iter(report["corrected"]))).touch()
    assert obstacles(registry, version, settings.regressions) == [said], "a file that says the same is not newer"


def test_a_report_on_a_few_conversations_says_so(settings, messages):
    report_on(settings, "v001", None, ["cancelling"], None)
    registry = registry_of(settings)
    assert obstacles(registry, registry.version("v001"), settings.regressions) == [
        "its report played only some of the conversations"
    ]


def test_a_report_on_other_messages_says_so(settings, messages):
    report_on(settings, "v001", messages.rename(messages.with_name("few.jsonl")), [], None)
    registry = registry_of(settings)
    assert obstacles(registry, registry.version("v001"), settings.regressions) == [
        "its report read few.jsonl in place of the validation messages"
    ]
