"""Derivations that somebody wrote: read, judged step by step, the first wrong one named."""
