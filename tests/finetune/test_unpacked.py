"""What is kept of a GGUF file: whole or not at all, never of another file, and nothing depends on it."""

import os

import pytest

from finetune.unpacked import keep, unpacked


@pytest.fixture
def gguf(tmp_path):
    path = tmp_path / "model.gguf"
    path.write_bytes(b"GGUF")
    return path


def save(folder):
    (folder / "said").write_text("weights", "utf-8")


def test_it_is_found_again_each_part_by_itself(gguf):
    assert unpacked(gguf, "weights") is None
    keep(gguf, "weights", save)
    folder = unpacked(gguf, "weights")
    assert folder and (folder / "said").read_text("utf-8") == "weights" and unpacked(gguf, "tokenizer") is None


def test_of_a_file_that_was_replaced_it_is_made_anew_and_the_old_goes(gguf):
    keep(gguf, "weights", save)
    keep(gguf, "tokenizer", save)
    old = unpacked(gguf, "weights")
    later = old.stat().st_mtime + 10
    os.utime(gguf, (later, later))
    assert unpacked(gguf, "weights") is None
    gguf.write_bytes(b"GGUF another")
    assert unpacked(gguf, "weights") is None
    keep(gguf, "weights", save)
    assert unpacked(gguf, "weights") and not old.exists()
    assert len([path for path in gguf.parent.iterdir() if path.is_dir()]) == 2, "the tokenizer's stays"


def test_what_cannot_be_written_is_done_without(gguf, caplog):
    def full(folder):
        (folder / "half").write_text("", "utf-8")
        raise OSError("No space left on device")

    keep(gguf, "weights", full)
    assert unpacked(gguf, "weights") is None and list(gguf.parent.iterdir()) == [gguf]
    assert "is read anew at each start" in caplog.text and "No space left" in caplog.text


def test_who_comes_second_leaves_what_the_first_has_made(gguf, caplog):
    keep(gguf, "weights", save)
    first = unpacked(gguf, "weights")

    def slower(folder):
        save(folder)
        raise OSError("Directory not empty")

    keep(gguf, "weights", slower)
    assert unpacked(gguf, "weights") == first and not caplog.text
