"""Any shop's own intents: foreign Rasa YAML and CSV become a catalogue and examples, and each mistake has its line."""

import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.catalogue import load_catalogue
from intents.commands import NAME, format_commands
from intents.examples import BadExamples
from intents.own_catalogue import (
    CATALOGUE_FILE,
    CatalogueMismatch,
    catalogue_of,
    check_adapter,
    labels,
    load_own,
    read_own,
    safe_names,
    save_catalogue,
)

CSV = """\
text,intent
where is my mattress?,card arrival?
"has it left, or not?",card arrival?
give me my money back,Refund_not_showing_up
no refund yet,Refund_not_showing_up
"""
RASA = """\
version: "3.1"
nlu:
- intent: book/flight
  examples: |
    - from [Rome]{"entity": "City", "role": "from"} to [Oslo]{"entity": "City", "role": "to", "value": "OSL"}
    - two [window seats](seat) and an [aisle seat](seat:aisle), please [1]
- intent: greet
  examples:
  - text: |
      hi
    metadata: {sentiment: good}
  - text: |
      good morning
- synonym: OSL
  examples: |
    - Oslo
- lookup: city
  examples: |
    - Rome
"""


@pytest.fixture
def shop(tmp_path):
    """Call it with the files of a shop's folder, by name."""

    def write(**files: str | bytes) -> Path:
        for name, content in files.items():
            path = tmp_path / name.replace("_", ".")
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return tmp_path

    return write


def problems(folder: Path) -> list[str]:
    """`file:line: message` of everything that is wrong, without the folder."""
    with pytest.raises(BadExamples) as caught:
        load_own([folder])
    return [str(one).replace(f"{folder}/", "") for one in caught.value.problems]


def test_a_csv_of_somebody_elses_intents_becomes_a_catalogue_in_order_of_name(shop):
    catalogue, examples = load_own([shop(mine_csv=CSV)])
    assert list(catalogue.intents) == ["card_arrival", "refund_not_showing_up"]
    assert labels(catalogue) == {"card_arrival": "card arrival?", "refund_not_showing_up": "Refund_not_showing_up"}
    assert [format_commands(one.commands) for one in examples] == ["card_arrival()"] * 2 + [
        "refund_not_showing_up()"
    ] * 2
    assert examples[1].text == "has it left, or not?" and examples[1].source.endswith("mine.csv:3")


@pytest.mark.parametrize("header", ["text,category", "Text, Label ", "\ufefftext,intent", "id,text,note,intent"])
def test_the_columns_may_be_called_as_public_sets_call_them(shop, header):
    width = header.count(",") - 1
    rows = [
        "," * (width > 0) + f"{text}{',' * max(width, 1)}{label}" for text, label in zip("abcd", "xxyy", strict=True)
    ]
    _, examples = load_own([shop(mine_csv="\r\n".join([header, *rows, ""]))])
    assert [(one.text, one.commands[0].intent) for one in examples] == list(zip("abcd", "xxyy", strict=True))


def test_rasas_own_forms_are_read_with_entities_as_text_slots(shop):
    catalogue, examples = load_own([shop(nlu_yml=RASA, domain_yml="intents: [greet]\nslots: {}\n")])
    assert [format_commands(one.commands) for one in examples] == [
        'book_flight(city_from="Rome", city_to="Oslo")',
        'book_flight(seat="window seats", seat="aisle seat")',
        "greet()",
        "greet()",
    ]
    assert examples[1].text == "two window seats and an aisle seat, please [1]"
    assert [one.source.rsplit(":", 1)[1] for one in examples] == ["5", "6", "9", "12"]
    assert {name: (slot.kind, slot.repeat) for name, slot in catalogue.intents["book_flight"].slots.items()} == {
        "city_from": ("text", False),
        "city_to": ("text", False),
        "seat": ("text", True),
    }


def test_files_of_both_kinds_in_subfolders_are_one_shop_and_the_test_file_is_left_out(shop):
    folder = shop(nlu_yml=RASA, mine_csv=CSV, test_csv="text,intent\nhullo,unheard\n")
    (folder / "data").mkdir()
    (folder / "nlu.yml").rename(folder / "data" / "nlu.yml")
    catalogue, examples = load_own([folder], leave_out=[folder / "test.csv"])
    assert list(catalogue.intents) == ["book_flight", "card_arrival", "greet", "refund_not_showing_up"]
    assert len(examples) == 8


