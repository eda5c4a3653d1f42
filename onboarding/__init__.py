"""How a partner goes live: what its IT department does itself, and what finds its mistakes.

``doctor`` examines a connection. Who may do what the owner sees in ``console``.
"""
