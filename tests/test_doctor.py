from __future__ import annotations

import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from store_makers import add_case

from bot.cli.doctor import Connect, Result, State, examine
from bot.cli.setup import Answers, Api, write
from bot.config import Config
from bot.model import AccountId, AccountState, ChannelId, ChannelState, ChatId, ChatKind, Person, UserId
from bot.sources.botapi import BotApi
from bot.standin import Chat, Standin, User
from bot.store import accounts, channels, open_store
from bot.store.cases import NewFingerprint, add_fingerprints
from bot.store.cipher import make_key_file, read_key_file

NOW = datetime(2026, 11, 23, tzinfo=UTC)


@asynccontextmanager
async def connect(loaded: Config) -> AsyncIterator[Api]:
    async with BotApi(loaded.telegram.token.get_secret_value(), loaded.telegram.api_url) as api:
        yield api


@dataclass
class WebhookSet:
    """The API of a bot whose updates go to a webhook."""

    api: Api

    async def call(self, method: str, **params: Any) -> Any:
        answer = await self.api.call(method, **params)
        return answer | {"url": "https://example.org/hook"} if method == "getWebhookInfo" else answer


@asynccontextmanager
async def with_webhook(loaded: Config) -> AsyncIterator[Api]:
    async with connect(loaded) as api:
        yield WebhookSet(api)


@dataclass
class Place:
    """An installation in good order, at a stand-in for Telegram."""

    standin: Standin
    folder: Path
    admin: User
    group: Chat
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def config_file(self) -> Path:
        return self.folder / "config.toml"

    async def examine(self, connect: Connect = connect) -> dict[str, Result]:
        results = await examine(self.config_file, self.environ, connect)
        assert len({result.subject for result in results}) == len(results)
        return {result.subject: result for result in results}

    async def trouble(self, connect: Connect = connect) -> Result:
        """The one thing that is not well."""
        results = await self.examine(connect)
        [trouble] = [result for result in results.values() if result.state is not State.OK]
        return trouble


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with Standin(clock=lambda: NOW) as standin:
        world = standin.world
        admin = world.add_user("Han")
        world.start(admin)
        group = world.add_group("Staff", [admin])
        world.add_bot_as_admin(group, by=admin, rights=["can_delete_messages"])
        (tmp_path / "keys").mkdir()
        answers = Answers(
            token=standin.token,
            admins=[admin.id],
            staff_chat=group.id,
            organisation="Centre",
            api_url=standin.api_url,
            key_file=Path("keys/jikimi.key"),
        )
        write(tmp_path, answers, force=False)
        yield Place(standin, tmp_path, admin, group)


async def watch(place: Place, chat: Chat, kind: ChatKind = ChatKind.CHANNEL) -> None:
    """Authorise a channel in the installation's database."""
    key = read_key_file(place.folder / "keys/jikimi.key")
    store = await open_store(f"sqlite+aiosqlite:///{place.folder}/jikimi.sqlite3", key)
    by = Person(UserId(place.admin.id), "Han")
    async with store.write() as tx:
        channel = await channels.put(
            tx,
            chat_id=ChatId(chat.id),
            kind=kind,
            title=chat.title,
            username=None,
            state=ChannelState.AUTHORISED,
            can_read=True,
            added_by=by,
            now=NOW,
        )
        await channels.authorise(
            tx, channel.id, by=by, document="D-1", valid_from=NOW, valid_until=NOW + timedelta(days=9)
        )
    await store.close()


async def test_an_installation_in_good_order_has_no_trouble(place: Place) -> None:
    results = await place.examine()
    assert {subject: result.state for subject, result in results.items()} == {
        "configuration": State.OK,
        "key file": State.OK,
        "database": State.OK,
        "token": State.OK,
        "updates": State.OK,
        "staff chat": State.OK,
        f"admin {place.admin.id}": State.OK,
    }
    assert results["token"].found == "the bot is @jikimi_demo_bot"


async def test_looking_makes_no_database_and_posts_nothing(place: Place) -> None:
    await place.examine()
    assert not (place.folder / "jikimi.sqlite3").exists()
    assert {call.method for call in place.standin.calls} == {
        "getMe",
        "getWebhookInfo",
        "getChat",
        "getChatMember",
    }


async def test_a_database_in_a_folder_that_is_not_there_is_told(place: Place) -> None:
    place.environ["JIKIMI_STORE__URL"] = f"sqlite+aiosqlite:///{place.folder}/data/jikimi.sqlite3"
    found = (await place.examine())["database"]
    assert (found.state, found.found) == (State.FAILED, f"there is no folder {place.folder}/data")
    assert found.mend


async def test_every_problem_of_the_configuration_is_told_and_nothing_else_is_tried(place: Place) -> None:
    place.environ = {"JIKIMI_STAFF__LANGUAGE": "fr", "JIKIMI_TELEGRAM__STAFF_CHAT": "7"}
    results = await examine(place.config_file, place.environ, connect)
    assert [result.subject for result in results] == ["configuration", "configuration"]
    assert {result.state for result in results} == {State.FAILED}
    assert place.standin.calls == []


