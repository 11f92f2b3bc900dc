"""A library of what people do wrong: each entry turns a right formula into the wrong ones it leads to."""
