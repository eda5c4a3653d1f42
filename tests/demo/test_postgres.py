"""The embedded PostgreSQL: what is kept, what is refused, and that nothing stays behind."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from demo.postgres import PostgresError, running_postgres, server_in_use
from demo.postgres.cluster import Cluster
from demo.postgres.home import (
    ABANDONED_AFTER_SECONDS,
    Access,
    forget,
    is_used,
    opened_home,
    read_access,
    sole_use,
    temporary_home,
)
from demo.postgres.programs import PACKAGE, account_to_run_as, find_programs, programs_for

CHECKOUT = Path(__file__).parents[2]

LAUNCHER = """
import sys, time
from pathlib import Path
from demo.postgres import running_postgres

with running_postgres(Path(sys.argv[1]), durable=True) as server:
    print(server.process.pid, server.url, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def empty_dir():
    """A directory that PostgreSQL's account can reach, which pytest's tmp_path is not for root."""
    home = temporary_home()
    yield home / "database"
    shutil.rmtree(home)


@pytest.fixture(scope="module")
def started_before():
    home = temporary_home()
    with running_postgres(home / "database", durable=True):
        pass
    yield home / "database"
    shutil.rmtree(home)


@pytest.fixture
def data_dir(empty_dir, started_before):
    """A directory with a server's data: making them anew would take each test a second."""
    subprocess.run(["/bin/cp", "-a", started_before, empty_dir], check=True)
    return empty_dir


def insert(url, word):
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS words (word text)")
        connection.execute("INSERT INTO words VALUES (%s)", [word])


def words(url):
    with psycopg.connect(url) as connection:
        return [word for (word,) in connection.execute("SELECT word FROM words")]


def is_alive(process_id):
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return "\nState:\tZ" not in Path(f"/proc/{process_id}/status").read_text()


def is_gone(process_id, *, within=10):
    deadline = time.monotonic() + within
    while is_alive(process_id) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not is_alive(process_id)


def test_a_temporary_server_answers_and_leaves_nothing():
    with running_postgres(None, durable=False) as server:
        insert(server.url, "hello")
        found = words(server.url)

    assert found == ["hello"]
    assert server.process.poll() is not None
    assert not server.home.exists()


def test_letters_beyond_ascii_are_folded():
    with running_postgres(None, durable=False) as server, psycopg.connect(server.url) as connection:
        folded = connection.execute("SELECT lower('JÖRG')").fetchone()

    assert folded == ("jörg",)


def test_a_second_start_is_the_same_server_with_the_same_data(data_dir):
    with running_postgres(data_dir, durable=True) as first:
        insert(first.url, "kept")

    with running_postgres(data_dir, durable=True) as second:
        found = words(second.url)

    assert found == ["kept"]
    assert second.url == first.url


def test_data_survive_a_killed_server(data_dir):
    with running_postgres(data_dir, durable=True) as server:
        for number in range(20):
            insert(server.url, f"word {number}")
        server.process.kill()

        assert server.process.wait(10) == -signal.SIGKILL

    with running_postgres(data_dir, durable=True) as server:
        found = words(server.url)

    assert len(found) == 20


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's end")
def test_a_killed_launcher_leaves_no_server_and_no_lock(data_dir):
    launcher = subprocess.Popen(
        [sys.executable, "-c", LAUNCHER, data_dir], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True
    )
    with launcher:
        process_id, url = launcher.stdout.readline().split()
        insert(url, "kept")
        launcher.kill()

    assert is_gone(int(process_id))
    with running_postgres(data_dir, durable=True) as server:
        assert words(server.url) == ["kept"]


def cluster_of(home):
    account = account_to_run_as()
    programs = programs_for(account, home=home)
    return Cluster(home=home, account=account, programs=programs, durable=True)


def test_a_server_that_outlived_its_launcher_is_ended_first(data_dir):
    with running_postgres(data_dir, durable=True) as server:
        insert(server.url, "kept")
    cluster = cluster_of(data_dir)
    orphan = cluster._launch(read_access(data_dir).port)
    assert cluster._becomes_ready(orphan, deadline=time.monotonic() + 10)

    with running_postgres(data_dir, durable=True) as server:
        found = words(server.url)

    assert orphan.wait(10) == 0
    assert found == ["kept"]


def test_a_server_that_outlived_its_launcher_does_not_outlive_its_data(data_dir):
    cluster = cluster_of(data_dir)
    orphan = cluster._launch(read_access(data_dir).port)
    assert cluster._becomes_ready(orphan, deadline=time.monotonic() + 10)

    forget(data_dir)

    assert orphan.wait(10) == 0
    assert not data_dir.exists()


def test_a_dead_servers_number_given_to_another_process_is_no_obstacle(data_dir):
    with running_postgres(data_dir, durable=True) as server:
        insert(server.url, "kept")
    # Of the same user: PostgreSQL itself knows that somebody else's process is no server of its.
    command = ["/bin/sleep", "60"]
    with subprocess.Popen(command, **account_to_run_as().identity) as another:
        lines = [
            str(another.pid),
            str(data_dir / "cluster"),
            "0",
            "1",
            "",
            "127.0.0.1",
            "",
            "ready",
        ]
        (data_dir / "cluster" / "postmaster.pid").write_text("\n".join(lines))

        with running_postgres(data_dir, durable=True) as server:
            found = words(server.url)

        another.kill()
    assert found == ["kept"]


def test_an_interrupted_first_start_is_begun_again(empty_dir):
    opened_home(empty_dir)
    (empty_dir / "cluster.new").mkdir()
    (empty_dir / "cluster.new" / "PG_VERSION").write_text("half")

    with running_postgres(empty_dir, durable=True) as server:
        insert(server.url, "works")
        found = words(server.url)

    assert found == ["works"]


@pytest.mark.parametrize("password", ["", "wrong"])
def test_nobody_enters_without_the_password(data_dir, password):
    with running_postgres(data_dir, durable=False):
        url = Access(port=read_access(data_dir).port, password=password).url("foyer")

        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(url)


def test_the_password_is_for_its_owner_alone(data_dir):
    with running_postgres(data_dir, durable=False) as server:
        password = read_access(data_dir).password
        readable = [
            path
            for path in data_dir.rglob("*")
            if path.is_file()
            and path.stat().st_mode & 0o077
            and "programs" not in path.parts
            and password in path.read_text(errors="replace")
        ]

        assert readable == []
        assert password not in repr(server)
        assert not any(
            password.encode() in Path(f"/proc/{server.process.pid}/{name}").read_bytes()
            for name in ("cmdline", "environ")
        )


def test_two_starts_at_once_are_told_apart(data_dir):
    with (
        running_postgres(data_dir, durable=False),
        pytest.raises(PostgresError, match=f"in use by process {os.getpid()}"),
        running_postgres(data_dir, durable=False),
    ):
        pytest.fail("started twice")


def test_a_second_process_can_use_the_running_server(data_dir):
    with running_postgres(data_dir, durable=False) as server:
        insert(server.url, "shared")

        used = server_in_use(data_dir) if is_used(data_dir) else None

        assert used is not None
        assert words(used.url) == ["shared"]
    assert not is_used(data_dir)


def test_a_busy_port_that_was_asked_for_is_named(data_dir):
    with closing(socket.create_server(("127.0.0.1", 0))) as busy:
        port = busy.getsockname()[1]

        with (
            pytest.raises(PostgresError, match=f"Port {port}.* in use"),
            running_postgres(data_dir, durable=False, port=port),
        ):
            pytest.fail("started on a busy port")


def test_a_remembered_port_that_is_busy_now_is_replaced(data_dir):
    with running_postgres(data_dir, durable=True) as server:
        insert(server.url, "kept")
    with closing(socket.create_server(("127.0.0.1", read_access(data_dir).port))) as busy:
        with running_postgres(data_dir, durable=True) as server:
            found = words(server.url)

        assert str(busy.getsockname()[1]) not in server.url
    assert found == ["kept"]


def test_a_server_that_cannot_start_says_why(data_dir):
    (data_dir / "cluster" / "PG_VERSION").write_text("9.6\n")

    with (
        pytest.raises(PostgresError, match=r"initialized by PostgreSQL version 9\.6"),
        running_postgres(data_dir, durable=False),
    ):
        pytest.fail("started on data of another version")


def test_a_home_that_somebody_else_made_is_refused(empty_dir, tmp_path):
    empty_dir.symlink_to(tmp_path)

    with pytest.raises(PostgresError, match="not ours"), running_postgres(empty_dir, durable=False):
        pytest.fail("followed a link")


def test_only_abandoned_temporary_homes_are_removed():
    abandoned, young, used = temporary_home(), temporary_home(), temporary_home()
    long_ago = time.time() - 2 * ABANDONED_AFTER_SECONDS

    with sole_use(used):
        for home in (abandoned, used):
            os.utime(home, (long_ago, long_ago))
        another = temporary_home()

        assert [home.exists() for home in (abandoned, young, used)] == [False, True, True]
    for home in (young, used, another):
        forget(home)


def test_pg_bindir_comes_first_and_is_believed_or_refused(monkeypatch, tmp_path):
    for name in ("initdb", "postgres"):
        (tmp_path / name).touch()
    monkeypatch.setenv("PG_BINDIR", str(tmp_path))

    assert find_programs() == tmp_path

    monkeypatch.setenv("PG_BINDIR", str(tmp_path / "missing"))
    with pytest.raises(PostgresError, match="PG_BINDIR"):
        find_programs()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
class TestAsRoot:
    def test_the_server_runs_as_somebody_else(self, data_dir):
        with running_postgres(data_dir, durable=False) as server:
            owner = Path(f"/proc/{server.process.pid}").stat().st_uid

        assert owner != 0

    def test_programs_out_of_that_users_reach_are_copied(self, data_dir, monkeypatch, tmp_path):
        hidden = tmp_path / PACKAGE / "pginstall18"
        shutil.copytree(find_programs().parent, hidden)
        libraries = find_programs().parents[1].with_name(f"{PACKAGE}.libs")
        shutil.copytree(libraries, tmp_path / f"{PACKAGE}.libs")
        tmp_path.chmod(0o700)
        monkeypatch.setenv("PG_BINDIR", str(hidden / "bin"))

        with running_postgres(data_dir, durable=False) as server:
            program = Path(f"/proc/{server.process.pid}/exe").readlink()

        assert program.is_relative_to(data_dir)

    def test_without_a_user_postgres_it_is_nobody(self, monkeypatch):
        nobody = pwd.getpwnam("nobody")
        monkeypatch.setattr(pwd, "getpwnam", {"nobody": nobody}.__getitem__)

        account = account_to_run_as()

        assert account.user == nobody.pw_uid
