"""What a text is made of: pieces with their manners, lines and the parts of lines."""
