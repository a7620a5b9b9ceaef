"""Sealed bodies: nobody reads them without the key, and a wrong key is said to be wrong."""

import base64
import os
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from crosswalk.errors import ConfigError
from crosswalk.platform.settings import Settings
from crosswalk.platform.vault import Vault

KEY = bytes(range(32))
TEXT = base64.b64encode(KEY).decode()


def settings(home: Path, key: str | None = None, url: str = "") -> Settings:
    secret = None if key is None else SecretStr(key)
    return Settings(_env_file=None, home=home, encryption_key=secret, database_url=url)


@given(st.lists(st.binary(max_size=200), max_size=5))
def test_what_is_sealed_can_be_opened(bodies: list[bytes]) -> None:
    vault = Vault(KEY)
    sealed = vault.seal_many(bodies)
    assert [Vault(KEY).open(one) for one in sealed] == bodies
    assert vault.open(vault.seal(b"x")) == b"x"
    assert len(set(sealed)) == len(sealed)  # equal bodies are not seen to be equal


@given(st.binary(min_size=8, max_size=50), st.data())
def test_a_changed_or_cut_body_is_refused(body: bytes, data: st.DataObject) -> None:
    sealed = Vault(KEY).seal(body)
    assert body not in sealed
    at = data.draw(st.integers(0, len(sealed) - 1))
    changed = sealed[:at] + bytes([sealed[at] ^ data.draw(st.integers(1, 255))]) + sealed[at + 1 :]
    for damaged in (changed, sealed[:at]):
        with pytest.raises(ConfigError, match="CROSSWALK_ENCRYPTION_KEY"):
            Vault(KEY).open(damaged)


def test_another_key_does_not_open() -> None:
    with pytest.raises(ConfigError, match="another key"):
        Vault(os.urandom(32)).open(Vault(KEY).seal(b"secret"))


@pytest.mark.parametrize("key", ["", "s3cret!", base64.b64encode(b"short").decode(), "é", TEXT[:-4]])
def test_a_bad_key_is_not_repeated(tmp_path: Path, key: str) -> None:
    with pytest.raises(ConfigError, match="32 bytes") as refused:
        Vault.from_settings(settings(tmp_path, key))
    assert not key or key not in str(refused.value)


def test_the_key_of_the_settings(tmp_path: Path) -> None:
    sealed = Vault.from_settings(settings(tmp_path, f" {TEXT}\n", "postgresql://host/hub")).seal(b"x")
    assert Vault(KEY).open(sealed) == b"x"
    assert list(tmp_path.iterdir()) == []


def test_a_key_file_is_made_once_and_private(tmp_path: Path) -> None:
    where = settings(tmp_path)
    sealed = Vault.from_settings(where).seal(b"x")
    assert Vault.from_settings(settings(tmp_path, url="postgresql://host/hub")).open(sealed) == b"x"
    assert [path.name for path in where.state.iterdir()] == ["key"]
    assert (where.state / "key").stat().st_mode & 0o777 == 0o600


def test_processes_that_start_together_share_one_key(tmp_path: Path) -> None:
    gate, vaults = threading.Barrier(8), []

    def start() -> None:
        gate.wait()
        vaults.append(Vault.from_settings(settings(tmp_path)))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sealed = vaults[0].seal(b"x")
    assert [vault.open(sealed) for vault in vaults] == [b"x"] * 8


@pytest.mark.parametrize("content", [b"no key", b"", b"\xff"])
def test_a_spoilt_key_file_is_named_and_kept(tmp_path: Path, content: bytes) -> None:
    where = settings(tmp_path)
    where.state.mkdir()
    path = where.state / "key"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match="32 bytes") as refused:
        Vault.from_settings(where)
    assert refused.value.file == path
    assert path.read_bytes() == content


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be read or made"):
        Vault.from_settings(settings(tmp_path / "file"))
