from __future__ import annotations

import pytest
from victim_scene import fingerprint, line

from bot.chat.victim_reading import Said, read, read_number
from matcher import Fingerprint, HashTextError, HashTextReason


@pytest.mark.parametrize(
    "text",
    [
        "JK-ABCD-EFGH-JKMN",
        "jk-abcd-efgh-jkmn",
        "jkabcdefghjkmn",
        "JK ABCD EFGH JKMN",
        "JK-AB CD-EF GH-JK MN",
        "ＪＫ－ＡＢＣＤ－ＥＦＧＨ－ＪＫＭＮ",
        "제 접수번호는 JK-ABCD-EFGH-JKMN입니다",
    ],
)
def test_a_case_number_is_read_however_it_is_written(text: str) -> None:
    assert read(text) == Said(number="JK-ABCD-EFGH-JKMN")


def test_letters_that_look_like_digits_are_read_as_digits() -> None:
    assert read("JK-OI00-LL11-oil0").number == "JK-0100-1111-0110"
    assert read("o1234i").pin == "012341"


@pytest.mark.parametrize(
    "text",
    [
        "JK-ABCD-EFGH-JKMN 123456",
        "jkabcdefghjkmn123456",
        "접수번호 JK-ABCD-EFGH-JKMN\nPIN: 123456",
        "/status JK-ABCD-EFGH-JKMN 123456",
    ],
)
def test_a_number_with_its_pin_is_read_as_both(text: str) -> None:
    assert read(text) == Said(number="JK-ABCD-EFGH-JKMN", pin="123456")


@pytest.mark.parametrize(
    "text", ["JK-ABCD-EFGH", "JK-ABCD-EFGH-JKM 123456", "JK-ABCD-EFGH-JKMNPQRS", "무서워요", ""]
)
def test_what_is_no_number_is_not_read_as_one(text: str) -> None:
    said = read(text)
    assert (said.command, said.hashes, said.number, said.pin) == (None, (), None, None)


def test_where_a_number_is_expected_its_jk_may_be_missing() -> None:
    assert read_number(" abcd-efgh-jkmn ") == "JK-ABCD-EFGH-JKMN"
    assert read("abcd-efgh-jkmn").number is None
    assert read_number("hello there") is None


@pytest.mark.parametrize(
    ("text", "pin"), [("123456", "123456"), ("123 456", "123456"), ("12345", None), ("내 나이 123456", None)]
)
def test_a_pin_is_six_digits_and_nothing_else(text: str, pin: str | None) -> None:
    assert read(text).pin == pin


@pytest.mark.parametrize(
    ("text", "command"),
    [("/start", "start"), ("/START@JikimiBot x", "start"), ("/", ""), ("start", None)],
)
def test_a_command_is_read_without_its_addressee_and_words(text: str, command: str | None) -> None:
    assert read(text).command == command


def test_hashes_are_found_between_the_words_of_a_person_and_names_of_files() -> None:
    said = read(f"안녕하세요, 제 해시입니다\nbeach 2019.jpg:\n{line(1)}\npdq {fingerprint(2).hex}\n/start")
    assert said.hashes == ((1, fingerprint(1)), (2, fingerprint(2, quality=None)))
    assert said.command is None


def test_a_hash_that_is_cut_off_is_an_error_and_not_a_word() -> None:
    [(number, error)] = read(fingerprint(1).hex[:40]).hashes
    assert number == 1
    assert isinstance(error, HashTextError)
    assert (error.reason, error.length) == (HashTextReason.WRONG_LENGTH, 40)


def test_good_and_bad_hashes_keep_their_order() -> None:
    said = read(f"{line(1)}\n{line(2)[:-1]}x\n{line(3)}")
    assert [isinstance(one, Fingerprint) for _, one in said.hashes] == [True, False, True]


def test_hashes_numbers_and_pins_are_secrets_and_words_are_not() -> None:
    assert [read(text).is_secret for text in (line(1), "a" * 20, "JK-ABCD-EFGH-JKMN", "123456")] == [True] * 4
    assert not read("도와주세요").is_secret
    assert not read("/start").is_secret


def test_more_hashes_than_a_message_may_hold_are_an_error() -> None:
    with pytest.raises(HashTextError):
        read("\n".join(["a" * 16] * 201))
