"""Who may sign in, and how: the partners, their e-mail domains and their connections.

``models`` has the records. ``home_realm`` finds the partner of an e-mail address, ``directory``
lists the companies of the sign-in page. ``secrets`` seals what must not be read in a stolen
database, ``logos`` makes safe pictures of uploaded ones, ``files`` reads and writes the partner
file.
"""
