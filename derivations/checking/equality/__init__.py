"""Whether two sides are equal: in numbers with their rounding, in names, and by what a text goes on with."""
