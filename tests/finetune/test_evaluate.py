"""Each figure of an evaluation, by hand-made cases small enough to count."""

import json

import pytest

from finetune.evaluate import evaluate, frame_right, write_report
from finetune.report import Beyond, Group, Score, as_json, markdown
from intents.commands import parse_commands
from intents.confidence import Thresholds
from intents.context import EMPTY, Context
from intents.examples import Example
from intents.recogniser import Understanding

IN_TASK = Context(task="track_order", asked="order_id")


def case(meant: str, read: str, confidence: float = 0.9, context=EMPTY, text: str = "x", tags=()):
    example = Example(text, parse_commands(meant), context, tags=tags)
    return example, Understanding(text, parse_commands(read), confidence, "test")


def report_of(*cases, supported=None):
    examples, readings = zip(*cases, strict=True) if cases else ((), ())
    return evaluate(examples, readings, supported)


def test_intents_and_whole_frames():
    report = report_of(
        case("greet()", "greet()"),
        case('search_products(color="red")', 'search_products(color="blue")'),
        case("greet(); thank()", "thank(); greet()"),
        case("greet()", "greet(); thank()"),
    )
    assert (report.n, report.intents_exact, report.frames_exact) == (4, 0.75, 0.5)


@pytest.mark.parametrize(
    ("meant", "read", "right"),
    [
        ('inform(item="the Red Desk.")', 'inform(item="red desk")', True),
        ('inform(order_id="#W1")', 'inform(order_id="w1")', True),
        ("inform(quantity=2)", "inform(quantity=2.0)", True),
        ('inform(item="a", item="b")', 'inform(item="b", item="a")', True),
        ('inform(item="the")', 'inform(item="the")', True),
        ('inform(item="red desk")', 'inform(item="desk")', False),
        ('inform(item="desk")', 'inform(query="desk")', False),
        ('inform(item="desk")', "inform()", False),
        ('inform(item="desk", item="the desk")', 'inform(item="desk")', True),
        ("greet(); greet()", "greet()", False),
    ],
)
def test_slots_are_compared_without_case_outer_punctuation_and_article(meant, read, right):
    assert frame_right(*case(meant, read)) is right


def test_slot_f1_counts_every_slot_once():
    report = report_of(
        case('search_products(color="red", size="xl")', 'search_products(color="red", brand="sony")'),
        case('inform(item="desk")', "inform()"),
        case("greet()", "greet()"),
    )
    assert report.slot_f1 == pytest.approx(2 * 1 / (3 + 2))
    assert report_of(case("greet()", "greet()")).slot_f1 == 1.0


def test_out_of_scope_recall_and_false_refusals():
    report = report_of(
        case("out_of_scope()", "out_of_scope()"),
        case("out_of_scope()", "chitchat()"),
        case("greet()", "greet()"),
        case("greet()", "out_of_scope()"),
        case("thank()", "greet()"),
        case("thank()", "thank()"),
    )
    assert (report.figures()["out_of_scope_recall"], report.figures()["false_refusals"]) == (0.5, 0.25)


def test_messages_in_context_without_and_of_several_commands_have_figures_of_their_own():
    report = report_of(
        case("greet()", "greet()"),
        case('inform(order_id="1")', 'inform(order_id="2")', context=IN_TASK),
        case("affirm()", "deny()", context=IN_TASK),
        case("greet(); thank()", "thank()"),
    )
    assert report.groups["in context"] == Group(2, 0.5, 0.0)
    assert report.groups["without context"] == Group(2, 0.5, 0.5)
    assert report.groups["several commands"] == Group(1, 0.0, 0.0)
    figures = report.figures()
    assert (figures["in_context_intents_exact"], figures["several_frames_exact"]) == (0.5, 0.0)


def test_kinds_of_message_that_do_not_occur_have_no_figure():
    assert set(report_of(case("greet()", "greet()")).groups) == {"in context", "without context", "one command"}


def test_each_tag_has_figures_of_its_own():
    report = report_of(
        case("greet()", "greet()", tags=("terse", "typo")),
        case("greet()", "thank()", tags=("typo",)),
        case("deny()", "deny()"),
    )
    assert report.by_tag == {"terse": Group(1, 1.0, 1.0), "typo": Group(2, 0.5, 0.5)}


def test_foreign_topics_and_unsupported_requests_are_told_apart():
    report = report_of(
        case("get_invoice()", "get_invoice()"),
        case("get_invoice()", "out_of_scope()"),
        case("get_invoice()", "track_order()"),
        case("get_invoice(); track_order()", "get_invoice()"),
        case("out_of_scope()", "get_invoice()"),
        case("out_of_scope()", "track_order()"),
        case("track_order()", "get_invoice()"),
        case("track_order()", "track_order()"),
        supported={"track_order", "out_of_scope"},
    )
    assert report.unsupported == Beyond(n=4, recognised=0.5, acted_on=0.25, false_alarms=0.5)
    assert report.foreign == Beyond(n=2, recognised=0.0, acted_on=0.5, false_alarms=pytest.approx(1 / 6))
    assert report.groups["unsupported requests"].n == 4 and report.groups["foreign topics"].n == 2
    assert report.figures()["unsupported_recall"] == 0.5


