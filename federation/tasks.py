"""What the worker does for sign-ins: documents fetched ahead, links sent, leftovers deleted."""

from django.utils import timezone
from procrastinate.contrib.django import app

from audit.trail import WORKER
from federation import links
from federation.leftovers import delete_leftovers
from federation.refreshing import connections_due, refresh
from mails.queueing import queue_task
from mails.sending import QUEUE


@app.periodic(cron="* * * * *")
@app.task(
    name="federation.refresh_documents",
    queueing_lock="federation.refresh_documents",
    lock="federation.refresh_documents",
)
def refresh_documents(timestamp: int) -> None:
    """Queue a fetch for each provider whose documents are due."""
    for pk in connections_due(timezone.now()).values_list("pk", flat=True):
        once = f"documents of connection {pk}"
        queue_task("federation.refresh_provider", {"connection": pk}, once=once)


@app.task(name="federation.refresh_provider")
def refresh_provider(*, connection: int) -> None:
    """Fetch the documents of one connection."""
    refresh(connection)


@app.periodic(cron="17 * * * *")
@app.task(name="federation.clean_up", queueing_lock="federation.clean_up")
def clean_up(timestamp: int) -> None:
    """Delete what sign-ins have left behind."""
    delete_leftovers(timezone.now(), by=WORKER)


@app.task(name=links.SEND_TASK, queue=QUEUE)
def send_link(*, wish: str) -> None:
    """Mail the link that somebody wished for, if there is a partner to whom it leads."""
    links.send(wish)
