## The conversation with victims. A first line must be harmless on a lock screen.

victim-start =
    Hello. This is Jikimi.
    Run by: { $organisation }

    Jikimi watches the Telegram channels that this organisation is authorised to watch. When a picture like one you registered is posted there, it tells the staff.

    • It takes no pictures, only a picture turned into 64 characters (a hash).
    • It cannot remove anything by itself. It cannot see channels without an authorisation, or other sites.
    • This chat stays on Telegram's servers, and Jikimi can see your Telegram ID.
    • You can stop or delete everything at any time. Nobody asks why.

    You do not have to tell what happened.
victim-start-again = To start, please press a button below.
victim-button-begin = Start registering
victim-button-have-number = I have a case number
victim-button-privacy = About your data

victim-age =
    { $again ->
        [0] One question first.
       *[other] The same question, for what you register now.
    }

    Was the person in the picture { $age } or older when it was taken?

    With several pictures, answer for all of them. If a picture was put together from others, answer for when those were taken.
victim-button-age-yes = Yes, { $age } or older
victim-button-age-no = No
victim-button-age-unsure = I am not sure

victim-underage =
    Thank you for telling us. This is not your fault.

    There are better places to help with such a picture. So no hashes are taken here, and your answer is not stored.

    • Take It Down: for pictures taken before the age of 18, worldwide. It does not ask your name, and you do not send the picture.
    • In the UK: Report Remove, for those under 18.
    • In Korea: D4U +82-2-735-8994 (24 h) helps with removal and support; 1366 (24 h); police 112.
    • Elsewhere: a child helpline, or the police.

    You do not need to download the picture again or send it to anybody.
victim-button-take-it-down = Open Take It Down
victim-button-report-remove = Open Report Remove (UK)

victim-consent =
    Please read this before you register. (Consent { $version })

    • What we take: hashes, a case number, a check value for your PIN, your language, the time.
    • What for: they are compared with posts in authorised channels. What looks the same is shown to staff.
    • Kept: encrypted, until you withdraw.
    • Who sees what: staff see the case number and links to posts that were found. They do not see the hashes or your Telegram account.
    • We treat a hash as carefully as a blurred picture.
    • If you post a registered picture yourself later, that is found too.

    Please register only if you are the person in the picture, or that person asked you to.
    If you do not agree, you can still get support.
victim-button-agree = I agree
victim-button-disagree = I do not agree

victim-hashes =
    Please send the hashes.

    They are lines of text that are made from your pictures or videos, in one of these ways. What you send is deleted from this chat right away.
    If there are cropped or changed versions, please make hashes of those as well.
    If this is hard, you can ask somebody you trust, or a counsellor, to do it with you. You do not have to hand over the picture.
victim-way-button =
    <b>On this phone</b>
    Press the button “{ victim-button-page }” below the message field. A page opens inside of Telegram. Choose the pictures or videos there, then press “Send to Jikimi”. They do not leave the phone.
victim-way-file =
    <b>As a file</b>
    Press “{ victim-button-file }”. Open it in a browser, on a computer or an Android phone, also without internet. Copy the hashes that it makes and paste them here.
victim-way-computer =
    <b>On a computer with Jikimi, with somebody who helps</b>
    <code>jikimi hash FILE</code>
    prints the same: up to ten lines that begin with PDQ1 for each picture; for a video, very long lines that begin with VPDQ1. Please send one of those in each message.
victim-button-file = Send me the page as a file
victim-button-page = Make hashes
victim-page-button =
    The button “{ $button }” is now below the message field.

    It is put away by itself when it is not needed any more.
victim-page-button-gone = The button below the message field was put away.
victim-page-file =
    This is the page on which hashes are made.

    Please open it in a browser, on a computer or an Android phone; on an iPhone it may not run. It works without internet, too. Copy the hashes that it makes and paste them into this chat.
    If you have only an iPhone, use a computer, or ask the contact below to do it with you; you do not have to hand over the picture.

    <b>To check that it is the published file</b>
    Its SHA-256 must be
    <code>{ $sha256 }</code>
    You see it with <code>sha256sum jikimi.html</code> (on Windows: <code>certutil -hashfile jikimi.html SHA256</code>).
victim-page-not-read =
    What the page sent could not be read. That is all right.
    Nothing was registered. Please open the page again and send it once more.
victim-parts-all = All parts have come: { $total }
victim-parts-missing =
    Parts that have come: { $came } of { $total }. Still missing: no. { $missing }
    Please press the button below the message field again, choose the same files, and send what is missing.
victim-hashes-again = Please paste the hashes. How to make them is in the message above.
victim-hashes-more = If you have more hashes, please paste them.
victim-button-done = That is all

