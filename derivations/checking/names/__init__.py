"""What the names of a text stand for: kinds, shapes, indices, values and definitions."""
