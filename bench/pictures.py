"""The pictures that quality is measured on, and what each is registered as."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from edits import edits, telegram
from PIL import Image

from matcher import MIN_QUALITY, Limits, MediaError, MediaFingerprint, Still, StillKind
from matcher.files.decode import Picture, decode
from matcher.look import look

PHOTOGRAPHS = Path(__file__).with_name("photographs.txt")
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}
LIMITS = Limits()
LOOKALIKE_BITS = 90


@dataclass(frozen=True)
class Target:
    """A registered picture: as it is, as the file that is registered, and what that file looks like."""

    name: str
    picture: Image.Image
    file: bytes
    media: MediaFingerprint


@dataclass(frozen=True)
class Targets:
    known: list[Target]
    asked: int
    flat: list[str]
    """Refused when they were registered, because they are too flat."""
    alike: list[str]
    """Left out because they look like another one."""


def reported(folders: list[Path], listed: Path = PHOTOGRAPHS) -> Targets:
    """The photographs of a list, each found in one of the folders. Raises `SystemExit` if one is missing."""
    wanted = [line for line in listed.read_text().splitlines() if not line.startswith("#")]
    files = {file.as_posix(): file for folder in folders for file in folder.rglob("*") if file.is_file()}
    found = [
        next((files[path] for path in sorted(files) if path.endswith(f"/{end}")), None) for end in wanted
    ]
    missing = [end for end, file in zip(wanted, found, strict=True) if file is None]
    if missing:
        raise SystemExit(f"not found: {', '.join(missing)}")
    return _registered([(str(file), _opened(file)) for file in found if file is not None])


def tuned(folders: list[Path]) -> Targets:
    """The left and the right half of every picture in the folders: what was tuned on."""
    halves = []
    for file in sorted(file for folder in folders for file in folder.rglob("*")):
        if file.suffix.lower() in SUFFIXES and file.is_file():
            whole = _opened(file)
            middle = whole.width // 2
            boxes = (0, 0, middle - 4, whole.height), (middle + 4, 0, whole.width, whole.height)
            halves += [(f"{file} {box[0]}", whole.crop(box)) for box in boxes]
    return _registered(halves)


def on_screens(targets: Targets) -> Targets:
    """The same pictures, each registered as a screenshot of an app that shows it, in the weaker of two strengths."""
    random = np.random.default_rng(8)
    shots = [edits(False)[f"screenshot {name}"] for name in ("light", "dark")]
    known = []
    for number, target in enumerate(targets.known):
        file = telegram(shots[number % 2](target.picture.copy(), [], random), 92)
        known.append(replace(target, file=file, media=shown(decode(file, LIMITS))))
    return replace(targets, known=known)


def apart(a: bytes, b: bytes) -> int:
    return (int.from_bytes(a) ^ int.from_bytes(b)).bit_count()


def shown(picture: Picture) -> MediaFingerprint:
    """What the bot makes of a posted picture. Raises `MediaError`."""
    height, width = picture.luma.shape
    return MediaFingerprint(picture.format, (Still(StillKind.PICTURE, width, height, look(picture.luma)),))


def _opened(file: Path) -> Image.Image:
    picture = Image.open(file).convert("RGB")
    picture.thumbnail((2560, 2560))
    return picture


def _registered(pictures: list[tuple[str, Image.Image]]) -> Targets:
    found = Targets([], len(pictures), [], [])
    for name, picture in pictures:
        picture.thumbnail((1280, 1280))
        file = telegram(picture, 92)
        try:
            media = shown(decode(file, LIMITS))
        except MediaError:
            found.flat.append(name)
            continue
        views = media.stills[0].views
        if views[0].quality < MIN_QUALITY:
            found.flat.append(name)
        elif any(
            apart(view.bits, t.media.fingerprint.bits) <= LOOKALIKE_BITS
            for t in found.known
            for view in views[:8]
        ):
            found.alike.append(name)
        else:
            found.known.append(Target(name, picture, file, media))
    return found
