## The staff chat and the admins. Short and clear, and always what to do next.

staff-somebody = unknown
staff-untitled = untitled

staff-help =
    <b>Staff commands</b>
    /queue – what is to be done (/queue mine, /queue overdue, /queue channel 3, /queue case <i>number</i>)
    /finding F-12 – one finding
    /note F-12 <i>words</i> – leave a note
    /report F-12 – make a report (/report case <i>number</i>, /report channel 3)
    /reported F-12 <i>addressee ticket</i> – record that it was sent (such as /reported F-12 kr-d4u 2026-77)
    /hash F-12 – the hashes behind a finding (/hash disable, /hash enable, /hash radius H-7 20)
    /knowngood F-12 – mark a well-known, harmless picture (/knowngood list, /knowngood remove G-3)
    /channels – the channels and their counts
    /health – how the bot is doing
    /stats – plots of the last four weeks
    /drill – drill: does every step work?
    /staff list – the staff
    Decide on alerts with their buttons: Confirm or Not a match.
staff-help-admin =
    <b>Admin commands</b>
    /addchannel – add a channel (in a private chat with the bot)
    /authorise 3 <i>document</i> 2027-05-31 – authorise watching channel 3
    /authorise t.me/+… <i>document</i> 2027-05-31 – let an account join, and watch; of a folder (t.me/addlist/…) you choose the channels
    /revoke 3 – end the authorisation and leave channel 3
    /leave 3 – leave channel 3, authorised or not
    /history 3 30d – read channel 3 back by 30 days
    /staff add <i>user-id name</i> – add staff (or reply /staff add to their message)
    /staff remove <i>user-id</i> – remove staff
    /poison – updates that could not be handled
    /poison retry 5 – try update 5 again
    /retry – download again the files that could not be had, and send the alerts that could not be sent

staff-refused = Not available.
staff-unknown-command = There is no such command. /help lists them.
staff-anonymous = This was written in the name of a group or a channel, which anybody there can do. Please write as yourself: an admin of the group can switch off “Remain anonymous”.
staff-relayed-command = This message was forwarded, or written by another bot, so its command was not carried out. To give it, please write it yourself.
staff-no-role = This needs a role that you do not have. Please ask an admin.

## Adding a channel

staff-channel-added = 📥 <b>New channel #{ $number }</b>
staff-channel-name = Channel: { $channel }
staff-channel-kind-channel = Kind: channel
staff-channel-kind-group = Kind: basic group (no message links)
staff-channel-kind-supergroup = Kind: group
staff-channel-added-by = Added by: { $by }
staff-channel-not-readable = ⚠️ The bot is not an administrator there and cannot read posts. Please make it an administrator of the channel.
staff-channel-question = May it be watched? Until it is authorised, nothing in it is looked at.
staff-button-authorise = Authorise
staff-button-leave = Leave
staff-document-question =
    { $by }: please <b>reply</b> to this message with the document and the last day, in one line.
    Channel: { $channel }
    Example: <code>Letter 2026-123 { $example }</code>
    Or by command: <code>/authorise { $number } Letter 2026-123 { $example }</code>
staff-authorised =
    ✅ <b>The channel is watched from now on.</b>
    Channel #{ $number }: { $channel }
    Document: { $document }
    Last day: { $until }
    Authorised by: { $by }
staff-revoked =
    ⏹ <b>The authorisation has ended; the bot is leaving.</b>
    Channel: { $channel }
    By: { $by }
staff-left =
    ⏹ <b>The bot is leaving the channel.</b>
    Channel: { $channel }
    By: { $by }
staff-join-asked =
    ✅ <b>Authorised. An account will join when its turn comes.</b>
    Channel: { $link }
    Document: { $document }
    Last day: { $until }
    Authorised by: { $by }
staff-join-folder =
    🔎 <b>An account looks into the folder.</b> Nothing is joined before you choose.
    Link: { $link }
staff-join-listed =
    🗂 <b>A folder of { $count } channels.</b> Accounts join only what an admin authorises here.
    Link: { $link }
    Document: { $document }
    Last day: { $until }
