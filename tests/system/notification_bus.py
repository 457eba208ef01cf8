"""A session bus of its own, and a notification server on it that keeps what it is sent."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from jeepney import (
    DBusAddress,
    HeaderFields,
    MessageType,
    message_bus,
    new_method_return,
    new_signal,
)
from jeepney.io.blocking import DBusConnection, Proxy, open_dbus_connection

NAME = "org.freedesktop.Notifications"
PATH = "/org/freedesktop/Notifications"


@contextmanager
def session_bus() -> Iterator[str]:
    """A dbus-daemon; yields its address."""
    words = ["dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address=1"]
    daemon = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert daemon.stdout is not None
    try:
        address = daemon.stdout.readline().strip()
        assert address, "dbus-daemon did not start"
        yield address
    finally:
        daemon.terminate()
        daemon.wait(10)
        daemon.stdout.close()


@dataclass
class Server:
    """Answers as a notification server does. `sent` are the arguments of every Notify."""

    address: str
    abilities: tuple[str, ...]
    sent: list[tuple[Any, ...]] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)
    bus: DBusConnection = field(init=False)

    def serve(self) -> None:
        try:
            while True:
                self._answer()
        except (OSError, ValueError):
            return  # the bus is gone

    def _answer(self) -> None:
        message = self.bus.receive()
        if message.header.message_type is not MessageType.method_call:
            return
        if message.header.fields[HeaderFields.member] == "GetCapabilities":
            self.bus.send(new_method_return(message, "as", (list(self.abilities),)))
            return
        with self.changed:
            self.sent.append(message.body)
            number = message.body[1] or 10 + len(self.sent)
            self.bus.send(new_method_return(message, "u", (number,)))
            self.changed.notify_all()

    def wait_for(self, count: int) -> list[tuple[Any, ...]]:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.sent) >= count, 20), self.sent
            return self.sent

    def click(self, number: int) -> None:
        where = DBusAddress(PATH, interface=NAME)
        self.bus.send(new_signal(where, "ActionInvoked", "us", (number, "default")))


@contextmanager
def server(address: str, *abilities: str) -> Iterator[Server]:
    """The server on a bus; it ends with the bus or the block."""
    made = Server(address, abilities)
    made.bus = open_dbus_connection(address)
    Proxy(message_bus, made.bus).RequestName(NAME)
    thread = threading.Thread(target=made.serve, daemon=True)
    thread.start()
    yield made
    made.bus.sock.shutdown(2)
    thread.join(10)
    made.bus.close()
