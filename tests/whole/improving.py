"""How a misread message becomes an understood one, in a real browser, on a real server with the real model:

python -m tests.whole.improving --out DIR

A shopper is misread; support corrects the turn on the desk; a trainer accepts the example in the studio; the same
message is understood at once, before any training; the trainer trains, promotes and rolls back. Each step is checked,
and pictured into --out. The training is a short one, and still takes minutes, so this is no test of the suite.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from assistant.settings import SHIPPED_EXAMPLES
from tests.browser import launched

PASSWORD = "improving-what-is-misread"
WINDOW = {"width": 1440, "height": 1000}
SAMPLE, SECONDS = 32, 1_800  # examples of the training, and how long it may take
SAID = (  # candidates, the first that is misread is taken: what it means, and the words
    ("add_to_cart", "chuck that kettle in me trolley duck"),
    ("track_order", "has my gubbins left the depot yet"),
    ("cancel_order", "sack the whole thing off before it ships"),
    ("ask_policy", "what's the damage for posting stuff to the highlands"),
    ("human_handoff", "is there a grown up i can have a natter with"),
    ("view_cart", "what have i lobbed in so far"),
    ("return_items", "these clogs are going straight back where they came from"),
    ("checkout", "right then ring it all up"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--sample", type=int, default=SAMPLE, help="examples to train on (%(default)s)")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, server(settings_in(Path(folder))) as shop, launched() as browser:
        meant, said = misread(shop)
        shop.post("/webhooks/rest/webhook", json={"sender": "improving", "message": said}).raise_for_status()
        desk = signed_in(browser, shop, "ada", "/desk/?conversation=improving")
        correct(desk, meant, options.out)
        studio = signed_in(browser, shop, "tess", "/studio/")
        accept(studio, said, options.out)
        assert intent_of(shop, said) == meant, f"{said!r} is still read as {intent_of(shop, said)}"
        print(f"accepted: the same words are read as {meant} now, before any training")
        train(studio, options.sample, options.out)
        promote_and_roll_back(studio, shop, options.out)
    print(f"done; pictures in {options.out}")


def settings_in(folder: Path) -> dict[str, str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    examples = folder / "examples"
    examples.mkdir()
    for file in SHIPPED_EXAMPLES.glob("*.yml"):
        shutil.copy(file, examples)
    return {
        "AISLE_DATABASE_URL": f"sqlite:///{folder}/shop.db",
        "AISLE_PORT": str(port),
        "AISLE_EXAMPLES": str(examples),
        "AISLE_VERSIONS": str(folder / "models"),
        "AISLE_REGRESSIONS": str(folder / "regressions"),
        "HF_HUB_OFFLINE": "1",
    }


@contextmanager
def server(settings: dict[str, str]) -> Iterator[httpx.Client]:
    """A server of its own, with ada on the desk and tess in the studio."""
    environment = {**os.environ, **settings}
    process = subprocess.Popen([sys.executable, "-m", "assistant", "up"], env=environment)
    client = httpx.Client(base_url=f"http://127.0.0.1:{settings['AISLE_PORT']}", timeout=60)
    try:
        until(lambda: process.poll() is None and is_up(client), 180, "the server did not come up")
        for name, role in (("ada", "admin"), ("tess", "trainer")):
            command = [sys.executable, "-m", "assistant", "user", "add", name, "--role", role, "--password-stdin"]
            subprocess.run(command, env=environment, input=PASSWORD.encode(), check=True)
        yield client
    finally:
        client.close()
        process.terminate()
        process.wait()


def is_up(client: httpx.Client) -> bool:
    try:
        return client.get("/health").status_code == 200
    except httpx.TransportError:
        return False


def intent_of(shop: httpx.Client, said: str) -> str:
    return str(shop.post("/model/parse", json={"text": said}).json()["intent"]["name"])


def misread(shop: httpx.Client) -> tuple[str, str]:
    for meant, said in SAID:
        read = intent_of(shop, said)
        print(f"{said!r}: meant {meant}, read as {read}")
        if read != meant:
            return meant, said
    raise SystemExit("All candidates are read rightly: write harder ones.")


def signed_in(browser: Any, shop: httpx.Client, name: str, path: str) -> Any:
    page = browser.new_context(viewport=WINDOW, bypass_csp=True).new_page()
    page.set_default_timeout(60_000)
    page.goto(f"{str(shop.base_url).rstrip('/')}{path}")
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.click("button")
    return page


def correct(desk: Any, meant: str, out: Path) -> None:
    near = desk.locator(f"#turn-1 button.right:text-is('{meant}')")
    desk.wait_for_selector("#turn-1 button.right")
    if near.count():
        near.click()
    else:
        desk.click("#turn-1 button.right:has-text('another')")
        desk.locator("#desk-correcting input[role=listbox]").click()
        desk.locator(f"[role=option]:has-text('{meant}:')").first.click()
    desk.wait_for_function(
        "intent => document.querySelector('#desk-correcting textarea')?.value.startsWith(intent)", arg=meant
    )
    desk.screenshot(path=out / "1-corrected.png")
    desk.click("button:text-is('Save as example and test')")
    desk.wait_for_selector("#turn-1 code.meant")
    print("corrected on the desk")


def accept(studio: Any, said: str, out: Path) -> None:
    studio.click("button[role=tab]:has-text('Inbox')")
    row = studio.locator("#studio-inbox .example", has_text=said).first
    row.click()
    studio.screenshot(path=out / "2-inbox.png")
    row.press("a")
    studio.wait_for_selector("#inbox-told .fine:has-text('understood from now on')")
    studio.screenshot(path=out / "3-accepted.png")


def train(studio: Any, sample: int, out: Path) -> None:
    studio.click("button[role=tab]:has-text('Models')")
    studio.get_by_label("What the training is for").fill("what was misread today")
    studio.get_by_label("Examples an epoch").fill(str(sample))
    studio.click("#models-begin")
    studio.wait_for_selector("#models-job:has-text('loss')", timeout=SECONDS * 1_000)
    studio.screenshot(path=out / "4-training.png")
    started = time.monotonic()
    studio.wait_for_selector("#models-versions tr:has-text('v001')", timeout=SECONDS * 1_000)
    print(f"trained on {sample} examples, evaluation included: {time.monotonic() - started:.0f} s after its first loss")


def promote_and_roll_back(studio: Any, shop: httpx.Client, out: Path) -> None:
    before = shop.get("/status").json()
    studio.locator("#models-reason textarea").fill("a trial of the way, not of the model")
    studio.click("#models-promote")
    studio.wait_for_selector("#models-versions tr:has-text('v001'):has-text('live')")
    until(lambda: shop.get("/status").json() != before, 120, "the server did not take the promoted version")
    studio.wait_for_selector("#models-versions:not(:has(.worse)):has-text('+v001@')")  # the page says so by itself
    studio.screenshot(path=out / "5-promoted.png")
    print("promoted: the server answers with v001")
    studio.click("button:text-is('Roll back to shipped')")
    studio.wait_for_selector("#models-versions tr:has-text('v001'):has-text('retired')")
    until(lambda: shop.get("/status").json() == before, 120, "the server did not take the old version back")
    studio.wait_for_selector("#models-versions:not(:has(.worse)):has-text('+shipped@')")
    studio.screenshot(path=out / "6-rolled-back.png")
    print("rolled back")


def until(holds: Any, seconds: float, otherwise: str) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise SystemExit(otherwise)
        time.sleep(0.5)


if __name__ == "__main__":
    main()
