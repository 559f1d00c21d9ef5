"""Where posts come from. After `bot.model.Post` nothing knows which source it was."""
