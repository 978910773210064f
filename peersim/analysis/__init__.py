"""Numbers from finished trials: rates and contrasts, each by its unit."""
