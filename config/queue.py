"""The settings of procrastinate, which keeps the queue of what is done in the background."""

PROCRASTINATE_IMPORT_PATHS = ["config.background"]
PROCRASTINATE_WORKER_DEFAULTS = {
    "name": "worker",
    # Most of what it does is to wait, for mail servers and providers.
    "concurrency": 4,
    "delete_jobs": "successful",
    "shutdown_graceful_timeout": 20.0,
}
