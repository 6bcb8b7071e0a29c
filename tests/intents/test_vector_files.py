"""Vectors kept between starts: the same ones, or none at all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from intents import vector_files
from intents.vector_files import Stacked, read_vectors, write_vectors
from tests.studio.files import by_words

TEXTS = ["where is my parcel", 'caf\u00e9 "mugs"\n\u2028 \U0001f600', ""]


def vectors_of(texts: list[str]) -> dict[str, np.ndarray]:
    return dict(zip(texts, by_words(texts).astype(np.float16), strict=True))


def test_they_are_read_as_they_were_kept(tmp_path: Path) -> None:
    path = tmp_path / "kept.npz"
    write_vectors(path, vectors_of(TEXTS))
    found = read_vectors(path, by_words)
    assert list(found) == TEXTS
    assert all(np.array_equal(found[text], one) for text, one in vectors_of(TEXTS).items())
    assert [one.name for one in tmp_path.iterdir()] == ["kept.npz"]


def test_where_nothing_was_kept_there_is_nothing(tmp_path: Path) -> None:
    assert read_vectors(tmp_path / "kept.npz", by_words) == {}
    write_vectors(tmp_path / "none.npz", {})
    assert read_vectors(tmp_path / "none.npz", by_words) == {}


def test_those_of_another_embedding_are_left(tmp_path: Path) -> None:
    path = tmp_path / "kept.npz"
    write_vectors(path, vectors_of(TEXTS))
    assert read_vectors(path, lambda texts: by_words([text[::-1] for text in texts])) == {}
    assert read_vectors(path, lambda texts: by_words(texts)[:, :100]) == {}


@pytest.mark.parametrize("cut", [0, 1, 100, 600])
def test_a_file_that_was_cut_short_is_left_and_said(tmp_path: Path, cut: int, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "kept.npz"
    write_vectors(path, vectors_of(TEXTS))
    path.write_bytes(path.read_bytes()[:cut])
    assert read_vectors(path, by_words) == {}
    assert "embedded anew" in caplog.text


def test_vectors_in_one_matrix_are_those_of_their_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vector_files, "BLOCK", 2)
    apart = vectors_of(TEXTS)
    stacked = Stacked(TEXTS, np.array(list(apart.values())))
    assert list(stacked) == TEXTS and len(stacked) == 3
    assert TEXTS[0] in stacked and "other" not in stacked
    assert np.array_equal(stacked[TEXTS[1]], apart[TEXTS[1]])
    wanted = [TEXTS[2], TEXTS[0], TEXTS[0]]
    rows = stacked.rows(wanted)
    assert rows.dtype == np.float32 and np.array_equal(rows, np.array([apart[text] for text in wanted], np.float32))
    assert stacked.rows([]).shape == (0, 256)
    with pytest.raises(KeyError):
        stacked.rows(["other"])
