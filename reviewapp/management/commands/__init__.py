"""Commands of room 1."""
