"""Who may sign in, and how: the partners, their e-mail domains and their connections.

    models       the records
    rules        what a record may say, for the admin and for the partner file alike
    domains      which domains can be a partner's
    look_alike   which domain could be taken for another partner's
    addresses    the one form of an address that is compared
    home_realm   from an e-mail address to its partner
    takings      whose people a domain takes away, to be said by name
    directory    the listed companies, as the sign-in page shows them: by letter as filing says,
                 page by page as paging says
    secrets      the key ring: what must not be read in a stolen database
    client_keys  the keys by which we prove to a provider who we are
    tested       which settings of a connection a test sign-in has passed with
    logos        safe pictures out of uploaded ones; views serves them
    files        the partner file: import and export
    checks       what a deployment is warned of

Who has signed in is not here: that is ``people``, which knows of partners and never the reverse.
"""
