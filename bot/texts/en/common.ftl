## Words that several screens share.

# The last line of every screen, where the organisation's contact is 1366 and where it is another.
common-human = Talk to a person: 1366 (Korea, 24 h) · D4U +82-2-735-8994 (Korea, 24 h) · police in Korea 112
common-human-own = Talk to a person: { $contact } · 1366 (Korea, 24 h) · D4U +82-2-735-8994 (Korea, 24 h) · police in Korea 112

# The button changes to the other language, so it is in that language.
common-button-language = 한국어
common-button-korean = 한국어
common-button-english = English
common-button-erase = Delete everything
common-button-back = Back
common-button-start = To the start

# In place of what a message said that cannot be deleted, in both languages.
common-deleted = This message was deleted.
