"""Studies: arms, their plan, and the runner."""
