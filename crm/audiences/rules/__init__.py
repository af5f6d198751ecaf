"""The rules that contacts themselves bring."""
