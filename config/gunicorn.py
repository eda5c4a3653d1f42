"""The production server: sync Django in threads, bounded against slow and large requests."""

import gc
import os

from config import env

address = env.read("BIND", env.text, default="127.0.0.1")
bind = f"{address}:{env.read('PORT', env.port, default='8000')}"
workers = env.read("WEB_CONCURRENCY", env.integer(least=1, most=64), default="2")
threads = env.read("WEB_THREADS", env.integer(least=1, most=256), default="8")
worker_class = "config.worker.BoundedWorker"
# Loaded once and shared by the workers: they differ only in what they have done since.
preload_app = True
timeout = 60
graceful_timeout = 20
keepalive = 15
worker_connections = 500  # below the usual limit of 1024 open files
# Python's sendfile waits without limit for a client that has stopped reading.
sendfile = False
max_requests = 0
limit_request_line = 8190
limit_request_fields = 60
limit_request_field_size = 8190
# One line a request is the application's: with its id, and without its query.
accesslog = None
errorlog = "-"
loglevel = "warning"
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: PTH112, S108 -- tmpfs
forwarded_allow_ips = ""
# Underscores in header names are dropped: X_Forwarded_For must not pass for X-Forwarded-For.
header_map = "drop"


def when_ready(server: object) -> None:
    """Freeze what was loaded, so that the workers' garbage collectors leave it shared."""
    gc.collect()
    gc.freeze()
