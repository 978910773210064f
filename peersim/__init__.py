"""A laboratory for peer preservation among LLM agents."""

__version__ = "0.2.0"
