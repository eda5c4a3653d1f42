"""How a partner goes live: what its IT department does itself, and what finds its mistakes.

A set-up, from the outside in:

    the owner sends a link     invitations -> contacts are told      -> codes -> sessions
    somebody comes back        resuming -> codes -> sessions
    a step is shown and saved  views.frame -> steps, progress, turns -> forms, company_form
    its provider               providers -> connect_form -> connecting
    its domains                domains, a record in the DNS for each
    a test                     doctor -> findings, examinations; trials shows a test sign-in
    the switch                 switching_on -> versions -> moving; proposals wait for the owner
    afterwards                 sign_ins, reminders, rounds: tasks runs them, and what keeps domains

``models`` has the records, ``urls`` the pages. What the owner sees of it is in ``console``.
"""
