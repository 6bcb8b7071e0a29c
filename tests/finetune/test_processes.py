"""Two real processes train one tiny adapter, and it is that of one process which takes batches two by two."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, astuple
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from assistant.fetch import find_base
from assistant.settings import Settings
from finetune import train as training
from finetune.processes import ALONE, join_processes
from finetune.settings import TrainSettings
from tests.finetune.conftest import tiny_llama

SETTINGS = TrainSettings(epochs=3, rank=4, batch_tokens=60, learning_rate=0.02, seed=7)
# without a mention of GPUs accelerate starts one process alone; port 0 is a free one
LAUNCH = "-m accelerate.commands.launch --multi_gpu --num_processes 2 --num_machines 1 --mixed_precision no \
    --dynamo_backend no --main_process_port 0"


@pytest.fixture(scope="module")
def two(tmp_path_factory, tokenizer, pairs):
    """The folder where two processes have trained: the adapters `two` and `cut`, and what each rank saw."""
    folder = tmp_path_factory.mktemp("two")
    task = {
        "base": str(find_base(Settings().cache)),
        "pairs": [astuple(pair) for pair in pairs],
        "settings": asdict(SETTINGS),
    }
    (folder / "work.json").write_text(json.dumps(task), "utf-8")
    script = Path(__file__).with_name("one_of_several.py")
    command = [sys.executable, *LAUNCH.split(), str(script), str(folder / "work.json")]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as launcher:
        try:
            _, said = launcher.communicate(timeout=600)
        finally:
            launcher.terminate()  # it takes the two along; a plain kill would leave them waiting for each other
    assert launcher.returncode == 0, said
    (folder / "stderr").write_text(said, "utf-8")
    return folder


@pytest.fixture(scope="module")
def one(tmp_path_factory, tokenizer, pairs, one_thread):
    """What one process makes of the same data, with steps twice as large: its adapter's folder and its log."""
    out = tmp_path_factory.mktemp("one") / "adapter"
    settings = TrainSettings(**(asdict(SETTINGS) | {"accumulate": 2}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training, "load_base", lambda path, dtype: (tiny_llama(len(tokenizer)), tokenizer))
        return out, training.train(Path("base"), pairs, pairs, out, settings)


def seen(two: Path, rank: int):
    return json.loads((two / f"rank{rank}.json").read_text("utf-8"))


def adapter(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "adapter_model.safetensors")


def test_two_processes_end_with_the_same_weights_and_figures(two):
    assert seen(two, 0) == seen(two, 1)


def test_two_processes_make_the_adapter_of_one_with_twice_the_batches_to_a_step(two, one):
    folder, log = one
    ours, theirs = adapter(two / "two"), adapter(folder)
    assert all(torch.allclose(ours[name], theirs[name], atol=1e-5) for name in theirs)
    assert [loss for _, loss in seen(two, 0)["epochs"]] == pytest.approx([loss for _, loss in log.epochs], abs=1e-5)
    assert (seen(two, 0)["steps"], seen(two, 0)["tokens"]) == (len(log.steps), log.tokens)
    assert len(log.steps) == 9  # five batches an epoch: in the last step of each, one process had none


def test_two_processes_that_were_cut_go_on_to_the_same_adapter(two):
    assert seen(two, 0)["resumed_epochs"] == seen(two, 0)["epochs"]
    whole, cut = adapter(two / "two"), adapter(two / "cut")
    assert all(torch.equal(whole[name], cut[name]) for name in whole)


def test_only_one_process_shows_progress_and_nothing_unfinished_is_left(two):
    said = (two / "stderr").read_text("utf-8")
    assert said.count("epoch 1: development loss") == 2  # the whole training, and the one that was cut
    assert sorted(path.name for path in two.iterdir() if path.is_dir()) == ["cut", "two"]


def test_a_process_alone_has_no_fellows(one):
    assert join_processes().count == 1 and join_processes().first
    tensor = torch.ones(2)
    ALONE.average([tensor])
    ALONE.wait()
    assert tensor.tolist() == [1, 1] and ALONE.sums(1.5, 2) == [1.5, 2] and ALONE.from_first("state") == "state"
