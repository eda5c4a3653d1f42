"""What the portal sends by mail.

``sending`` writes a mail and queues it, sealed, in the transaction of whoever asks. ``tasks`` is
what the worker does with it, by ``delivery``; ``models`` has the one table in between. ``server``
stands where no mail server is set, and ``checks`` says so. The texts are in ``templates/mails/``.
``queueing`` is for every task of the portal, since what is queued belongs to a transaction.
"""