async def test_a_configuration_that_others_can_read_is_a_warning(place: Place) -> None:
    place.config_file.chmod(0o644)
    trouble = await place.trouble()
    assert trouble.state is State.WARNING
    assert trouble.mend == f"run `chmod 600 {place.config_file}`"


async def test_a_key_file_beside_the_database_is_a_warning(place: Place) -> None:
    make_key_file(place.folder / "jikimi.key")
    place.environ = {"JIKIMI_STORE__KEY_FILE": "jikimi.key"}
    trouble = await place.trouble()
    assert (trouble.subject, trouble.state) == ("key file", State.WARNING)


async def test_a_missing_key_file_is_told_and_the_rest_is_still_looked_at(place: Place) -> None:
    (place.folder / "keys/jikimi.key").unlink()
    trouble = await place.trouble()
    assert (trouble.subject, trouble.state) == ("key file", State.FAILED)
    assert "jikimi init" in trouble.found


async def test_a_key_file_that_others_can_read_is_told(place: Place) -> None:
    (place.folder / "keys/jikimi.key").chmod(stat.S_IRUSR | stat.S_IROTH)
    assert "chmod 600" in (await place.trouble()).found


async def test_a_key_that_does_not_open_the_database_is_told(place: Place) -> None:
    channel = place.standin.world.add_channel("C", owner=place.admin)
    place.standin.world.add_bot_as_admin(channel, by=place.admin)
    await watch(place, channel)
    make_key_file(place.folder / "keys/other.key")
    place.environ = {"JIKIMI_STORE__KEY_FILE": "keys/other.key"}
    trouble = await place.trouble()
    assert (trouble.subject, trouble.state) == ("database", State.FAILED)
    assert "key file" in trouble.found


async def test_a_token_that_telegram_refuses_is_told_without_the_token(place: Place) -> None:
    token = "1234567:AAE-another-token-that-nobody-knows"
    place.environ = {"JIKIMI_TELEGRAM__TOKEN": token}
    trouble = await place.trouble()
    assert (trouble.subject, trouble.state) == ("token", State.FAILED)
    assert "@BotFather" in trouble.found
    assert token not in str(trouble)


async def test_a_server_that_is_not_there_is_told(place: Place) -> None:
    place.environ = {"JIKIMI_TELEGRAM__API_URL": "http://127.0.0.1:9"}
    trouble = await place.trouble()
    assert (trouble.subject, trouble.state) == ("Telegram", State.FAILED)
    assert "http://127.0.0.1:9" in trouble.found


async def test_a_webhook_is_told_with_the_command_that_removes_it(place: Place) -> None:
    trouble = await place.trouble(with_webhook)
    assert (trouble.subject, trouble.state) == ("updates", State.FAILED)
    assert "jikimi check --delete-webhook" in trouble.mend


async def test_a_staff_chat_without_the_bot_is_told(place: Place) -> None:
    place.standin.world.remove_bot(place.group, by=place.admin)
    trouble = await place.trouble()
    assert (trouble.subject, trouble.state) == ("staff chat", State.FAILED)


async def test_a_staff_chat_that_does_not_exist_is_told(place: Place) -> None:
    place.environ = {"JIKIMI_TELEGRAM__STAFF_CHAT": "-100999"}
    trouble = await place.trouble()
    assert (trouble.subject, trouble.state) == ("staff chat", State.FAILED)
    assert "telegram.staff_chat" in trouble.mend


async def test_a_staff_chat_that_is_a_channel_is_told(place: Place) -> None:
    channel = place.standin.world.add_channel("News", owner=place.admin)
    place.standin.world.add_bot_as_admin(channel, by=place.admin)
    place.environ = {"JIKIMI_TELEGRAM__STAFF_CHAT": str(channel.id)}
    assert (await place.trouble()).found == "is a channel, not a group"


async def test_a_staff_chat_with_a_new_id_is_told_by_that_id(place: Place) -> None:
    world = place.standin.world
    small = world.add_group("Small", [place.admin], supergroup=False)
    world.add_bot(small, by=place.admin)
    place.environ = {"JIKIMI_TELEGRAM__STAFF_CHAT": str(small.id)}
    upgraded = world.upgrade(small)
    assert (await place.trouble()).mend == f"set telegram.staff_chat = {upgraded.id}"


@pytest.mark.parametrize("is_admin", [True, False])
async def test_a_staff_chat_where_the_bot_may_not_delete_messages_is_a_warning(
    place: Place, is_admin: bool
) -> None:
    if is_admin:
        place.standin.world.add_bot_as_admin(place.group, by=place.admin)
    else:
        place.standin.world.add_bot(place.group, by=place.admin)
    trouble = await place.trouble()
    assert (trouble.subject, trouble.state) == ("staff chat", State.WARNING)
    assert "right to delete messages" in trouble.mend


async def test_an_admin_who_never_opened_the_bot_is_a_warning(place: Place) -> None:
    stranger = place.standin.world.add_user("Seo")
    place.environ = {"JIKIMI_TELEGRAM__ADMINS": f"{place.admin.id},{stranger.id}"}
    trouble = await place.trouble()
    assert (trouble.subject, trouble.state) == (f"admin {stranger.id}", State.WARNING)


