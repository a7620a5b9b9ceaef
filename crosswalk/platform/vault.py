"""The vault: payloads are sealed before they are stored, and only here can they be opened.

AES-256-GCM with a random 96-bit nonce; a sealed body is version (1 byte), nonce (12 bytes), ciphertext and tag. The
version byte is authenticated too.
"""

import base64
import binascii
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from crosswalk.errors import ConfigError
from crosswalk.platform.settings import Settings

VERSION = b"\x01"
NONCE = 12
KEY = 32
SETTING = "CROSSWALK_ENCRYPTION_KEY"


class Vault:
    """Seals and opens bytes with one key."""

    def __init__(self, key: bytes) -> None:
        """Take a key of 32 bytes.

        Raises:
            ConfigError: it has another length.
        """
        if len(key) != KEY:
            raise ConfigError(f"must be {KEY} bytes in base64, not {len(key)}", key=SETTING)
        self._cipher = AESGCM(key)

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """Take the key from the settings, else from a key file under CROSSWALK_HOME.

        The key file is made at the first use, readable by its owner only. Whoever loses it loses the payloads; where
        several machines share a database they need the setting.

        Raises:
            ConfigError: the key is no key, or its file cannot be read or made.
        """
        if settings.encryption_key is not None:
            return cls(_decoded(settings.encryption_key.get_secret_value()))
        path = settings.state / "key"
        try:
            return cls(_decoded(_made(path)))
        except ConfigError as error:
            raise ConfigError(error.message, file=path) from None
        except OSError as error:
            raise ConfigError(f"cannot be read or made: {error.strerror}", file=path) from None

    @staticmethod
    def has_key(settings: Settings) -> bool:
        """Whether there is a key already, in the settings or as a file."""
        return settings.encryption_key is not None or (settings.state / "key").exists()

    def seal(self, body: bytes) -> bytes:
        """Encrypt one body."""
        return self.seal_many([body])[0]

    def seal_many(self, bodies: Sequence[bytes]) -> list[bytes]:
        """Encrypt many bodies, each under a nonce of its own."""
        encrypt = self._cipher.encrypt
        random = os.urandom(NONCE * len(bodies))
        nonces = (random[start : start + NONCE] for start in range(0, len(random), NONCE))
        return [VERSION + nonce + encrypt(nonce, body, VERSION) for nonce, body in zip(nonces, bodies, strict=True)]

    def open(self, sealed: bytes) -> bytes:
        """Decrypt one body.

        Raises:
            ConfigError: it was sealed with another key, is damaged, or comes from a newer version.
        """
        if sealed[:1] != VERSION:
            raise ConfigError("the payload was sealed by another version of Crosswalk", key=SETTING)
        try:
            return self._cipher.decrypt(sealed[1 : 1 + NONCE], sealed[1 + NONCE :], VERSION)
        except (InvalidTag, ValueError):
            raise ConfigError(
                "does not open this payload: it was sealed with another key, or is damaged", key=SETTING
            ) from None


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        raise ConfigError(f"must be {KEY} bytes in base64", key=SETTING) from None


def _made(path: Path) -> str:
    """Return the content of the key file, which is made whole: nobody ever reads half a key."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_name(f"{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
        descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(base64.b64encode(os.urandom(KEY)) + b"\n")
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileExistsError):  # another process was first: then its key is the key
                os.link(draft, path)
        finally:
            draft.unlink()
    return path.read_text("ascii", errors="replace")
