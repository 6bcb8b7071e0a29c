"""What test_processes.py has the launcher start in each process:   one_of_several.py WORK.json

Trains the tiny model once whole, and once cut and taken up again; writes what this process saw beside WORK.json."""

import hashlib
import json
import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parents[2]))
from finetune import train as training
from finetune import trainer
from finetune.base_model import load_tokenizer
from finetune.dataset import Pair
from finetune.processes import join_processes
from finetune.settings import TrainSettings
from tests.finetune.conftest import tiny_llama


def main(work: Path) -> None:
    task = json.loads(work.read_text("utf-8"))
    torch.set_num_threads(1)
    tokenizer = load_tokenizer(Path(task["base"]))
    pairs = [Pair(*pair) for pair in task["pairs"]]
    trainer.CHECKPOINT_EVERY_S = 0.0
    model = None

    def load(path, dtype):
        nonlocal model
        model = tiny_llama(len(tokenizer))
        return model, tokenizer

    def train(name):
        return training.train(Path("base"), pairs, pairs, work.with_name(name), TrainSettings(**task["settings"]))

    training.load_base = load
    log = train("two")
    weights = hashlib.sha256(b"".join(one.detach().numpy().tobytes() for one in model.parameters())).hexdigest()
    seen = {"weights": weights, "epochs": log.epochs, "steps": len(log.steps), "tokens": log.tokens}

    step = trainer.Trainer.step

    def cut(self, loss):
        if len(self.log.steps) == 4:  # in both at the same step: else one would wait for the other
            raise KeyboardInterrupt
        step(self, loss)

    trainer.Trainer.step = cut
    try:
        train("cut")
    except KeyboardInterrupt:
        trainer.Trainer.step = step
        seen["resumed_epochs"] = train("cut").epochs
    work.with_name(f"rank{join_processes().rank}.json").write_text(json.dumps(seen), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
