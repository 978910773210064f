"""The embedded store: one SQLite file per run directory, one writer."""
