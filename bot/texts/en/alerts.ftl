## Alerts. They are read many times a day, so they are short. Never the picture or the words of a post.

alert-title-match = 🔴 <b>Match</b> · case { $case }
alert-title-possible = 🟡 <b>Possible (low priority)</b> · case { $case }
alert-title-derived = 🟠 <b>Perhaps a fake</b> · case { $case }
alert-title-same_photo = 🔵 <b>The ordinary photo as it is (low priority)</b> · case { $case }
alert-title-decided = ⚪ <b>Decided</b> · case { $case }
alert-title-withdrawn = ⚪ <b>Registration withdrawn</b> · nothing more to do.
alert-of-list = From another organisation's list: { $list } (no case of ours)
alert-channel = Channel: { $channel }
alert-finding = <b>F-{ $finding }</b> · { $link }
alert-no-link = no link (basic group) · message number { $message }
alert-members-link = Link for members: { $link }
alert-likeness = { $distance } · { $geometry }
alert-distance-identical = Nearly identical (differs by { $bits }/{ $of })
alert-distance-same = The same picture (differs by { $bits }/{ $of })
alert-distance-possible = Similar picture (differs by { $bits }/{ $of })
alert-distance-photo = A picture nearly the same as the registered photo (differs by { $bits }/{ $of }); whether a face or another part was replaced cannot be told
alert-view-whole = the whole picture
alert-view-quadrant = a quarter of the picture
alert-view-half = half of the picture
alert-view-trimmed = without its border
alert-view-cell = inside a screenshot or collage
alert-view-collage = inside a collage
alert-view-inner = inside another picture
alert-view-cropped = nearly all of the picture
alert-view-tilted = turned by a few degrees
alert-view-covered = without what covers it
alert-view-page = a page or a screen
alert-view-screen = inside a screenshot
alert-view-inside = inside a frame
alert-view-inside_quadrant = a quarter of what is framed
alert-in-video = in the video from { $start } to { $end } ({ $percent } % of it)
alert-in-entry = in the archive, file { $number }
alert-in-page = in the document, page { $number }
alert-registered-video = the registered video at { $at }
alert-by-kind = by { $kind }, from another organisation’s list
alert-photo-derived = Part of the registered photo (about { $percent } % of it) appears inside this post; the rest differs. A suspicion, not a copy
alert-photo-same_photo = The whole registered photo, unchanged: may be an innocent repost
alert-photo-withdrawn = An ordinary photo whose registration was withdrawn
alert-photo-clockwise = turned by { $degrees }° clockwise
alert-photo-anticlockwise = turned by { $degrees }° anticlockwise
alert-photo-enlarged = enlarged { $times } times
alert-photo-reduced = reduced to { $times } times its size
alert-figure =
    <b>F-{ $finding }</b> · Left, the registered ordinary photo; right, the post.
    The filled parts show the same, and the dots mark the same corner. The drawing has lines only and no picture.
alert-orientation-upright = upright
alert-orientation-turned_90 = turned 90° clockwise
alert-orientation-turned_180 = turned 180°
alert-orientation-turned_270 = turned 90° anticlockwise
alert-orientation-mirrored = mirrored
alert-orientation-mirrored_turned_90 = mirrored, then turned 90° clockwise
alert-orientation-mirrored_turned_180 = flipped upside down
alert-orientation-mirrored_turned_270 = mirrored, then turned 90° anticlockwise
alert-posted = Posted: { $at }
alert-edited = Edited: { $at }
alert-before-registration = Posted before registration (registered: { $at })
alert-comment-of = A comment on: { $link }
alert-forwarded = Forwarded from: { $name }
alert-forwarded-link = Forwarded from: { $name } · { $link }
alert-nameless = no name
alert-held-quarantine = ⏸ Further posts with this hash that wait for this decision: { $count } · no alerts until then.
alert-held-fan-out =
    ⏸ It came in many channels in a short time. Posts that wait: { $count }
    Go on: /hash enable F-{ $finding } · no alerts: /hash disable F-{ $finding }
alert-more = and { $count } more
alert-waiting = Posts to decide on: { $count }
alert-seen-before = Found before for this case: { $count }
alert-decided-confirmed = ✅ Confirmed · { $findings } · { $by } · { $at }
alert-decided-not_a_match = ❌ Not a match · { $findings } · { $by } · { $at }
alert-decided-second = ☑️ Confirmed by one, a second person is needed · { $findings } · { $by } · { $at }
alert-decided-reported = 📨 Reported · { $findings } · { $by } · { $at }
alert-decided-still_up = 👁 Still up · { $findings } · { $by } · { $at }
alert-decided-removed = 🗑 Removed · { $findings } · { $by } · { $at }
alert-decided-closed = ⏹ Closed · { $findings } · { $by } · { $at }
alert-decided-earlier = Decisions before that: { $count }
alert-report = 📨 Posts that can be reported: { $count }. Open one after the other to make a report: /finding F-{ $finding }
alert-button-open = Open message
alert-button-confirm =
    { $count ->
        [1] Confirm
       *[other] Confirm ({ $count })
    }
alert-button-not-a-match =
    { $count ->
        [1] Not a match
       *[other] Not a match ({ $count })
    }
alert-button-report = Make a report (F-{ $finding })
alert-button-mute = Mute “as it is” for this case
alert-button-unmute = Unmute “as it is” for this case
alert-muted = 🔕 Posts of the ordinary photo as it is are not told for this case. Suspected fakes still are.
alert-answer-muted = Posts of the ordinary photo as it is will not be told any more. They are still recorded.
alert-answer-unmuted = Posts of the ordinary photo as it is will be told again.
alert-answer-confirmed =
    { $count ->
        [one] Recorded as confirmed (1 post).
       *[other] Recorded as confirmed ({ $count } posts).
    }
alert-answer-not_a_match =
    { $count ->
        [one] Recorded as not a match (1 post).
       *[other] Recorded as not a match ({ $count } posts).
    }
alert-answer-second = Recorded as the first confirmation; another person has to confirm too. ({ $count })
alert-already-confirmed = Already confirmed by { $by } · { $at }
alert-already-not_a_match = Already decided as not a match by { $by } · { $at }
