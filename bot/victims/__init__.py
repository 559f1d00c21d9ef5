"""What victims do: cases, hashes and ordinary photos."""
