"""Bytes in, verdict out: fingerprints of pictures, and which registered ones they match.

No Telegram, no network, no database, no asyncio. `bot` uses the names below and no others.
"""

from matcher.errors import MediaError, MediaErrorCode, NoWorker
from matcher.files.decode import FORMATS, Limits
from matcher.files.media import fingerprint_bytes
from matcher.fingerprint import (
    MIN_QUALITY,
    Fingerprint,
    Head,
    LeftOut,
    MediaFingerprint,
    Orientation,
    Shown,
    Still,
    StillKind,
    VideoFingerprint,
    View,
    collect,
)
from matcher.hashtext import (
    MAX_FRAMES,
    MAX_LINES,
    HashTextError,
    HashTextReason,
    format_hash,
    format_media,
    format_video,
    parse_hash_line,
    parse_hashes,
    parse_listed_hash,
    parse_video,
)
from matcher.index import Index, IndexMatch
from matcher.kinds import KINDS, PDQ, PHOTO, Kind, padded
from matcher.photos.features import PhotoFeatures, PhotoRefusal, PhotoRefused, format_photo, parse_photo
from matcher.photos.figure import draw_figure
from matcher.photos.index import PhotoIndex
from matcher.photos.keypoints import LocalFeatures
from matcher.photos.register import accepted_photo, photo_features
from matcher.photos.verdict import PhotoMatch, Relation, judge_photos
from matcher.pieces import BLOCK_BYTES, File, Pieces
from matcher.sandbox.pool import Sandbox
from matcher.seen import near_seen, pack_seen, unpack_seen
from matcher.verdict import MATCH_RADIUS_BITS, POSSIBLE_RADIUS_BITS, Band, Match, judge

__all__ = [
    "BLOCK_BYTES",
    "FORMATS",
    "KINDS",
    "MATCH_RADIUS_BITS",
    "MAX_FRAMES",
    "MAX_LINES",
    "MIN_QUALITY",
    "PDQ",
    "PHOTO",
    "POSSIBLE_RADIUS_BITS",
    "Band",
    "File",
    "Fingerprint",
    "HashTextError",
    "HashTextReason",
    "Head",
    "Index",
    "IndexMatch",
    "Kind",
    "LeftOut",
    "Limits",
    "LocalFeatures",
    "Match",
    "MediaError",
    "MediaErrorCode",
    "MediaFingerprint",
    "NoWorker",
    "Orientation",
    "PhotoFeatures",
    "PhotoIndex",
    "PhotoMatch",
    "PhotoRefusal",
    "PhotoRefused",
    "Pieces",
    "Relation",
    "Sandbox",
    "Shown",
    "Still",
    "StillKind",
    "VideoFingerprint",
    "View",
    "accepted_photo",
    "collect",
    "draw_figure",
    "fingerprint_bytes",
    "format_hash",
    "format_media",
    "format_photo",
    "format_video",
    "judge",
    "judge_photos",
    "near_seen",
    "pack_seen",
    "padded",
    "parse_hash_line",
    "parse_hashes",
    "parse_listed_hash",
    "parse_photo",
    "parse_video",
    "photo_features",
    "unpack_seen",
]
