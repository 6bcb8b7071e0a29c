"""The chat page in a real browser.

Every test also asserts that the browser asked no host but this one."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from browser import DESKTOP, PHONE, Shopper, launched, opening, sync_api
from scripted_assistant import ScriptedAssistant, web_app
from serving import serving

AWAY = ".notice:has-text('cannot be reached'):visible"


@pytest.fixture(scope="module")
def shop() -> Iterator[tuple[ScriptedAssistant, str]]:
    assistant = ScriptedAssistant()
    with serving(web_app(assistant)) as address:
        yield assistant, address


@pytest.fixture
def assistant(shop: tuple[ScriptedAssistant, str]) -> ScriptedAssistant:
    shop[0].forget()
    return shop[0]


@pytest.fixture(scope="module")
def chromium() -> Iterator[sync_api.Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture
def browser(chromium: sync_api.Browser) -> Iterator[Callable[..., Shopper]]:
    with opening(chromium) as open_page:
        yield open_page


def test_a_shopper_is_greeted_and_shown_products(
    shop: tuple[ScriptedAssistant, str], assistant: ScriptedAssistant, browser: Callable[..., Shopper]
) -> None:
    shopper = browser()
    shopper.opens(shop[1])
    assert shopper.reads() == [assistant.greeting().text]
    shopper.says("boots")
    assert shopper.page.locator(".card.product").count() == 4
    assert shopper.page.get_by_label("Rated 4.6 out of 5 by 312 shoppers").count() == 1
    picture = shopper.page.locator(".picture img").first
    assert picture.evaluate("async (img) => { await img.decode(); return img.naturalWidth > 0 }")


def test_a_reply_is_seen_while_it_is_written(
    shop: tuple[ScriptedAssistant, str], assistant: ScriptedAssistant, browser: Callable[..., Shopper]
) -> None:
    assistant.pause_s = 0.3
    shopper = browser()
    shopper.opens(shop[1])
    shopper.types("one two three four five six")
    shopper.page.wait_for_selector("#aisle-live .bubble:has-text('You said: one two')")
    assert "six" not in shopper.reads()[-1]
    shopper.waits()
    assert shopper.reads()[-1] == "You said: one two three four five six"


def test_a_quick_reply_sends_its_payload_and_shows_its_title(
    shop: tuple[ScriptedAssistant, str], assistant: ScriptedAssistant, browser: Callable[..., Shopper]
) -> None:
    shopper = browser()
    shopper.opens(shop[1])
    shopper.says("boots")
    shopper.clicks("Cheaper ones")
    assert assistant.said[-1][1] == '/refine_search{"price_direction": "cheaper"}'
    assert shopper.reads()[-2] == "Cheaper ones"
    assert shopper.page.locator(".quick").count() == 0


def test_the_conversation_is_there_after_a_reload_and_gone_in_a_new_chat(
    shop: tuple[ScriptedAssistant, str], assistant: ScriptedAssistant, browser: Callable[..., Shopper]
) -> None:
    shopper = browser()
    shopper.opens(shop[1])
    shopper.says("hello")
    read = shopper.reads()
    shopper.opens(shop[1])
    assert shopper.reads() == read == [assistant.greeting().text, "hello", "You said: hello"]
    shopper.picks("New chat")
    assert shopper.reads() == [assistant.greeting().text]
    shopper.says("hello again")
    assert len({sender for sender, _, _ in assistant.said}) == 2
    shopper.picks("Back to the earlier chat")
    assert shopper.reads() == read


def test_a_turn_that_broke_is_tried_again_under_the_same_id(
    shop: tuple[ScriptedAssistant, str], assistant: ScriptedAssistant, browser: Callable[..., Shopper]
) -> None:
    assistant.failures_to_come = 1
    shopper = browser()
    shopper.opens(shop[1])
    shopper.says("hello")
    assert "not answered" in shopper.reads()[-1]
    assert "secret" not in shopper.page.content()
    waiting = shopper.page.evaluate("JSON.parse(localStorage.getItem('aisle.message'))[0].id")
    shopper.clicks("Try again")
    assert shopper.reads()[1:] == ["hello", "You said: hello"]
    assert [message_id for _, _, message_id in assistant.said] == [waiting]


def test_a_page_closed_in_the_middle_of_a_turn_finds_the_answer_once(
    shop: tuple[ScriptedAssistant, str], assistant: ScriptedAssistant, browser: Callable[..., Shopper]
) -> None:
    assistant.pause_s = 0.2
    shopper = browser()
    shopper.opens(shop[1])
    shopper.types("one two three four five")
    shopper.page.wait_for_selector("#aisle-live .bubble:has-text('You said:')")
    shopper.opens(shop[1])
    assert shopper.reads()[1:] == ["one two three four five", "You said: one two three four five"]
    assert len(assistant.said) == 1


def test_the_conversation_goes_on_when_the_server_was_restarted(browser: Callable[..., Shopper]) -> None:
    assistant = ScriptedAssistant()  # stands for what the database keeps
    shopper = browser()
    with serving(web_app(assistant)) as address:
        shopper.opens(address)
        shopper.says("before")
    with serving(web_app(assistant), port=int(address.rsplit(":", 1)[1])):
        shopper.says("after")
        assert shopper.reads()[1:] == ["before", "You said: before", "after", "You said: after"]


@pytest.mark.parametrize("restarted", [False, True])
def test_what_is_written_while_the_server_is_away_is_kept_and_sent_once_when_it_is_back(
    browser: Callable[..., Shopper], restarted: bool
) -> None:
    assistant = ScriptedAssistant()
    app = web_app(assistant)
    shopper = browser()
    with serving(app) as address:
        shopper.opens(address)
    for text in ("are you there?", "hello?"):
        shopper.types(text)
    shopper.page.wait_for_selector(AWAY)
    assert shopper.reads()[1:] == ["are you there?", "hello?"]
    app = web_app(assistant) if restarted else app  # Gradio reloads the page when it sees another app
    with serving(app, port=int(address.rsplit(":", 1)[1])):
        shopper.page.wait_for_selector("#aisle-thread :text('You said: hello?')")
        shopper.waits()
        answered = ["are you there?", "You said: are you there?", "hello?", "You said: hello?"]
        assert shopper.reads()[1:] == answered
        assert shopper.page.locator(AWAY).count() == 0
    assert [text for _, text, _ in assistant.said] == ["are you there?", "hello?"]


def test_what_is_written_while_a_reply_is_written_is_sent_after_it(
    shop: tuple[ScriptedAssistant, str], assistant: ScriptedAssistant, browser: Callable[..., Shopper]
) -> None:
    assistant.pause_s = 0.2
    shopper = browser()
    shopper.opens(shop[1])
    for text in ("one two three", "four", "five"):
        shopper.types(text)
    shopper.page.wait_for_selector("#aisle-thread :text('You said: five')")
    shopper.waits()
    assert shopper.reads()[1::2] == ["one two three", "four", "five"]
    assert [text for _, text, _ in assistant.said] == ["one two three", "four", "five"]


def test_the_cart_drawer_is_worked_by_keyboard_and_shows_what_the_store_holds(
    shop: tuple[ScriptedAssistant, str], assistant: ScriptedAssistant, browser: Callable[..., Shopper]
) -> None:
    shopper = browser(PHONE)
    shopper.opens(shop[1])
    shopper.says("cart")
    opener = shopper.page.get_by_role("button", name="Cart, 2 items")
    opener.press("Enter")
    drawer = shopper.page.get_by_role("dialog", name="Your cart")
    assert "$218.00" in drawer.inner_text()
    shopper.page.keyboard.press("Escape")
    assert not drawer.is_visible()
    assert opener.evaluate("button => button === document.activeElement")
    opener.click()
    drawer.get_by_role("button", name="Remove").click()
    drawer.get_by_text("Your cart is empty.").wait_for()
    shopper.waits()
    assert assistant.said[-1][1] == '/remove_from_cart{"item": "Tarnbeck Ridgeline Mid (slate, size 8)"}'
    assert shopper.reads()[-2] == "Take Tarnbeck Ridgeline Mid (slate, size 8) out of my cart"
    assert shopper.page.get_by_role("button", name="Cart, empty", include_hidden=True).count() == 1


def test_plus_and_minus_in_the_cart_are_said_once_when_the_shopper_rests(
    shop: tuple[ScriptedAssistant, str], assistant: ScriptedAssistant, browser: Callable[..., Shopper]
) -> None:
    shopper = browser(PHONE)
    shopper.opens(shop[1])
    shopper.says("cart")
    shopper.page.get_by_role("button", name="Cart, 2 items").click()
    drawer = shopper.page.get_by_role("dialog", name="Your cart")
    more = drawer.get_by_role("button", name="One more: Tarnbeck Ridgeline Mid (slate, size 8)")
    more.press("Enter")
    more.press("Enter")
    more.press("Enter")  # four is all there is
    assert drawer.locator("output").inner_text() == "4"
    drawer.get_by_role("status").filter(has_text="You said: /add_to_cart").wait_for()
    assert assistant.said[-1][1] == '/add_to_cart{"item":"Tarnbeck Ridgeline Mid (slate, size 8)","quantity":2}'
    assert len(assistant.said) == 2
    assert drawer.is_visible()
    shopper.waits()
    assert drawer.locator("output").inner_text() == "2", "the store decides, and the script's cart did not change"
    assert more.evaluate("button => button === document.activeElement")
    drawer.get_by_role("button", name="One fewer").click()
    drawer.get_by_role("status").filter(has_text="You said: /remove_from_cart").wait_for()
    assert (
        assistant.visits[assistant.said[-1][0]].title == "Take 1 Tarnbeck Ridgeline Mid (slate, size 8) out of my cart"
    )


def test_a_thumb_is_there_after_a_reload_can_be_taken_back_and_is_undone_when_it_was_not_kept(
    shop: tuple[ScriptedAssistant, str], assistant: ScriptedAssistant, browser: Callable[..., Shopper]
) -> None:
    shopper = browser()
    shopper.opens(shop[1])
    shopper.says("hello")
    sender = assistant.said[-1][0]
    pressed = shopper.page.locator("[data-thumb='down'][aria-pressed='true']")
    with shopper.page.expect_response("**/chat/thumb"):
        shopper.page.get_by_role("button", name="Bad reply").click()
    assert assistant.thumbs(sender) == {1: "down"}
    shopper.opens(shop[1])
    assert pressed.count() == 1
    with shopper.page.expect_response("**/chat/thumb"):
        pressed.click()
    assert (pressed.count(), assistant.thumbs(sender)) == (0, {})
    shopper.page.route("**/chat/thumb", lambda route: route.abort())
    shopper.page.get_by_role("button", name="Good reply").click()
    shopper.page.wait_for_selector(".notice:has-text('could not be kept'):visible")
    assert shopper.page.locator("[aria-pressed='true']").count() == 0


def test_the_menu_calls_a_person_and_hands_out_a_copy(
    shop: tuple[ScriptedAssistant, str], assistant: ScriptedAssistant, browser: Callable[..., Shopper]
) -> None:
    shopper = browser()
    shopper.opens(shop[1])
    shopper.picks("Talk to a person")
    assert assistant.said[-1][1] == "/human_handoff"
    assert shopper.reads()[1] == "I'd like to talk to a person"
    with shopper.page.expect_download() as download:
        shopper.picks("Download this chat")
    assert "You: I'd like to talk to a person" in download.value.path().read_text("utf-8")


def test_a_shopper_asks_in_the_menu_that_nobody_learns_from_the_chat(
    shop: tuple[ScriptedAssistant, str], assistant: ScriptedAssistant, browser: Callable[..., Shopper]
) -> None:
    shopper, wish = browser(), "Don\u2019t learn from this chat"
    shopper.opens(shop[1])
    shopper.picks(wish)  # before a word is said
    shopper.page.wait_for_selector(".notice:has-text('Nobody will learn'):visible")
    shopper.says("hello")
    sender = assistant.said[-1][0]
    assert assistant.visits[sender].private is True
    asked = shopper.page.locator("[data-does='private'][aria-pressed='true']")
    with shopper.page.expect_response("**/chat/private"):
        shopper.picks(wish)
    asked.wait_for(state="detached")
    assert assistant.private == {sender: False}
    shopper.says("hello")
    assert assistant.visits[sender].private is None
    with shopper.page.expect_response("**/chat/private"):
        shopper.picks(wish)
    shopper.opens(shop[1])
    asked.wait_for(state="attached")
    shopper.page.route("**/chat/private", lambda route: route.abort())
    shopper.picks(wish)
    shopper.page.wait_for_selector(".notice:has-text('could not be noted'):visible")
    assert asked.count() == 1 and assistant.private == {sender: True}
    shopper.picks("New chat")
    asked.wait_for(state="detached")


def test_each_bubble_is_written_in_its_own_direction(
    shop: tuple[ScriptedAssistant, str], assistant: ScriptedAssistant, browser: Callable[..., Shopper]
) -> None:
    shopper = browser()
    shopper.opens(shop[1])
    for text in ("hello", "\u0645\u0631\u062d\u0628\u0627"):
        shopper.says(text)
    directions = shopper.page.locator(".user .bubble").evaluate_all(
        "all => all.map(one => getComputedStyle(one).direction)"
    )
    assert directions == ["ltr", "rtl"]


@pytest.mark.parametrize(("viewport", "scheme"), [(PHONE, "dark"), (DESKTOP, "light")])
def test_nothing_on_the_page_shuts_anybody_out(
    shop: tuple[ScriptedAssistant, str],
    assistant: ScriptedAssistant,
    browser: Callable[..., Shopper],
    viewport: dict[str, int],
    scheme: str,
) -> None:
    """By axe-core: names, roles, contrast, focus, regions, on everything that the page can show."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="pip install -e '.[dev]'").Axe()
    shopper = browser(viewport, color_scheme=scheme, bypass_csp=True)
    shopper.opens(shop[1])
    for text in ("boots", "keyboard", "compare", "orders", "sure", "cart"):
        shopper.says(text)
    assert shopper.page.evaluate("document.body.classList.contains('dark')") == (scheme == "dark")
    looked_at = [axe.run(shopper.page)]
    for opener in ("[popovertarget='aisle-menu']", "[data-does='open-cart']"):
        shopper.page.click(opener)
        looked_at.append(axe.run(shopper.page))
        shopper.page.keyboard.press("Escape")
    assert [found.generate_report() for found in looked_at if found.violations_count] == []


