"""The project: its settings, and what stands around every request.

``settings`` reads the environment by ``env``, and has those of django-axes from ``axes``.
``middleware`` and ``context`` are around each page, ``errors`` is the page when something went
wrong, ``health`` what load balancers ask. ``logging`` and ``request_log`` are the log's lines.
``gunicorn`` is the production server with the ``worker`` that bounds slow requests, ``wsgi`` what
it serves, ``collect`` what it collects first.
``queue`` has the settings of the other worker, that of the tasks, and ``background`` keeps its
queue in order. ``formats`` has how dates are written.
"""