def test_nothing_is_unsupported_where_nobody_said_what_is():
    report = report_of(case("get_invoice()", "get_invoice()"))
    assert report.unsupported is None and "unsupported" not in as_json(report)["beyond"]


def test_each_intent_has_precision_recall_f1_and_support():
    scores = report_of(
        case("greet()", "greet()"),
        case("greet()", "thank()"),
        case("thank()", "thank()"),
        case("thank()", "thank(); greet()"),
        case("deny()", "thank()"),
    ).by_intent
    assert list(scores) == ["deny", "greet", "thank"]
    greet, thank, deny = scores["greet"], scores["thank"], scores["deny"]
    assert (greet.precision, greet.recall, greet.f1, greet.support) == (0.5, 0.5, 0.5, 2)
    assert (thank.precision, thank.recall, thank.f1, thank.support) == (0.5, 1.0, 0.6667, 2)
    assert (deny.precision, deny.recall, deny.f1, deny.support) == (0.0, 0.0, 0.0, 1)


def test_each_slot_has_precision_recall_f1_and_support():
    scores = report_of(
        case('search_products(color="red", size="xl")', 'search_products(color="Red", brand="sony")'),
        case('search_products(color="red")', 'search_products(color="blue")'),
    ).by_slot
    assert scores == {
        "brand": Score(0.0, 0.0, 0.0, 0),
        "color": Score(0.5, 0.5, 0.5, 2),
        "size": Score(0.0, 0.0, 0.0, 1),
    }


def test_the_confusion_is_of_first_intents_the_most_frequent_first():
    report = report_of(
        case("greet()", "thank()"),
        case("greet(); deny()", "thank()"),
        case("deny()", "stop()"),
        case("deny()", "deny()"),
    )
    assert report.confusion[("greet", "thank")] == 2 and report.confusion[("deny", "deny")] == 1
    assert report.confusions() == [("greet", "thank", 2), ("deny", "stop", 1)]


def test_the_confidence_is_held_against_frames_and_against_intents():
    report = report_of(
        case('inform(item="a")', 'inform(item="b")', 1.0),
        case("greet()", "greet()", 1.0),
        case("greet()", "greet()", 1.0),
    )
    assert (report.ece_frames, report.ece_intents) == (pytest.approx(1 / 3), 0.0)
    assert report.figures()["risk_area"] == 0.3333


def test_the_surest_mistakes_come_first():
    report = report_of(
        case("greet()", "thank()", 0.4), case("greet()", "deny()", 0.8), case("greet()", "greet()", 0.99)
    )
    assert [read.confidence for _, read in report.mistakes] == [0.8, 0.4]


def test_no_messages_give_no_figures():
    assert report_of().n == 0
    assert report_of().figures()["frames_exact"] == 0.0


def test_readings_must_match_the_messages():
    with pytest.raises(ValueError):
        evaluate([case("greet()", "greet()")[0]], [])


def test_the_report_is_a_page_whose_tables_hold_whatever_was_typed():
    page = markdown(report_of(case('inform(item="a|b")', 'inform(item="a | b")', text="a|b\nc")), "Trial")
    (row,) = [line for line in page.splitlines() if line.startswith("| 0.90")]
    assert page.startswith("# Trial\n") and row.replace("\\|", "").count("|") == 5


def test_the_report_is_json():
    data = json.loads(json.dumps(as_json(report_of(case('inform(item="a")', "thank()", tags=("typo",))))))
    assert data["by_intent"]["inform"]["support"] == data["by_slot"]["item"]["support"] == 1
    assert data["by_tag"]["typo"]["n"] == 1 and data["confusions"] == [["inform", "thank", 1]]
    assert data["reliability"] == [{"n": 1, "confidence": 0.9, "right": 0.0}]
    assert data["risk_at_coverage"]["0.5"] == 1.0


def test_a_report_is_kept_with_its_pictures(tmp_path):
    report = report_of(
        case("greet()", "thank()", 0.4), case("deny()", "deny()", 0.8), case('inform(item="a")', "stop()", 0.1)
    )
    write_report(report, tmp_path, "Trial", Thresholds(ask_back_below=0.5, hand_over_below=0.2))
    page = (tmp_path / "evaluation.md").read_text("utf-8")
    for name in ("confusion.png", "reliability.png", "risk_coverage.png"):
        assert (tmp_path / name).read_bytes().startswith(b"\x89PNG") and f"]({name})" in page
    assert json.loads((tmp_path / "evaluation.json").read_text("utf-8"))["n"] == 3


def test_a_report_of_nothing_is_kept_without_pictures(tmp_path):
    write_report(report_of(), tmp_path, "Nothing")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["evaluation.json", "evaluation.md"]
