"""Room 2: what the papers say."""
