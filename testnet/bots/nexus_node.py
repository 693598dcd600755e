"""A real `nexus` or `nexus-relay` for a test: started on a fresh folder, asked over REST, stopped at the end."""

import itertools
import json
import os
import re
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# PRESENCE, GUILD_MEMBERS and MESSAGE_CONTENT, each for applications in few guilds.
PRIVILEGED = 1 << 13 | 1 << 15 | 1 << 19


def program(name: str, variable: str) -> str:
    """The path of a program of the workspace: by environment, else where cargo puts it."""
    if path := os.environ.get(variable):
        return path
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    for profile in ("release", "debug"):
        if (path := target / profile / name).exists():
            return str(path)
    raise FileNotFoundError(f"{name}: build it (cargo build --workspace) or set {variable}")


class RestError(Exception):
    """An answer that is not 2xx."""

    def __init__(self, status: int, body: str):
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = body

    @property
    def answer(self) -> dict:
        return json.loads(self.body)


class Node:
    """A node with its owner set up."""

    def __init__(self, owner: str = "Ada", flags: tuple[str, ...] = ()):
        self.folder = tempfile.TemporaryDirectory(prefix="nexus-bots-")
        self.binary = program("nexus", "NEXUS_BIN")
        self.run("setup", owner)
        self.token = self.run("token").split()[-1]
        self.serve(flags)

    def serve(self, flags: tuple[str, ...] = ()) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.command = [self.binary, "serve", "--data", self.folder.name, "--listen", f"127.0.0.1:{self.port}", *flags]
        self.begin()

    def begin(self) -> None:
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        self.wait_until_it_answers()

    def kill(self) -> None:
        """As a power cut ends it."""
        self.process.kill()
        self.process.wait()

    def run(self, *arguments: str) -> str:
        command = [self.binary, "--data", self.folder.name, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout

    def wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + 90
        while True:
            try:
                self.rest("GET", "/gateway")
                return
            except (urllib.error.URLError, ConnectionError):
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def rest(self, method: str, path: str, body=None, token: str | None = None, headers: dict | None = None):
        """A request of the owner's, or of whom `token` speaks for."""
        request = urllib.request.Request(
            f"{self.url}/api/v10{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": token or self.token, "Content-Type": "application/json", **(headers or {})},
        )
        try:
            with urllib.request.urlopen(request, timeout=90) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            raise RestError(error.code, error.read().decode()) from None
        return json.loads(text) if text else None

    def guild(self, name: str) -> "Guild":
        return Guild(self, self.rest("POST", "/guilds", {"name": name}))

    def application(self, name: str, flags: int = PRIVILEGED) -> tuple[str, str]:
        """A new application of the owner's: its id and its bot's token."""
        application = self.rest("POST", "/applications", {"name": name})["id"]
        if flags:
            self.rest("PATCH", f"/applications/{application}", {"flags": flags})
        return application, self.rest("POST", f"/applications/{application}/bot/reset")["token"]

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(timeout=90)
        finally:
            self.process.kill()
            self.process.wait()
            self.folder.cleanup()


class Relay(Node):
    """A relay where somebody has registered."""

    def __init__(self, flags: tuple[str, ...] = ()):
        self.folder = tempfile.TemporaryDirectory(prefix="nexus-bots-")
        self.binary = program("nexus-relay", "NEXUS_RELAY_BIN")
        self.token = ""
        self.serve(flags)
        form = {"username": "ada", "password": "a password of hers"}
        self.token = self.rest("POST", "/auth/register", form)["token"]
        self.rest("PATCH", "/users/@me", {"username": "Ada"})


class Guild:
    """A guild of the owner's, as plain JSON."""

    def __init__(self, node: Node, guild: dict):
        self.node = node
        self.id = guild["id"]
        channels = node.rest("GET", f"/guilds/{self.id}/channels")
        self.general = next(channel["id"] for channel in channels if channel["name"] == "general")

    def add_bot(self, application: str, permissions: int = 8) -> None:
        path = f"/oauth2/authorize?client_id={application}&scope=bot+applications.commands"
        self.node.rest("POST", path, {"guild_id": self.id, "permissions": str(permissions), "authorize": True})

    def let_owner_write_without_quota(self) -> None:
        self.lift_limits(self.node.rest("GET", "/users/@me")["id"])

    def lift_limits(self, member: str) -> None:
        """Puts a member into a role of rate class bulk."""
        role = self.node.rest("POST", f"/guilds/{self.id}/roles", {"name": "bulk", "nexus": {"rate_class": "bulk"}})
        self.node.rest("PUT", f"/guilds/{self.id}/members/{member}/roles/{role['id']}")

    def say(self, content: str) -> dict:
        """The owner writes in `general`."""
        return self.node.rest("POST", f"/channels/{self.general}/messages", {"content": content})


class CuttingProxy:
    """`nexus-cut` in front of a node's gateway."""

    def __init__(self, node: Node, seed: int, cuts: int):
        binary = program("nexus-cut", "NEXUS_CUT_BIN")
        command = [binary, "--server", f"127.0.0.1:{node.port}", "--seed", str(seed), "--cuts", str(cuts)]
        command += ["--min", "700", "--max", "2500"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        first = self.process.stdout.readline()
        self.gateway = "ws://" + re.fullmatch(r"listening (\S+)\n", first)[1]
        self.cuts = 0

    def wait_for_cuts(self, cuts: int) -> None:
        while self.cuts < cuts:
            line = self.process.stdout.readline()
            if not line:
                raise EOFError("the proxy has ended")
            self.cuts += 1

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


GIVEN = itertools.count(os.getpid() * 7919)


def free_port() -> int:
    """One below those that sockets get of themselves (`ip_local_port_range`), so that nobody is given it before a program takes it."""
    while True:
        port = 10240 + next(GIVEN) % (32768 - 10240)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
