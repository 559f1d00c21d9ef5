from __future__ import annotations

import dataclasses
import stat
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.cli.setup import Answers, Group, groups, write
from bot.config import BadConfig, load
from bot.errors import ConfigError
from bot.sources.botapi import BotApi
from bot.standin import Standin
from bot.store.cipher import read_key_file

TOKEN = "987654321:AAE-a-token-that-no-message-may-hold"
ANSWERS = Answers(token=TOKEN, admins=[1, 2], staff_chat=-100, organisation='지킴이 "센터"\\')


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_is_written_loads_and_says_what_was_answered(tmp_path: Path) -> None:
    written = write(tmp_path, ANSWERS, force=False)
    config = load(written.config_file, {})
    assert config.telegram.token.get_secret_value() == TOKEN
    assert config.telegram.admins == [1, 2]
    assert config.telegram.staff_chat == -100
    assert config.telegram.api_url == "https://api.telegram.org"
    assert config.victims.organisation == ANSWERS.organisation
    assert config.store.key_file == written.key_file
    assert len(read_key_file(written.key_file)) == 32


def test_another_api_address_language_and_key_file_are_kept(tmp_path: Path) -> None:
    answers = Answers(
        token=TOKEN,
        admins=[1],
        staff_chat=-1,
        organisation="Centre",
        language="en",
        api_url="http://127.0.0.1:8081",
        key_file=Path("keys.d/../master.key"),
    )
    (tmp_path / "keys.d").mkdir()
    config = load(write(tmp_path, answers, force=False).config_file, {})
    assert (config.telegram.api_url, config.staff.language) == ("http://127.0.0.1:8081", "en")
    assert len(read_key_file(config.store.key_file)) == 32


def test_only_the_owner_can_read_both_files(tmp_path: Path) -> None:
    written = write(tmp_path / "new" / "folder", ANSWERS, force=False)
    assert mode(written.config_file) == 0o600
    assert mode(written.key_file) == 0o600


def test_the_keys_folder_is_made_for_the_owner_only(tmp_path: Path) -> None:
    answers = dataclasses.replace(ANSWERS, key_file=tmp_path / "elsewhere" / "jikimi-key" / "jikimi.key")
    written = write(tmp_path / "installed", answers, force=False)
    assert written.key_file == answers.key_file
    assert (mode(written.key_file.parent), mode(written.key_file)) == (0o700, 0o600)


def test_a_configuration_is_not_overwritten_without_force(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("mine")
    with pytest.raises(ConfigError, match="is there already; --force"):
        write(tmp_path, ANSWERS, force=False)
    assert (tmp_path / "config.toml").read_text() == "mine"
    assert not (tmp_path / "jikimi.key").exists()


def test_force_replaces_the_configuration_but_never_the_key(tmp_path: Path) -> None:
    first = write(tmp_path, ANSWERS, force=False)
    key = first.key_file.read_bytes()
    first.config_file.write_text("broken")
    first.config_file.chmod(0o644)
    again = write(tmp_path, ANSWERS, force=True)
    assert (first.key_is_new, again.key_is_new) == (True, False)
    assert again.key_file.read_bytes() == key
    assert mode(again.config_file) == 0o600
    load(again.config_file, {})


def test_no_key_is_made_for_a_database_that_has_one(tmp_path: Path) -> None:
    elsewhere = dataclasses.replace(ANSWERS, key_file=tmp_path / "keys" / "jikimi.key")
    before = write(tmp_path, elsewhere, force=False).config_file.read_text()
    (tmp_path / "jikimi.sqlite3").touch()
    with pytest.raises(ConfigError, match=r"a new key would not open .*jikimi\.sqlite3; .*--key-file"):
        write(tmp_path, ANSWERS, force=True)
    assert (tmp_path / "config.toml").read_text() == before
    assert not (tmp_path / "jikimi.key").exists()
    assert not write(tmp_path, elsewhere, force=True).key_is_new


def test_a_wrong_answer_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match=r"telegram\.staff_chat: must be the id of a group"):
        write(tmp_path, Answers(token=TOKEN, admins=[1], staff_chat=5, organisation="C"), force=False)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match=r"file.*cannot be written"):
        write(tmp_path / "file", ANSWERS, force=False)


@pytest.fixture
async def standin() -> AsyncIterator[Standin]:
    async with Standin(clock=lambda: datetime(2026, 11, 23, tzinfo=UTC)) as standin:
        yield standin


async def test_groups_are_told_by_the_updates_that_wait_and_none_is_confirmed(standin: Standin) -> None:
    world = standin.world
    lee = world.add_user("Lee")
    first, second = world.add_group("First", [lee]), world.add_group("Second", [lee])
    world.add_bot(first, by=lee)
    world.add_bot(second, by=lee)
    world.add_bot_as_admin(world.add_channel("A channel", owner=lee), by=lee)
    world.start(lee)
    async with BotApi(standin.token, standin.api_url) as api:
        expected = [Group(second.id, "Second", lee.id), Group(first.id, "First", lee.id)]
        assert await groups(api) == expected
        assert await groups(api) == expected


async def test_who_is_anonymous_in_the_group_is_not_told_as_somebody(standin: Standin) -> None:
    group = standin.world.add_group("Staff", [standin.world.add_user("Lee")])
    change = {
        "chat": {"id": group.id, "type": "supergroup", "title": "Staff"},
        "from": {"id": 1087968824, "is_bot": True, "first_name": "Group"},
    }
    standin.world.updates.push_raw({"my_chat_member": change})
    async with BotApi(standin.token, standin.api_url) as api:
        assert await groups(api) == [Group(group.id, "Staff", None)]
