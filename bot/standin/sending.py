"""The methods of the Bot API that write, edit, delete and answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.standin import entities, markup, media
from bot.standin.arguments import Arguments
from bot.standin.entities import FormattedText
from bot.standin.files import StoredFile
from bot.standin.model import ActRefused, ApiError, Chat, JsonObject, Kind, Message, Status, bad_request
from bot.standin.reading import Method, reach
from bot.standin.world import QUERY_LIFE, World

MAX_TEXT = 4096
MAX_CAPTION = 1024
MAX_ANSWER = 200
DELETABLE_FOR = timedelta(hours=48)
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a "
    "current content and reply markup of the message"
)
QUERY_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


def formatted(a: Arguments, name: str) -> FormattedText:
    """The text or caption with its markup; of the parse modes only HTML is known here."""
    mode = a.text("parse_mode").lower()
    if mode == "html":
        return entities.parse_html(a.text(name))
    if mode:
        raise bad_request("unsupported parse_mode")
    given = a.parsed("entities" if name == "text" else "caption_entities")
    return entities.plain(a.text(name), given)


def _text(a: Arguments) -> JsonObject:
    text = formatted(a, "text")
    if not text.text:
        raise bad_request("message text is empty")
    if len(text.text) > MAX_TEXT:
        raise bad_request("message is too long")
    fields = text.fields("text")
    if preview := a.fields("link_preview_options"):
        fields["link_preview_options"] = preview
    return fields


def _caption(a: Arguments) -> JsonObject:
    caption = formatted(a, "caption")
    if len(caption.text) > MAX_CAPTION:
        raise bad_request("message caption is too long")
    return caption.fields("caption")


def _send(world: World, a: Arguments, content: JsonObject) -> JsonObject:
    chat = _writable(world, a)
    reply_to, external = _reply(world, a, chat)
    keyboard = markup.checked(a.fields("reply_markup"))
    if chat.kind is not Kind.PRIVATE and markup.opens_page(keyboard):
        raise bad_request("BUTTON_TYPE_INVALID")
    if a.flag("protect_content"):
        content = {**content, "has_protected_content": True}
    if a.given("message_thread_id") and chat.kind is Kind.SUPERGROUP:
        content = {**content, "message_thread_id": a.integer("message_thread_id")}
    message = world.publish(
        chat,
        content | external,
        sender=world.me,
        reply_to=reply_to,
        reply_markup=keyboard if "inline_keyboard" in keyboard else None,
    )
    if "keyboard" in keyboard:
        chat.reply_keyboard = keyboard
    elif keyboard.get("remove_keyboard"):
        chat.reply_keyboard = None
    world.changed()
    return message.as_dict()


def _writable(world: World, a: Arguments) -> Chat:
    chat = reach(world, a)
    mine = world.my_member(chat)
    if chat.kind is Kind.CHANNEL and not (mine and mine.has("can_post_messages")):
        raise bad_request("need administrator rights in the channel chat")
    return chat


def _reply(world: World, a: Arguments, chat: Chat) -> tuple[Message | None, JsonObject]:
    wanted = a.fields("reply_parameters")
    if not wanted:
        return None, {}
    elsewhere = world.chats.get(int(wanted.get("chat_id") or chat.id))
    found = elsewhere.messages.get(int(wanted["message_id"])) if elsewhere else None
    if found is None or found.deleted_at:
        if wanted.get("allow_sending_without_reply") or a.flag("allow_sending_without_reply"):
            return None, {}
        raise bad_request("message to be replied not found")
    if found.chat is chat:
        return found, {}
    return None, {"external_reply": world.external_reply(found)}


def send_message(world: World, a: Arguments) -> JsonObject:
    return _send(world, a, _text(a))


def send_document(world: World, a: Arguments) -> JsonObject:
    upload = a.upload("document")
    if upload:
        file = world.files.document(upload.data, upload.file_name, upload.content_type)
    else:
        file = _stored(world, a, "document")
    return _send(world, a, media.document(file) | _caption(a))


def send_photo(world: World, a: Arguments) -> JsonObject:
    upload = a.upload("photo")
    if upload is None:
        return _send(world, a, media.photo([_stored(world, a, "photo")]) | _caption(a))
    try:
        sizes = world.files.photo(upload.data)
    except ActRefused:
        raise bad_request("IMAGE_PROCESS_FAILED") from None
    return _send(world, a, media.photo(sizes) | _caption(a))


def _stored(world: World, a: Arguments, name: str) -> StoredFile:
    wanted = a.text(name)
    if not wanted:
        raise bad_request(f"there is no {name} in the request")
    file = world.files.find(wanted)
    if file is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    return file


def _own(world: World, a: Arguments) -> Message:
    chat = reach(world, a)
    message = chat.messages.get(a.integer("message_id"))
    if message is None or message.deleted_at:
        raise bad_request("message to edit not found")
    if message.sender is not world.me:
        raise bad_request("message can't be edited")
    return message


def _edit(world: World, a: Arguments, message: Message, fields: JsonObject) -> JsonObject:
    """A call without `reply_markup` takes the keyboard away, as on Telegram."""
    keyboard = markup.checked(a.fields("reply_markup")) or None
    if fields == message.fields and keyboard == message.reply_markup:
        raise bad_request(NOT_MODIFIED)
    world.revise(message, fields, keyboard)
    return message.as_dict()


def edit_message_text(world: World, a: Arguments) -> JsonObject:
    message = _own(world, a)
    if "text" not in message.fields:
        raise bad_request("there is no text in the message to edit")
    replaced = {"text", "entities", "link_preview_options"}
    kept = {k: v for k, v in message.fields.items() if k not in replaced}
    return _edit(world, a, message, kept | _text(a))


def edit_message_caption(world: World, a: Arguments) -> JsonObject:
    message = _own(world, a)
    if "text" in message.fields:
        raise bad_request("there is no caption in the message to edit")
    kept = {k: v for k, v in message.fields.items() if k not in {"caption", "caption_entities"}}
    return _edit(world, a, message, kept | _caption(a))


def edit_message_media(world: World, a: Arguments) -> JsonObject:
    """Of kinds of media only a photo that is uploaded, which takes the place of any other."""
    message = _own(world, a)
    if "text" in message.fields:
        raise bad_request("there is no media in the message to edit")
    given = a.fields("media")
    upload = a.upload(str(given.get("media", "")).removeprefix("attach://"))
    if given.get("type") != "photo" or upload is None:
        raise bad_request("wrong type of media")
    described = Arguments(given)
    fields = media.photo(world.files.photo(upload.data)) | _caption(described)
    return _edit(world, a, message, fields)


def edit_message_reply_markup(world: World, a: Arguments) -> JsonObject:
    message = _own(world, a)
    return _edit(world, a, message, message.fields)


def delete_message(world: World, a: Arguments) -> bool:
    chat = reach(world, a)
    message = chat.messages.get(a.integer("message_id"))
    if message is None or message.deleted_at:
        raise bad_request("message to delete not found")
    if refusal := _undeletable(world, message):
        raise refusal
    world.remove(message)
    return True


def delete_messages(world: World, a: Arguments) -> bool:
    """Up to 100 at once; those not found or not deletable are passed over."""
    chat = reach(world, a)
    ids = a.parsed("message_ids") or []
    if not 1 <= len(ids) <= 100:
        raise bad_request(
            "message identifiers are not specified" if not ids else "too many message identifiers"
        )
    for message_id in ids:
        message = chat.messages.get(int(message_id))
        if message and not message.deleted_at and not _undeletable(world, message):
            world.remove(message)
    return True


def _undeletable(world: World, message: Message) -> ApiError | None:
    mine = world.my_member(message.chat)
    if mine and mine.status is Status.ADMINISTRATOR and mine.has("can_delete_messages"):
        return None
    own = message.sender is world.me
    if not own and message.chat.kind is not Kind.PRIVATE:
        return bad_request("message can't be deleted")
    if world.older_than(message, DELETABLE_FOR):
        return bad_request("message can't be deleted for everyone")
    return None


def answer_callback_query(world: World, a: Arguments) -> bool:
    press = world.presses.get(a.text("callback_query_id"))
    if press is None or world.clock() - press.pressed_at > QUERY_LIFE:
        raise bad_request(QUERY_TOO_OLD)
    if len(a.text("text")) > MAX_ANSWER:
        raise bad_request("MESSAGE_TOO_LONG")
    answer: dict[str, Any] = {
        "text": a.text("text"),
        "show_alert": a.flag("show_alert"),
        "url": a.text("url"),
    }
    press.answers.append(answer)
    world.changed()
    return True


METHODS: dict[str, Method] = {
    "sendmessage": send_message,
    "senddocument": send_document,
    "sendphoto": send_photo,
    "editmessagetext": edit_message_text,
    "editmessagecaption": edit_message_caption,
    "editmessagemedia": edit_message_media,
    "editmessagereplymarkup": edit_message_reply_markup,
    "deletemessage": delete_message,
    "deletemessages": delete_messages,
    "answercallbackquery": answer_callback_query,
}
