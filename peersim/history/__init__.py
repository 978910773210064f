"""Histories: what an interaction phase is specified by, and how it is lived."""
