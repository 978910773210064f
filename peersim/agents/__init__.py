"""Who takes part: personas, the agent port, and AutoGen agents behind it."""