def test_a_hostile_catalogue_runs_nothing(
    shop: tuple[ScriptedAssistant, str], assistant: ScriptedAssistant, browser: Callable[..., Shopper]
) -> None:
    shopper = browser()
    shopper.opens(shop[1])
    shopper.says("html")
    assert shopper.reads()[-1] == '<img src=x onerror="window.hacked=1"> <b>bold</b> ${1+1} {{value}}'
    assert shopper.page.evaluate("window.hacked === undefined")


@pytest.mark.parametrize(
    "text", ["a" * 12_000, "a" + "🙂" * 6_000, "\x00\x01\x02", "🙂" * 30, "'; DROP TABLE orders; --"]
)
def test_odd_messages_do_not_stop_the_chat(
    shop: tuple[ScriptedAssistant, str], assistant: ScriptedAssistant, browser: Callable[..., Shopper], text: str
) -> None:
    shopper = browser()
    shopper.opens(shop[1])
    shopper.says(text)
    assert shopper.reads()[-1].startswith("You said:")
    shopper.says("hello")
    assert shopper.reads()[-1] == "You said: hello"


def test_nothing_hangs_over_the_edge_of_a_phone(
    shop: tuple[ScriptedAssistant, str], assistant: ScriptedAssistant, browser: Callable[..., Shopper]
) -> None:
    shopper = browser(PHONE)
    shopper.opens(shop[1])
    for text in ("boots", "order", "compare", "a" * 300):
        shopper.says(text)
    assert shopper.page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert shopper.page.locator(".composer button").bounding_box()["y"] < PHONE["height"] - 44
