"""Days on which something goes wrong while people sign in: ``make bad-days`` lives through them.

Each day is a module with one function ``live``. It runs on the processes of ``bench.stack``, has a
``crowd`` sign in all through it, breaks something, mends it, and says in a ``report`` what it did,
what it measured and whether what the portal promises was kept. ``world`` is what a day can reach,
``ledger`` what the database says about all those who came, and ``balancer`` stands before two
portals as a reverse proxy does. ``redis_server`` and ``nameless`` are what two of the days need.

Browsers, providers and the emulator share the processors with the portal: rates and waiting times
are compared with those of the same day, and say little about another machine.
"""
