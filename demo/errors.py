"""What stops the demo."""


class DemoError(RuntimeError):
    """The demo cannot run, or run on; the text says why, and what to do."""
