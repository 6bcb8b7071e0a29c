"""Each figure of an evaluation, by hand-made cases small enough to count."""

import json

import pytest

from finetune.evaluate import as_json, evaluate, frame_right, markdown
from intents.commands import parse_commands
from intents.context import Context
from intents.examples import Example
from intents.recogniser import Understanding

IN_TASK = Context(task="track_order", asked="order_id")


def case(meant: str, read: str, confidence: float = 0.9, context: Context = Context(), text: str = "x"):  # noqa: B008
    return Example(text, parse_commands(meant), context), Understanding(text, parse_commands(read), confidence, "test")


def report_of(*cases):
    examples, readings = zip(*cases, strict=True) if cases else ((), ())
    return evaluate(examples, readings)


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
    assert (report.out_of_scope_recall, report.false_refusals) == (0.5, 0.25)


def test_messages_in_context_have_figures_of_their_own():
    report = report_of(
        case("greet()", "greet()"),
        case('inform(order_id="1")', 'inform(order_id="2")', context=IN_TASK),
        case("affirm()", "deny()", context=IN_TASK),
    )
    assert (report.in_context_intents_exact, report.in_context_frames_exact) == (0.5, 0.0)


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
    data = json.loads(json.dumps(as_json(report_of(case("greet()", "thank()")))))
    assert data["by_intent"]["greet"]["support"] == 1
