"""Who has signed in: people, their logins at partners' providers, their sessions.

``models`` has the records, ``arrivals`` finds the person who comes from a provider or welcomes a
new one. ``session_store`` keeps Django's sessions in a table of ours, ``middleware`` notes that a
person is at work, ``current`` tells which sessions are going on and ``devices`` in which browsers.
``provider_sessions`` ends those that a provider says are over. ``staff`` lets members of staff in
by password, ``own_company`` those who come by the provider of the owner's own company.
"""
