"""Room 3: what it adds up to."""
