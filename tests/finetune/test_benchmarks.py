"""The public benchmarks: the files as published, and a whole run on a few sentences of our own with a tiny model."""

import json

import numpy
import pytest

from assistant import measuring_commands
from assistant.fetch import BaseMissing, find_embeddings
from assistant.settings import Settings
from finetune.benchmarks import Means, load_benchmark, run_benchmark
from finetune.evaluate import OUT_OF_SCOPE
from finetune.taught import example_hash, read_taught
from intents.examples import BadExamples
from intents.own_catalogue import labels
from intents.recogniser import Understanding
from tests.finetune.conftest import in_this_process

pytestmark = pytest.mark.usefixtures("one_thread")
TOPICS = {
    "Lost_card?": "my card is gone|i cannot find my card|card was stolen|where did i leave my card|lost it on a bus"
    "|someone took my wallet",
    "top up": "add money please|how do i top up|put cash on my account|top up by transfer|charge it with 20 euros"
    "|load my account",
    "oos": "who won the match|is it raining|sing me a song|how tall is everest|tell me a secret|bake me a cake",
}


@pytest.fixture
def clinc(tmp_path):
    """CLINC150's form with two intents."""
    messages = [[text, label] for label, texts in TOPICS.items() for text in texts.split("|")]
    parts = {"train": slice(0, 4), "val": slice(4, 5), "test": slice(5, 6)}
    data = {}
    for name, part in parts.items():
        chosen = [one for label in TOPICS for one in [row for row in messages if row[1] == label][part]]
        data[name] = [row for row in chosen if row[1] != "oos"]
        data[f"oos_{name}"] = [row for row in chosen if row[1] == "oos"]
    folder = tmp_path / "clinc150"
    folder.mkdir()
    (folder / "data_full.json").write_text(json.dumps(data), "utf-8")
    return tmp_path


class SureOfFirst:
    """An index that puts the first intent first, and what is out of scope last."""

    def __init__(self, intents):
        self.intents = tuple(intents)
        self.head = None

    def scores(self, messages):
        return numpy.tile([0.7, 0.1, 0.2], (len(messages), 1))


def test_clincs_splits_have_its_out_of_scope_messages(clinc):
    benchmark = load_benchmark("clinc150", clinc)
    assert labels(benchmark.catalogue) == {"lost_card": "Lost_card?", OUT_OF_SCOPE: OUT_OF_SCOPE, "top_up": "top up"}
    assert [len(split) for split in (benchmark.train, benchmark.validation, benchmark.test)] == [12, 3, 3]
    assert benchmark.test[-1].commands[0].intent == OUT_OF_SCOPE
    assert len(load_benchmark("clinc150", clinc / "clinc150", limit=2).train) == 6


def test_the_public_files_are_read_as_published(shared_data):
    banking, clinc = (load_benchmark(name, shared_data) for name in ("banking77", "clinc150"))
    assert (len(banking.catalogue.intents), len(banking.test)) == (77, 3080)
    assert len(banking.train) + len(banking.validation) == 10003 and 500 < len(banking.validation) < 700
    assert not {one.text.lower() for one in banking.train} & {one.text.lower() for one in banking.validation}
    assert [len(split) for split in (clinc.train, clinc.validation, clinc.test)] == [15100, 3100, 5500]
    assert len(clinc.catalogue.intents) == 151


def test_files_that_are_not_there_or_something_else_are_named(tmp_path):
    with pytest.raises(BadExamples, match=r"train.csv: cannot be read"):
        load_benchmark("banking77", tmp_path)
    (tmp_path / "data_full.json").write_text('{"train": []}', "utf-8")
    with pytest.raises(BadExamples, match=r"data_full.json: is not CLINC150's"):
        load_benchmark("clinc150", tmp_path)


