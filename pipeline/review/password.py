"""Passwords: argon2id with the library's recommended cost (RFC 9106, low memory), and a least length."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from pipeline.records import Stop

LEAST_CHARACTERS = 12
MOST_CHARACTERS = 500
_hasher = PasswordHasher()
# Checked when there is no such user, so that the answer takes as long as for a wrong password.
_NOBODY = _hasher.hash("nobody has this password")


def hash_password(password: str) -> str:
    """The argon2 hash to keep. Raises Stop for a password that is too short or absurdly long."""
    if not LEAST_CHARACTERS <= len(password) <= MOST_CHARACTERS:
        raise Stop(f"a password has {LEAST_CHARACTERS} to {MOST_CHARACTERS} characters; several words do well")
    return _hasher.hash(password)


def is_password(kept: str | None, password: str) -> bool:
    """Whether this is the password of a kept hash; False, and as slow, when none is kept."""
    try:
        return _hasher.verify(kept or _NOBODY, password[: MOST_CHARACTERS + 1]) and kept is not None
    except (VerificationError, InvalidHashError):
        return False
