"""Threads that hold the interpreter's lock take turns; a drive holds nobody else up."""

from __future__ import annotations

import threading
import time

from ketter_gui.engine.slots import Slots


def test_one_works_while_the_others_wait_their_turn() -> None:
    slots, at_once, most = Slots(), [0], [0]
    guard = threading.Lock()

    def work() -> None:
        for _ in range(50):
            with slots.held():
                with guard:
                    at_once[0] += 1
                    most[0] = max(most[0], at_once[0])
                with guard:
                    at_once[0] -= 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert most == [1]


def test_nobody_waits_for_one_that_a_drive_holds_up() -> None:
    slots, hangs, answers = Slots(), threading.Event(), threading.Event()

    def hang() -> None:
        with slots.held():
            hangs.set()
            answers.wait(60)

    threads = [threading.Thread(target=hang) for _ in range(3)]
    for thread in threads:
        thread.start()
    assert hangs.wait(20)
    began_s = time.monotonic()
    turns = 0
    while turns < 200:  # with each of them waited for, this would take longer than a minute
        with slots.held():
            turns += 1
    assert time.monotonic() - began_s < 20
    answers.set()
    for thread in threads:
        thread.join(20)
    with slots.held():
        pass


def test_a_turn_that_is_given_back_is_taken_at_once() -> None:
    slots, has, wants = Slots(), threading.Event(), threading.Event()

    def wait_for_it() -> None:
        wants.set()
        with slots.held():
            has.set()

    with slots.held():
        thread = threading.Thread(target=wait_for_it)
        thread.start()
        assert wants.wait(20)
    assert has.wait(20)
    thread.join(20)
