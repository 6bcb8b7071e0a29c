"""No secret of the settings leaves the process: not by a log, a metric, an answer or an error."""

from __future__ import annotations

import logging

import pytest
from hostile_shop import HERE, PASSWORD, SMTP_SECRET, TOKEN_SECRET, Hostile, sign_in
from pydantic import SecretStr
from sqlalchemy.exc import DBAPIError
from starlette.testclient import TestClient

from assistant.logs import JsonLines, TextLines
from assistant.settings import Settings
from assistant.store import Database

SECRETS = {
    "database_url": "postgresql://aisle:DB-PASS-word-1@127.0.0.1:9/shop",
    "openai_key": "sk-OPENAI-key-2",
    "openai_url": "http://user:OPENAI-pass-3@127.0.0.1:9/v1",
    "token_secret": "TOKEN-secret-4-that-is-long-enough-for-hs256",
    "smtp_url": "smtp://shop:SMTP-pass-5@127.0.0.1:9",
    "smtp_sender": "shop@shop.example",
}
WORDS = ("DB-PASS-word-1", "sk-OPENAI-key-2", "OPENAI-pass-3", "TOKEN-secret-4", "SMTP-pass-5")


def told_of(record: logging.LogRecord) -> str:
    return TextLines().format(record) + JsonLines().format(record)


def test_every_secret_of_the_settings_is_one_that_this_test_plants() -> None:
    secret = {name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)}
    assert secret <= set(SECRETS), "a new secret setting: plant it here"


def test_the_settings_are_printed_at_the_start_without_their_secrets() -> None:
    settings = Settings(**SECRETS)  # type: ignore[arg-type]
    for told in (settings.describe(), repr(settings), str(settings), f"{settings.model_dump()}"):
        seen = [word for word in WORDS if word in told]
        assert seen == (
            [] if told == settings.describe() else [one for one in seen if one in ("DB-PASS-word-1", "OPENAI-pass-3")]
        )


def test_a_database_that_is_away_says_so_without_its_password(caplog: pytest.LogCaptureFixture) -> None:
    database = Database(SECRETS["database_url"])
    with pytest.raises(Exception) as caught:
        database.check()
    record = logging.LogRecord(
        "x", logging.ERROR, "x", 1, "no database", (), (type(caught.value), caught.value, caught.tb)
    )
    assert WORDS[0] not in str(caught.value) + repr(caught.value) + told_of(record) + caplog.text
    assert not isinstance(caught.value, DBAPIError) or caught.value.hide_parameters


def test_no_page_and_no_number_tells_a_secret(shop: Hostile, browser: TestClient) -> None:
    cookie = sign_in(browser, "ada").cookies["aisle_staff"]
    asked = (
        "/",
        "/health",
        "/health/ready",
        "/health/live",
        "/metrics",
        "/status",
        "/version",
        "/chat/",
        "/chat/config",
        "/desk/",
        "/desk/config",
        "/studio/config",
        "/widget.js",
        "/login",
        "/openapi.json",
        "/chat/openapi.json",
    )
    for path in asked:
        told = browser.get(path).text
        for secret in (TOKEN_SECRET, SMTP_SECRET, PASSWORD, cookie, str(shop.folder), "$argon2"):
            assert secret not in told, (path, secret)


def test_an_error_is_an_id_for_the_shopper_and_a_masked_traceback_for_the_log(
    shop: Hostile, browser: TestClient, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise RuntimeError(f"{shop.folder} mia.lindqvist@example.com 4111 1111 1111 1111")

    monkeypatch.setattr(shop.assistant, "handle", breaks)
    answer = browser.post("/webhooks/rest/webhook", json={"sender": "mia", "message": "hello"})
    assert answer.status_code == 500
    assert "report error" in answer.text and "RuntimeError" not in answer.text and str(shop.folder) not in answer.text
    written = "".join(map(told_of, caplog.records))
    assert "RuntimeError" in written
    assert "mia.lindqvist@" not in written and "4111 1111" not in written


def test_a_failed_sign_in_and_a_failed_mail_are_logged_without_what_was_typed(
    shop: Hostile, browser: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    browser.post("/login", data={"name": "hunter2-as-a-name", "password": "hunter2-as-a-password"}, headers=HERE)
    written = caplog.text
    with shop.database.engine.connect() as connection:
        written += str(connection.exec_driver_sql("SELECT subject, data FROM audit_log").all())
    assert "hunter2" not in written and TOKEN_SECRET not in written and SMTP_SECRET not in written


def test_a_token_is_no_part_of_any_log_line(
    shop: Hostile, browser: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    token = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJtaWFfMTIifQ.sIgNaTuReOfAtOkEn"
    browser.post("/webhooks/rest/webhook", json={"sender": "t", "message": "hello", "metadata": {"token": token}})
    assert "does not count" in caplog.text and token not in caplog.text and "sIgNaTuRe" not in caplog.text


def test_a_secret_is_never_a_plain_string_in_the_settings() -> None:
    settings = Settings(**SECRETS)  # type: ignore[arg-type]
    assert all(isinstance(getattr(settings, name), SecretStr) for name in ("openai_key", "token_secret", "smtp_url"))
