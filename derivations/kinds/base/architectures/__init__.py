"""Architectures in problem files: entries, blocks, calls of frameworks, model files, folding, tables."""
