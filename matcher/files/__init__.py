"""From the bytes of a file to the pictures in it, whatever kind of file it is."""
