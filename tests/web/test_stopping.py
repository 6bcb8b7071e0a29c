"""A real server process that is told to stop: it finishes the turn under way, takes on no other, and ends."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import httpx
import pytest

SERVER = """
import pathlib, sys, time
from fastapi import FastAPI
from assistant.logs import about, set_up_logging
from assistant.metrics import Metrics
from assistant.web.channels import rest_channel
from assistant.web.health_routes import health_routes
from assistant.web.places import Limits, Places
from assistant.web.stopping import log, run_until_stopped
from assistant.web.turn_stream import TurnStream
from dialogues.messages import BotMessage

gate = pathlib.Path(sys.argv[2])  # turns end when it is there

class SlowAssistant:
    metrics = Metrics()

    def handle(self, sender, text, *more):
        with about(conversation=sender):
            log.info("asked")
            while not gate.exists():
                time.sleep(0.05)
        return [BotMessage(f"You said: {text}", "utter_echo")]

set_up_logging("json")
assistant, places = SlowAssistant(), Places(Limits(9, 9, 9))
app = FastAPI()
app.include_router(rest_channel(assistant, TurnStream(assistant, places), 2000))
app.include_router(health_routes({}, places))
run_until_stopped(app, places, "127.0.0.1", int(sys.argv[1]))
"""


class Server:
    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.log, self.gate = folder / "log.jsonl", folder / "gate"
        self.address = f"http://127.0.0.1:{port}"
        with self.log.open("w") as stderr:
            self.process = subprocess.Popen([sys.executable, "-c", SERVER, str(port), str(self.gate)], stderr=stderr)

    def say(self, sender: str) -> httpx.Response:
        return httpx.post(
            f"{self.address}/webhooks/rest/webhook", json={"sender": sender, "message": "hello"}, timeout=60
        )

    def ready(self) -> int:
        return httpx.get(f"{self.address}/health/ready", timeout=60).status_code

    def lines(self) -> list[dict[str, str]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def wait_for_line(self, said: str) -> None:
        self.wait_until(lambda: any(said in line["message"] for line in self.lines()))

    def wait_until(self, holds) -> None:
        deadline = time.monotonic() + 240
        while not holds():
            assert time.monotonic() < deadline and self.process.poll() is None, self.log.read_text()
            time.sleep(0.05)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path)

    def is_up() -> bool:
        try:
            return httpx.get(f"{server.address}/health/live", timeout=60).status_code == 200
        except httpx.TransportError:
            return False

    try:
        server.wait_until(is_up)
        yield server
    finally:
        server.process.kill()
        server.process.wait()


def test_the_turn_under_way_is_answered_the_next_refused_and_the_process_ends(server: Server) -> None:
    with ThreadPoolExecutor(1) as shoppers:
        under_way = shoppers.submit(server.say, "mia")
        server.wait_for_line("asked")
        server.process.send_signal(signal.SIGTERM)
        server.wait_for_line("stopping; 1 turns under way")
        refused = server.say("yusuf")
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "10")
        assert server.ready() == 503
        server.gate.touch()
        assert under_way.result(60).json() == [{"recipient_id": "mia", "text": "You said: hello"}]
    assert server.process.wait(30) in (0, -signal.SIGTERM)
    asked = [line for line in server.lines() if line["message"] == "asked"]
    assert [line["conversation"] for line in asked] == ["mia"], "a line is a JSON object and names its conversation"


def test_a_connection_stays_open_longer_than_a_client_told_to_wait_leaves_it_idle(server: Server) -> None:
    address, port = server.address.removeprefix("http://").split(":")
    with closing(HTTPConnection(address, int(port), timeout=60)) as connection:
        connection.connect()
        connection.auto_open = 0  # one that was closed is not opened again
        for pause_s in (0, 6):  # longer than uvicorn leaves one open by itself
            time.sleep(pause_s)
            connection.request("GET", "/health/live")
            response = connection.getresponse()
            assert (response.status, response.read()) == (200, b'{"status":"ok"}')
