"""Runs foreign code apart: a process of its own, with limits, that is given inputs alone."""
