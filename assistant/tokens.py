"""Signed shopper tokens: how a host shop tells who is signed in. Short-lived JWTs (RFC 7519), checked here alone.

The claims: `sub` the customer's id, `aud` "aisle", `exp` at most 15 minutes from now. HS256 with the shared secret,
RS256 with the host's public key; a key reads its own algorithm only, so no token chooses how it is checked (RFC 8725).
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import Any

import jwt

from assistant.settings import Settings

AUDIENCE = "aisle"
LONGEST_S = 15 * 60
CLOCKS_DIFFER_S = 30  # between the host's machine and this one
REQUIRED = ("exp", "aud", "sub")


class TokenRefused(ValueError):
    """The token proves nothing; says why, without the token."""


class BadTokenKey(ValueError):
    """The public key of the settings cannot be read."""


@dataclass(frozen=True)
class Tokens:
    """The keys that count. `secret` also signs, for the demo shop."""

    secret: str | None = None
    public_key: str | None = None  # PEM

    def subject_of(self, token: str) -> str:
        """The id of the customer whom a valid token names. Raises TokenRefused."""
        claims = self.claims_of(token, AUDIENCE)
        if claims["exp"] - time.time() > LONGEST_S + CLOCKS_DIFFER_S:
            raise TokenRefused(f"it is valid for longer than {LONGEST_S // 60} minutes")
        return str(claims["sub"])

    def claims_of(self, token: str, audience: str) -> dict[str, Any]:
        """The claims of a token that is signed, for this audience, and not over. Raises TokenRefused."""
        reason = "there is no key to check it with"
        for algorithm, key in (("HS256", self.secret), ("RS256", self.public_key)):
            if key is None:
                continue
            try:
                return jwt.decode(
                    token, key, [algorithm],
                    audience=audience, leeway=CLOCKS_DIFFER_S, options={"require": list(REQUIRED)},
                )  # fmt: skip
            except jwt.InvalidAlgorithmError:
                reason = "its algorithm is not one of those set up here"
            except jwt.InvalidTokenError as error:
                raise TokenRefused(_reason(error)) from error
        raise TokenRefused(reason)

    def sign(self, subject: str, audience: str = AUDIENCE, seconds: int = LONGEST_S) -> str:
        """A token of our own, as a host shop would make it."""
        if self.secret is None:
            raise BadTokenKey("Without AISLE_TOKEN_SECRET no token can be signed here.")
        claims = {"sub": subject, "aud": audience, "exp": int(time.time()) + seconds}
        return jwt.encode(claims, self.secret, algorithm="HS256")


def open_tokens(settings: Settings) -> Tokens:
    """The keys of the settings; where there are none, a secret of this process, so that the demo shop can sign.

    Raises BadTokenKey."""
    secret = settings.token_secret.get_secret_value() if settings.token_secret else None
    if settings.token_public_key is None:
        return Tokens(secret or secrets.token_hex(32))
    try:
        pem = settings.token_public_key.read_text("ascii")
        jwt.get_algorithm_by_name("RS256").prepare_key(pem)
    except (OSError, ValueError, jwt.InvalidKeyError) as error:
        raise BadTokenKey(
            f"No RSA public key in PEM form can be read from {settings.token_public_key}: {error}. "
            "Set AISLE_TOKEN_PUBLIC_KEY to the file with the host shop's public key."
        ) from error
    return Tokens(secret, pem)


def _reason(error: jwt.InvalidTokenError) -> str:
    if isinstance(error, jwt.DecodeError) and not isinstance(error, jwt.InvalidSignatureError):
        return "it is not a readable JWT"
    return str(error)
