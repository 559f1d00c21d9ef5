"""Effects -> Bot API calls."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any, Protocol

import structlog
from telegram import InputFile, InputMediaPhoto

from bot.chat.commands import Menu
from bot.chat.wording import MAX_TEXT, length, unmarked
from bot.errors import ChatGone, MessageGone, Permanent, Transient
from bot.model import (
    Answer,
    ChatId,
    Delete,
    Edit,
    Effect,
    Keyboard,
    Leave,
    MessageId,
    Send,
    SendFile,
    SendPage,
    SendPicture,
)
from bot.page import FILE_NAME, page_bytes

log = structlog.get_logger()

NO_PREVIEW = {"is_disabled": True}
"""A link preview would show the very picture."""

_EMPTY_PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAEAAAABAAQAAAACCEkxzAAAAEklEQVR42mP4DwUMo4xRBukMAOPT/hAC2mzjAAAAAElFTkSuQmCC"
)
"""64 white pixels squared."""


class Api(Protocol):
    async def call(self, method: str, *, read_timeout_s: float = 15, **params: Any) -> Any: ...


class TelegramMessenger:
    """Carries effects out at Telegram, see `bot.pipeline.delivery.Messenger`."""

    def __init__(self, api: Api, *, deleted: str) -> None:
        """`deleted` is what a message says that should be deleted and cannot."""
        self._api = api
        self._deleted = deleted

    async def carry_out(self, effect: Effect | SendPicture) -> MessageId | None:
        match effect:
            case Send():
                return await self._send(effect)
            case SendFile(chat_id, name, content_base64, silent):
                message = await self._api.call(
                    "sendDocument",
                    chat_id=chat_id,
                    document=InputFile(base64.b64decode(content_base64), filename=name),
                    disable_notification=silent or None,
                )
                return MessageId(message["message_id"])
            case SendPage(chat_id, caption):
                message = await self._api.call(
                    "sendDocument",
                    chat_id=chat_id,
                    document=InputFile(page_bytes(), filename=FILE_NAME),
                    caption=caption,
                    parse_mode="HTML",
                )
                return MessageId(message["message_id"])
            case SendPicture(chat_id, content, caption, reply_to):
                message = await self._api.call(
                    "sendPhoto",
                    chat_id=chat_id,
                    photo=InputFile(content, filename="picture.png"),
                    caption=caption,
                    parse_mode="HTML",
                    reply_parameters=reply_to
                    and {"message_id": reply_to, "allow_sending_without_reply": True},
                    disable_notification=reply_to is not None or None,
                )
                return MessageId(message["message_id"])
            case Edit():
                await self._edit(effect)
                return effect.message_id
            case Delete():
                await self._delete(effect)
            case Answer(callback_id, text, as_alert):
                await self._unless(
                    "answerCallbackQuery",
                    reached=["query is too old"],
                    callback_query_id=callback_id,
                    text=text or None,
                    show_alert=as_alert,
                )
            case Leave(chat_id):
                await self._leave(chat_id)
            case _:
                raise Permanent(f"{type(effect).__name__} is no call to Telegram")
        return None

    async def _send(self, effect: Send) -> MessageId:
        message = await self._api.call(
            "sendMessage",
            chat_id=effect.chat_id,
            **_body(effect.text),
            link_preview_options=NO_PREVIEW,
            reply_markup=_markup(effect),
            disable_notification=effect.silent or None,
            protect_content=effect.protected or None,
        )
        return MessageId(message["message_id"])

    async def _edit(self, effect: Edit) -> None:
        try:
            await self._unless(
                "editMessageText",
                reached=["message is not modified"],
                chat_id=effect.chat_id,
                message_id=effect.message_id,
                **_body(effect.text),
                link_preview_options=NO_PREVIEW,
                reply_markup=_inline(effect.keyboard),
            )
        except ChatGone:
            raise
        except Permanent as error:
            if _says(error, "message to edit not found", "message can't be edited"):
                raise MessageGone(str(error)) from None
            raise

    async def _delete(self, effect: Delete) -> None:
        try:
            await self._unless(
                "deleteMessage",
                reached=["message to delete not found"],
                chat_id=effect.chat_id,
                message_id=effect.message_id,
            )
        except Permanent as error:
            if not _says(error, "message can't be deleted"):
                raise
            await self._empty(effect.chat_id, effect.message_id)

    async def _empty(self, chat_id: ChatId, message_id: MessageId) -> None:
        """After 48 hours Telegram lets only admins delete, but still lets a bot edit what it sent."""
        reached = ["message is not modified", "message to edit not found"]
        try:
            await self._unless(
                "editMessageText",
                reached=reached,
                chat_id=chat_id,
                message_id=message_id,
                text=self._deleted,
            )
        except Permanent as error:
            if not _says(error, "there is no text in the message to edit"):
                raise
            await self._unless(
                "editMessageMedia",
                reached=reached,
                chat_id=chat_id,
                message_id=message_id,
                media=InputMediaPhoto(
                    InputFile(_EMPTY_PNG, filename="picture.png", attach=True), caption=self._deleted
                ),
            )

    async def _leave(self, chat_id: ChatId) -> None:
        try:
            await self._api.call("leaveChat", chat_id=chat_id)
        except ChatGone:
            return

    async def _unless(self, method: str, *, reached: Sequence[str], **params: Any) -> None:
        """Call; an error that says the aim is already reached is none."""
        try:
            await self._api.call(method, **params)
        except Permanent as error:
            if not _says(error, *reached):
                raise


def _says(error: Permanent, *descriptions: str) -> bool:
    # python-telegram-bot begins Telegram's description with a capital letter.
    return any(description in str(error).lower() for description in descriptions)


async def introduce(api: Api, menus: Sequence[Menu]) -> str | None:
    """Offer the command menus; the bot's own username, None while Telegram cannot be asked.

    Raises `TokenRefused`. That a menu cannot be set (an admin who never wrote to the bot) is no reason not to run.
    """
    try:
        me = await api.call("getMe")
        for menu in menus:
            await _offer(api, menu)
    except Transient as trouble:
        log.warning("not introduced", trouble=str(trouble))
        return None
    return str(me["username"])


async def _offer(api: Api, menu: Menu) -> None:
    scope = (
        {"type": "all_private_chats"} if menu.chat_id is None else {"type": "chat", "chat_id": menu.chat_id}
    )
    try:
        await api.call(
            "setMyCommands",
            commands=[{"command": name, "description": description} for name, description in menu.commands],
            scope=scope,
            language_code=menu.language_code,
        )
    except Permanent as error:
        log.info("no command menu", trouble=str(error))


def _body(html: str) -> dict[str, Any]:
    """What Telegram would refuse for its length is cut, without its markup: a cut alert or answer is better than none."""
    if length(html) <= MAX_TEXT:
        return {"text": html, "parse_mode": "HTML"}
    log.warning("message cut", characters=length(html))
    return {"text": unmarked(html)[: MAX_TEXT - 1] + "…"}


def _inline(keyboard: Keyboard) -> dict[str, Any]:
    return {
        "inline_keyboard": [
            [
                {
                    "text": button.text,
                    **({"url": button.url} if button.url else {"callback_data": button.data}),
                }
                for button in row
            ]
            for row in keyboard
        ]
    }


def _markup(effect: Send) -> dict[str, Any] | None:
    if effect.choose_channel is not None:
        request = {
            "request_id": 1,
            "chat_is_channel": True,
            "bot_administrator_rights": _RIGHTS,
            "user_administrator_rights": _RIGHTS,
        }
        return {
            "keyboard": [[{"text": effect.choose_channel, "request_chat": request}]],
            "one_time_keyboard": True,
            "resize_keyboard": True,
        }
    if effect.page_button is not None:
        opens = {"text": effect.page_button.text, "web_app": {"url": effect.page_button.url}}
        return {"keyboard": [[opens]], "resize_keyboard": True}
    if effect.clears_buttons:
        return {"remove_keyboard": True}
    return _inline(effect.keyboard) if effect.keyboard else None


_RIGHTS = {
    "is_anonymous": False,
    "can_manage_chat": True,
    "can_delete_messages": False,
    "can_manage_video_chats": False,
    "can_restrict_members": False,
    "can_promote_members": False,
    "can_change_info": False,
    "can_invite_users": True,
    "can_post_stories": False,
    "can_edit_stories": False,
    "can_delete_stories": False,
}
"""The least that makes the bot an administrator, which it must be to see a channel's posts."""
