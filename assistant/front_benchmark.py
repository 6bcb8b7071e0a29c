"""What the widget costs a page: a running shop's front page with and without its tag, in a real browser.

aisle bench front --url http://127.0.0.1:7860 --loads 9

Each load is in a fresh profile, with the tag and without it by turns; "without" takes the tag out of the page's HTML,
and both pass through the same interception. As Lighthouse has it, a phone is a quarter as quick and has 1.6 Mbit/s
with 150 ms there and back. Figures are medians. After each load with the tag the chat is opened, which loads the frame:
how much, how long.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any
from urllib.request import urlopen

from assistant.benchmarks import hardware
from assistant.settings import available_cores
from assistant.training import commit

TAG = re.compile(r'<script src="/widget\.js".*?</script>', re.DOTALL)
SETTLED_MS = 1500  # after the load event: the widget draws its bubble, pictures below may still move something
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
OBSERVE = """
  window.seen = { lcp: 0, cls: 0, blocked: 0 };
  const watch = (type, add) =>
    new PerformanceObserver((list) => list.getEntries().forEach(add)).observe({ type, buffered: true });
  watch("largest-contentful-paint", (one) => { seen.lcp = one.startTime; });
  watch("layout-shift", (one) => { if (!one.hadRecentInput) seen.cls += one.value; });
  watch("longtask", (one) => { seen.blocked += Math.max(0, one.duration - 50); });
"""
FIGURES = """() => {
  const [page] = performance.getEntriesByType("navigation");
  const paint = performance.getEntriesByName("first-contentful-paint")[0];
  return { ...seen, fcp: paint ? paint.startTime : 0, load: page.loadEventEnd };
}"""


class CannotMeasure(RuntimeError):
    """There is no browser to measure with, or no shop to measure."""


@dataclass(frozen=True)
class Device:
    name: str
    viewport: Mapping[str, int]
    slower: int = 1  # times
    network: Mapping[str, float] = field(default_factory=dict)


DESKTOP = Device("desktop", {"width": 1350, "height": 940})
SLOW_4G = {"latency": 150, "downloadThroughput": 1_638_400 / 8, "uploadThroughput": 768_000 / 8}  # ms, bytes a second
PHONE = Device("phone", {"width": 412, "height": 823}, 4, SLOW_4G)


def bench_front(url: str, loads: int, out: Path | None) -> None:
    """Print the table and a last JSON line. Raises CannotMeasure."""
    require_shop(url)
    with chromium() as browser:
        devices = {one.name: measured(browser, one, url, loads) for one in (DESKTOP, PHONE)}
    record = {
        "bench": "front",
        "url": url,
        "loads": loads,
        "devices": devices,
        "device": hardware(available_cores()),
        "commit": commit(),
    }
    print(table(devices))
    print(json.dumps(record))
    if out:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps(record, indent=1) + "\n", "utf-8")


def require_shop(url: str) -> None:
    try:
        urlopen(url, timeout=30).close()
    except (OSError, ValueError) as error:
        raise CannotMeasure(
            f"No shop answers at {url}: start one with `aisle up`, or name another by --url."
        ) from error


@contextmanager
def chromium() -> Iterator[Any]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        raise CannotMeasure("This takes Playwright: pip install -e '.[dev]'.") from error
    if path is None:
        raise CannotMeasure("This takes a Chromium on the path, for instance Debian's package chromium.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


def measured(browser: Any, device: Device, url: str, loads: int) -> dict[str, Any]:
    """Medians with and without the tag, and of opening the chat."""
    taken: dict[str, list[dict[str, float]]] = {"with": [], "without": [], "opened": []}
    for number in range(loads):
        for which in ("with", "without") if number % 2 else ("without", "with"):
            page, opened = one_load(browser, device, url, which == "with")
            taken[which].append(page)
            taken["opened"] += [opened] if opened else []
            print(f"{device.name}: load {number + 1} of {loads}, {which} the widget", file=sys.stderr)
    return {which: medians(figures) for which, figures in taken.items()}


def one_load(browser: Any, device: Device, url: str, tagged: bool) -> tuple[dict[str, float], dict[str, float] | None]:
    """The page's figures; with the tag also those of opening the chat. Times in ms, `kb` as it came over the wire."""
    context = browser.new_context(viewport=dict(device.viewport))
    page = context.new_page()
    wire = context.new_cdp_session(page)
    came: list[float] = []
    wire.on("Network.loadingFinished", lambda told: came.append(told["encodedDataLength"]))
    wire.send("Network.enable")
    if device.network:
        wire.send("Network.emulateNetworkConditions", {"offline": False, **device.network})
        wire.send("Emulation.setCPUThrottlingRate", {"rate": device.slower})
    page.add_init_script(OBSERVE)
    page.route(url.rstrip("/") + "/", lambda route: passed_on(route, tagged))
    page.goto(url, wait_until="load", timeout=120_000)
    page.wait_for_timeout(SETTLED_MS)
    seen = page.evaluate(FIGURES) | {"requests": len(came), "kb": sum(came) / 1000}
    opened = chat_opened(page, came) if tagged else None
    context.close()
    return seen, opened


def passed_on(route: Any, tagged: bool) -> None:
    answer = route.fetch()
    html = answer.text()
    route.fulfill(response=answer, body=html if tagged else TAG.sub("", html))


def chat_opened(page: Any, came: Sequence[float]) -> dict[str, float]:
    """From the press on the bubble to the assistant's first words."""
    requests, before = len(came), sum(came)
    start = page.evaluate("performance.now()")
    page.click(".bubble")
    page.frame_locator("iframe").locator(".turn.bot .bubble").first.wait_for(timeout=120_000)
    took = page.evaluate("performance.now()") - start
    return {"greeted": took, "requests": len(came) - requests, "kb": (sum(came) - before) / 1000}


def medians(figures: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {name: round(median(one[name] for one in figures), 4) for name in figures[0]}


def table(devices: Mapping[str, Mapping[str, Mapping[str, float]]]) -> str:
    """Markdown: a row for each device with and without the tag, then what opening the chat takes."""
    lines = ["| device | widget | first paint, ms | largest, ms | load, ms | blocked, ms | shift | requests | kB |"]
    lines.append("|" + "---|" * 9)
    for name, taken in devices.items():
        for which in ("without", "with"):
            one = taken[which]
            times = " | ".join(f"{one[key]:.0f}" for key in ("fcp", "lcp", "load", "blocked"))
            lines.append(f"| {name} | {which} | {times} | {one['cls']:.3f} | {one['requests']:.0f} | {one['kb']:.1f} |")
    for name, taken in devices.items():
        one = taken["opened"]
        told = f"greeted after {one['greeted']:.0f} ms, {one['requests']:.0f} requests, {one['kb']:.0f} kB"
        lines.append(f"\nThe chat opened, {name}: {told}.")
    return "\n".join(lines)
