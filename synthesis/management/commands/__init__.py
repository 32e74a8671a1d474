"""Commands of room 3."""
