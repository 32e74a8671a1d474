"""Values in, frozen dataclasses out: no Django, no network, no disk."""
