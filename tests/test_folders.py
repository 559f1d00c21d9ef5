"""Folders of several channels: accounts join only those that an admin chose from the list."""

from __future__ import annotations

from datetime import date

import pytest
from account_scene import Office
from joining_scene import Hall
from mtproto_scene import Channel, Telegram
from mtproto_wire import Account
from staff_scene import NO_ROLE, VictimDouble, add_staff, make_config, press, talk, texts
from store_makers import NOW, STAFF

from bot.accounts import joining
from bot.chat import folder
from bot.chat.callback import decode
from bot.chat.router import Router
from bot.chat.wording import MAX_TEXT, length
from bot.errors import Refused
from bot.model import ChannelId, ChannelState, ChatId, Language
from bot.store import Store, channels, joins
from bot.store.joins import FolderMember, Join, JoinRequest, JoinState
from bot.texts import text

FOLDER = "https://t.me/addlist/AbCdEfGh"


@pytest.fixture
def hall(office: Office) -> Hall:
    return Hall(office)


@pytest.fixture
def members(telegram: Telegram) -> list[Channel]:
    public = telegram.add_channel("Public", username="A_Public")
    closed = telegram.add_channel("<Closed>")
    other = telegram.add_channel("Other")
    telegram.folders["AbCdEfGh"] = [public, closed, other]
    return [public, closed, other]


async def choose(hall: Hall, *places: int) -> None:
    async with hall.office.store.write() as tx:
        for place in places:
            await joining.choose(tx, 1, place, by=STAFF, now=hall.office.now)


async def listed(hall: Hall) -> Join:
    async with hall.office.store.read() as tx:
        found = await joins.get(tx, 1)
    assert found is not None
    return found


async def test_a_folder_is_looked_into_and_nothing_is_joined(
    hall: Hall, ada: Account, members: list[Channel]
) -> None:
    await hall.ask(FOLDER)
    assert await hall.step(ada)
    assert hall.told == [(JoinState.LISTED, "")]
    assert not await hall.later(ada, hours=2)
    assert ada.channels == set()
    assert [(one.title, one.link) for one in (await listed(hall)).request.members] == [
        ("Public", "@a_public"),
        ("<Closed>", f"{FOLDER}#{-members[1].chat_id}"),
        ("Other", f"{FOLDER}#{-members[2].chat_id}"),
    ]


async def test_what_was_chosen_is_joined_one_by_one_and_authorised_on_the_same_document(
    hall: Hall, ada: Account, members: list[Channel]
) -> None:
    await hall.ask(FOLDER)
    await hall.step(ada)
    await choose(hall, 0, 1)
    assert not await hall.step(ada)
    assert await hall.later(ada, minutes=20)
    assert len(ada.channels) == 1
    assert await hall.later(ada, minutes=20)
    assert not await hall.later(ada, hours=2)
    assert ada.channels == {members[0].id, members[1].id}
    for number in (1, 2):
        channel = await hall.channel(number)
        assert channel.state is ChannelState.AUTHORISED
        assert channel.authorisation is not None
        assert channel.authorisation.document == "Letter 1"
    async with hall.office.store.read() as tx:
        assert await channels.get(tx, ChannelId(3)) is None


async def test_a_channel_that_left_the_folder_is_handed_to_a_person(
    hall: Hall, telegram: Telegram, ada: Account, members: list[Channel]
) -> None:
    await hall.ask(FOLDER)
    await hall.step(ada)
    await choose(hall, 1)
    telegram.folders["AbCdEfGh"].remove(members[1])
    await hall.later(ada, hours=1)
    assert hall.told[-1] == (JoinState.PERSON, "link")
    assert ada.channels == set()


@pytest.mark.parametrize(("known", "reason"), [(True, "empty_folder"), (False, "link")])
async def test_a_folder_without_channels_or_a_dead_link_is_handed_to_a_person(
    hall: Hall, telegram: Telegram, ada: Account, known: bool, reason: str
) -> None:
    telegram.folders = {"AbCdEfGh": []} if known else {}
    await hall.ask(FOLDER)
    await hall.step(ada)
    assert hall.told == [(JoinState.PERSON, reason)]


@pytest.mark.parametrize("place", [3, -1])
async def test_only_what_is_in_the_list_can_be_chosen(
    hall: Hall, ada: Account, members: list[Channel], place: int
) -> None:
    await hall.ask(FOLDER)
    with pytest.raises(Refused, match="old-button"):
        await choose(hall, 0)
    await hall.step(ada)
    with pytest.raises(Refused, match="old-button"):
        await choose(hall, place)


async def test_a_folder_that_was_revoked_cannot_be_chosen_from(
    hall: Hall, ada: Account, members: list[Channel]
) -> None:
    await hall.ask(FOLDER)
    await hall.step(ada)
    link = joining.Link.read(FOLDER)
    assert link is not None
    async with hall.office.store.write() as tx:
        await joining.revoke(tx, link, by=STAFF, now=hall.office.now)
    with pytest.raises(Refused, match="old-button"):
        await choose(hall, 0)


async def test_the_list_shows_each_channel_with_a_button_until_it_is_chosen(
    hall: Hall, ada: Account, members: list[Channel]
) -> None:
    await hall.ask(FOLDER)
    await hall.step(ada)
    await choose(hall, 0)
    async with hall.office.store.read() as tx:
        shown, keyboard = await folder.render(tx, await listed(hall), Language.EN)
    assert shown.splitlines()[-3:] == ["☑ 1. Public (@A_Public)", "☐ 2. &lt;Closed&gt;", "☐ 3. Other"]
    pressed = [decode(button.data or "") for row in keyboard for button in row]
    assert [one.args for one in pressed if one is not None] == [("1", "1"), ("1", "2")]


async def test_an_admin_asks_by_command_and_chooses_by_button_and_nobody_else_does(
    hall: Hall, ada: Account, members: list[Channel]
) -> None:
    router = Router(make_config(), VictimDouble(), now=lambda: hall.office.now)
    async with hall.office.store.write() as tx:
        await add_staff(tx)
        said = texts(await router.handle(tx, talk(f"/authorise {FOLDER} 공문 7 2026-12-31")))
    assert "선택하시기 전에는" in said
    await hall.step(ada)
    async with hall.office.store.write() as tx:
        assert texts(await router.handle(tx, press("fo", "join", 1, 1, person=STAFF))) == NO_ROLE
        chosen = texts(await router.handle(tx, press("fo", "join", 1, 1)))
    assert "☑ 2. &lt;Closed&gt;" in chosen
    assert "공문 7" in chosen
    await hall.later(ada, hours=1)
    assert ada.channels == {members[1].id}


@pytest.mark.parametrize("language", Language)
async def test_a_folder_of_many_long_names_fits_one_message_and_says_how_many_are_not_listed(
    store: Store, language: Language
) -> None:
    names = [f"a_rather_long_public_name_of_{number:03}" for number in range(50)]
    members = tuple(FolderMember(ChatId(-1), "<가> " * 25, name, f"@{name}") for name in names)
    async with store.write() as tx:
        request = JoinRequest(FOLDER, "<D>" * 66, date(2026, 12, 1), STAFF)
        join = await joins.get(tx, await joins.add(tx, request, now=NOW))
        assert join is not None
        shown, _ = await folder.render(tx, await joins.listed_in(tx, join, members), language)
    assert length(shown) <= MAX_TEXT
    assert names[folder.MOST_SHOWN - 1] in shown
    assert shown.endswith(text(language, "staff-join-left-out", count=10))
