## Troubles told to those who run the bot. The same one is sent once an hour at most.

notice-poison =
    ⚠️ An update could not be read.
    It is kept, and everything else goes on.
    See the list: /poison
notice-second-poller =
    ⚠️ Another program is taking this bot's updates.
    Please stop the other program that uses the same token, or remove its webhook. Until then this bot keeps trying.
notice-media-buried =
    ⚠️ A file could not be downloaded after several tries.
    Cause: { $trouble }
    To download it again: /retry
notice-lookback-buried =
    ⚠️ Earlier posts could not be compared to the end after several tries.
    Cause: { $trouble }
    To go on where it stopped: /retry
notice-staff-chat-lost =
    ⚠️ Alerts cannot reach the staff chat.
    Cause: { $trouble }
    Please add the bot to the staff chat again. No alert is lost; they are sent again and again until they arrive.
notice-message-left =
    ⚠️ Telegram does not let the bot delete or change a message that has to go.
    Cause: { $trouble }
    Message: { $message }
    Please delete it by hand; it may be an alert of somebody who had everything deleted.
    With the right to delete messages in the staff chat, the bot can do it next time.
notice-came-back =
    👁 <b>A removed post is there again: F-{ $finding }</b>
    To look at it and report it again: <code>/finding F-{ $finding }</code>
notice-account-ready =
    ✅ The account { $account } works again.
notice-account-waiting =
    ⏳ Telegram asks the account { $account } to wait until { $until }. Posts are read after that; none is lost.
notice-account-needs_sign_in =
    ⚠️ Telegram ended the session of the account { $account }. Its channels are read by other accounts that are in them.
    To sign in again, on the machine of Jikimi: <code>jikimi account add</code>
notice-account-limited =
    ⚠️ Telegram limited the account { $account }. It reads nothing until the limit ends.
    Open Telegram with this account and ask @SpamBot for the reason. When the limit has ended, on the machine of Jikimi: <code>jikimi account add</code>
notice-account-banned =
    🚫 Telegram banned the account { $account }. Its channels are read by other accounts that are in them.
    To add another account, on the machine of Jikimi: <code>jikimi account add</code>
notice-account-failed =
    ⚠️ Something unforeseen went wrong with the account { $account }. It is tried again, and everything else goes on.
    Cause: { $trouble }
    If this comes every hour: what happened is in the log of Jikimi.

## Look-back: what was registered anew is compared with the fingerprints of earlier posts.

notice-lookback-running = 🔎 Comparing new hashes with earlier posts: { $percent } %
notice-lookback-done = 🔎 <b>Earlier posts were compared.</b>
notice-lookback-counts = Files compared: { $files } · found: { $found }
notice-lookback-unreadable = Fingerprints that could not be read: { $files }
