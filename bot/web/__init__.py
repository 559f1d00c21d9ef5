"""What Jikimi serves by HTTP: the page on which people make hashes, and whether it runs."""
