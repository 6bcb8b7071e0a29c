"""What is kept beside an adapter: the manifest, the curve and a card that says where it comes from."""

import pytest

from finetune.card import draw_loss, read_manifest, write_card, write_manifest


@pytest.fixture
def manifest():
    return {
        "command": "aisle train --seed 7",
        "commit": "abc1234",
        "data": "d" * 64,
        "pairs": 10,
        "dev_pairs": 2,
        "settings": {"rank": 16, "learning_rate": 0.001},
        "best_epoch": 1,
        "dev_loss": 0.5,
        "steps": 3,
        "tokens": 900,
        "seconds": 2.0,
        "tokens_per_second": 450.0,
        "train_losses": [2.0, 1.0, 0.5],
        "dev_losses": [[3, 0.5]],
    }


def test_a_manifest_reads_back(tmp_path, manifest):
    write_manifest(tmp_path, manifest)
    assert read_manifest(tmp_path) == manifest


def test_the_card_says_how_to_make_the_adapter_again(tmp_path, manifest):
    write_card(tmp_path, manifest, "understanding.jsonl", {"frames_exact": 0.8123})
    card = (tmp_path / "README.md").read_text("utf-8")
    for said in ("rank 16", "`aisle train --seed 7`", "`dddddddddddddddd`", "commit `abc1234`", "{placeholders}"):
        assert said in card
    assert "| frames exact | 0.8123 |" in card and "| learning rate | 0.001 |" in card


def test_the_loss_is_drawn(tmp_path, manifest):
    draw_loss(tmp_path, manifest)
    assert (tmp_path / "loss.png").read_bytes().startswith(b"\x89PNG")
