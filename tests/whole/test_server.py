"""A real server process: it starts, it is killed, it goes on; and it never loads torch."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

START_S = 120.0  # limit; on two idle cores a start with the shop to build takes some ten seconds


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return {"AISLE_DATABASE_URL": f"sqlite:///{tmp_path}/shop.db", "AISLE_PORT": str(port), "HF_HUB_OFFLINE": "1"}


@contextmanager
def server(settings: dict[str, str]) -> Iterator[tuple[subprocess.Popen[bytes], httpx.Client]]:
    process = subprocess.Popen([sys.executable, "-m", "assistant", "up"], env={**os.environ, **settings})
    client = httpx.Client(base_url=f"http://127.0.0.1:{settings['AISLE_PORT']}", timeout=60)
    try:
        wait_until_up(process, client)
        yield process, client
    finally:
        client.close()
        process.kill()
        process.wait()


def wait_until_up(process: subprocess.Popen[bytes], client: httpx.Client) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        assert process.poll() is None, "the server ended while starting"
        try:
            if client.get("/health").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise AssertionError("the server did not come up")


def say(client: httpx.Client, sender: str, text: str, message_id: str | None = None) -> list[dict]:
    body = {"sender": sender, "message": text, "message_id": message_id or uuid.uuid4().hex}
    response = client.post("/webhooks/rest/webhook", json=body)
    assert response.status_code == 200, response.text
    return response.json()


def test_a_conversation_goes_on_after_the_server_is_killed(settings):
    with server(settings) as (process, client):
        say(client, "kill-1", "where is my order #W4821093", "m1")
        process.send_signal(signal.SIGKILL)
        process.wait()
    with server(settings) as (process, client):
        repeated = say(client, "kill-1", "where is my order #W4821093", "m1")
        said = say(client, "kill-1", "Mia Lindqvist, 97205", "m2")
        torch_maps = [line for line in Path(f"/proc/{process.pid}/maps").read_text().splitlines() if "libtorch" in line]
    assert len(repeated) == 1, "answered before the kill, so answered the same and not asked again"
    assert said[-1]["custom"]["cards"][0]["id"] == "#W4821093"
    assert not torch_maps, "the server must not load torch"
