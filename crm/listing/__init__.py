"""The list of contacts: its order, its columns, how many there are, and the look of all three."""