def test_every_system_is_measured_with_what_validation_chose(clinc):
    benchmark = load_benchmark("clinc150", clinc)

    def read(examples):
        return [Understanding(one.text, one.commands, 0.9, "oracle") for one in examples]

    def score(prompts, candidates):
        """Knows what every message means."""
        meant = {one.text: str(one.commands[0]) for one in benchmark.validation + benchmark.test}
        right = [next(label for text, label in meant.items() if f"says: {text}<" in prompt) for prompt in prompts]
        return numpy.log(
            [[0.9 if one == label else 0.05 for one in row] for row, label in zip(candidates, right, strict=True)]
        )

    fitted = []

    def fit(examples):
        fitted.append(len(examples))
        return SureOfFirst(benchmark.catalogue.intents)

    systems = {one.name: one for one in run_benchmark(benchmark, Means(fit, read, score))}
    assert fitted == [len(benchmark.train), len(benchmark.train) + len(benchmark.validation)]
    assert (systems["model alone"].test.accuracy, systems["model alone"].test.out_of_scope_recall) == (1.0, 1.0)
    index = systems["index alone"]  # as sure of what is out of scope: whoever refuses that refuses all
    assert (index.weight, index.test.accuracy, index.test.out_of_scope_recall, index.test.refused) == (
        0.0,
        0.0,
        1.0,
        1.0,
    )
    fused = systems["fused"]
    assert fused.weight and (fused.test.accuracy, fused.test.out_of_scope_recall) == (1.0, 1.0)


def test_what_reads_the_test_split_may_be_taught_what_validation_knows(clinc):
    benchmark = load_benchmark("clinc150", clinc)
    assert benchmark.with_validation().train == [*benchmark.train, *benchmark.validation]
    asked = {"first": [], "last": []}

    def means(name):
        def read(examples):
            asked[name].append(("read", len(examples)))
            return [Understanding(one.text, one.commands, 0.9, "oracle") for one in examples]

        def score(prompts, candidates):
            asked[name].append(("score", len(prompts)))
            return numpy.zeros((len(prompts), len(candidates[0])))

        def fit(examples):
            asked[name].append(("fit", len(examples)))
            return SureOfFirst(benchmark.catalogue.intents)

        return Means(fit, read, score)

    run_benchmark(benchmark, means("first"), means("last"))
    assert asked["first"] == [("fit", 12), ("read", 3), ("score", 3)]
    assert asked["last"] == [("fit", 15), ("read", 3), ("score", 3)]


def test_a_benchmark_is_one_command(aisle, clinc, tmp_path, monkeypatch):
    try:
        find_embeddings(Settings().cache)
    except BaseMissing:
        pytest.skip("no embeddings in the cache; run `aisle fetch`")
    status, figures, said = aisle(f"evaluate clinc150 --data {clinc} --epochs 1 --limit 3 --out run")
    assert status == 0 and (figures["bench"], figures["n"], figures["train"]) == ("clinc150", 3, 9), said
    systems = "model alone", "examples alone", "encoder alone", "index alone", "model on the index's best", "fused"
    assert tuple(figures["systems"]) == systems
    assert figures["seconds"].keys() == {"training", "encoder", "reading"} and figures["device"].startswith(
        "1 cores of"
    )
    written = (tmp_path / "run" / "benchmark.md").read_text("utf-8")
    assert "| *BERT (Larson et al. 2019)* | | | | 96.9% | 52.0% |" in written and "at most 3 messages" in written
    in_this_process(monkeypatch)
    status, again, said = aisle(f"evaluate clinc150 --data {clinc} --limit 3 --adapter run/adapter --out run2")
    assert status == 0 and again["systems"] == figures["systems"], said
    status, taught, said = aisle(f"evaluate clinc150 --data {clinc} --limit 3 --adapter run/adapter --refit --out run2")
    assert status == 0, said
    ways = [[run["systems"][name]["validation"] for name in systems] for run in (figures, taught)]
    assert ways[0] == ways[1] and "too, after that" not in written
    assert (taught["refitted"]["start"], taught["refitted"]["sample"]) == ("run/adapter", 6)
    refitted = tmp_path / "run2" / "refitted" / "adapter"
    told = read_taught(refitted, json.loads((refitted / "manifest.json").read_text("utf-8"))["data"])
    assert told and {example_hash(one) for one in load_benchmark("clinc150", clinc, 3).validation} <= told
    assert "taught the validation messages too, after that" in (tmp_path / "run2" / "benchmark.md").read_text("utf-8")
    status, _, said = aisle(f"evaluate clinc150 --data {clinc} --limit 3 --start run/nothing --out run3")
    assert status != 0 and "run/nothing holds no adapter" in said
    status, _, said = aisle(f"evaluate clinc150 --data {clinc} --limit 3 --learning-rate 0 --out run3")
    assert status != 0 and "learning_rate is 0; it must be more than 0" in said


def test_a_benchmark_without_its_files_or_its_name_says_so(aisle):
    assert "say with --data in which folder" in aisle("evaluate banking77")[2]
    assert "evaluate banking77 or clinc150" in aisle("evaluate mnist --data .")[2]
    assert measuring_commands.PUBLIC_BENCHMARKS == ("banking77", "clinc150")
