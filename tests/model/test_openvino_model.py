"""A merged file is converted once, and its mapped weights take no memory when nobody wants them."""

from __future__ import annotations

import mmap
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from assistant.engines import openvino_model
from assistant.engines.openvino_model import SIGNED, UNSIGNED, WEIGHTS, converted, give_back

MIB = 1 << 20


@pytest.fixture
def gguf(tmp_path, monkeypatch) -> Path:
    """A file that an OpenVINO of version 1.2 converts, without the model's seconds."""
    made = tmp_path / "0123abcd.gguf"
    made.write_bytes(b"GGUF")

    def convert(path, *settings):
        Path(path).with_name(WEIGHTS).write_bytes(Path(path).read_bytes() + b" converted")

    told = SimpleNamespace(__version__="1.2", SchedulerConfig=SimpleNamespace, ContinuousBatchingPipeline=convert)
    monkeypatch.setattr(openvino_model, "genai", told)
    monkeypatch.setattr(openvino_model, "_lay_out", lambda folder: None)
    return made


def test_a_file_is_converted_once_and_anew_for_another_version_of_openvino(gguf, monkeypatch):
    folder = converted(gguf)
    made = (folder / WEIGHTS).stat().st_mtime_ns
    assert [one.name for one in folder.iterdir()] == [WEIGHTS]
    assert converted(gguf) == folder and (folder / WEIGHTS).stat().st_mtime_ns == made
    monkeypatch.setattr(openvino_model.genai, "__version__", "1.3")
    newer = converted(gguf)
    assert newer != folder and sorted(gguf.parent.iterdir()) == sorted([gguf, newer])


@pytest.mark.parametrize(
    ("told", "quicker"),
    [
        ("flags\t\t: fpu avx2 fma\nflags\t\t: fpu avx2 fma\n", SIGNED),
        ("flags\t\t: fpu avx2 avx512f avx512_vnni amx_int8\n", UNSIGNED),
        ("flags\t\t: fpu avx2 avx_vnni\n", UNSIGNED),
        ("Features\t: fp asimd\n", UNSIGNED),
        (None, UNSIGNED),
    ],
)
def test_weights_are_laid_out_where_the_processor_multiplies_no_bytes(gguf, monkeypatch, tmp_path, told, quicker):
    laid: list[Path] = []
    monkeypatch.setattr(openvino_model, "CPU_INFO", tmp_path / "cpuinfo")
    monkeypatch.setattr(openvino_model, "_lay_out", laid.append)
    if told is not None:
        (tmp_path / "cpuinfo").write_text(told, "utf-8")
    folder = converted(gguf)
    assert folder.name == f"0123abcd.1.2-{quicker}.openvino"
    assert len(laid) == (quicker == SIGNED)


def test_what_was_converted_goes_with_its_file(gguf):
    first = converted(gguf)
    other = gguf.with_name("4567.gguf")
    gguf.rename(other)
    converted(other)
    assert not first.exists()


def test_what_a_killed_conversion_left_goes_with_a_later_one(gguf):
    killed, running = (gguf.with_name(f".1234.1.2.openvino.{name}.part") for name in ("killed", "running"))
    for part in (killed, running):
        part.mkdir()
    os.utime(killed, (0, 0))
    converted(gguf)
    assert running.is_dir() and not killed.exists()


def test_where_nothing_can_be_written_the_file_itself_is_read(gguf, monkeypatch, caplog):
    def refuse(*paths):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(openvino_model, "_convert", refuse)
    assert converted(gguf) == gguf
    assert "No space left" in caplog.text and list(gguf.parent.iterdir()) == [gguf]


def test_a_disk_that_is_nearly_full_gets_no_half_model(gguf, monkeypatch, caplog):
    monkeypatch.setattr(
        openvino_model.shutil, "disk_usage", lambda path: SimpleNamespace(free=11)
    )  # of 3 times 4 bytes
    assert converted(gguf) == gguf
    assert "No space left" in caplog.text and list(gguf.parent.iterdir()) == [gguf]


def test_a_file_that_cannot_be_read_leaves_nothing(gguf, monkeypatch):
    def refuse(*paths):
        raise RuntimeError("not a model")

    monkeypatch.setattr(openvino_model, "_convert", refuse)
    with pytest.raises(RuntimeError, match="not a model"):
        converted(gguf)
    assert list(gguf.parent.iterdir()) == [gguf]


def test_of_two_processes_that_convert_at_once_both_get_a_whole_folder(gguf, monkeypatch):
    convert = openvino_model._convert

    def with_a_faster_one(source, out):
        monkeypatch.setattr(openvino_model, "_convert", convert)
        converted(source)
        convert(source, out)

    monkeypatch.setattr(openvino_model, "_convert", with_a_faster_one)
    folder = converted(gguf)
    assert (folder / WEIGHTS).read_bytes() == b"GGUF converted"
    assert sorted(gguf.parent.iterdir()) == sorted([gguf, folder])


def test_mapped_weights_that_nobody_wants_leave_the_memory(tmp_path):
    (tmp_path / WEIGHTS).write_bytes(b"w" * 8 * MIB)
    with (tmp_path / WEIGHTS).open("rb") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as mapped:
        assert mapped.read() == b"w" * 8 * MIB and resident(tmp_path / WEIGHTS) >= 8 * MIB
        give_back(tmp_path)
        assert resident(tmp_path / WEIGHTS) == 0
        assert mapped[-1:] == b"w"


def resident(path: Path) -> int:
    """Bytes of a mapped file in this process's memory."""
    lines = iter(Path("/proc/self/smaps").read_text("utf-8").splitlines())
    for line in lines:
        if line.endswith(str(path)):
            return next(int(one.split()[1]) * 1024 for one in lines if one.startswith("Rss:"))
    raise AssertionError(f"{path} is not mapped")
