"""Reads. Every one takes a viewer."""
