"""Contacts into a file: `columns` says what may stand in it, `reading` brings the rows, `sheets`
writes any rows as CSV, XLSX or JSON lines. Nothing holds the whole file in memory.
"""
