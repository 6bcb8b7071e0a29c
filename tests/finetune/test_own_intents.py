"""A shop's own intents, from its folder to figures, by the commands that people type, on a tiny real model."""

import json

import pytest

from assistant import training
from assistant.training import own_content, split_own
from assistant.understanding import open_own_recogniser
from finetune.dataset import Pair
from intents.context import EMPTY
from intents.own_catalogue import catalogue_of
from tests.finetune.conftest import in_this_process

pytestmark = pytest.mark.usefixtures("one_thread")
MATTRESS = {
    "EMI?": "can i pay monthly|is there an instalment plan|do you take emi|pay in parts please|spread the cost"
    "|monthly plan for a king size|no cost emi on card|can it be paid later",
    "Check-Pincode": "do you deliver to 400001|is my pin code served|deliver in pune|can you ship here|pin code check"
    "|delivery to a village|which cities do you serve|you ship to kerala or not",
    "100_Night_Trial": "can i try it first|what is the trial offer|100 nights free?|how long may i test it|home trial"
    "|sleep on it before i decide|what if i hate it after a month|trial period?",
}


@pytest.fixture
def shop(tmp_path):
    rows = [f'"{text}",{label}' for label, texts in MATTRESS.items() for text in texts.split("|")]
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "mine.csv").write_text("\n".join(["text,intent", *rows]), "utf-8")
    (tmp_path / "test.csv").write_text("text,intent\nmonthly payments?,EMI?\ndeliver to goa?,Check-Pincode\n", "utf-8")
    return tmp_path / "shop"


def test_training_and_evaluating_need_nothing_but_the_folder(aisle, shop, tmp_path):
    status, trained, said = aisle("train --intents shop --epochs 1 --out new --test test.csv")
    assert status == 0 and trained["n"] == 2, said
    assert list(catalogue_of(tmp_path / "new").intents) == ["check_pincode", "emi", "i_100_night_trial"]
    manifest = json.loads((tmp_path / "new" / "manifest.json").read_text("utf-8"))
    assert manifest["pairs"] + manifest["dev_pairs"] == 24 and manifest["evaluation"]["n"] == 2
    assert manifest["command"] == "aisle train --intents shop --epochs 1"
    status, figures, said = aisle("evaluate test.csv --intents shop --adapter new --out figures")
    assert status == 0 and figures["n"] == 2, said
    assert figures["intents_exact"] == trained["intents_exact"]
    assert (tmp_path / "figures" / "evaluation.md").is_file()
    assert aisle("evaluate test.csv --adapter new")[1]["n"] == 2

    status, _, said = aisle("evaluate test.csv --intents shop")
    assert status == 1 and "was taught another catalogue: it does not know the intent `check_pincode`" in said
    with (shop / "mine.csv").open("a") as file:
        file.write("\nis it soft,Firmness\nis it hard,Firmness")
    status, _, said = aisle("evaluate test.csv --intents shop --adapter new")
    assert status == 1 and "does not know the intent `firmness`" in said
    (tmp_path / "test.csv").write_text("text,intent\nis it soft,Firmness\n", "utf-8")
    status, _, said = aisle("evaluate test.csv --adapter new")
    assert status == 1 and "test.csv:2: 'is it soft': unknown intent `Firmness`" in said


def test_the_index_of_a_folder_is_taught_its_intents(aisle, shop, tmp_path, monkeypatch):
    in_this_process(monkeypatch)
    opened = []

    def open_and_keep(*given):
        opened.append(open_own_recogniser(*given))
        return opened[-1]

    monkeypatch.setattr(training, "open_own_recogniser", open_and_keep)
    assert aisle("train --intents shop --epochs 1 --out new")[0] == 0
    status, taught, said = aisle("encoder new --intents shop --epochs 2 --test test.csv")
    assert status == 0 and (taught["taught"], len(taught["losses"]), taught["n"]) == (24, 2, 2), said
    assert json.loads((tmp_path / "new" / "encoder" / "head.json").read_text("utf-8"))["epochs"] == 2
    assert aisle("evaluate test.csv --intents shop --adapter new")[0] == 0
    index = opened.pop().index
    messages = [("monthly payments?", EMPTY), ("deliver to goa?", EMPTY)]
    assert len(index.examples) == 24 and index.head.intents == index.intents
    assert [index.intents[place] for place in index.scores(messages).argmax(1)] == ["emi", "check_pincode"]
    assert aisle("train --intents shop --start new --epochs 1 --out newer")[0] == 0
    kept = tmp_path / "newer" / "encoder" / "head.json"
    assert kept.read_bytes() == (tmp_path / "new" / "encoder" / "head.json").read_bytes(), "it goes on from it"
    status, _, said = aisle("train --intents shop --start newer --epochs 1 --out newer")
    assert status == 1 and "newer is where the new adapter goes. Choose another --out." in said
    assert kept.is_file(), "and nothing is lost"
    (tmp_path / "new" / "encoder" / "head.json").write_text("{", "utf-8")
    status, figures, _ = aisle("evaluate test.csv --intents shop --adapter new")
    assert status == 0 and figures["n"] == 2, "a damaged encoder is done without"
    assert opened.pop().index.head is None
    with (shop / "mine.csv").open("a") as file:
        file.write("\nis it soft,Firmness\nis it hard,Firmness")
    status, _, said = aisle("encoder new --intents shop")
    assert status == 1 and "does not know the intent `firmness`" in said
    assert (tmp_path / "new" / "encoder" / "head.json").read_text("utf-8") == "{", "and what was there stays"


def test_bad_examples_are_refused_and_the_old_adapter_stays(aisle, shop, tmp_path):
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "adapter_config.json").write_text("{}", "utf-8")
    (shop / "more.csv").write_text("text,intent\nhome trial,EMI?\n,EMI?\nlonely,Alone\n", "utf-8")
    status, _, said = aisle("train --intents shop --out new")
    assert status == 1 and "more.csv:3: an example of `EMI?` has no text" in said
    assert "more.csv:2: 'home trial' contradicts" in said
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["adapter_config.json"]
    status, _, said = aisle("train --intents nowhere --out new")
    assert status == 1 and "nowhere: no such file or folder of examples" in said


def test_every_intent_is_learnt_whatever_the_hash_holds_out(shop):
    content = own_content(shop, None)
    learnt = {pair.completion for pair in content.train_pairs}
    assert learnt == {"emi()", "check_pincode()", "i_100_night_trial()"}
    assert not {pair.key for pair in content.train_pairs} & {pair.key for pair in content.dev_pairs}
    messages = [Pair("", "a()", f"message {number}") for number in range(40)]
    held_out = split_own(messages)[1]
    assert 0 < len(held_out) < 12
    lonely = [Pair("", "b()", pair.key) for pair in held_out]
    train_pairs, dev_pairs = split_own([*lonely, *messages])
    assert lonely[0] in train_pairs and {pair.completion for pair in dev_pairs} == {"a()"}
