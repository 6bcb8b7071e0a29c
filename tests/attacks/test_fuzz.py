"""Rubbish into everything that reads: it is read, or refused by the reader's own error that says where."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from hostile_shop import Hostile
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from assistant.importers.decoding import BrokenFeed
from assistant.importers.feed_import import import_feed
from assistant.importers.generic_csv import BrokenColumnMap, read_column_map
from assistant.store import Database
from assistant.texts import clean
from dialogues.conversations import BadConversations, load_conversations
from dialogues.flows import BadFlows, load_flows
from dialogues.messages import BotMessage
from dialogues.payloads import read_payload
from dialogues.reply_examples import BadReplies, load_reply_examples
from dialogues.responses import BadResponses, load_responses
from intents.catalogue import BadCatalogue, load_catalogue
from intents.commands import CommandSyntaxError, parse_commands
from intents.examples import BadExamples, load_examples

QUICK = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
CATALOGUE = load_catalogue()
RESPONSES = load_responses()
ODD = "\x00\x01\x1b\x7f\u0085\u200b\u200f\u202e\u2066\u2028\ufeff\ufffe\U000e0041\ud800\udfff\u0301\U0001f469\u200d"
texts = st.text(st.characters() | st.sampled_from(ODD + "<>&'\"\\{}[]()/;:#%"), max_size=60)

# commands

PARTS = st.sampled_from(
    ["greet", "(", ")", "; ", "=", '"', "\\", ",", " ", "1e999", "-", ".5", "query", "\x00", "\ud800", "é", "\n"]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(PARTS, max_size=25).map("".join))
@example("a(" * 5_000)
@example("greet(); " * 2_000)
@example('greet(a="' + "\\" * 9_999)
def test_the_command_parser_reads_or_says_where_it_cannot(text: str) -> None:
    try:
        assert parse_commands(text)
    except CommandSyntaxError as error:
        assert "at character" in str(error)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "/",
                "greet",
                "search_products",
                "{",
                "}",
                '"query"',
                ":",
                "[",
                "]",
                "1",
                "1e400",
                "NaN",
                "null",
                "true",
                ",",
                '"x"',
                '"\\ud800"',
                "\x00",
                '"customer_id"',
            ]
        ),
        max_size=14,
    ).map("".join)
)
@example("/search_products" + "[" * 100_000)
@example('/search_products{"query":' + "[" * 20_000 + "]" * 20_000 + "}")
@example('/greet{"customer_id": "mia_12"}')
@example('/track_order{"customer_id": "mia_12", "order_id": "#W1000001"}')
def test_a_payload_sets_no_slot_that_a_shopper_could_not_have_said(text: str) -> None:
    command = read_payload(text, CATALOGUE)
    if command:
        assert CATALOGUE.is_valid(command)
        assert not {"customer_id", "identified_by", "identity_attempts", "handed_over"} & {
            slot for slot, _ in command.slots
        }


# YAML

BOMB = 'a: &a ["x","x","x","x","x","x","x","x","x"]\n' + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefg", "bcdefgh", strict=True)
)
YAMLS = (
    "",
    "null",
    "[]",
    "3",
    "x",
    "a: [",
    "\t- x",
    "a: 1\na: 2",
    "nlu:",
    "nlu: 3",
    "nlu: [3]",
    "nlu: {}",
    "nlu:\n- intent: greet",
    "nlu:\n- intent: 7\n  examples: 3",
    "nlu:\n- intent: greet\n  examples: |\n    - [x](y",
    "version: '9'\nnlu: [[]]",
    "responses: 3",
    "responses: []",
    "responses:\n  utter_x: 3",
    "responses:\n  utter_x: [3]",
    "responses:\n  utter_x:\n  - text: 3",
    "responses:\n  3:\n  - text: x",
    "facts: 3\nresponses: {}",
    "facts: [x]\nresponses: {}",
    "facts: {utter_x: [3]}\nresponses: {}",
    "replies: 3",
    "replies: [3]",
    "replies:\n- response: utter_greet",
    "replies:\n- response: x\n  examples: [3]",
    "replies:\n- response: [x]\n  examples:\n  - {says: a, reply: b}",
    "replies:\n- facts: 3\n  response: utter_greet\n  examples: []",
    "flows: 3",
    "flows: [x]",
    "flows:\n  track_order: 3",
    "flows:\n  track_order:\n    steps: 3",
    "flows:\n  x:\n    steps: [[3]]",
    "flows:\n  track_order:\n    steps:\n    - {collect: [x]}",
    "conversations: 3",
    "conversations: [3]",
    "intents: 3",
    "conversations:\n- name: x\n  turns: [3]",
    "conversations:\n- name: [x]\n  turns:\n  - user: 3",
    "intents:\n  greet: 3",
    "!!python/object/apply:os.system ['touch /tmp/aisle-was-here']",
    "a: !!python/name:os.system",
    "&a [*a]",
    "a: &a {b: *a}",
    "nlu: &a [*a]",
    "responses: &a {x: *a}",
    "[" * 1_200,
    "a: " * 200,
    "- " * 1_200,
    "\ufeffnlu: []",
    "%YAML 9.9\n---\nx",
    "--- x\n--- y",
    "2026-13-45",
    "a: 0b2",
    "a: !!binary '!'",
    "a: !!timestamp x",
    "? [a]\n: b",
    "? {a: b}\n: c",
    'a: "\\ud800"',
    "{a: 1, a: 2}",
    BOMB,
    BOMB + "nlu: *h\nresponses: *h\nreplies: *h\nflows: *h\nconversations: *h\nintents: *h\n",
)
LOADERS: dict[str, tuple[Callable[[Path], object], type[Exception]]] = {
    "examples": (lambda file: load_examples([file], CATALOGUE), BadExamples),
    "responses": (load_responses, BadResponses),
    "replies": (lambda file: load_reply_examples(RESPONSES, file.parent), BadReplies),
    "flows": (lambda file: load_flows({"action_x"}, RESPONSES, file.parent), BadFlows),
    "conversations": (lambda file: load_conversations(CATALOGUE, RESPONSES, [file]), BadConversations),
    "catalogue": (load_catalogue, BadCatalogue),
    "columns": (read_column_map, BrokenColumnMap),
}


@pytest.mark.parametrize("loader", LOADERS)
def test_a_file_of_a_trainers_is_read_or_refused_by_name(loader: str, tmp_path: Path) -> None:
    read, refusal = LOADERS[loader]
    file = tmp_path / "content.yml"
    wrong = []
    for written in YAMLS:
        file.write_bytes(written.encode("utf-8", "surrogatepass"))
        try:
            read(file)
        except refusal as error:
            assert len(str(error)) < 100_000
        except Exception as error:
            wrong.append(f"{written[:40]!r}: {error!r}")
    assert wrong == []
    assert not Path("/tmp/aisle-was-here").exists()


@pytest.mark.parametrize("loader", LOADERS)
def test_a_file_that_is_no_text_is_refused_by_name(loader: str, tmp_path: Path) -> None:
    read, refusal = LOADERS[loader]
    file = tmp_path / "content.yml"
    for written in (b"\xff\xfe\x00", b"\x89PNG\r\n\x1a\n", b"nlu: \xc3\x28", b"\x00" * 50, "nlu: []".encode("utf-16")):
        file.write_bytes(written)
        with pytest.raises(refusal):
            read(file)


# feeds

CELLS = st.sampled_from(
    [
        "Handle",
        "Title",
        "id",
        "title",
        "price",
        "1.00 USD",
        "-5",
        "1e309",
        "",
        '"',
        '""',
        "=cmd()",
        "\x00",
        "é",
        "<script>x</script>",
        "a" * 300,
        "\u202e",
        "NaN",
        "9" * 40,
        "mug",
        "\r",
        "\\",
        "'; DROP TABLE",
    ]
)
CSV = st.lists(st.lists(CELLS, max_size=6).map(",".join), max_size=6).map("\n".join)
HEADS = {
    "csv": "id,title,price,stock\n",
    "shopify": "Handle,Title,Variant Price,Option1 Name,Option1 Value\n",
    "google": "id\ttitle\tprice\n",
}
XXE = """<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd"><!ENTITY h SYSTEM "http://127.0.0.1:9/x">
<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">
<!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;"><!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;">]>
<rss xmlns:g="http://base.google.com/ns/1.0"><channel><item><g:id>1</g:id>
<title>%s</title><g:price>1 USD</g:price></item></channel></rss>"""


@pytest.mark.parametrize("form", HEADS)
def test_a_feed_of_rubbish_is_imported_or_refused_by_name(form: str, own_sqlite: Database, tmp_path: Path) -> None:
    @settings(max_examples=40, deadline=None)
    @given(CSV, st.booleans())
    def run(rows: str, headed: bool) -> None:
        feed = tmp_path / "feed.csv"
        feed.write_text((HEADS[form] if headed else "") + rows, "utf-8", errors="surrogatepass", newline="")
        try:
            import_feed(own_sqlite, feed, form)  # type: ignore[arg-type]
        except BrokenFeed as error:
            assert str(error)

    run()


@pytest.mark.parametrize("entity", ["&f;", "&h;", "&e;&e;&e;&e;&e;"])
def test_a_feed_in_xml_reads_no_file_asks_no_host_and_does_not_grow(
    entity: str, own_sqlite: Database, tmp_path: Path
) -> None:
    feed = tmp_path / "feed.xml"
    feed.write_text(XXE % entity, "utf-8")
    try:
        import_feed(own_sqlite, feed, "google")
    except BrokenFeed:
        return
    with own_sqlite.engine.connect() as connection:
        names = connection.exec_driver_sql("SELECT name FROM products").scalars().all()
    assert not any("root:" in name or len(name) > 1_000 for name in names)


# what a shopper types


@settings(max_examples=300, deadline=None)
@given(texts)
@example("\x00" * 5_000)
@example("\u202e\u2066" * 2_500)
@example("e" + "\u0301" * 5_000)
@example("\U0001f469\u200d" * 1_000)
def test_what_is_left_of_a_message_is_text_that_every_database_takes(text: str) -> None:
    left = clean(text)
    left.encode("utf-8")
    assert not any(unicodedata.category(char) in ("Cc", "Cs") for char in left)


@QUICK
@given(texts, texts)
@example("x" * 5_000, "x" * 255)
@example("\u202e" + "abc " * 1_000, "\u202e")
def test_any_message_gets_an_answer_in_utf8_or_a_reason(
    hostile: tuple[Hostile, TestClient], message: str, sender: str
) -> None:
    body = json.dumps({"sender": sender, "message": message, "metadata": {"message_id": sender, "product": sender}})
    answer = hostile[1].post("/webhooks/rest/webhook", content=body.encode())
    assert answer.status_code in (200, 400), answer.text
    answer.content.decode("utf-8")
    assert "Traceback" not in answer.text


@QUICK
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | texts,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
        max_leaves=6,
    )
)
def test_any_json_at_any_door_is_answered_below_500(hostile: tuple[Hostile, TestClient], body: object) -> None:
    for path in (
        "/webhooks/rest/webhook",
        "/webhooks/rest/webhook?stream=true",
        "/model/parse",
        "/chat/thumb",
        "/chat/private",
        "/chat/copy",
        "/chat/mail",
    ):
        assert hostile[1].post(path, content=json.dumps(body).encode()).status_code < 500, path


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_message_of_odd_characters_is_kept_and_read_again(kind: str, new_database: Callable[[str], Database]) -> None:
    from assistant.conversations import append_turn, read_events

    database = new_database(kind)
    said = {"event": "user", "text": clean(f"mug {ODD}"), "message_id": None, "parse_data": {}}
    with database.session() as session:
        append_turn(session, "odd", 0, 1, [said, {**BotMessage("ok", "utter_x").to_event(), "turn_first": True}], None)
    with database.reading() as session:
        assert read_events(session, "odd")[0]["text"] == said["text"]
