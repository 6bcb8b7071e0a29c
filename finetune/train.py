"""Train an adapter on pairs of prompt and completion.

`train` is the whole of it: batches by length, loss on the completion only, cosine learning rate with warm-up, early
stopping on the development loss, the best epoch kept. The adapter is written to a folder beside its destination and
moved there at the end, so an interrupted run leaves the old adapter in use, and the same command goes on from its last
checkpoint. Started by `accelerate launch`, several processes share the work; the first writes the adapter.
"""

from __future__ import annotations

import hashlib
import json
import random
import shutil
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

import torch

from finetune.base_model import load_base
from finetune.batches import encode
from finetune.blend import blend
from finetune.board import check_tensorboard
from finetune.card import read_manifest
from finetune.dataset import Pair, data_hash
from finetune.methods import with_adapter
from finetune.processes import join_processes
from finetune.sampling import chance_of, draw, draw_dev
from finetune.settings import BadSetting, TrainSettings
from finetune.trainer import CHECKPOINT, Trainer, TrainLog
from intents.head import ENCODER

Vary = Callable[[Pair, random.Random], Pair]


class NothingToLearn(ValueError):
    """The training or the development set is empty."""


class OutIsNoAdapter(ValueError):
    """The folder to write to holds something else, which would be deleted."""


class TrainingDiverged(RuntimeError):
    """No epoch had a development loss that is a number; there is no adapter to keep."""


def train(
    base: Path,
    train_pairs: Sequence[Pair],
    dev_pairs: Sequence[Pair],
    out: Path,
    settings: TrainSettings,
    vary: Vary | None = None,
    taught: Collection[int] | None = None,
) -> TrainLog:
    """Train on `train_pairs`, varied anew for each epoch by `vary`, and write the adapter to `out`, in place of the
    adapter there. `taught`: what `settings.start` knows already, which a sample leaves out first.

    A run of the same settings, data and base that was cut goes on from its last checkpoint, some minutes back.
    Raises NothingToLearn, OutIsNoAdapter, TrainingDiverged, BadSetting or NoTensorBoard.
    """
    if not train_pairs or not dev_pairs:
        raise NothingToLearn(f"{len(train_pairs)} training and {len(dev_pairs)} development pairs; add examples.")
    if out.exists() and not (out / "adapter_config.json").is_file() and (not out.is_dir() or any(out.iterdir())):
        raise OutIsNoAdapter(f"{out} holds something other than an adapter. Choose another --out, or empty it.")
    if settings.start and Path(settings.start).resolve() == out.resolve():
        raise BadSetting(f"start: {out} is where the new adapter goes. Choose another --out.")
    if settings.tensorboard:
        check_tensorboard()
    processes = join_processes()
    torch.manual_seed(settings.seed)
    model, tokenizer = load_base(base, compute_dtype())
    if not torch.cuda.is_available():
        # in bfloat16 on a CPU the backward pass of fused attention takes a quarter of the whole step
        model.set_attn_implementation("eager")
    model = with_adapter(model, settings)
    epochs = [epoch_pairs(train_pairs, number, settings, vary, taught) for number in range(1, settings.epochs + 1)]
    dev_pairs = draw_dev(dev_pairs, settings.sample, random.Random(settings.seed))
    train_sets = [[encode(tokenizer, pair) for pair in pairs] for pairs in epochs]
    dev_set = [encode(tokenizer, pair) for pair in dev_pairs]
    if not processes.first:
        torch.manual_seed(settings.seed + processes.rank)  # the adapters are the same by now; dropout need not be
    trainer = Trainer(model, settings, train_sets, dev_set, processes)
    unfinished = out.with_name(out.name + ".unfinished")
    log = trainer.run(unfinished, fingerprint(base, settings, [*train_pairs, *dev_pairs], epochs, processes.count))
    if processes.first:
        put_in_place(unfinished, out, log, settings)
    processes.wait()
    if not log.best_epoch:
        raise TrainingDiverged(f"The development losses were {log.epochs}. Choose a lower learning rate.")
    return log


def put_in_place(unfinished: Path, out: Path, log: TrainLog, settings: TrainSettings) -> None:
    """Make the adapter of a finished run the one in `out`, mixed with the one it went on from as the settings say, and
    with that one's encoder; what diverged is thrown away."""
    if not log.best_epoch:
        shutil.rmtree(unfinished)
        return
    (unfinished / CHECKPOINT).unlink()
    if settings.start:
        start = Path(settings.start)
        if settings.blend < 1:
            blend(start, unfinished, settings.blend)
        if (start / ENCODER).is_dir():
            shutil.copytree(start / ENCODER, unfinished / ENCODER, dirs_exist_ok=True)
    shutil.rmtree(out, ignore_errors=True)
    unfinished.rename(out)


def epoch_pairs(
    pairs: Sequence[Pair], epoch: int, settings: TrainSettings, vary: Vary | None, taught: Collection[int] | None
) -> list[Pair]:
    """What one epoch learns: every pair once, or a sample; each as it is or varied."""
    drawn = draw(pairs, settings.sample, taught, chance_of(settings, epoch))
    if vary is None:
        return drawn
    varied, seen = [], Counter[str]()
    for pair in drawn:
        time = f"/{seen[pair.prompt]}" if pair.prompt in seen else ""
        varied.append(vary(pair, random.Random(f"{settings.seed}/{epoch}/{pair.prompt}{time}")))
        seen[pair.prompt] += 1
    return varied


def fingerprint(
    base: Path, settings: TrainSettings, pairs: Sequence[Pair], epochs: Sequence[Sequence[Pair]], processes: int
) -> str:
    """What makes two runs the same run."""
    data = [data_hash(pairs), *map(data_hash, epochs)]
    parts = [base.name, settings.that_matter(), *data, processes, torch.__version__, started_from(settings)]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def started_from(settings: TrainSettings) -> dict[str, str] | None:
    """Which adapter it was, wherever it lies: the hash of its weights, and the data and commit it was made of."""
    if not settings.start:
        return None
    folder = Path(settings.start)
    made = read_manifest(folder) if (folder / "manifest.json").is_file() else {}
    weights = hashlib.sha256((folder / "adapter_model.safetensors").read_bytes()).hexdigest()
    return {"weights": weights, "data": str(made.get("data")), "commit": str(made.get("commit"))}


def compute_dtype() -> str:
    """bfloat16 where the hardware multiplies whole tiles of it, else float32.

    An x86 with AVX-512's products of bfloat16 but no AMX trained 196 tokens a second in it, and 279 in float32.
    """
    if torch.cuda.is_available():
        return "bfloat16"
    found = torch.cpu.get_capabilities()
    is_quick = found["amx_bf16"] if "amx_bf16" in found else torch.ops.mkldnn._is_mkldnn_bf16_supported()
    return "bfloat16" if is_quick else "float32"


def manifest(settings: TrainSettings, log: TrainLog) -> dict[str, Any]:
    """Settings and outcome, ready for JSON."""
    return {
        "settings": settings.that_matter(),
        **({"start": started_from(settings)} if settings.start else {}),
        "best_epoch": log.best_epoch,
        "dev_loss": min(loss for _, loss in log.epochs),
        "steps": len(log.steps),
        "tokens": log.tokens,
        "seconds": round(log.seconds, 1),
        "tokens_per_second": round(log.tokens / log.seconds, 1),
        "train_losses": [round(loss, 4) for _, loss in log.steps],
        "learning_rates": [float(f"{rate:.3g}") for rate in log.learning_rates],
        "dev_losses": [[step, round(loss, 4)] for step, loss in log.epochs],
    }
