"""The trail in the admin: found by reference, filtered, looked at, and never changed.

``relinking`` is the one thing that starts from an entry: a known address under a new subject.
"""
