"""Room 1: site, people, records, screening."""
