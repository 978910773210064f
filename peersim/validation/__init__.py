"""The proof of the instrument: planted mechanisms, blinded truth, and seeded bugs to be caught."""
