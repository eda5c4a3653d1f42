"""The service owner's pages: Django's admin, made for this trade.

``site`` is the admin site, ``partners``, ``set_ups``, ``people`` and ``trail`` what it shows.
``where`` says where an address would lead, ``attention`` what to look at first, ``faults`` whose
fault a refusal is. ``guesses`` has whoever guesses passwords wait, ``entrance`` is the way in
through the owner's own company. ``pages`` is the frame of pages that ask before they act,
``acting`` records who did it, ``deleting`` asks before a record goes, ``references`` reads a
reference as people type it. ``fields`` and ``stock`` are what forms need beside Django's own.
"""
