"""The model port, the stack behind it, and the journal that makes it replayable."""
