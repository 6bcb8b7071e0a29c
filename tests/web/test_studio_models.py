"""The studio's tab "Models": what each state looks like, and what its events do and refuse over HTTP."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.testclient import TestClient
from studio_app import Page, sign_in, studio_app

from assistant.store import Database
from assistant.versions.jobs import Job, Jobs
from assistant.versions.registry import Registry
from assistant.web.studio_models_html import job_html, loss_svg, replay_html, report_html, span, versions_html

NASTY = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("versions") / "models"


@pytest.fixture(scope="module")
def browser(
    new_database: Callable[[str], Database], tmp_path_factory: pytest.TempPathFactory, models: Path
) -> Iterator[TestClient]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AISLE_VERSIONS", str(models))
        patch.setenv("AISLE_ADAPTER", "none")
        app = studio_app(new_database("sqlite"), tmp_path_factory.mktemp("studio") / "examples")
    with TestClient(app, base_url="http://127.0.0.1", follow_redirects=False) as client:
        yield client


def trained(folder: Path, note: str, registry: Registry) -> str:
    folder.mkdir()
    for name in ("adapter_config.json", "adapter_model.safetensors"):
        (folder / name).write_text("{}", "utf-8")
    (folder / "manifest.json").write_text(json.dumps({"dev_loss": 0.25}), "utf-8")
    return registry.add(folder, "tess", note).name


def test_a_candidate_is_promoted_with_a_reason_and_rolled_back(
    browser: TestClient, models: Path, tmp_path: Path
) -> None:
    name = trained(tmp_path / "one", "gift cards", Registry(models, None))
    sign_in(browser, "tess")
    page = Page(browser)
    assert name in page.event("fill_models")
    shown = page.event("show_version", name)
    assert name in shown and "candidate" in shown and "no report on it yet" in shown
    assert "promoted only with a written reason" in page.event("promote", name, " ")
    assert Registry(models, None).live().name == "shipped"
    shown = page.event("promote", name, "it knows gift cards")
    assert f"{name} is live" in shown and "it knows gift cards" in shown and "Roll back to shipped" in shown
    assert "not yet the live version" in shown, "the stand-in engine says another name"
    assert Registry(models, None).live().name == name
    assert "rolled back to" in page.event("roll_back", name, "")
    assert Registry(models, None).live().name == "shipped"


def test_a_page_that_shows_an_older_way_back_rolls_nothing_back(
    browser: TestClient, models: Path, tmp_path: Path
) -> None:
    registry = Registry(models, None)
    names = [trained(tmp_path / note, note, registry) for note in ("one", "two")]
    registry.promote(names[0], "ada")
    sign_in(browser, "tess")
    page = Page(browser)
    assert "Roll back to shipped" in page.event("fill_models")
    registry.promote(names[1], "ada")
    assert f"{names[0]} was before it" in page.event("roll_back", names[0], "")
    assert registry.live().name == names[1]
    assert "rolled back to" in page.event("roll_back", names[0], "")
    registry.roll_back("ada")


def test_an_open_page_is_left_as_it_is_while_no_job_runs(browser: TestClient) -> None:
    sign_in(browser, "tess")
    page = Page(browser)
    assert "Answering shoppers" in page.event("fill_models")
    assert "Answering shoppers" not in page.event("watch_job", "shipped", "")


def test_a_training_is_begun_watched_and_stopped(
    browser: TestClient, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = json.dumps({"step": 3, "steps": 9, "loss": 1.5, "tokens_per_s": 420.0, "seconds_left": 200})
    code = f"import sys, time; open(sys.argv[1], 'w').write({told!r} + chr(10)); time.sleep(60)"
    begins = Jobs.start

    def start(self, kind, subject, by, command):
        def instead(progress):
            wanted = command(progress)
            assert wanted[3:5] == ["model", "train"] and "--epochs=1" in wanted and "--start=live" in wanted
            return [wanted[0], "-c", code, str(progress)]

        return begins(self, kind, subject, by, instead)

    monkeypatch.setattr(Jobs, "start", start)
    sign_in(browser, "ada")
    page, jobs = Page(browser), Jobs(models / "jobs")
    assert "Nothing has been trained from here yet" in page.event("fill_models")
    assert "it must be more than 0" in page.event("train", "gift cards", "live", -1, 500, 0.0003, "shipped")
    shown = page.event("train", "gift cards", "live", 1, 500, 0.0003, "shipped")
    job = jobs.running()
    assert job and "Training gift cards" in shown and "running" in shown
    try:
        assert "A job runs already: train gift cards, by ada" in page.event("make_report", "shipped")
        until(lambda: jobs.job(job.name).progress)
        shown = page.event("watch_job", "shipped", f"{job.name} running")
        assert "step 3 of 9, loss 1.500, 420 tokens/s, 3 min left" in shown
    finally:
        stopped = page.event("stop_job", "shipped")
        until(lambda: jobs.running() is None)
    # a job that ends at once is told with the answer to the button, and the next look has nothing new
    assert "cancelled" in stopped + page.event("watch_job", "shipped", f"{job.name} running")


def test_a_job_that_ends_while_the_page_is_drawn_is_told_at_the_next_look(
    browser: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(browser, "ada")
    page = Page(browser)
    now = datetime.now(UTC)
    ended = Job("20261130-101010-000000", "train", "gift cards", "ada", now, "cancelled", now, ())
    looks = iter([replace(ended, state="running", ended_at=None)])
    monkeypatch.setattr(Jobs, "latest", lambda self: next(looks, ended))
    monkeypatch.setattr(Jobs, "log", lambda self, name: "")
    assert "Training gift cards" in page.event("fill_models")
    assert "cancelled" in page.event("watch_job", "shipped", "")


def until(is_so: Callable[[], object]) -> None:
    import time

    end = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_an_agent_moves_nothing(browser: TestClient) -> None:
    sign_in(browser, "tess")
    page = Page(browser)
    sign_in(browser, "kim")
    with pytest.raises(AssertionError, match="may not open"):
        page.event("roll_back", "shipped", "")


def test_the_loss_is_drawn_as_it_falls() -> None:
    told = [{"step": 1, "loss": 2.0}, {"step": 2, "loss": 1.0}, {"step": 2, "development_loss": 1.5}]
    drawn = loss_svg(told)
    assert "from 2.000 to 1.000" in drawn and 'points="280.0,0.0 560.0,75.0"' in drawn
    assert '<circle cx="560.0" cy="37.5" r="4"/>' in drawn
    assert loss_svg(told[:1]) == ""
    assert [span(one) for one in (20, 150, 4000)] == ["under a minute", "2 min", "1 h 7 min"]


def test_what_others_wrote_is_shown_as_text(tmp_path: Path) -> None:
    flip = dict.fromkeys(("text", "meant", "live", "candidate"), NASTY)
    change = {"intent": NASTY, "n": 3, "live": 3, "candidate": 1, "mended": [], "broken": [flip]}
    report = {
        "live": "shipped", "candidate": "v001", "messages": NASTY, "figures": {"frames_exact": [0.8, 0.7]},
        "regressions": [NASTY], "conversations": 2, "lost": {NASTY: [NASTY]}, "won": [NASTY], "intents": [change],
    }  # fmt: skip
    turn = {"conversation": 'x" onload="y', "turn": 2, "said": NASTY, "after": NASTY, "was": NASTY, "now": NASTY}
    turn |= {"was_sure": 0.9, "now_sure": 0.4, "did": [NASTY], "would": []}
    replay = {"messages": 10, "days": 30, "changes": [turn]}
    job = Job("n", "train", NASTY, NASTY, datetime.now(UTC), "failed", None, ({"step": 1, "steps": 2, "loss": 1},))
    for shown in (report_html(report, None), replay_html(replay), job_html(job, NASTY)):
        assert "<script" not in shown and "&lt;script" in shown and 'x" onload' not in shown
    assert "-0.100" in report_html(report, None) and "3 of 3 right, now 1" in report_html(report, None)
    assert "1 of them would go otherwise" in replay_html(replay)
    registry = Registry(tmp_path / "models", None)
    trained(tmp_path / "one", NASTY, registry)
    shown = versions_html(registry.versions(), "base")
    assert NASTY not in shown and "0.2500" in shown and "not yet the live version" not in shown


def test_a_replayed_turn_links_to_its_conversation_whatever_a_client_called_it() -> None:
    turn = {"conversation": "shop&co #7", "turn": 2, "said": "hi", "after": "", "was": "greet()", "now": "goodbye()"}
    turn |= {"was_sure": 0.9, "now_sure": 0.4, "did": [], "would": []}
    shown = replay_html({"messages": 1, "days": 30, "changes": [turn]})
    [link] = re.findall(r'href="([^"]+)"', shown)
    assert parse_qs(urlsplit(unescape(link)).query) == {"conversation": ["shop&co #7"]}


def test_a_report_shows_its_picture(tmp_path: Path) -> None:
    from finetune.pictures import draw_confusion

    draw_confusion(tmp_path / "report.png", {("greet", "greet"): 3, ("greet", "goodbye"): 1})
    report = {"live": "a", "candidate": "b", "messages": "m", "figures": {}, "regressions": [], "conversations": 0}
    shown = report_html({**report, "lost": {}, "won": [], "intents": []}, tmp_path / "report.png")
    assert "data:image/png;base64," in shown and "Nothing regressed" in shown
