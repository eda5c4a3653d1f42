"""``manage.py demo`` in a checkout of its own: what it starts, what it keeps, what it leaves."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import pytest

from demo.ports import DEFAULTS
from demo.postgres.home import forget, home_of

START_SECONDS = 90
STOP_SECONDS = 20
NOT_COPIED = shutil.ignore_patterns(".*", "var", "tests", "docs", "bench", "__pycache__")

A_MAIL = (
    "from mails.sending import queue_mail;"
    " queue_mail('sign_in_link', to='eve@example.example', context={})"
)

pytestmark = pytest.mark.xdist_group("demo")


class Demo:
    """One run of the command; its output is read until it says that it is ready."""

    def __init__(self, checkout, ports):
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "demo"],
            cwd=checkout,
            env={**{name: str(port) for name, port in ports.items()}, "PATH": os.defpath},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said = ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait(STOP_SECONDS)
        self.process.stdout.close()

    def is_ready(self):
        for line in self.process.stdout:
            self.said += line
            if "Ctrl-C" in line:
                return True
        return False

    def ends_with(self, number=None):
        """Return the exit status, after the signal *number* where one is given."""
        if number:
            self.process.send_signal(number)
        status = self.process.wait(STOP_SECONDS)
        self.said += self.process.stdout.read()
        return status

    def children(self):
        """Return the command line of each direct child, by process id."""
        found = {}
        for status in Path("/proc").glob("[0-9]*/status"):
            try:
                if f"\nPPid:\t{self.process.pid}\n" in status.read_text():
                    found[int(status.parent.name)] = status.with_name("cmdline").read_text()
            except FileNotFoundError:
                continue
        return found


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    checkout = tmp_path_factory.mktemp("clone") / "foyer"
    shutil.copytree(Path(__file__).parents[2], checkout, ignore=NOT_COPIED)
    yield checkout
    forget(home_of(checkout))


@pytest.fixture(scope="module")
def ports():
    # Below the range from which the system takes ports for outgoing connections.
    first = 10_000 + os.getpid() * len(DEFAULTS) % 20_000
    return {name: first + offset for offset, name in enumerate(DEFAULTS)}


@pytest.fixture
def portal(ports):
    return f"http://127.0.0.1:{ports['PORT']}"


def becomes_true(question):
    """Return whether the answer is yes before long."""
    deadline = time.monotonic() + STOP_SECONDS
    while not question() and time.monotonic() < deadline:
        time.sleep(0.1)
    return question()


def are_free(ports):
    try:
        for port in ports.values():
            socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def are_gone(process_ids):
    return not any(Path(f"/proc/{process_id}").exists() for process_id in process_ids)


def read(url):
    with urlopen(url) as answer:
        return answer.read().decode()


def admin_password(said):
    return re.search(r"admin@northlake\.example +password (\S+)", said)[1]


def test_everything_answers_a_signal_ends_it_all_and_the_data_are_kept(checkout, ports, portal):
    with Demo(checkout, ports) as first:
        assert first.is_ready(), first.said
        children = first.children()
        sign_in_page = read(f"{portal}/login/")
        change = "Partner.objects.filter(slug='contoso').update(name='Contoso Renamed')"
        manage(checkout, ports, f"from partners.models import Partner; {change}; {A_MAIL}")
        mails = f"http://127.0.0.1:{ports['DEMO_PROVIDER_PORT']}/mails/"
        assert becomes_true(lambda: "eve@example.example" in read(mails))
        assert first.ends_with(signal.SIGINT) == 0

    assert "Contoso" in sign_in_page
    assert f"{portal}/" in first.said
    assert "ana@contoso.example" in first.said
    assert len(children) == 5
    assert are_gone(children)
    assert are_free(ports)

    with Demo(checkout, ports) as second:
        assert second.is_ready(), second.said
        sign_in_page = read(f"{portal}/login/")
        assert second.ends_with(signal.SIGTERM) == 0

    assert "Contoso Renamed" in sign_in_page
    assert re.search(r"Contoso Renamed +ana@contoso\.example", second.said)
    assert admin_password(second.said) == admin_password(first.said)
    assert are_free(ports)


def manage(checkout, ports, statement):
    subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "--command", statement],
        cwd=checkout,
        env={**{name: str(port) for name, port in ports.items()}, "PATH": os.defpath},
        check=True,
        capture_output=True,
    )


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's end")
def test_a_killed_demo_leaves_nothing(checkout, ports):
    with Demo(checkout, ports) as demo:
        assert demo.is_ready(), demo.said
        children = demo.children()

        demo.process.kill()

        assert demo.process.wait(STOP_SECONDS) == -signal.SIGKILL
    assert becomes_true(lambda: are_gone(children))
    assert are_free(ports)


@pytest.mark.parametrize(
    ("command", "name", "last_line"),
    [
        ("demo.cognito", "The Cognito emulator", "Cognito emulator at http://127.0.0.1:{cognito}"),
        ("procrastinate", "The worker", "Launching a worker on all queues"),
    ],
)
def test_a_part_that_ends_stops_the_whole_and_is_named_with_its_last_lines(
    checkout, ports, command, name, last_line
):
    with Demo(checkout, ports) as demo:
        assert demo.is_ready(), demo.said
        children = demo.children().items()
        [part] = [process_id for process_id, line in children if command in line]

        os.kill(part, signal.SIGTERM)

        assert demo.ends_with() == 1
    assert f"{name} has stopped, with exit status 0." in demo.said
    assert last_line.format(cognito=ports["DEMO_COGNITO_PORT"]) in demo.said
    assert are_free(ports)


def test_a_busy_port_is_one_line_and_starts_nothing(checkout, ports):
    with (
        socket.create_server(("127.0.0.1", ports["DEMO_PROVIDER_PORT"])),
        Demo(checkout, ports) as demo,
    ):
        status = demo.ends_with()

    assert status == 1
    assert "DEMO_PROVIDER_PORT" in demo.said
    assert len(demo.said.splitlines()) == 1
    assert are_free(ports)
