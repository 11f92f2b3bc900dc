"""Figures of speed and memory, each beside a named rival or a naive way, in one run."""
