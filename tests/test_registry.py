"""The registry in memory: every kind of hash in an index of its own, compared with hashes of its kind only."""

from __future__ import annotations

import pytest
from photo_scene import features, jpeg, photo, reposted, spliced
from pictures import encoded, picture
from PIL import ImageFilter, ImageOps
from store_makers import NOW, add_case, new_print, prints_of

from bot.model import CaseId, FingerprintId
from bot.registered.registry import CaseMatch, Known, Registry, Search
from bot.shown import DERIVED, SAME_PHOTO
from bot.store import Store, cases
from bot.store.cases import NewFingerprint
from matcher import (
    KINDS,
    MIN_QUALITY,
    Limits,
    Match,
    MediaFingerprint,
    Orientation,
    PhotoMatch,
    fingerprint_bytes,
)

ALL = sorted(KINDS)


def media(seed: int, *kinds: str, mirrored: bool = False) -> MediaFingerprint:
    image = picture(seed, (320, 240))
    return fingerprint_bytes(encoded(ImageOps.mirror(image) if mirrored else image, "JPEG"), Limits(), kinds)


def listed(kind: str, seed: int) -> NewFingerprint:
    """The hash of a picture by a kind, as another organisation lists it."""
    [bits] = {
        view.bits
        for view in media(seed, *ALL).stills[0].views
        if (view.kind, view.name, view.orientation) == (kind, "whole", Orientation.UPRIGHT)
    }
    return NewFingerprint(kind, "whole", bits, KINDS[kind].radius_bits)


async def register(store: Store, *prints: NewFingerprint) -> CaseId:
    async with store.write() as tx:
        case_id = await add_case(tx)
        await cases.add_fingerprints(tx, case_id, prints, NOW)
    return case_id


def registry_of(store: Store) -> Registry:
    return Registry(store, Known(margin_bits=17, min_quality=MIN_QUALITY), now=lambda: NOW)


def by_hash(found: CaseMatch) -> Match:
    assert isinstance(found.match, Match)
    return found.match


def found(search: Search) -> list[tuple[CaseId, str]]:
    return [(match.case_id, by_hash(match).kind) for match in search.matches]


@pytest.mark.parametrize("kind", ALL)
async def test_a_hash_is_found_by_its_kind(store: Store, kind: str) -> None:
    registry = registry_of(store)
    case_id = await register(store, listed(kind, 1), listed(kind, 2))
    kinds = await registry.kinds()
    assert kinds == {kind} - {"pdq"}
    search = await registry.search(media(1, *kinds, mirrored=True))
    assert found(search) == [(case_id, kind)]
    assert by_hash(search.matches[0]).orientation is Orientation.MIRRORED
    assert (await registry.search(media(3, *kinds))).matches == ()


async def test_hashes_of_the_same_bits_but_another_kind_are_not_compared(store: Store) -> None:
    registry = registry_of(store)
    bits = listed("dhash", 1).bits
    await register(store, NewFingerprint("phash", "whole", bits, 8))
    assert (await registry.search(media(1, "dhash"))).matches == ()
    pdq = media(1).fingerprint.bits
    await register(store, NewFingerprint("phash256", "whole", pdq, 32))
    assert (await registry.search(media(1, "dhash"))).matches == ()


async def test_a_kind_that_was_withdrawn_is_not_asked_for_any_more(store: Store) -> None:
    registry = registry_of(store)
    case_id = await register(store, listed("phash", 1), listed("pdq", 2))
    assert await registry.kinds() == {"phash"}
    async with store.write() as tx:
        await cases.withdraw(tx, case_id, NOW)
    assert await registry.kinds() == frozenset()
    assert (await registry.search(media(1, "phash"))).matches == ()


async def test_one_picture_by_two_kinds_is_one_match_by_the_surer(store: Store) -> None:
    registry = registry_of(store)
    case_id = await register(store, listed("phash", 1), listed("phash256", 1))
    async with store.read() as tx:
        sure = (await prints_of(tx, case_id))[1]
    matches = (await registry.search(media(1, "phash", "phash256"))).matches
    by_id = {FingerprintId(match.fingerprint_id): match for match in map(by_hash, matches)}
    assert by_id[sure].kind == "phash256"
    assert by_id[sure].band == "match"


async def test_the_hashes_of_victims_are_counted_with_the_others(store: Store) -> None:
    registry = registry_of(store)
    await register(store, new_print(1), listed("dhash", 1))
    await registry.refresh()
    assert len(registry) == 2


def photo_registry(store: Store) -> Registry:
    known = Known(margin_bits=17, min_quality=MIN_QUALITY, searches_photos=True)
    return Registry(store, known, now=lambda: NOW)


def new_photo(bits: bytes) -> NewFingerprint:
    return NewFingerprint("photo", "photo", bits, 0)


def posted(data: bytes, kinds: frozenset[str]) -> MediaFingerprint:
    return fingerprint_bytes(data, Limits(), kinds)


async def test_photos_are_searched_for_only_while_there_are_some(store: Store) -> None:
    registry = photo_registry(store)
    assert await registry.kinds() == frozenset()
    case_id = await register(store, new_photo(features(1).to_bytes()), new_photo(features(3).to_bytes()))
    kinds = await registry.kinds()
    assert (kinds, len(registry), registry.photos) == (frozenset({"photo"}), 0, 2)
    [match] = (await registry.search(posted(spliced(), kinds))).matches
    assert (match.case_id, match.band) == (case_id, DERIVED)
    [match] = (await registry.search(posted(reposted(), kinds))).matches
    assert (match.case_id, match.band) == (case_id, SAME_PHOTO)
    async with store.write() as tx:
        await cases.withdraw(tx, case_id, NOW)
    assert (await registry.search(posted(spliced(), kinds))).matches == ()
    assert (await registry.kinds(), registry.photos) == (frozenset(), 0)


async def test_a_photo_of_which_only_a_hash_is_near_may_be_a_fake_and_is_no_same_photo(store: Store) -> None:
    registry = photo_registry(store)
    case_id = await register(store, new_photo(features(1).to_bytes()))
    kinds = await registry.kinds()
    smooth = jpeg(photo(1).filter(ImageFilter.GaussianBlur(20)))
    [match] = (await registry.search(posted(smooth, kinds))).matches
    assert isinstance(match.match, Match)
    assert (match.case_id, match.band, match.match.kind) == (case_id, DERIVED, "photo")
    [match] = (await registry.search(posted(reposted(1), kinds))).matches
    assert isinstance(match.match, PhotoMatch)


async def test_photos_that_are_registered_while_switched_off_are_not_searched_for(store: Store) -> None:
    registry = registry_of(store)
    await register(store, new_photo(features().to_bytes()), listed("pdq", 1))
    assert (await registry.kinds(), len(registry), registry.photos) == (frozenset(), 1, 0)


async def test_a_photo_that_cannot_be_read_keeps_no_other_from_being_found(store: Store) -> None:
    registry = photo_registry(store)
    await register(store, new_photo(b"of another version"))
    case_id = await register(store, new_photo(features().to_bytes()))
    kinds = await registry.kinds()
    assert registry.photos == 1
    assert [found.case_id for found in (await registry.search(posted(spliced(), kinds))).matches] == [case_id]
