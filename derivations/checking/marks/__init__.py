"""Marks for what was asked: which step of a text is the answer, and what it is worth."""
