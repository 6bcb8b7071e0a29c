"""Signed shopper tokens: a valid one names a customer; a forged, stale or foreign one names nobody."""

from __future__ import annotations

import base64
import json
import time
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from pydantic import SecretStr

from assistant.settings import Settings
from assistant.tokens import BadTokenKey, TokenRefused, Tokens, open_tokens

SECRET = "a secret that the host shop and Aisle share"
TOKENS = Tokens(SECRET)


@pytest.fixture(scope="module")
def rsa_keys() -> tuple[str, str]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


def claims(**changes: Any) -> dict[str, Any]:
    return {"sub": "mia", "aud": "aisle", "exp": int(time.time()) + 600, **changes}


def unsigned() -> str:
    parts = ({"alg": "none", "typ": "JWT"}, claims())
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts) + "."


def test_a_token_signed_with_the_shared_secret_names_the_customer() -> None:
    assert TOKENS.subject_of(jwt.encode(claims(), SECRET, "HS256")) == "mia"
    assert TOKENS.subject_of(TOKENS.sign("mia")) == "mia"


def test_a_token_signed_with_the_hosts_private_key_names_the_customer(rsa_keys: tuple[str, str]) -> None:
    private, public = rsa_keys
    token = jwt.encode(claims(), private, "RS256")
    assert Tokens(public_key=public).subject_of(token) == "mia"
    assert Tokens(SECRET, public).subject_of(token) == "mia"
    with pytest.raises(TokenRefused, match="algorithm"):
        TOKENS.subject_of(token)


@pytest.mark.parametrize(
    ("changes", "key", "algorithm", "reason"),
    [
        ({}, SECRET + "!", "HS256", "Signature"),
        ({"exp": -60}, SECRET, "HS256", "expired"),
        ({"exp": 3600}, SECRET, "HS256", "longer than 15 minutes"),
        ({"nbf": 300}, SECRET, "HS256", "not yet valid"),
        ({"aud": "another service"}, SECRET, "HS256", "[Aa]udience"),
        ({}, SECRET + SECRET, "HS512", "algorithm"),
        ({"exp": None}, SECRET, "HS256", "exp"),
        ({"sub": None}, SECRET, "HS256", "sub"),
        ({"sub": 7}, SECRET, "HS256", "[Ss]ub"),
    ],
)
def test_another_signature_or_other_claims_name_nobody(
    changes: dict[str, Any], key: str, algorithm: str, reason: str
) -> None:
    """Times are seconds from now; None leaves the claim out."""
    now = int(time.time())
    told = {name: now + value if name in ("exp", "nbf") and value else value for name, value in changes.items()}
    refuse(
        jwt.encode({name: value for name, value in claims(**told).items() if value is not None}, key, algorithm), reason
    )


@pytest.mark.parametrize(("token", "reason"), [("not.a.token", "readable"), ("", "readable")])
def test_what_is_no_token_names_nobody(token: str, reason: str) -> None:
    refuse(token, reason)


def test_an_unsigned_token_names_nobody() -> None:
    refuse(unsigned(), "algorithm")


def refuse(token: str, reason: str) -> None:
    with pytest.raises(TokenRefused, match=reason) as refused:
        TOKENS.subject_of(token)
    assert not token or token not in str(refused.value)


def test_the_public_key_does_not_serve_as_a_shared_secret(rsa_keys: tuple[str, str]) -> None:
    """The confusion of algorithms: whoever knows the public key signs with it as if it were a secret."""
    _, public = rsa_keys
    header, payload, _ = jwt.encode(claims(), SECRET, "HS256").split(".")
    signature = jwt.get_algorithm_by_name("HS256").sign(f"{header}.{payload}".encode(), public.encode())  # type: ignore[arg-type]
    forged = f"{header}.{payload}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"
    for tokens in (Tokens(public_key=public), Tokens(SECRET, public)):
        with pytest.raises(TokenRefused):
            tokens.subject_of(forged)


def test_without_a_key_no_token_counts() -> None:
    with pytest.raises(TokenRefused, match="no key"):
        Tokens().subject_of(TOKENS.sign("mia"))


def test_the_keys_come_from_the_settings(tmp_path: Path, rsa_keys: tuple[str, str]) -> None:
    pem = tmp_path / "host.pem"
    pem.write_text(rsa_keys[1], "ascii")
    assert open_tokens(Settings(token_secret=SecretStr(SECRET))) == Tokens(SECRET)
    assert open_tokens(Settings(token_public_key=pem)) == Tokens(None, rsa_keys[1])
    made_up = open_tokens(Settings())
    assert made_up.subject_of(made_up.sign("mia")) == "mia"
    assert open_tokens(Settings()).secret != made_up.secret
    pem.write_text("no key at all", "ascii")
    with pytest.raises(BadTokenKey, match=r"host\.pem"):
        open_tokens(Settings(token_public_key=pem))


def test_neither_the_settings_nor_their_errors_show_the_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    assert SECRET not in Settings(token_secret=SecretStr(SECRET)).describe()
    monkeypatch.setenv("AISLE_TOKEN_SECRET", "too short")
    with pytest.raises(ValueError, match="token_secret") as refused:
        Settings()
    assert "too short" not in str(refused.value)


def test_origins_may_stand_in_a_list_and_must_be_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AISLE_EMBED_ORIGINS", "https://shop.example, http://127.0.0.1:8000")
    assert Settings().embed_origins == ("https://shop.example", "http://127.0.0.1:8000")
    for wrong in ("https://*.shop.example", "https://shop.example/path", "shop.example; script-src *"):
        monkeypatch.setenv("AISLE_EMBED_ORIGINS", wrong)
        with pytest.raises(ValueError, match="embed_origins"):
            Settings()