async def test_an_authorised_channel_that_the_bot_reads_is_well(place: Place) -> None:
    channel = place.standin.world.add_channel("News", owner=place.admin)
    place.standin.world.add_bot_as_admin(channel, by=place.admin)
    await watch(place, channel)
    results = await place.examine()
    assert results["channel News"].state is State.OK
    assert results["database"].found == "opens with the key; authorised channels: 1"


async def test_an_authorised_channel_without_the_bot_is_told(place: Place) -> None:
    channel = place.standin.world.add_channel("News", owner=place.admin)
    await watch(place, channel)
    trouble = await place.trouble()
    assert (trouble.subject, trouble.state) == ("channel News", State.FAILED)


async def test_an_authorised_group_where_the_bot_is_no_admin_is_told_its_posts_are_not_seen(
    place: Place,
) -> None:
    group = place.standin.world.add_group("Talk", [place.admin])
    place.standin.world.add_bot(group, by=place.admin)
    await watch(place, group, ChatKind.SUPERGROUP)
    trouble = await place.trouble()
    assert (trouble.subject, trouble.state) == ("channel Talk", State.FAILED)
    assert "administrator" in trouble.mend


async def test_a_server_error_on_the_way_is_told_and_the_rest_is_still_looked_at(place: Place) -> None:
    place.standin.faults.break_server("getWebhookInfo")
    trouble = await place.trouble()
    assert (trouble.subject, trouble.state) == ("updates", State.FAILED)


def switch_photos_on(place: Place) -> None:
    text = place.config_file.read_text()
    place.config_file.write_text(f"{text}\n[matching.photos]\nenabled = true\n")


async def test_photos_are_mentioned_where_they_are_enabled(place: Place) -> None:
    assert "photos" not in await place.examine()
    switch_photos_on(place)
    photos = (await place.examine())["photos"]
    assert (photos.state, photos.found) == (State.OK, "can be registered; there are 0, kept for 365 days")


async def test_photos_that_are_registered_but_not_searched_for_are_a_warning(place: Place) -> None:
    store = await open_store(
        f"sqlite+aiosqlite:///{place.folder}/jikimi.sqlite3", read_key_file(place.folder / "keys/jikimi.key")
    )
    async with store.write() as tx:
        case_id = await add_case(tx)
        new = NewFingerprint(kind="photo", part="photo", bits=b"features", radius_bits=0)
        await add_fingerprints(tx, case_id, [new], NOW)
    await store.close()
    trouble = await place.trouble()
    assert (trouble.subject, trouble.state) == ("photos", State.WARNING)
    assert trouble.found == "1 ordinary photos are registered, but not searched for"


async def test_without_opencv_photos_are_a_problem_of_the_configuration(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch_photos_on(place)
    # As on a machine on which the extra is not installed.
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    trouble = await place.trouble()
    assert trouble.subject == "configuration"
    assert "pip install 'jikimi[photos]'" in trouble.found


async def account(place: Place, state: AccountState) -> AccountId:
    """An account in the installation's database."""
    key = read_key_file(place.folder / "keys/jikimi.key")
    store = await open_store(f"sqlite+aiosqlite:///{place.folder}/jikimi.sqlite3", key)
    async with store.write() as tx:
        account_id = await accounts.put(tx, user_id=UserId(7), name="Ada", session="session", now=NOW)
        await accounts.set_state(tx, account_id, state, now=NOW)
    await store.close()
    return account_id


async def test_an_account_that_works_is_well(place: Place) -> None:
    await account(place, AccountState.READY)
    found = await place.examine()
    assert found["account 1"] == Result("account 1", State.OK, "Ada: ready, in 0 channels")


@pytest.mark.parametrize(
    ("state", "how", "mend"),
    [
        (AccountState.WAITING, State.WARNING, "by itself"),
        (AccountState.NEEDS_SIGN_IN, State.FAILED, "jikimi account add"),
        (AccountState.BANNED, State.FAILED, "docs/accounts.md"),
    ],
)
async def test_an_account_that_does_not_work_is_told_with_what_to_do(
    place: Place, state: AccountState, how: State, mend: str
) -> None:
    await account(place, state)
    trouble = await place.trouble()
    assert (trouble.subject, trouble.state) == ("account 1", how)
    assert mend in trouble.mend
    assert state.replace("_", " ") in trouble.found


async def test_a_channel_that_an_account_is_in_needs_no_rights_of_the_bot(place: Place) -> None:
    channel = place.standin.world.add_channel("Hidden", "hidden", owner=place.admin)
    await watch(place, channel)
    account_id = await account(place, AccountState.READY)
    key = read_key_file(place.folder / "keys/jikimi.key")
    store = await open_store(f"sqlite+aiosqlite:///{place.folder}/jikimi.sqlite3", key)
    async with store.write() as tx:
        await accounts.follow(tx, account_id, ChannelId(1), 5)
    await store.close()
    found = await place.examine()
    assert "channel Hidden" not in found
    assert {result.state for result in found.values()} == {State.OK}
