"""What the services behind the portal get: a developer token for the person who is signed in.

    callback, once signed in -> store.attach  -> issuers.token_issuer() -> sealed into the session
    GET /api/token/          -> store.current -> the held one, or one renewed ahead of its end

``issuers`` has the one interface and its choice, ``cognito`` the issuer, ``cognito_errors`` what
its errors mean, ``breaker`` what keeps us from asking in vain, ``watched`` how it last went, which
``health`` tells. ``errors`` and ``values`` are what passes between them. ``identities`` remembers
which identity a person has. ``store`` keeps the token in the session, by ``sealing`` unreadable,
``renewal`` says when another one is due. ``views`` is ``/api/*``: ``signed_in`` is for whom,
``callers`` says which origins may ask; ``refusals`` tells the log and the trail when there is no
token. ``checks`` is what a deployment is warned of.
"""
