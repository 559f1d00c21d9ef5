"""The `jikimi` command: what is asked on the machine itself."""
