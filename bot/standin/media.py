"""The media part of a message, as the Bot API writes it. Each function answers the message's fields."""

from __future__ import annotations

from bot.standin.files import FileStore, StoredFile
from bot.standin.model import JsonObject


def photo(sizes: list[StoredFile]) -> JsonObject:
    return {"photo": [size.as_dict() for size in sizes]}


def document(file: StoredFile, thumbnail: StoredFile | None = None) -> JsonObject:
    return {"document": _with_thumbnail(file, thumbnail)}


def video(
    files: FileStore,
    data: bytes,
    *,
    width: int = 640,
    height: int = 360,
    duration_s: int = 3,
    file_name: str | None = None,
    thumbnail: bytes | None = None,
) -> JsonObject:
    stored = files.add(
        data,
        "videos",
        ".mp4",
        width=width,
        height=height,
        duration=duration_s,
        mime_type="video/mp4",
        file_name=file_name,
    )
    return {"video": _with_thumbnail(stored, thumbnail_of(files, thumbnail))}


def animation(files: FileStore, data: bytes, thumbnail: bytes | None = None) -> JsonObject:
    """A soundless clip: Telegram shows the same file as `document` too."""
    stored = files.add(
        data,
        "animations",
        ".mp4",
        width=320,
        height=240,
        duration=2,
        mime_type="video/mp4",
        file_name="animation.mp4",
    )
    shown = _with_thumbnail(stored, thumbnail_of(files, thumbnail))
    as_document = {k: v for k, v in shown.items() if k not in {"width", "height", "duration"}}
    return {"animation": shown, "document": as_document}


def video_note(files: FileStore, data: bytes, thumbnail: bytes | None = None) -> JsonObject:
    stored = files.add(data, "video_notes", ".mp4", length=240, duration=2)
    return {"video_note": _with_thumbnail(stored, thumbnail_of(files, thumbnail))}


def sticker(
    files: FileStore, data: bytes, *, is_animated: bool = False, is_video: bool = False
) -> JsonObject:
    suffix = ".tgs" if is_animated else ".webm" if is_video else ".webp"
    stored = files.add(
        data,
        "stickers",
        suffix,
        type="regular",
        width=512,
        height=512,
        is_animated=is_animated,
        is_video=is_video,
    )
    return {"sticker": stored.as_dict()}


def paid_preview(width: int = 640, height: int = 360) -> JsonObject:
    """Paid media before anybody paid: no file."""
    preview = {"type": "preview", "width": width, "height": height}
    return {"paid_media": {"star_count": 10, "paid_media": [preview]}}


def thumbnail_of(files: FileStore, picture: bytes | None) -> StoredFile | None:
    """A picture of at most 320 px, as clients add to videos and files."""
    return files.photo(picture)[:2][-1] if picture else None


def _with_thumbnail(file: StoredFile, thumbnail: StoredFile | None) -> JsonObject:
    return file.as_dict(thumbnail=thumbnail.as_dict()) if thumbnail else file.as_dict()
