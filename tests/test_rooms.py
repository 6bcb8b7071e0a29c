"""The house: imports run one way, nothing is loaded from elsewhere, and the server does without torch."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("intents", "dialogues", "finetune", "assistant")  # each may use those before it
MODULES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
TEXTS = (".py", ".yml", ".yaml", ".toml", ".md", ".js", ".css", ".html", ".json", ".jsonl", ".mako", ".sh", "", ".cfg")
MACHINE = re.compile(r"(?<![\w.])/(?:home|root|work|Users|mnt|srv)/[\w.-]+/")
LOADED = re.compile(
    r"""(?:src|href)\s*=\s*["'](?:https?:)?//(?!www\.w3\.org)"""  # a page's scripts, styles, pictures
    r"""|url\(\s*["']?(?:https?:)?//|@import\s+["'](?:https?:)?//"""
    r"""|(?:urlopen|urlretrieve|fetch|get|post|importScripts|EventSource|WebSocket)\(\s*f?["'](?:https?|wss?)://"""
    r"""|--(?:extra-)?index-url|--find-links"""
)
LOCAL = re.compile(r"//(?:127\.0\.0\.1|localhost|testserver|\{)")


def files() -> list[Path]:
    """What the repository holds, and what is about to be added."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    paths = [ROOT / name for name in listed.stdout.splitlines()]
    return [path for path in paths if path.suffix in TEXTS and path.is_file() and path != Path(__file__)]


def imports_of(path: Path) -> set[str]:
    """The rooms that a module imports, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relatively; name the room"
            names.add(node.module or "")
    return {name.split(".")[0] for name in names}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_run_one_way(path):
    room = path.relative_to(ROOT).parts[0]
    above = set(ROOMS[ROOMS.index(room) + 1 :]) | {"tests"}
    assert not imports_of(path) & above, "what a lower room needs from a higher one is passed to it"


def test_only_the_settings_read_the_environment():
    reading = re.compile(r"os\.(?:environ|getenv)|from os import .*(?:environ|getenv)")
    found = [path.relative_to(ROOT) for path in MODULES if reading.search(path.read_text("utf-8"))]
    assert set(found) <= {Path("assistant/settings.py")}


def test_no_file_names_a_place_on_somebodys_machine():
    found = [f"{path}: {mark[0]}" for path in files() if (mark := MACHINE.search(path.read_text("utf-8")))]
    assert found == []


def test_nothing_is_loaded_from_another_host():
    found = [
        f"{path}: {line.strip()}"
        for path in files()
        for line in path.read_text("utf-8").splitlines()
        if LOADED.search(line) and not LOCAL.search(line)
    ]
    assert found == []


def test_the_model_opens_while_gradio_is_imported() -> None:
    """What starts the server is there at once, and begins with the model (assistant/server.py)."""
    code = (
        "import assistant.server, sys; print([one for one in ('gradio', 'pandas', 'rasa_sdk') if one in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert found.stdout.strip() == "[]", found.stderr


@pytest.mark.parametrize("module", ["assistant.application", "finetune.merge"])
def test_torch_is_not_imported_by(module):
    code = f"import {module}, sys; assert 'torch' not in sys.modules, 'torch'"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


def test_openvino_does_not_report_its_use_to_anybody():
    """Its tools resolve an analytics host at import, in a thread of their own, if they find the telemetry module."""
    code = (
        "import sys, assistant.engines.openvino, openvino.tools.ovc.telemetry_utils as used; "
        "assert used.tm.__name__ == 'openvino.tools.ovc.telemetry_stub', used.tm; "
        "assert not [name for name in sys.modules if name.startswith('openvino_telemetry.')]"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
