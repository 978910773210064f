"""What agents carry from a history into the oversight phase."""
