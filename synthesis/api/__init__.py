"""REST doors: translate, call, answer."""
