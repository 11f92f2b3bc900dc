"""The judge of lines: definitions, updates, equations and conclusions, one relation after the other."""
