"""A run's tables for others' tools: what columns there are, what they say, how they are written."""
