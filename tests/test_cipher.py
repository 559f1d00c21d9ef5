from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import ConfigError, StoreError
from bot.store.cipher import Cipher, KeyFileError, make_key_file, read_key_file

KEY = bytes(range(32))


@pytest.fixture
def cipher() -> Cipher:
    return Cipher(KEY)


def test_a_sealed_value_opens_in_its_context(cipher: Cipher) -> None:
    assert cipher.open("cases.number", cipher.seal("cases.number", b"7K2M")) == b"7K2M"


def test_a_json_value_opens_as_it_was_sealed(cipher: Cipher) -> None:
    value = {"이름": "채널 \ud83d", "n": [1, None, True, 2.5]}
    assert cipher.open_json("posts.post", cipher.seal_json("posts.post", value)) == value


def test_a_sealed_value_shows_nothing_of_its_plaintext(cipher: Cipher) -> None:
    assert b"hidden" not in cipher.seal("x.y", b"hidden")


def test_the_same_value_is_sealed_differently_every_time(cipher: Cipher) -> None:
    assert cipher.seal("x.y", b"value") != cipher.seal("x.y", b"value")


def test_a_wrong_context_is_refused_and_says_what_it_may_mean(cipher: Cipher) -> None:
    with pytest.raises(StoreError, match=r"cases\.contact.*key file.*another database.*damaged or changed"):
        cipher.open("cases.contact", cipher.seal("cases.number", b"7K2M"))


def test_a_change_of_any_byte_is_refused(cipher: Cipher) -> None:
    sealed = cipher.seal("x.y", b"value")
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(StoreError, match="damaged or changed"):
            cipher.open("x.y", bytes(changed))


def test_a_value_cut_off_anywhere_is_refused(cipher: Cipher) -> None:
    sealed = cipher.seal("x.y", b"value")
    for length in range(len(sealed)):
        with pytest.raises(StoreError):
            cipher.open("x.y", sealed[:length])


def test_another_key_is_refused(cipher: Cipher) -> None:
    with pytest.raises(StoreError):
        Cipher(bytes(32)).open("x.y", cipher.seal("x.y", b"value"))


def test_a_digest_is_the_same_for_the_same_key_context_and_value(cipher: Cipher) -> None:
    assert cipher.digest("x.y", 42) == Cipher(KEY).digest("x.y", 42)
    assert len(cipher.digest("x.y", 42)) == 32


def test_a_digest_differs_by_value_context_and_key(cipher: Cipher) -> None:
    digests = {
        cipher.digest("x.y", 42),
        cipher.digest("x.y", 43),
        cipher.digest("x.z", 42),
        Cipher(bytes(32)).digest("x.y", 42),
    }
    assert len(digests) == 4


def test_a_context_cannot_run_over_into_the_value(cipher: Cipher) -> None:
    assert cipher.digest("x.y", "z") != cipher.digest("x.yz", "")


def test_digests_are_kept_for_good(cipher: Cipher) -> None:
    """They are unique keys in the database, so the function may never change."""
    assert cipher.digest("cases.number_key", "7K2M").hex() == (
        "a348ab1a7f3083b461c45eb59aa0974a1d24e182236264abee191d328996a17b"
    )


def test_values_sealed_by_an_earlier_release_still_open(cipher: Cipher) -> None:
    sealed = bytes.fromhex("01f2895ca4bf78e39939801a40dafee5e8a1ee6b6dc1ba033c38a4f5b936a2db03")
    assert cipher.open("cases.number", sealed) == b"7K2M"


def test_a_key_of_another_length_is_refused() -> None:
    with pytest.raises(KeyFileError, match="32 bytes"):
        Cipher(b"short")


def test_a_new_key_file_can_be_read_by_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "jikimi.key"
    make_key_file(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(read_key_file(path)) == 32


def test_every_new_key_file_holds_another_key(tmp_path: Path) -> None:
    make_key_file(tmp_path / "a.key")
    make_key_file(tmp_path / "b.key")
    assert read_key_file(tmp_path / "a.key") != read_key_file(tmp_path / "b.key")


def test_a_key_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "jikimi.key"
    make_key_file(path)
    before = path.read_bytes()
    with pytest.raises(KeyFileError, match="is kept"):
        make_key_file(path)
    assert path.read_bytes() == before


def test_a_key_file_in_a_missing_folder_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="cannot be written"):
        make_key_file(tmp_path / "nowhere" / "jikimi.key")


def test_a_missing_key_file_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="jikimi init"):
        read_key_file(tmp_path / "jikimi.key")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "jikimi.key"
    make_key_file(path)
    path.chmod(mode)
    with pytest.raises(KeyFileError, match="chmod 600"):
        read_key_file(path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"# only a comment\n",
        b"not base64!\n",
        b"AAAA\n",
        b"A" * 43 + b"=\n" + b"A" * 43 + b"=\n",
        b"\xff\xfe",
    ],
)
def test_a_malformed_key_file_is_refused_without_showing_its_content(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "jikimi.key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(KeyFileError, match="holds no key") as caught:
        read_key_file(path)
    assert "AAAA" not in str(caught.value)
