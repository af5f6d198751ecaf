"""Contacts from a file: `reader` makes rows of bytes, `mapping` says what columns mean, `rows`
judges each row, `chunks` writes a thousand at once, `runner` goes on where it stopped, `report`
tells what was refused.
"""
