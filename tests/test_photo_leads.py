"""Of a file that shows the photo in more than one way, what must not be missed leads."""

from __future__ import annotations

import pytest
from photo_scene import features, reposted, spliced

from matcher import PHOTO, Limits, MediaFingerprint, PhotoIndex, Relation, fingerprint_bytes, judge_photos


@pytest.mark.parametrize("is_turned", [False, True])
def test_a_part_elsewhere_leads_before_the_photo_as_it_is(is_turned: bool) -> None:
    index = PhotoIndex()
    index.add([(1, features())])
    shown = [fingerprint_bytes(data, Limits(), {PHOTO}).stills[0] for data in (reposted(), spliced())]
    for still, relation in zip(shown, (Relation.SAME, Relation.PART), strict=True):
        [match] = judge_photos(MediaFingerprint("zip", (still,)), index)
        assert match.relation is relation
    [match] = judge_photos(MediaFingerprint("zip", tuple(shown[::-1] if is_turned else shown)), index)
    assert match.relation is Relation.PART
    assert match.samples == match.of_samples == 2