staff-join-member = { $number }. { $channel }
staff-join-left-out = Not listed here: { $count }
staff-button-join = Authorise { $number }
staff-join-joined =
    ✅ <b>An account joined, and the channel is watched from now on.</b>
    Channel #{ $number }: { $channel }
    Link: { $link }
    To read what was posted before: <code>/history { $number } 30d</code>
staff-join-pending =
    ⏳ <b>Somebody in the channel has to let the account in.</b> It asked, and looks every hour.
    Link: { $link }
staff-join-person =
    ✋ <b>An account cannot join by itself.</b>
    Link: { $link }
    Why: { $reason }
    When it is settled, send the same /authorise again; if an account is in by then, it is watched at once.
staff-join-revoked =
    ⏹ <b>Nobody joins any more.</b>
    Channel: { $link }
    By: { $by }
staff-join-reason-payment = The channel asks for a payment.
staff-join-reason-bot = The channel lets people in by a bot or a riddle. A person has to answer it with the account.
staff-join-reason-link = The link or name leads nowhere; it may have been replaced.
staff-join-reason-not_channel = The link leads to a person, a bot or a small group, not to a channel.
staff-join-reason-changed_hands = The link or name leads to another channel than the one that was authorised. Authorise it again only if that one is meant as well.
staff-join-reason-too_many = The account is in as many channels as Telegram allows. Add another account.
staff-join-reason-refused = Telegram refused, and says no more.
staff-join-reason-empty_folder = There is no channel in the folder.
staff-join-reason-ended = The authorisation ended before an account could join.
staff-history-running =
    📚 <b>Reading the channel back</b>
    Channel #{ $number }: { $channel }
staff-history-done =
    ✅ <b>The channel is read back</b>
    Channel #{ $number }: { $channel }
staff-history-stopped =
    ⏹ <b>Reading back was stopped</b>
    Channel #{ $number }: { $channel }
staff-history-read = Messages read: { $messages }
staff-history-back-to = Back to: { $at }
staff-channel-removed =
    ⚠️ <b>The bot was removed from a channel.</b> It is no longer watched, and its authorisation has ended.
    Channel: { $channel }
    Removed by: { $by }
    To go on watching, add the bot again and authorise it.
staff-channel-cannot-read =
    ⚠️ <b>The bot can no longer read the posts.</b>
    Channel: { $channel }
    Changed by: { $by }
    Please make the bot an administrator of the channel again.
staff-channel-can-read =
    ✅ <b>The bot can read the posts again.</b> Posts made in between were not looked at.
    Channel: { $channel }
    Changed by: { $by }
staff-ending =
    ⏳ <b>An authorisation ends soon.</b>
    Channel #{ $number }: { $channel }
    Last day: { $until }
    To extend it: <code>/authorise { $number } document new-date</code>
staff-ended =
    ⏹ <b>The authorisation has ended; the bot is leaving.</b>
    Channel: { $channel }
    Last day: { $until }
    To go on watching, add the bot again and authorise it.
staff-unanswered =
    ⏹ <b>Nobody authorised this channel; the bot is leaving.</b>
    Channel: { $channel }
    To watch it, add the bot again and authorise it.

staff-choose-channel = Please choose a channel with the button below. Telegram adds the bot to it as an administrator.
staff-button-choose-channel = Choose a channel
staff-channel-chosen = Once the bot is in the channel, the staff chat is asked whether it may be watched. If no question appears there, please add the bot to the channel as an administrator.

## The channels

staff-channels-none = There are no channels. An admin can add one with /addchannel.
staff-channels-head = <b>#{ $number }</b> { $channel } · { $state }
staff-state-asked = ❔ not authorised yet
staff-state-authorised = ✅ watched
staff-state-ended = ⏹ ended
staff-state-left = ⚠️ removed
staff-channels-authorisation = Document: { $document } · by: { $by } · last day: { $until }
staff-channels-last-post = Last post: { $at }
staff-channels-no-post = No post was looked at.
staff-channels-seen = Posts: { $posts } · files: { $media }
staff-channels-unseen = Waiting: { $waiting } · could not be fingerprinted: { $failed } · not inspectable: { $not_inspectable }
staff-channels-troubles = Not looked at, because: { $troubles }
staff-channels-findings = Findings: { $count }