victim-added =
    Registered. Jikimi is watching from now on.
    Newly registered hashes: { $new } ({ $total } in all). One picture gives several.
victim-added-none =
    No new hash was registered.
    Registered hashes: { $total }
victim-added-known = Registered before, or sent twice: { $known }. There is no need to send them again.
victim-added-case-limit = Not registered: { $count }. One case number can hold { $limit } hashes.
victim-added-day-limit = Not registered: { $count }. You can register { $limit } hashes a day; please send the rest tomorrow.
victim-day-limit =
    No more can be registered today.
    You can register { $limit } hashes a day. Please send the rest tomorrow.
victim-cases-limit =
    You cannot open another case today.
    { $limit } a day are possible. You can add hashes to a case that you have already.
victim-too-many-hashes =
    That was more than can be taken at once.
    Nothing was registered. Please send { $max } at a time, at most.

victim-not-taken = Some of it could not be read. That is all right. Please look below and send it again.
victim-not-taken-one = • Hash no. { $number }: { $problem }
victim-not-taken-more = • and { $count } more
victim-hash-wrong-length = It has { $length } characters and needs 64. Please check that the start and the end are there.
victim-hash-not-hex = It contains characters that no hash has. A hash has only the digits 0 to 9 and the letters a to f.
victim-hash-not-a-fingerprint = This is not the hash of a picture. One changed character is enough for that, so please copy it anew.
victim-hash-low-quality = The picture shows too little to tell it from others. If you have a clearer file of it, please use that one.
victim-hash-wrong-checksum = Something changed while it was copied. Please copy the whole line again.
victim-hash-unknown-format = The form is not known. Please send the whole line that begins with PDQ1 or VPDQ1, or the 64 characters alone.

victim-button-photo = Register an ordinary photo
victim-photo-consent =
    Please read this before you register. (Consent { $version })

    Fakes are often made from ordinary photos: a profile picture, a class photo. If you register such a photo, posts into which a part of it was pasted, or that change it, can be found too.

    • What we take: not the photo but a sketch of it, in numbers: its texture in many places, and its hashes. It holds more than a hash does: whoever got hold of it might draw it back into a rough picture. It is not used to recognise faces.
    • <b>Ordinary photos only.</b> Please do not register a photo that you would not want seen in this way; register its hash.
    • Kept: encrypted, for { $days } days. It is decrypted only in memory, to compare. If you withdraw, it is deleted at once.
    • Who sees what: staff see a drawing in lines of which part lies where. They do not see the sketch.
    • If somebody posts the photo just as it is, that is found too.

    Please register only if you are the person in the photo, or that person asked you to. If you do not agree, nothing changes about other registrations.
victim-photo =
    Please send the sketch file to this chat.

    One file for each photo. Once it is read, your message is deleted. Please do not send the photo.

    <b>How to make the file</b>
    The page on which hashes are made can make it. Where hashes are registered, press “{ victim-button-file }”, open the page in a browser, and press “Make a sketch of an ordinary photo”.
    On a computer with the Jikimi program you can also run: <code>jikimi hash --photo FILE</code>
    It makes a file such as jikimi-photo-1.txt. Please attach that file here. The photo does not leave the device.

    Please use the original photo and not a screenshot of it.
victim-photo-again = Please send the sketch file. How to make it is in the message above.
victim-photo-more = If you have more files, please send them.
victim-photo-added =
    Registered. Jikimi is watching from now on.
    Registered ordinary photos: { $total }
victim-photo-known =
    It was registered before. There is no need to send it again.
    Registered ordinary photos: { $total }
victim-photo-case-limit =
    No more can be registered.
    One case number can hold { $limit } ordinary photos.
victim-photo-day-limit =
    No more can be registered today.
    You can register { $limit } ordinary photos a day. Please send the rest tomorrow.
victim-photo-unknown-format =
    This is not a sketch file. It was deleted.
    The file holds nothing but text that begins with PHOTO1. Please send the file as it was made, without changing it.
victim-photo-damaged =
    Some of the file is missing or was changed. It was deleted.
    Please make the file again and send it as it is.
victim-photo-out-of-date =
    The file was made with an earlier version of the page, and can no longer be used. It was deleted.
    Where hashes are registered, please press “{ victim-button-file }”, open the new page, make the sketch again from the same photo, and send it.
victim-photo-low-quality =
    It shows too little to be told from others, and cannot be registered. It was deleted.
    Please use a clearer original, or another one.
victim-photo-not-fetched =
    The file could not be had from Telegram.
    Please send it again a little later.
victim-photo-no-media =
    That is all right. What you sent was not opened, and was deleted.
    Only the sketch file (a text file such as jikimi-photo-1.txt) is taken here.
victim-photo-as-file =
    Your message was deleted, and nothing was stored.
    Please send the sketch as a file and do not paste it: Telegram cuts long text into pieces.
