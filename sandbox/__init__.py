"""Stand-ins that speak the providers' wire protocols, in a process of their own.

The product never imports this package and this package imports nothing of the product: the two
meet over HTTP only, exactly as the product meets Meta.
"""
