"""Who is asked over the network: where posts and their files come from, whether posts are still there, and banks that
take hashes. After `bot.model.Post` only the id of a file tells which source it was.
"""
