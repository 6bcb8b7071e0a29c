"""Finding out who is a customer, and becoming one: by guesses in the chat, and by tokens that were made up."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import uuid
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hostile_shop import TOKEN_SECRET, Hostile
from starlette.testclient import TestClient

from assistant.tokens import AUDIENCE, TokenRefused, Tokens
from assistant.web.guesses import MOST, Guesses
from dialogues.messages import BotMessage

KEY, OTHER_KEY = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
PUBLIC = (
    KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
)


def pem(key: rsa.RSAPrivateKey) -> str:
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return key.private_bytes(*form).decode()


def claims(**changes: Any) -> dict[str, Any]:
    made = {"sub": "mia_12", "aud": AUDIENCE, "exp": int(time.time()) + 600, **changes}
    return {name: value for name, value in made.items() if value is not None}


def part(data: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(data).encode()).rstrip(b"=").decode()


def unsigned(algorithm: str, signature: str = "") -> str:
    return f"{part({'alg': algorithm, 'typ': 'JWT'})}.{part(claims())}.{signature}"


def confused() -> str:
    """HS256 with the public key as its secret: taken by a server that lets the token choose how it is checked."""
    head = f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part(claims())}"
    made = hmac.new(PUBLIC.encode(), head.encode(), hashlib.sha256).digest()
    return f"{head}.{base64.urlsafe_b64encode(made).rstrip(b'=').decode()}"


def changed() -> str:
    """A good token with another customer in it."""
    head, _, signature = jwt.encode(claims(sub="noor"), TOKEN_SECRET, "HS256").split(".")
    return f"{head}.{part(claims())}.{signature}"


def sign(
    algorithm: str = "HS256", key: str = TOKEN_SECRET, headers: dict[str, Any] | None = None, **changes: Any
) -> str:
    return jwt.encode(claims(**changes), key, algorithm, headers=headers)


FORGED = {
    "alg none": unsigned("none"),
    "alg None": unsigned("None"),
    "alg NONE with a signature": unsigned("NONE", "x"),
    "no signature": unsigned("HS256"),
    "public key as secret": confused(),
    "another's claims": changed(),
    "another secret": sign(key="another secret that is long enough here"),
    "another signature": unsigned("HS256", "AAAA"),
    "HS512": sign("HS512"),
    "RS256 with another key": sign("RS256", pem(OTHER_KEY)),
    "expired": sign(exp=int(time.time()) - 3600),
    "valid for a year": sign(exp=int(time.time()) + 365 * 24 * 3600),
    "no expiry": sign(exp=None),
    "not yet": sign(nbf=int(time.time()) + 3600),
    "another audience": sign(aud="aisle demo shop"),
    "no audience": sign(aud=None),
    "no subject": sign(sub=None),
    "key in the header": sign(
        key="a secret of the attacker's own, quite long", headers={"jwk": {"kty": "oct", "k": "YQ"}}
    ),
    "key by path": sign(key="a secret of the attacker's own, quite long", headers={"kid": "../../dev/null"}),
    "key by address": sign(
        key="a secret of the attacker's own, quite long", headers={"jku": "http://127.0.0.1:9/jwks"}
    ),
    "crit": sign(headers={"crit": ["exp"], "exp": 0}),
    "four parts": sign() + ".x",
    "two parts": sign().rpartition(".")[0],
    "rubbish": "a.b.c",
    "dots": "." * 4000,
    "sql": "' OR 1=1 --",
}


@pytest.mark.parametrize("forged", FORGED)
def test_a_forged_token_names_nobody(forged: str) -> None:
    for tokens in (Tokens(TOKEN_SECRET), Tokens(None, PUBLIC), Tokens(TOKEN_SECRET, PUBLIC)):
        with pytest.raises(TokenRefused) as refused:
            tokens.subject_of(FORGED[forged])
        assert FORGED[forged] not in str(refused.value)


def test_the_same_keys_take_a_good_token() -> None:
    assert Tokens(TOKEN_SECRET, PUBLIC).subject_of(sign()) == "mia_12"
    assert Tokens(TOKEN_SECRET, PUBLIC).subject_of(sign("RS256", pem(KEY))) == "mia_12"


@pytest.mark.parametrize("forged", ["alg none", "public key as secret", "expired", "another's claims"])
def test_a_forged_token_opens_no_account_in_the_chat(shop: Hostile, browser: TestClient, forged: str) -> None:
    sender = uuid.uuid4().hex
    body = {"sender": sender, "message": '/track_order{"order_id": "#W1000001"}', "metadata": {"token": FORGED[forged]}}
    answer = browser.post("/webhooks/rest/webhook", json=body)
    assert answer.status_code == 200 and "custom" not in answer.json()[0]
    assert shop.assistant.tracker(sender).slots.get("customer_id") is None


def test_a_conversation_that_has_begun_as_one_customer_never_becomes_another(
    shop: Hostile, browser: TestClient
) -> None:
    sender = uuid.uuid4().hex
    say(browser, sender, '/identify{"email": "mia@example.com"}')
    assert shop.assistant.tracker(sender).slots["customer_id"] == "mia_12"
    say(browser, sender, '/identify{"email": "noor@example.com"}')
    assert shop.assistant.tracker(sender).slots["customer_id"] == "mia_12"
    body = {"sender": sender, "message": "hello", "metadata": {"token": sign(sub="noor")}}
    assert browser.post("/webhooks/rest/webhook", json=body).status_code == 200
    assert shop.assistant.tracker(sender).slots["customer_id"] == "mia_12"


def say(browser: TestClient, sender: str, text: str) -> list[str]:
    answer = browser.post("/webhooks/rest/webhook", json={"sender": sender, "message": text})
    assert answer.status_code == 200, answer.text
    return [one["text"] for one in answer.json()]


@pytest.mark.parametrize(
    ("known", "unknown"),
    [
        ('/identify{"name": "Mia Berg", "zip": "00000"}', '/identify{"name": "Nobody Atall", "zip": "00000"}'),
        ('/identify{"name": "Nobody Atall", "zip": "19122"}', '/identify{"name": "Nobody Atall", "zip": "00000"}'),
        ('/identify{"zip": "19122"}', '/identify{"zip": "00000"}'),
        ('/identify{"name": "Mia Lindqvist"}', '/identify{"name": "Nobody Atall"}'),
        ('/track_order{"order_id": "#W1000001"}', '/track_order{"order_id": "#W9999999"}'),
        ('/cancel_order{"order_id": "#W1000001"}', '/cancel_order{"order_id": "#W9999999"}'),
    ],
)
def test_half_a_truth_is_answered_like_none(shop: Hostile, browser: TestClient, known: str, unknown: str) -> None:
    def responses(text: str) -> list[str]:
        sender = uuid.uuid4().hex
        say(browser, sender, text)
        tracker = shop.assistant.tracker(sender)
        assert tracker.slots.get("customer_id") is None
        return [message.response for _, message in shop.assistant.history(sender) if not isinstance(message, str)]

    assert responses(known) == responses(unknown)


def test_guesses_in_one_conversation_end_at_a_person(shop: Hostile, browser: TestClient) -> None:
    sender = uuid.uuid4().hex
    for number in range(4):
        say(browser, sender, f'/identify{{"email": "guess{number}@example.com"}}')
    say(browser, sender, '/identify{"email": "mia@example.com"}')
    assert shop.assistant.tracker(sender).slots.get("customer_id") is None


def test_nothing_that_a_client_sends_beside_the_message_names_the_customer(shop: Hostile, browser: TestClient) -> None:
    for extra in (
        {"customer_id": "mia_12"},
        {"metadata": {"customer_id": "mia_12"}},
        {"slots": {"customer_id": "mia_12"}},
        {"metadata": {"visit": {"customer_id": "mia_12"}, "token": ""}},
        {"tracker": {"slots": {"customer_id": "mia_12"}}},
    ):
        sender = uuid.uuid4().hex
        browser.post("/webhooks/rest/webhook", json={"sender": sender, "message": "hello", **extra})
        assert shop.assistant.tracker(sender).slots.get("customer_id") is None


def test_guesses_in_new_conversations_end_for_the_address_and_for_nobody_else(shop: Hostile) -> None:
    def claims_to_be(address: str, email: str) -> Any:
        sender = uuid.uuid4().hex
        say(TestClient(shop.app, client=(address, 1)), sender, f'/identify{{"email": "{email}"}}')
        return shop.assistant.tracker(sender).slots.get("customer_id")

    for number in range(MOST):
        assert claims_to_be("203.0.113.7", f"guess{number}@example.com") is None
    assert claims_to_be("203.0.113.7", "mia@example.com") is None
    assert claims_to_be("203.0.113.8", "mia@example.com") == "mia_12"


def test_an_hour_later_the_guesses_are_forgotten() -> None:
    moment = [0.0]
    guesses = Guesses(lambda: moment[0])
    wrong = [BotMessage("", "utter_identity_unknown")]
    for _ in range(MOST):
        guesses.note("203.0.113.7", wrong)
        guesses.note("127.0.0.1", wrong)
        guesses.note("203.0.113.9", [BotMessage("", "utter_identified")])
    assert guesses.too_many("203.0.113.7")
    assert not guesses.too_many("127.0.0.1") and not guesses.too_many("203.0.113.9")
    moment[0] = 3601.0
    assert not guesses.too_many("203.0.113.7")
