"""HTML doors: translate, call, answer."""
