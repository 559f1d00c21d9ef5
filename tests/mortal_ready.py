"""Imported last by the server of `mortal`: what each life would have to make anew."""

import gc

from bot.model import Language
from bot.texts import text

for language in Language:
    # Its file is parsed with all others of the language.
    text(language, "common-human")

# A life looks for garbage when it begins, and would copy all that it looks at.
gc.collect()
gc.freeze()
