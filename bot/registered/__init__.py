"""What is registered: in memory, as lists of others, against what was seen before, and against abuse."""
