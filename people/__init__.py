"""Who has signed in: people, their logins at partners' providers, their sessions.

``models`` has the records, ``session_store`` keeps Django's sessions in one of them, ``staff`` lets
members of staff in by password.
"""
