"""From an update to an alert: each stage commits what it found before the next one looks."""
