"""Per-partner OpenID Connect sign-in.

The walk of one sign-in, from the outside in:

    POST /login/                  views.SignIn   -> partner_of_email -> starts -> the way there
    GET  /login/contoso/          views.Begin    -> starts           -> 302 to the provider
    GET  /login/contoso/callback/ views.Callback -> attempts.take -> backend -> sessions -> 302

``oidc`` is the protocol: pure functions over frozen values, no Django, no network, no clock.
``outbound`` is the only way to a URL that a partner named: the guarded HTTP client.
``provider`` speaks to the partner's OpenID Provider through it, ``documents`` keeps what that
publishes of itself, ``last_good`` is that of the last time and whether its hosts were accepted,
``asking_again`` says when new keys are asked for ahead of time, ``drift`` what is new in a
document, and ``changes`` records or refuses that. ``refreshing`` fetches it ahead of time and
``leftovers`` deletes what is over, both as ``tasks`` of the worker. ``single_flight`` and
``capacity`` keep one provider from taking all threads.
``registration`` turns a partner's record into the values of the protocol.
``starts`` is behind every way to a provider; ``forms`` reads the address that a person types.
``links`` mails the way to partners that nobody is to know of, and lets it be used once.
``attempts`` seals what this browser has outstanding, and gives each attempt out once, by
``single_use``; ``return_to`` says where a person may go afterwards. ``remembered`` is which
companies a browser knows, in one of our ``cookies``. ``limits`` makes whoever fails too often wait.
``backend`` is Django's seam: from an authorization response to a person, step by step; ``staff``
is the same for members of staff, through the owner's own company.
``admission`` applies the partner's own rules on who may enter.
``trials`` walks the same way to test a connection, and lets nobody in; ``claim_facts`` is what it
shows and keeps of a person.
``sessions`` begins and ends what the person then has here, ``logouts`` ends it when the provider
says so, and ``endings`` tells people on their next page.
``refusals`` is where every sign-in that stopped is logged, recorded and shown, once; ``phrases``,
``traces`` and ``wording`` are what the person reads, ``callers`` is who the trail says it was.
``checks`` is what a deployment is warned of.

Who the partners are is in ``partners``, who has signed in is in ``people``, what they hold for the
services is in ``tokens``.
"""
