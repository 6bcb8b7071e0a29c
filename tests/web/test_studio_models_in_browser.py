"""The tab "Models" in a real browser: train (by a stand-in), watch, read the report, promote, roll back."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from desk_app import PASSWORD
from scripted_assistant import serving
from studio_app import studio_app

from assistant.store import Database
from assistant.versions.files import write_json
from assistant.versions.jobs import Jobs
from assistant.versions.registry import Registry
from assistant.versions.replay import Changed
from finetune.pictures import draw_confusion

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
if CHROMIUM is None:
    pytest.skip("No Chromium here: the studio is not tested in a browser.", allow_module_level=True)
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install -e '.[dev]'")
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
TRAINS = """
import json, sys, time
from pathlib import Path
from assistant.versions.registry import Registry
progress, root, adapter = map(Path, sys.argv[1:])
with progress.open("w") as file:
    for step in range(1, 41):
        told = {"step": step, "steps": 80, "loss": 2 / step, "tokens_per_s": 440.0, "seconds_left": 240 - 3 * step}
        print(json.dumps(told), file=file, flush=True)
    print(json.dumps({"step": 40, "steps": 80, "development_loss": 0.4}), file=file, flush=True)
while not (adapter / "go").exists():
    time.sleep(0.05)
made = Registry(root, None).add(adapter, "tess", "gift cards")
with progress.open("a") as file:
    print(json.dumps({"version": made.name}), file=file)
"""
FLIP = {
    "text": "do you sell gift cards", "asked": "", "meant": "gift_card_question()",
    "live": 'search_products(query="gift cards")', "candidate": "gift_card_question()",
}  # fmt: skip
REPORT = {
    "live": "shipped", "candidate": "v001", "messages": "validation.jsonl", "conversations": 103,
    "figures": {"intents_exact": [0.948, 0.951], "frames_exact": [0.861, 0.858]},
    "regressions": ["messages that are right whole: 85.8%, not 86.1%"],
    "intents": [
        {"intent": "greet", "n": 9, "live": 9, "candidate": 8, "mended": [], "broken": [{**FLIP, "text": "heya"}]},
        {"intent": "gift_card_question", "n": 8, "live": 3, "candidate": 8, "mended": [FLIP], "broken": []},
    ],
    "lost": {}, "won": ["asks about gift cards"],
}  # fmt: skip
CHANGED = Changed(
    "mia", 3, "is there a gift card for [name]?", "Anything else?", 'search_products(query="gift card")',
    "gift_card_question()", 0.61, 0.93, ("action_search_products", "utter_products_found"), ("utter_gift_cards",),
)  # fmt: skip


def test_a_trainer_trains_compares_promotes_and_rolls_back(
    new_database: Callable[[str], Database], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models, adapter = tmp_path / "models", tmp_path / "adapter"
    monkeypatch.setenv("AISLE_VERSIONS", str(models))
    monkeypatch.setenv("AISLE_ADAPTER", "none")
    begins = Jobs.start

    def start(self, kind, subject, by, command):
        program = command(Path("progress"))[0]
        return begins(
            self, kind, subject, by, lambda progress: [program, "-c", TRAINS, str(progress), str(models), str(adapter)]
        )

    monkeypatch.setattr(Jobs, "start", start)
    adapter.mkdir()
    for name in ("adapter_config.json", "adapter_model.safetensors"):
        (adapter / name).write_text("{}", "utf-8")
    (adapter / "manifest.json").write_text(json.dumps({"dev_loss": 0.4021}), "utf-8")
    app = studio_app(new_database("sqlite"), tmp_path / "examples")
    with serving(app) as address, sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 1000})
        page.set_default_timeout(60_000)  # where many tests share two cores
        page.goto(f"{address}/studio/")
        page.fill("#name", "tess")
        page.fill("#password", PASSWORD)
        page.click("button")
        page.click("button[role=tab]:has-text('Models')")
        page.wait_for_selector("#models-job:has-text('Nothing has been trained')")
        page.get_by_label("What the training is for").fill("gift cards")
        page.click("#models-begin")
        page.wait_for_selector("#models-job:has-text('step 40 of 80, loss 0.050, 440 tokens/s')")
        page.wait_for_selector("#models-job svg.loss polyline")
        page.screenshot(path=tmp_path / "training.png", full_page=True)
        (adapter / "go").touch()
        page.wait_for_selector("#models-job .chip.good")
        page.wait_for_selector("#models-versions tr:has-text('v001'):has-text('gift cards'):has-text('candidate')")
        page.wait_for_function("document.querySelector('#models-version input').value === 'v001'")
        page.wait_for_selector("#models-against:has-text('v001')")

        folder = models / "v001"
        write_json(folder / "report.json", REPORT)
        write_json(folder / "replay.json", {"messages": 812, "days": 30, "changes": [asdict(CHANGED)]})
        draw_confusion(
            folder / "report.png", {("greet", "greet"): 8, ("greet", "goodbye"): 1, ("goodbye", "goodbye"): 9}
        )
        page.reload()
        page.click("button[role=tab]:has-text('Models')")
        page.wait_for_selector("#models-report:has-text('messages that are right whole: 85.8%, not 86.1%')")
        page.click("#models-report summary:has-text('gift_card_question: 3 of 8 right, now 8')")
        page.wait_for_selector("#models-replay:has-text('is there a gift card for [name]?')")
        page.screenshot(path=tmp_path / "report.png", full_page=True)
        worst = [one for one in Axe().run(page).response["violations"] if one["impact"] in ("serious", "critical")]
        assert not worst, json.dumps([(one["id"], one["nodes"][0]["html"]) for one in worst])

        page.click("#models-promote")
        page.wait_for_selector("text=promoted only with a written reason")
        page.locator("#models-reason textarea").fill("it knows gift cards")
        page.click("#models-promote")
        page.wait_for_selector("#models-versions tr:has-text('v001'):has-text('live')")
        page.wait_for_selector(".promotions:has-text('it knows gift cards')")
        page.click("button:text-is('Roll back to shipped')")
        page.wait_for_selector("#models-versions tr:has-text('v001'):has-text('retired')")
        browser.close()
    assert Registry(models, None).live().name == "shipped"
