"""The oversight phase: scenarios, their worlds, and the rules that read outcomes from state."""
