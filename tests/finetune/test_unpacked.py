"""What is kept of a GGUF file: whole or not at all, never of another file, and nothing depends on it."""

import os

import pytest

from finetune import unpacked as module
from finetune.unpacked import STALE_S, keep, unpacked


@pytest.fixture
def gguf(tmp_path):
    path = tmp_path / "model[1].gguf"
    path.write_bytes(b"GGUF")
    return path


def save(folder):
    (folder / "said").write_text("weights", "utf-8")


def folders(gguf):
    return [path for path in gguf.parent.iterdir() if path.is_dir()]


def test_it_is_found_again_each_part_by_itself(gguf):
    assert unpacked(gguf, "weights") is None
    keep(gguf, "weights", save)
    folder = unpacked(gguf, "weights")
    assert folder and (folder / "said").read_text("utf-8") == "weights" and unpacked(gguf, "tokenizer") is None


def test_of_a_file_that_was_replaced_it_is_made_anew_and_the_old_goes(gguf, monkeypatch):
    keep(gguf, "weights", save)
    keep(gguf, "tokenizer", save)
    old = unpacked(gguf, "weights")
    earlier = gguf.stat().st_mtime - 1000
    gguf.write_bytes(b"gguf")
    os.utime(gguf, (earlier, earlier))  # as `mv` leaves it: of the same size, and older than what was kept
    assert unpacked(gguf, "weights") is None
    keep(gguf, "weights", save)
    assert unpacked(gguf, "weights") and not old.exists()
    assert len(folders(gguf)) == 2, "the tokenizer's stays until it is made anew"
    monkeypatch.setattr(module, "RECIPE", 99)
    assert unpacked(gguf, "weights") is None
    keep(gguf, "weights", save)
    assert len(folders(gguf)) == 2


def test_a_file_whose_name_begins_alike_keeps_its_own(gguf):
    other = gguf.with_name("model[1].gguf.Q8_0.gguf")
    other.write_bytes(b"GGUF")
    keep(other, "weights", save)
    keep(gguf, "weights", save)
    assert unpacked(other, "weights") and unpacked(gguf, "weights")


@pytest.mark.parametrize("error", [OSError, Exception])
def test_what_cannot_be_written_is_done_without(gguf, caplog, error):
    """safetensors and tokenizers raise errors of their own."""

    def full(folder):
        (folder / "half").write_text("", "utf-8")
        raise error("No space left on device")

    keep(gguf, "weights", full)
    assert unpacked(gguf, "weights") is None and list(gguf.parent.iterdir()) == [gguf]
    assert "is read anew at each start" in caplog.text and "No space left" in caplog.text


def test_who_comes_second_leaves_what_the_first_has_made(gguf, caplog):
    keep(gguf, "weights", save)
    first = unpacked(gguf, "weights")
    keep(gguf, "weights", lambda folder: (folder / "said").write_text("second", "utf-8"))
    assert (first / "said").read_text("utf-8") == "weights"

    def slower(folder):
        raise OSError("Directory not empty")

    keep(gguf, "weights", slower)
    assert unpacked(gguf, "weights") == first and not caplog.text


def test_what_a_killed_process_left_goes_once_it_is_old(gguf):
    left, fresh = (gguf.parent / f".{gguf.name}.1.weights.{name}.part" for name in ("old", "new"))
    for folder in (left, fresh):
        folder.mkdir()
    os.utime(left, (left.stat().st_mtime - 2 * STALE_S,) * 2)
    keep(gguf, "weights", save)
    assert not left.exists() and fresh.exists()
