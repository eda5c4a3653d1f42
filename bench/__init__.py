"""What one sign-in costs: ``make bench`` prints it, measured from outside at the production server.

``stack`` runs everything in processes of their own: PostgreSQL (durable), the partners' providers,
the Cognito emulator, and the portal as ``make serve`` runs it. ``companies`` makes the partners.
``load`` is one more process, with the browsers of ``browser`` in it, so that nothing of what the
measuring costs is counted. ``processes`` reads from ``/proc`` what the portal and PostgreSQL used
meanwhile; ``measurements`` puts both together, ``scenarios`` says what is measured, and ``table``
prints it. ``inside`` counts what cannot be seen from outside: statements, and verifications.

CPU time is what to compare, and best with that of ``bare``, the least that signs somebody in: the
same machine is twice as fast at one hour as at another where caches are shared. Rates and waiting
times depend on more: here the browsers, the providers and the emulator share the processors
with the portal.
"""
