"""Secrets at rest: values sealed with AES-256-GCM, and keyed digests for what must be found but not read.

Both keys are derived (HKDF-SHA256, RFC 5869) from one 32-byte master key that lives in a file apart from the
database. The context, `table.column`, is bound to every value, so that one column's value is refused in another.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import os
import secrets
import stat
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.errors import ConfigError
from bot.store.errors import DoesNotOpen

KEY_BYTES = 32
_NONCE_BYTES = 12
_VERSION = b"\x01"

_KEY_FILE_HEADER = (
    "# Jikimi master key: everything stored about people opens with it. "
    "Keep apart from the database and its backups; without it the database cannot be read.\n"
)


class KeyFileError(ConfigError):
    """The key file cannot be used."""


class Cipher:
    """Seals and opens single values. A sealed value is a version byte, the nonce, the ciphertext and the tag."""

    def __init__(self, master_key: bytes) -> None:
        if len(master_key) != KEY_BYTES:
            raise KeyFileError(f"A key has {KEY_BYTES} bytes, this one {len(master_key)}.")
        self._aead = AESGCM(_derive(master_key, b"jikimi 1 seal"))
        self._digest_key = _derive(master_key, b"jikimi 1 digest")

    def seal(self, context: str, value: bytes) -> bytes:
        # Random nonces stay safe for 2**32 values of one key (NIST SP 800-38D, 8.3).
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return _VERSION + nonce + self._aead.encrypt(nonce, value, _VERSION + context.encode())

    def open(self, context: str, sealed: bytes) -> bytes:
        """Raises `DoesNotOpen`."""
        nonce, ciphertext = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        try:
            if sealed[:1] != _VERSION or len(nonce) != _NONCE_BYTES:
                raise InvalidTag
            return self._aead.decrypt(nonce, ciphertext, _VERSION + context.encode())
        except InvalidTag:
            raise DoesNotOpen(
                f"A stored value ({context}) does not open: the key file belongs to another database, or the value "
                "was damaged or changed. Restore the database and the key file from backups of the same time."
            ) from None

    def seal_json(self, context: str, value: Any) -> bytes:
        return self.seal(context, json.dumps(value, separators=(",", ":"), sort_keys=True).encode())

    def open_json(self, context: str, sealed: bytes) -> Any:
        return json.loads(self.open(context, sealed))

    def digest(self, context: str, value: str | int | bytes) -> bytes:
        """HMAC-SHA256: the same value in the same context gives the same 32 bytes, and nothing else does."""
        # Telegram's strings may hold a lone surrogate, which UTF-8 proper refuses.
        data = value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")
        return hmac.digest(self._digest_key, context.encode() + b"\0" + data, "sha256")


def _derive(master_key: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose).derive(master_key)


def make_key_file(path: Path) -> None:
    """Write a new random key, readable by the owner only. Never overwrites a file."""
    text = _KEY_FILE_HEADER + base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode() + "\n"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise KeyFileError(
            f"The key file {path} is there already and is kept: the database opens with no other key."
        ) from None
    except OSError as error:
        raise KeyFileError(f"The key file {path} cannot be written: {error.strerror}.") from None
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def read_key_file(path: Path) -> bytes:
    """The 32-byte master key. Raises `KeyFileError`."""
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="ascii")
    except FileNotFoundError:
        raise KeyFileError(
            f"There is no key file {path}. Restore it from its backup, or make a new one with `jikimi init`."
        ) from None
    except OSError as error:
        raise KeyFileError(f"The key file {path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise _malformed(path) from None
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise KeyFileError(f"Other users of this machine can read the key file: run `chmod 600 {path}`.")
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    try:
        key = base64.b64decode(lines[0] if len(lines) == 1 else "", validate=True)
    except binascii.Error:
        raise _malformed(path) from None
    if len(key) != KEY_BYTES:
        raise _malformed(path)
    return key


def _malformed(path: Path) -> KeyFileError:
    return KeyFileError(
        f"The key file {path} holds no key: it needs one line of base64 for {KEY_BYTES} bytes. "
        "Restore it from its backup."
    )
