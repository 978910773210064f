"""Texts shown to models: templates, the strict renderer, and tagged sections."""
