"""The builder: a definition as cards, forms for each card, and what people do to them."""