## The staff

staff-list = <b>Staff: { $staff }</b> · admins in the configuration: { $admins }
staff-list-line = { $name } · <code>{ $user }</code> · added by { $by }, { $at }
staff-added = ✅ Added to the staff: { $name } (<code>{ $user }</code>)
staff-removed = Removed from the staff: <code>{ $user }</code>

## How things stand

staff-health-well = ✅ <b>All is well.</b>
staff-health-trouble = ⚠️ <b>Something needs a look.</b> Given up { $buried } · waiting for over 15 minutes { $late }
staff-health-queues = Waiting: updates { $inbox } · files { $work } · messages to send { $outbox }
staff-health-buried = Given up: updates { $inbox } · files { $work } · messages { $outbox } · comparisons with earlier posts { $lookbacks }
staff-health-polled = Last update received: { $at }
staff-health-lookback = Comparing new hashes with earlier posts: { $percent } %
staff-health-troubles = Files of the last 24 hours that could not be looked at: { $troubles }
staff-health-photos = Registered ordinary photos: { $photos } · cases with “as it is” muted: { $cases } · posts not told of: { $findings }
staff-health-photos-off = ⚠️ Registered ordinary photos: { $photos }. They are not searched for: matching.photos.enabled is off.
staff-trouble-flat = hardly any detail
staff-trouble-unsupported = no picture or video
staff-trouble-corrupt = broken
staff-trouble-too_large = too large
staff-trouble-timed_out = took too long
staff-trouble-out_of_memory = took too much memory
staff-trouble-worker_died = stopped the reader
staff-trouble-vector = vector sticker
staff-trouble-encrypted = encrypted
staff-trouble-unread_archive = an archive of a kind that is not read
staff-trouble-no_picture = no picture in it
staff-trouble-partly = looked at in part
staff-trouble-too_large_to_download = too large to download
staff-trouble-file_gone = deleted
staff-trouble-not_downloadable = not downloadable
staff-trouble-download_failed = download failed
staff-health-never = none yet
staff-poison = <b>Updates that could not be handled: { $count }</b> · the latest { $listed }
staff-poison-line =
    <b>{ $number }</b> · { $kind } · { $at }
    { $trouble }
staff-poison-none = Every update could be handled.
staff-files-retried = Files to be downloaded again: { $count } · alerts to be sent again: { $alerts }
staff-poison-retried = The update is tried again: { $number }

## Drill

staff-drill-name = DRILL
staff-drill-started = 🔧 The drill has begun: a harmless picture goes through every step. An alert will come and be deleted again. Nothing is posted in any channel.
staff-drill-well = ✅ <b>Drill: all is working.</b> Times are from its start.
staff-drill-failed = ❌ <b>Drill: it did not get to the end.</b> Times are from its start.
staff-drill-stage = { $stage }: { $seconds } s
staff-drill-stopped = It stopped here: { $stage }
staff-drill-received = received
staff-drill-fingerprinted = fingerprinted
staff-drill-found = found to match
staff-drill-shown = alert sent

## The list

staff-hash = <b>H-{ $number }</b> · case { $case } · { $kind }
staff-hash-state = State: { $state } · radius: { $bits } bits · registered: { $at }
staff-hash-state-quarantined = its first finding is not confirmed yet
staff-hash-state-active = in use
staff-hash-state-held = stopped (it came in many channels at once)
staff-hash-state-cleared = in use (also when it comes in many channels)
staff-hash-state-disabled = no alerts
staff-hash-state-muted = no alerts (near to a well-known picture)
staff-hash-muted-by = Near to: G-{ $number }
staff-hash-findings = Posts: { $findings }
staff-hash-help = Stop: /hash disable H-7 · go on: /hash enable H-7 · change the radius: /hash radius H-7 20
staff-hash-disabled =
    ⏸ No alerts by these hashes any more: { $hashes }
    By: { $by } · to undo: /hash enable
