"""Local features of ordinary photos: made, searched, judged and drawn."""
