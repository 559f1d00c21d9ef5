"""The files of the stand-in: kept in memory, named and linked as Telegram does."""

from __future__ import annotations

import mimetypes
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import PurePosixPath

from PIL import Image, ImageOps

from bot.standin.model import ActRefused, JsonObject

MAX_DOWNLOAD_BYTES = 20 << 20
"""`MAX_DOWNLOAD_FILE_SIZE` of tdlib/telegram-bot-api."""
LINK_LIFE = timedelta(hours=1)
PHOTO_SIDES_PX = (90, 320, 800, 1280)
PHOTO_QUALITY = 85
MAX_PHOTO_BYTES = 10 << 20
MAX_PHOTO_SIDES_PX = 10_000
MAX_PHOTO_RATIO = 20


@dataclass(frozen=True, eq=False)
class StoredFile:
    """A file and the fields the Bot API shows of it (`width`, `mime_type`, `file_name`, ...)."""

    file_id: str
    file_unique_id: str
    data: bytes
    folder: str
    suffix: str
    shown: JsonObject

    @property
    def mime_type(self) -> str:
        return str(self.shown.get("mime_type") or mimetypes.types_map.get(self.suffix, ""))

    def as_dict(self, **more: object) -> JsonObject:
        named = {"file_id": self.file_id, "file_unique_id": self.file_unique_id}
        return {**named, "file_size": len(self.data), **self.shown, **more}


class FileStore:
    """Every upload gets new ids, whatever its bytes; sending a stored file again keeps its ids."""

    def __init__(self) -> None:
        self._files: dict[str, StoredFile] = {}
        self._links: dict[str, tuple[StoredFile, datetime]] = {}

    def add(self, data: bytes, folder: str = "documents", suffix: str = "", **shown: object) -> StoredFile:
        """Store `data`; `shown` are its Bot API fields besides ids and size. None values are left out."""
        stored = StoredFile(
            file_id="BQACAgUAAx" + secrets.token_urlsafe(42),
            file_unique_id="AgAD" + secrets.token_urlsafe(9),
            data=data,
            folder=folder,
            suffix=suffix,
            shown={name: value for name, value in shown.items() if value is not None},
        )
        self._files[stored.file_id] = stored
        return stored

    def document(self, data: bytes, file_name: str, mime_type: str | None = None) -> StoredFile:
        """Store bytes as they are. The type is the client's word, as on Telegram."""
        claimed = mime_type or mimetypes.guess_type(file_name)[0]
        suffix = PurePosixPath(file_name).suffix
        return self.add(data, "documents", suffix, file_name=file_name, mime_type=claimed)

    def photo(self, data: bytes) -> list[StoredFile]:
        """Store a picture as Telegram does: upright JPEGs without metadata, smallest first.

        Raises ActRefused where Telegram refuses: no picture, over 10 MiB, sides adding up to more than
        10,000 px, or longer than 20 to 1.
        """
        if len(data) > MAX_PHOTO_BYTES:
            raise ActRefused("Telegram takes photos up to 10 MB. Send it as a file.")
        try:
            with Image.open(BytesIO(data)) as opened:
                width, height = opened.size
                if width + height > MAX_PHOTO_SIDES_PX or max(width, height) > MAX_PHOTO_RATIO * min(
                    width, height
                ):
                    raise ActRefused("PHOTO_INVALID_DIMENSIONS: send it as a file.")
                upright = _on_white(ImageOps.exif_transpose(opened))
        except (OSError, SyntaxError, Image.DecompressionBombError) as error:
            raise ActRefused("This is not a picture. Send it as a file.") from error
        longest = max(upright.size)
        sides = [side for side in PHOTO_SIDES_PX if side < longest]
        sides.append(min(longest, PHOTO_SIDES_PX[-1]))
        return [self._size(upright, side) for side in dict.fromkeys(sides)]

    def find(self, file_id: str) -> StoredFile | None:
        return self._files.get(file_id)

    def link(self, file: StoredFile, now_at: datetime) -> str:
        """A path to download `file` from, good for an hour."""
        path = f"{file.folder}/file_{len(self._links)}{file.suffix}"
        self._links[path] = (file, now_at + LINK_LIFE)
        return path

    def linked(self, path: str, now_at: datetime) -> StoredFile | None:
        file, until_at = self._links.get(path, (None, now_at))
        return file if now_at < until_at else None

    def _size(self, picture: Image.Image, side_px: int) -> StoredFile:
        copy = picture.copy()
        copy.thumbnail((side_px, side_px), Image.Resampling.LANCZOS)
        buffer = BytesIO()
        copy.save(buffer, "JPEG", quality=PHOTO_QUALITY)
        return self.add(buffer.getvalue(), "photos", ".jpg", width=copy.width, height=copy.height)


def _on_white(picture: Image.Image) -> Image.Image:
    if "A" not in picture.getbands() and "transparency" not in picture.info:
        return picture.convert("RGB")
    layered = picture.convert("RGBA")
    page = Image.new("RGBA", layered.size, "white")
    return Image.alpha_composite(page, layered).convert("RGB")
