## Reports, in the addressee's language. Never the media, the victim's name, the case number, or a name of staff.

report-subject = [Removal request] Sexual images shared without consent, { $findings } ({ $organisation })
report-subject-minor = [Urgent: minor suspected] Removal request for sexual images, { $findings } ({ $organisation })
report-minor = Note: posts among these may show a minor. This report holds no media, and none was downloaded again or kept.
report-opening = This report is from { $organisation }, which supports victims of sexual crimes online. We ask you to remove the posts below.
report-authority = Our authority to report: { $authority }
report-what = The posts below hold sexual images that the person in them did not agree to have shared, or images sexually manipulated to show that person. The person agreed neither to the posting nor to any manipulation.
report-what-minor = The posts below hold sexual images of somebody who may be a minor, or images sexually manipulated to show such a person.
report-law = We have reason to believe that this is a crime under article 14 or 14-2 of Korea's Act on Special Cases concerning the Punishment of Sexual Crimes (images taken or manipulated, or shared, without consent), and that Telegram's Terms of Service bar it. This is a notice under article 16 of the EU's Digital Services Act.
report-law-minor = We have reason to believe that this is a crime under article 11 of Korea's Act on the Protection of Children and Youth against Sex Offenses, and that Telegram's Terms of Service bar it.
report-how = The posts were found by comparing fingerprints (perceptual hashes, local features) with those of registered images, and were confirmed by a member of our staff.
report-request = Please remove the posts and identical copies (the same file_unique_id), and tell us what was done.
report-posts = Posts
report-good-faith = To the best of our knowledge all of this is accurate, and we report it in good faith.
report-need-authority = the authority to report
report-need-non_consent = the statement that there was no consent
report-need-good_faith = the statement of good faith
report-need-signature = a signature
report-need-explanation = why it is illegal
report-need-contact = a contact
report-need-identity = an identity check of the person concerned
report-yes = yes
report-no = no
report-field-finding = Finding
report-field-public_link = Public link
report-field-members_link = Link for members
report-field-chat_id = Chat number
report-field-chat_kind = Kind of chat
report-field-chat_username = Chat name (@)
report-field-chat_title = Chat title
report-field-message_id = Message number
report-field-album_message_ids = Other messages of the album
report-field-topic_id = Topic number
report-field-comment_of_link = The post that it comments on
report-field-posted_at = Posted (UTC)
report-field-edited_at = Edited (UTC)
report-field-detected_at = Detected (UTC)
report-field-forwarded_from = Forwarded from
report-field-forwarded_from_link = Link to the original
report-field-author_signature = Author's signature
report-field-sent_as = Sent as
report-field-invite_link = Invite link
report-field-file_unique_ids = Telegram's file numbers (file_unique_id)
report-field-may_show_minor = May show a minor
report-field-posted_hash = PDQ of what was posted
report-field-hash_kind = Kind of fingerprint
report-field-distance_bits = Distance of the fingerprints (bits)
report-field-of_bits = Length of the fingerprints (bits)
report-field-view = Part that matched
report-field-orientation = How it is turned
report-field-still = Where in the file
report-field-at = From
report-field-until = To
report-field-confirmed_by = Confirmed by
report-field-confirmed_at = Confirmed (UTC)
report-field-state = State
report-field-log = Log (UTC)

report-chat-channel = channel
report-chat-group = group
report-chat-supergroup = group (supergroup)
report-chat-private = private chat
report-chat-chat = group
report-chat-user = user
report-chat-hidden_user = user (name only)
report-still-picture = the file itself
report-still-frame = in the video
report-still-entry = in the archive (number of the file below)
report-still-page = in the document (number of the page below)
report-photo-derived = a part of a registered ordinary photo
report-photo-same_photo = a registered ordinary photo as it is
report-photo-near_photo = a picture that is nearly the same as a registered ordinary photo
report-staff =
    { $count ->
        [one] a member of staff
       *[other] { $count } members of staff
    }
report-log-confirmed = confirmed by a member of staff
report-log-not_a_match = judged to be no match by a member of staff
report-log-reported = recorded as reported by a member of staff
report-log-still_up = recorded as still up by a member of staff
report-log-removed = recorded as removed by a member of staff
report-log-closed = closed by a member of staff
report-log-sent = reported to { $addressee }
report-log-sent-ticket = reported to { $addressee }, ticket { $ticket }
report-log-check-up = looked at again ({ $how }): still up
report-log-check-gone = looked at again ({ $how }): not there
report-log-check-unknown = looked at again ({ $how }): cannot be told
report-log-by-person = by a person
report-log-by-page = by the public page
report-log-by-account = by an account in the channel

report-choose = <b>{ $findings }</b> · Please choose whom to report to. Media are in none of it.
report-choose-minor = ⚠️ <b>{ $findings }</b> · A minor is suspected: please report to child protection first. Do not download or keep it again.
report-addressee = <b>{ $name }</b>: { $when }
report-made = 📨 <b>{ $name }</b> · { $findings }
    To: { $to }
    How: { $steps }
report-made-part = ⚠️ In this packet: { $count } of { $total }. Once it is recorded as sent, /report makes the next one of the others.
report-made-missing = ⚠️ To be added before sending: { $needs }
report-made-missing-configured = ⚠️ To be added before sending: { $needs } ([reports] in the configuration fills it in next time)
report-copy = The text below can be copied. All of it is in the file sent with it.
report-button-sent = Sent
report-button-packet = Make a report
report-answer-made = The report is made.
report-answer-sent = Recorded as reported.
report-sent-ticket = If they gave you a number, please keep it: <code>/reported F-{ $finding } { $addressee } NUMBER</code>
report-button-file = 📨 Let an account file it
report-answer-filing = An account asks Telegram.
report-filing-choosing =
    📨 <b>Telegram asks what is wrong with the post</b> ({ $finding })
    Choose what fits best.
report-filing-chosen = Chosen: { $option }
report-filing-filed = ✅ <b>Telegram's report is filed</b> ({ $finding })
report-filing-failed =
    ⚠️ <b>It is not sure that Telegram's report was filed</b> ({ $finding })
    Please file it in a Telegram app, or begin again.
report-filing-comment = { $organisation }: an intimate picture or a manipulated one, shared without the consent of the person shown. We act for that person. Please remove it. Reference: { $finding }
