"""Whose turn it is, and what each may do."""

from __future__ import annotations

from dataclasses import replace

import pytest
from staff_scene import (
    NO_ROLE,
    PEOPLE,
    REFUSED,
    STAFF_CHAT,
    VICTIM,
    VictimDouble,
    add_staff,
    press,
    talk,
    texts,
)
from store_makers import ADMIN, CHAT, STAFF

from bot import people
from bot.chat.commands import menus
from bot.chat.router import BUTTONS, COMMANDS, Router
from bot.model import (
    Answer,
    ChatId,
    ChatKind,
    Language,
    Person,
    Role,
    Send,
    Talk,
    UserId,
)
from bot.store import Store

FOR_STAFF = {
    "queue",
    "finding",
    "note",
    "report",
    "reported",
    "help",
    "channels",
    "staff",
    "staff list",
    "health",
    "drill",
    "hash",
    "hash disable",
    "hash enable",
    "hash radius",
    "knowngood",
    "knowngood list",
    "knowngood remove",
    "stats",
}
FOR_ADMINS = {
    "history",
    "authorise",
    "revoke",
    "leave",
    "addchannel",
    "staff add",
    "staff remove",
    "poison",
    "poison retry",
    "retry",
}
MAY_PRESS = {
    ("a", "confirmed"): {Role.STAFF, Role.ADMIN},
    ("a", "not_a_match"): {Role.STAFF, Role.ADMIN},
    ("tg", "begin"): {Role.STAFF, Role.ADMIN},
    ("tg", "pick"): {Role.STAFF, Role.ADMIN},
    ("a", "mute"): {Role.STAFF, Role.ADMIN},
    ("a", "unmute"): {Role.STAFF, Role.ADMIN},
    ("q", "list"): {Role.STAFF, Role.ADMIN},
    ("f", "show"): {Role.STAFF, Role.ADMIN},
    ("f", "step"): {Role.STAFF, Role.ADMIN},
    ("f", "undo"): {Role.STAFF, Role.ADMIN},
    ("f", "claim"): {Role.STAFF, Role.ADMIN},
    ("f", "people"): {Role.STAFF, Role.ADMIN},
    ("f", "give"): {Role.STAFF, Role.ADMIN},
    ("f", "minor"): {Role.STAFF, Role.ADMIN},
    ("f", "not-minor"): {Role.STAFF, Role.ADMIN},
    ("r", "choose"): {Role.STAFF, Role.ADMIN},
    ("r", "make"): {Role.STAFF, Role.ADMIN},
    ("r", "sent"): {Role.STAFF, Role.ADMIN},
    ("c", "authorise"): {Role.ADMIN},
    ("c", "leave"): {Role.ADMIN},
    ("fo", "join"): {Role.ADMIN},
}


def test_the_tables_below_name_every_command_and_button() -> None:
    assert set(COMMANDS) == FOR_STAFF | FOR_ADMINS
    assert set(BUTTONS) == set(MAY_PRESS)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("name", sorted(FOR_STAFF | FOR_ADMINS))
async def test_every_command_is_for_its_roles_only(
    store: Store, router: Router, victims: VictimDouble, name: str, role: Role
) -> None:
    allowed = role is Role.ADMIN or (role is Role.STAFF and name in FOR_STAFF)
    async with store.write() as tx:
        await add_staff(tx)
        in_group = await router.handle(tx, talk(f"/{name}", PEOPLE[role]))
        assert len(in_group) == 1
        assert (texts(in_group) == NO_ROLE) is not allowed
        in_private = await router.handle(tx, talk(f"/{name}", PEOPLE[role], private=True))
        assert bool(in_private) is allowed
        assert len(victims.heard) == (0 if allowed else 1)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("button", sorted(MAY_PRESS))
async def test_every_button_is_for_its_roles_only_and_is_answered_once(
    store: Store, router: Router, button: tuple[str, str], role: Role
) -> None:
    async with store.write() as tx:
        await add_staff(tx)
        for private in (False, True):
            effects = await router.handle(tx, press(*button, 1, 1, person=PEOPLE[role], private=private))
            assert [effect for effect in effects if isinstance(effect, Answer)] == effects[:1]
            refusal = REFUSED if private else NO_ROLE
            assert (texts(effects) == refusal) is (role not in MAY_PRESS[button])
            # There is no channel and no alert: whoever may press is refused with the reason.
            assert isinstance(effects[0], Answer)
            assert effects[0].as_alert


@pytest.mark.parametrize("data", ["", "nonsense", "1|a", "1|a|unknown", "1|v|start", "0|a|confirmed|1|1"])
async def test_an_unknown_button_in_the_staff_chat_does_nothing_and_is_answered_once(
    store: Store, router: Router, data: str
) -> None:
    async with store.write() as tx:
        for person, words in ((ADMIN, "오래된 버튼"), (VICTIM, NO_ROLE)):
            effects = await router.handle(tx, talk(person=person, callback_id="q", callback_data=data))
            assert len(effects) == 1
            assert isinstance(effects[0], Answer)
            assert words in effects[0].text


