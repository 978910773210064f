"""Simulated models: honest stand-ins that read their request and act with planted chances."""
