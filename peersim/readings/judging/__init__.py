"""Judging: what only words show of a trial, read by a model that is blind to its arm."""