victim-photos-expired =
    The time of keeping is over.

    As promised, the sketches of your ordinary photos were deleted. Hashes, if you registered any, are still there.
    If you want Jikimi to go on watching for them, please register them again.

victim-numbers =
    Something to write down.

    Case number: <code>{ $number }</code>
    PIN: <tg-spoiler>{ $pin }</tg-spoiler> (tap to see it)

    You need them to look in later or to withdraw. The PIN is shown only now; we cannot find it again either.
    Write them where nobody else looks, then delete this message with the button.
victim-button-noted = I have written them down. Delete this message

victim-contact =
    Would you like to get news in this chat?

    • By number only: this chat is not linked to your registration. You look in with the case number and PIN.
    • In this chat: you get a short message when staff confirm something, and you can see the status at once. For that, your Telegram ID is kept, encrypted, with the registration.

    If you do not choose, it is by number only. You can change this at any time.
victim-button-contact-no = By number only
victim-button-contact-yes = In this chat
victim-linked =
    You will get news in this chat.
    The messages give no details. You can turn them off at any time.
victim-unlinked =
    This chat is not linked to your registration.
    Next time, please use the case number and PIN. What Jikimi remembers of this chat is deleted after { $hours } hours, or at once if you press “Close this chat”.
victim-already-linked =
    This chat is already linked to another registration.
    For this one, please use the case number and PIN.

victim-home = What would you like to do?
victim-button-status = See the status
victim-button-add = Register more hashes
victim-button-link = Turn news on
victim-button-unlink = Turn news off
victim-button-unlink-other = Turn off news in another chat
victim-button-withdraw = Withdraw
victim-button-close = Close this chat

victim-status =
    Here is the status.

    Case number: { $number }
    Registered on: { DATETIME($since, dateStyle: "long") }
    Registered hashes: { $count }{ $photos ->
        [0] { "" }
       *[other] . Ordinary photos: { $photos }
    }

    { $watched ->
        [0] Nothing is compared at present. If you register hashes, Jikimi watches for them.
       *[other] New posts in authorised channels are compared with them. This goes on until you withdraw.
    }{ $days ->
        [0] { "" }
        [one] { " " }Ordinary photos: only for { $days } day after they were registered.
       *[other] { " " }Ordinary photos: only for { $days } days after they were registered.
    }{ $paused ->
        [0] { "" }
       *[other] { " " }Ordinary photos are not watched for at present.
    }
    Whether something was found is shown only when you ask.
victim-button-findings = See whether something was found

victim-findings-none =
    Nothing has been found so far.

    This means: nothing in the channels we can see. Jikimi keeps watching.
victim-findings =
    This is the result so far.

    Posts confirmed to show the same picture, or to use a part of it: { $confirmed }
    Posts that staff have yet to check: { $waiting } (they may show another picture)

    You do not have to look for the posts yourself. Staff have the links. If you would like to talk, please use the contact below.
victim-found =
    There is news.

    There is no hurry. Please look when you want to.
victim-button-found = Look

victim-withdraw =
    Do you want to withdraw?

    Case number: { $number }
    Registered hashes: { $count }{ $photos ->
        [0] { "" }
       *[other] . Ordinary photos: { $photos }
    }

    What you registered, case number, PIN and the link to this chat are then deleted at once, and nothing is watched any more. This cannot be undone.
    Staff keep the records of posts found so far (link and time). To delete those too, press “Delete everything”.
victim-button-withdraw-yes = Withdraw all
victim-button-keep = Keep it
victim-withdrawn =
    Withdrawn.

    Deleted: { $count } { $count ->
        [one] hash
       *[other] hashes
    }, { $photos ->
        [0] { "" }
        [one] the sketch of { $photos } ordinary photo,{ " " }
       *[other] the sketches of { $photos } ordinary photos,{ " " }
    }case number, PIN, link to this chat
    What remains: one line that does not say who you are (when it was registered and withdrawn). If posts were found, staff also keep their links and times. To delete those too, press “{ common-button-erase }” now.

    You can register again at any time.
victim-withdrawn-before =
    It is withdrawn already.
    If posts were found, staff keep their links and times. To delete those too, press “{ common-button-erase }” now.
victim-nothing-here =
    There is no registration that can be seen from this chat.
    It was withdrawn, or it can be seen only with its case number and PIN.

victim-erase =
    Delete everything?

    • Registrations seen from this chat, or withdrawn here just now: hashes, case number, PIN, link to this chat, and records of what was found
    • What Jikimi remembers of this chat

    They are deleted at once, which cannot be undone, and nothing is watched any more.
    Reports that were sent already, and files of them that staff saved, may remain.
    Registrations that need a case number and PIN are not known here, and stay. You can delete those with /withdraw.