staff-hash-enabled =
    ▶️ Alerts by these hashes again: { $hashes }
    By: { $by }
staff-hash-radius =
    The radius of these hashes is { $bits } bits: { $hashes }
    By: { $by }
staff-known-good-added =
    ⏸ Marked as a well-known, harmless picture. No alerts by these hashes any more: { $hashes }
    By: { $by } · to undo: /knowngood remove, with the number that /knowngood list shows
staff-known-good-removed =
    ▶️ Not on the list of harmless pictures any more: G-{ $number }
    By: { $by }
staff-known-good = <b>Well-known, harmless pictures: { $count }</b> · the newest { $listed }
staff-known-good-line = <b>G-{ $number }</b> · { $source } · { $by }, { $at } · hashes without alerts: { $mutes }
staff-known-good-imported = imported
staff-known-good-none = There are none. A finding's picture can be marked with /knowngood F-12.

## Refusals. They say what to do.

staff-refused-old-button = This button is out of date. Please send the command again.
staff-refused-drill-runs = Another drill is under way; it will end soon.
staff-refused-alert-changed = What this alert asks about has changed. Please look at it as it reads now and press its button again.
staff-refused-alert-gone = There is nothing to decide: the case was withdrawn or erased.
staff-refused-which-hash = Please give the number of a hash or of a finding, such as /hash F-12 or /hash H-7
staff-refused-unknown-hash = There is no hash of this number, or it was withdrawn.
staff-refused-hash-as-it-is = There is nothing to change: it is so already.
staff-refused-bad-radius = Please give the radius in bits, from 0 to { $most }, such as /hash radius H-7 8
staff-refused-no-radius = An ordinary photo has no radius. It can be stopped with /hash disable.
staff-refused-only-pdq = Only PDQ hashes can be marked as harmless. This one can be stopped with /hash disable.
staff-refused-which-known-good = Please give the number; /knowngood list shows it.
staff-refused-unknown-known-good = There is no picture of this number: G-{ $number }. /knowngood list shows the numbers.
staff-refused-which-finding = Please give the number of a finding, such as { $command } F-12
staff-refused-unknown-finding = There is no finding of this number: F-{ $finding }. The person may have deleted everything.
staff-refused-finding-moved = It changed meanwhile: { $state }. By: { $by }
staff-refused-finding-changed = What this finding shows has changed. Please look at it as it reads now and press its button again.
staff-refused-finding-step = This cannot be done in this state. Please open it again with /finding.
staff-refused-finding-withdrawn = The registration was withdrawn; there is nothing more to do.
staff-refused-second-person = Another person has to confirm; the same person cannot do it twice.
staff-refused-nothing-to-undo = There is nothing to undo.
staff-refused-claimed-by-other = Somebody else works on it meanwhile: { $by }. Please open it again with /finding.
staff-refused-nobody-else = There is nobody else to hand it over to. An admin adds staff with /staff add.
staff-refused-note-empty = Please write the note, such as /note F-12 wrote to the channel's owner
staff-refused-note-long = The note is too long; at most { $max } characters.
staff-refused-notes-full = A finding can have { $max } notes at most.
staff-refused-which-queue = Please choose a list: /queue, /queue mine, /queue overdue, /queue channel 3, /queue case NUMBER
staff-refused-unknown-case = There is no such case. Please check the number.
staff-refused-not-confirmed = Please confirm it first: F-{ $finding }
staff-refused-nothing-to-report = There is nothing to report: no finding is confirmed.
staff-refused-already-reported = This is recorded already. If it was sent once more: /reported F-{ $finding } { $addressee }
staff-refused-report-minor = What may show a minor is not sent there. Please choose child protection.
staff-refused-which-addressee = Please say to whom it was reported: { $known }
staff-refused-ticket-long = The number is too long; at most { $max } characters.
staff-refused-which-channel = Please give the channel's number. See /channels for the numbers.
staff-refused-which-question = You were asked about several channels: { $numbers }. So that this does not count for the wrong one, please write it as a command: /authorise { $number } Letter 2026-123 { $example }
staff-refused-unknown-channel = There is no channel with this number: { $number }. See /channels for the numbers.
staff-refused-not-in-channel = The bot is not in this channel: { $number }. Please add the bot to it again first.
staff-refused-not-authorised = This channel is not authorised: { $number }. To leave it, use /leave.
staff-refused-already-authorised = This channel is authorised already. To extend it, use /authorise { $number } document new-date; to leave it, /leave { $number }.
staff-refused-bad-date = Please end the line with the last day as year-month-day. Example: Letter 2026-123 { $example }
staff-refused-date-past = This date is over. The earliest day: { $today }
staff-refused-date-far = An authorisation lasts two years at most. The latest day: { $latest }
staff-refused-no-document = Please write the document before the date. Example: Letter 2026-123 { $example }
staff-refused-document-long = The document's name is too long. Please use { $max } characters at most.
staff-refused-private-only = A channel is chosen in private chat. Please send /addchannel to the bot in a private chat.
staff-refused-who-is-staff = Reply /staff add to a message of the person, or give their user id and name. Example: /staff add 123456789 Jieun Kim
staff-refused-who-is-not-staff = Please give the person's user id. See /staff list for the ids.
staff-refused-not-staff = There is no staff with this user id: { $user }. See /staff list for the ids.
staff-refused-already-admin = This person is an admin already; there is no need to add them.
staff-refused-admin-in-configuration = Admins are changed in the configuration file, under telegram.admins.
staff-refused-anonymous = That message was written in the name of a group or a channel, which anybody there can do. Please ask the person to write as themselves (not anonymously), and reply to that message.
staff-refused-bad-name = Please give a name of { $max } characters at most. Example: /staff add 123456789 Jieun Kim
staff-refused-unknown-poison = There is no update with this number. See /poison for the numbers.
staff-refused-filing-limit = As many reports as a day allows were filed by accounts: { $max }. Please go on tomorrow, or file this one in a Telegram app.
staff-refused-filing-known = This post's report was begun already; each post is reported once.
staff-refused-no-account-at-work = No account is at work, and a bot cannot join by a link. An account is added by jikimi account add, on the machine of Jikimi.
staff-refused-unknown-link = Nobody authorised joining by this link. See /channels for the channels' numbers.
staff-refused-no-account = No account is in this channel, and a bot cannot read back: { $number }.
staff-refused-history-runs = This channel is being read back already. To stop it: /history { $number } stop
staff-refused-no-history = This channel is not being read back: { $number }.
staff-refused-history-what = Please give the channel's number, and how far to read back: days, a number of messages, a date, or all. Examples: /history 3 30d, /history 3 500, /history 3 2026-01-31

## The command menu

staff-command-help = the commands
staff-command-hash = A hash: how it stands, stop, go on, radius
staff-command-knowngood = Well-known, harmless pictures
staff-command-channels = the channels and their counts
staff-command-health = how the bot is doing
staff-command-stats = plots of the last four weeks
staff-command-drill = drill: does everything work?
staff-command-staff = the staff: list, add, remove
staff-command-queue = what is to be done
staff-command-finding = show one finding
staff-command-note = leave a note
staff-command-report = make a report
staff-command-reported = record that a report was sent
staff-command-addchannel = add a channel (in private chat)
staff-command-authorise = authorise watching a channel
staff-command-revoke = end an authorisation and leave
staff-command-leave = leave a channel
staff-command-history = read a channel back
staff-command-poison = updates that could not be handled
staff-command-retry = download again the files that could not be had
staff-menu-start = begin
staff-menu-status = how your registration stands
staff-menu-withdraw = withdraw your registration
staff-menu-delete = delete everything
staff-menu-privacy = what is kept about you
staff-menu-language = change the language (한국어)
staff-menu-help = help, and people to talk to
