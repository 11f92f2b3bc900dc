"""Figures made from models: neurons, networks, volumes, grids, descents, layer blocks."""