victim-button-erase-yes = Delete everything now
victim-erased =
    Everything is deleted.

    Registrations deleted: { $cases }
    Hashes deleted: { $hashes }{ $photos ->
        [0] { "" }
       *[other] . Sketches of ordinary photos deleted: { $photos }
    }

    Other registrations that need a case number and PIN, if you have any, are still there. You can delete them with /withdraw.
    What you see in this chat can be removed with Telegram's “Delete chat”.

victim-erased-none =
    Nothing is registered that can be deleted from here.

    If you deleted everything a moment ago, it was deleted then. What Jikimi remembers of this chat is deleted, too.
    A registration that needs its case number and PIN, if you have one, is still there, and Jikimi keeps watching. You can delete it with /withdraw.
    What you see in this chat can be removed with Telegram's “Delete chat”.

victim-closed =
    This chat is closed.

    What you were entering was deleted. If you have registered hashes, they are still there, and Jikimi keeps watching.

victim-number =
    Please send the case number.

    It begins with JK. Capitals and spaces do not matter. You can send the PIN along with it.
    Your message is deleted right away.
victim-pin =
    Please send the six digits of the PIN.

    Your message is deleted right away.
victim-button-number-again = Send the case number again
victim-button-hashes-again = Send the hashes again
victim-bad-number = That could not be read as a case number. It is JK and then three groups of four characters.
victim-bad-pin = A PIN has six digits. Please send it again.
victim-pin-wrong =
    The case number or the PIN does not fit.
    Tries left: { $left }. A registration that was withdrawn cannot be looked up.
victim-pin-blocked =
    It did not fit several times, so let us pause.
    You can try again in { $minutes } { $minutes ->
        [one] minute
       *[other] minutes
    }. This changes nothing about a registration.

victim-button-lost = I lost my case number
victim-lost =
    You can go on without the case number.

    You need your PIN and the very same files. Please make the hashes again in the way you made them then, on the page or with the program, and send them here; those of one file are enough. Then you are asked for the PIN.
    Nothing is registered by this, and what you send is deleted right away.
victim-lost-wrong =
    There is no registration that these hashes and this PIN fit.
    Tries left: { $left }. Only the very same file gives the same hashes. A registration that was withdrawn cannot be found.
victim-lost-blocked =
    This way is closed for today.
    It can be tried only so often in a day, by everybody together. Please try again tomorrow. With the case number you can go on now. This changes nothing about a registration.

victim-privacy =
    About your data.
    Run by: { $organisation }

    <b>What is kept</b> (encrypted)
    • If you register: hashes, sketches of ordinary photos (if you agreed to that), case number, a check value for your PIN, language, the number of the consent text, the time. The PIN itself is not kept.
    • Only if you turn news on: your Telegram ID
    • Where you are in this chat: until { $hours } hours after the last message
    • How many PINs were wrong, and how many hashes were registered in a day: about a day

    <b>What is not kept</b>
    Pictures and files, names, telephone numbers, and who opened the page on which hashes are made. Messages with hashes, numbers or PINs are deleted from this chat. Other words are not stored, but stay visible in the chat.

    <b>Who sees what</b>
    • Staff: the case number, links and times of posts that were found. They do not see hashes, PINs or Telegram accounts.
    • Who runs the server: somebody with both the database and its key file can decrypt it.
    • Telegram: this is not a secret chat, and it stays on Telegram's servers.

    <b>How to delete</b>
    /withdraw deletes the hashes and ends the registration.
    /delete also deletes what was found, and what is remembered of this chat.
    It happens at once. If there are backups, they go after the time that the organisation has set.

victim-help =
    Help.

    /start the first screen
    /status see the status
    /withdraw withdraw a registration
    /delete delete everything
    /privacy about your data
    /language change the language (언어)
    /cancel stop and close this chat

    A lost case number: your PIN and the same hashes, made again, are enough (“{ victim-button-lost }” on the first screen).
    A lost PIN cannot be found again. That registration goes on being watched, and you can register anew.

victim-language =
    Please choose a language.
    언어를 골라 주십시오.

victim-not-understood =
    Thank you for writing.
    This is a program and does not understand what you say. To talk to a person, please use the contact at the bottom.
victim-no-media =
    That is all right. What you sent was not opened, and it was deleted from this chat.
    Jikimi takes no pictures, files or voice messages. Your pictures can stay on your device.
    If you saved hashes as a file, open it, copy the text and paste it here.
victim-no-media-sketch = A sketch file is taken after “{ victim-button-photo }”.
victim-old-button = That button is from an earlier screen. You are here now.
victim-questions-first =
    Your message was deleted, and nothing was stored.
    Before hashes can be taken, please look at this first.
