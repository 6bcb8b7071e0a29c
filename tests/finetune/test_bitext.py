"""Bitext's sentences counted in our intents."""

import csv
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from assistant import cli
from finetune.bitext import MAPPING, BadBitext, Sentence, bitext_figures, load_bitext
from intents.catalogue import load_catalogue


def test_the_mapping_names_intents_of_the_catalogue():
    mapping = YAML(typ="safe").load(MAPPING.read_text("utf-8"))
    assert len(mapping) == 27
    assert {name for names in mapping.values() for name in names} <= set(load_catalogue().intents)


def test_the_real_file_is_mapped_whole(shared_data: Path):
    sentences = load_bitext(shared_data / "bitext" / "train.csv", 10_000, 7)
    assert len(sentences) == 6_480 and len({one.intent for one in sentences}) == 27


def test_a_sample_is_the_same_for_the_same_seed(tmp_path):
    path = tmp_path / "train.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerows([["utterance", "intent"], *([f"send {number}", "get_invoice"] for number in range(50))])
    assert load_bitext(path, 10, 7) == load_bitext(path, 10, 7) != load_bitext(path, 10, 8)
    assert load_bitext(path, 10, 7)[0].meant == ("get_invoice",)


@pytest.mark.parametrize(
    ("text", "named"), [("a,b\n1,2\n", "utterance"), ("utterance,intent\nhi,chat\n", "chat"), ("", "utterance")]
)
def test_another_file_is_refused(tmp_path, text, named):
    (tmp_path / "train.csv").write_text(text, "utf-8")
    with pytest.raises(BadBitext, match=named):
        load_bitext(tmp_path / "train.csv", 10, 7)


def test_figures_count_what_was_read():
    sentences = [Sentence("a", "place_order", ("checkout", "add_to_cart")), Sentence("b", "review", ("give_feedback",))]
    figures = bitext_figures([*sentences, *sentences], ["checkout", "out_of_scope", "add_to_cart", "give_feedback"])
    assert (figures["accuracy"], figures["accuracy_strict"], figures["refused"]) == (0.75, 0.5, 0.25)
    assert figures["by_intent"] == {"place_order": 1.0, "review": 0.5}
    assert figures["confused"] == [["review", "out_of_scope", 1]]


def test_without_its_folder_the_command_says_what_is_missing(capsys):
    assert cli.main(["evaluate", "bitext"]) == 1
    assert "say with --data in which folder" in capsys.readouterr().err