def test_every_mistake_is_named_with_its_line(shop):
    folder = shop(
        a_csv='text,intent\nhi,greet\nhello,\n,greet\n"two\nlines",greet\nhi,greet\nhi,bye\nciao,bye\nx,y,z\n',
        b_yml="nlu:\n- intent: empty\n  examples: |\n- intent: greet\n"
        "  examples: |\n    - hey\n    ho\n    - [a](b\n    - [a](b) [c](\n",
    )
    assert problems(folder) == [
        "a.csv:3: 'hello' has no intent; name one, or delete the line",
        "a.csv:4: an example of `greet` has no text",
        "a.csv:10: has 3 columns, the first line 2; put a text with commas in quotes",
        "b.yml:2: intent `empty` has no examples; write some, or delete it",
        "b.yml:7: each example is `- ` and a message: 'ho'",
        "b.yml:8: an annotation does not close in '[a](b'; write [text](entity)",
        "b.yml:9: an annotation does not close in '[a](b) [c]('; write [text](entity)",
        "a.csv:7: 'hi' repeats a.csv:2; delete one of them",
        "a.csv:8: 'hi' contradicts a.csv:2; keep the right one",
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("utterance,intent\nhi,greet\n", "a.csv:1: the first line names the columns `text` and `intent`"),
        ("text;intent\nhi;greet\n", "columns are separated by commas"),
        ("", "a.csv:1: the first line names the columns"),
        ("text,intent\n", "holds no examples"),
        ("text,intent\nhi,greet\nsmörgås,greet\n".encode("latin-1"), "a.csv:3: byte 0xf6 is not UTF-8; save the file"),
        ("text,intent\nhi,greet\n".encode("utf-16"), "a.csv:1: byte 0xff is not UTF-8"),
        ('text,intent\nhi,greet\n"never ends,greet\n', "a.csv:3: not CSV: unexpected end of data"),
        ("text,intent\nhi,greet\nhey,greet\nx,y\n", "a.csv:4: intent `y` has one example only"),
        ("text,intent\nhi,greet\nhey,greet\n", "1 intents; there is nothing to tell apart"),
    ],
)
def test_a_file_that_cannot_be_learnt_from_says_why(shop, content, said):
    (problem,) = problems(shop(a_csv=content))
    assert said in problem


@given(st.sets(st.text(st.sampled_from(string.ascii_letters + string.digits + "_-/? éß猫"), min_size=1), max_size=12))
def test_safe_names_are_names_all_different_and_lead_back(names):
    safe = safe_names(names)
    assert safe.keys() == names and len(set(safe.values())) == len(names)
    assert all(NAME.fullmatch(name) for name in safe.values())
    assert all(
        safe[label] == label for label in names if NAME.fullmatch(label) and "__" not in label and label[-1] != "_"
    )


def test_safe_names_read_like_the_labels():
    given_names = [
        "Refund_not_showing_up",
        "reverted_card_payment?",
        "401k",
        "cancelOrder",
        "FAQ/Größe",
        "猫",
        "a",
        "A",
    ]
    assert list(safe_names(given_names).items()) == [
        ("a", "a"), ("401k", "i_401k"), ("A", "a_2"), ("FAQ/Größe", "faq_grosse"),
        ("Refund_not_showing_up", "refund_not_showing_up"), ("cancelOrder", "cancel_order"),
        ("reverted_card_payment?", "reverted_card_payment"), ("猫", "intent"),
    ]  # fmt: skip


def test_a_catalogue_is_read_back_from_beside_its_adapter(shop, tmp_path):
    for catalogue in (load_own([shop(nlu_yml=RASA, mine_csv=CSV)])[0], load_catalogue()):
        save_catalogue(catalogue, tmp_path / CATALOGUE_FILE)
        assert catalogue_of(tmp_path) == catalogue
        check_adapter(tmp_path, catalogue)
    assert catalogue_of(None) == catalogue_of(tmp_path / "without one") == load_catalogue()


def test_an_adapter_that_was_taught_other_intents_is_refused(shop, tmp_path):
    taught, _ = load_own([shop(nlu_yml=RASA)])
    save_catalogue(taught, tmp_path / CATALOGUE_FILE)
    wanted, _ = load_own([shop(nlu_yml=RASA.replace("intent: greet", "intent: hail").replace("](seat)", "](chair)"))])
    with pytest.raises(CatalogueMismatch) as refused:
        check_adapter(tmp_path, wanted)
    for said in (
        "know the intent `hail`",
        "an intent `greet` that is gone",
        "slots of `book_flight` changed (chair, seat)",
    ):
        assert said in str(refused.value)


def test_labelled_messages_are_read_by_label_and_by_name(shop):
    catalogue, _ = load_own([shop(mine_csv=CSV)])
    folder = shop(mine_csv="text,intent\nlost,card arrival?\nhi,card_arrival\nhi,card_arrival\n")
    assert [one.commands[0].intent for one in read_own([folder], catalogue)] == ["card_arrival"] * 3
    with pytest.raises(BadExamples, match=r"mine.csv:2: 'hi': unknown intent `bye`"):
        read_own([shop(mine_csv="text,intent\nhi,bye\n")], catalogue)
