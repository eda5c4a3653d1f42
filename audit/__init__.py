"""What happened, for whoever asks.

``models`` has the one table, ``Event``, which the database lets nobody change. ``trail`` writes to
it. ``history`` writes to it from inside the database, whenever a recorded table changes. ``opened``
is for the two commands that prune the trail, or erase a person from it.
"""