@pytest.mark.parametrize("args", [(), (1,), (1, 2, 3, 4)])
async def test_a_button_with_other_data_than_ours_is_old(
    store: Store, router: Router, args: tuple[int, ...]
) -> None:
    async with store.write() as tx:
        effects = await router.handle(tx, press("a", "confirmed", *args))
        assert "오래된 버튼" in texts(effects)
        long = replace(press("c", "leave"), callback_data="1|c|leave|" + "9" * 30)
        assert "오래된 버튼" in texts(await router.handle(tx, long))


async def test_whatever_else_is_said_in_private_belongs_to_the_victims_conversation(
    store: Store, router: Router, victims: VictimDouble
) -> None:
    said = [
        talk("/start", ADMIN, private=True),
        talk("안녕하세요", ADMIN, private=True),
        talk("/help", VICTIM, private=True),
        talk("/help", VICTIM, private=True, is_edit=True),
        replace(press("v", "status", person=ADMIN), chat_id=ChatId(5), chat_kind=ChatKind.PRIVATE),
        talk(private=True, person=VICTIM, shared_chat_id=CHAT),
    ]
    async with store.write() as tx:
        for words in said:
            await router.handle(tx, words)
    assert victims.heard == said


async def test_another_chat_is_told_nothing(store: Store, router: Router, victims: VictimDouble) -> None:
    for words, effects in ((talk("/channels"), []), (press("c", "leave", 1), [Answer("q")])):
        elsewhere = replace(words, chat_id=ChatId(-5), chat_kind=ChatKind.GROUP)
        async with store.write() as tx:
            assert await router.handle(tx, elsewhere) == effects
    assert victims.heard == []


@pytest.mark.parametrize(
    "words",
    [
        talk("hello"),
        talk("hello", VICTIM),
        talk("/unknown", VICTIM),
        talk("/help", is_edit=True),
        talk("/help@other_bot"),
        talk(""),
        talk("/"),
        talk("/foo@other_bot"),
        talk("/foo", is_relayed=True),
        talk("/ 점심"),
        talk("/var/log"),
    ],
)
async def test_what_is_not_for_the_bot_gets_no_answer(store: Store, router: Router, words: Talk) -> None:
    async with store.write() as tx:
        assert await router.handle(tx, words) == []


@pytest.mark.parametrize("words", ["/reprot F-1", "/foo", "/foo@Jikimi_Bot", "/start"])
async def test_staff_are_told_in_the_staff_chat_that_there_is_no_such_command(
    store: Store, router: Router, words: str
) -> None:
    async with store.write() as tx:
        await add_staff(tx)
        told = await router.handle(tx, talk(words, STAFF))
        assert [effect.text for effect in told if isinstance(effect, Send)] == [
            "그런 명령이 없습니다. 명령 목록: /help"
        ]
        assert await router.handle(tx, talk(words, STAFF, is_edit=True)) == []
        assert await router.handle(tx, talk(words, VICTIM)) == []
        assert await router.handle(tx, talk(words, STAFF, private=True)) == []


@pytest.mark.parametrize("private", [False, True])
async def test_a_command_in_somebody_elses_words_is_not_carried_out(
    store: Store, router: Router, victims: VictimDouble, private: bool
) -> None:
    async with store.write() as tx:
        command = talk(f"/staff add {VICTIM.user_id} Kim", private=private, is_relayed=True)
        assert "직접 입력해 주십시오" in texts(await router.handle(tx, command))
        assert await people.everybody(tx) == []
    assert victims.heard == []


async def test_who_gives_a_command_anonymously_is_told_to_write_in_person(
    store: Store, router: Router
) -> None:
    async with store.write() as tx:
        told = texts(await router.handle(tx, talk("/queue", Person(UserId(1087968824), "Group"))))
    assert "본인의 이름으로" in told


async def test_a_command_may_name_this_bot_and_be_written_in_capitals(store: Store, router: Router) -> None:
    async with store.write() as tx:
        assert "직원 명령" in texts(await router.handle(tx, talk("/HELP@Jikimi_Bot")))


async def test_staff_are_shown_no_admin_commands(store: Store, router: Router) -> None:
    async with store.write() as tx:
        await add_staff(tx)
        assert "/authorise" not in texts(await router.handle(tx, talk("/help", STAFF)))
        assert "/authorise" in texts(await router.handle(tx, talk("/help", ADMIN)))


@pytest.mark.parametrize("language", Language)
def test_menus_offer_only_what_exists_and_telegram_takes_them(language: Language) -> None:
    everybody, korean, staff_chat, admin = menus(language, STAFF_CHAT, [ADMIN.user_id])
    assert (everybody.chat_id, korean.chat_id) == (None, None)
    assert (everybody.language_code, korean.language_code) == (None, "ko")
    assert (staff_chat.chat_id, admin.chat_id) == (STAFF_CHAT, ChatId(ADMIN.user_id))
    offered = {name for menu in (staff_chat, admin) for name, _ in menu.commands}
    assert offered == {name for name in COMMANDS if " " not in name}
    assert {name for name, _ in staff_chat.commands} <= FOR_STAFF
    for menu in (everybody, korean, staff_chat, admin):
        assert all(0 < len(description) <= 256 for _, description in menu.commands)
