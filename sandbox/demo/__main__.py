"""`python -m sandbox.demo start | stop | status`."""

from __future__ import annotations

import argparse
import fcntl
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from sandbox.demo import streams, tellings
from sandbox.demo.errors import DemoError
from sandbox.demo.folders import Folders
from sandbox.demo.job import Job
from sandbox.demo.outcome import tell, where
from sandbox.demo.processes import Processes
from sandbox.demo.screen import Screen
from sandbox.demo.stack import Company, Stack

_OK, _FAILED, _INTERRUPTED = 0, 1, 130


def main(arguments: list[str] | None = None) -> int:
    """Runs a command; 0 only if every run succeeded and the truth was met."""
    options = _parser().parse_args(arguments)
    folders = Folders(options.home.resolve()) if options.home else Folders()
    screen = Screen()
    stack = Stack(folders, Processes(folders.home), screen.say)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    try:
        folders.create()
        if options.command == "status":
            return _status(stack, screen)
        with _alone(folders):
            return _stop(stack, screen) if options.command == "stop" else _start(stack, screen, options)
    except DemoError as error:
        screen.lines([f"demo: {error}"], style="red")
        return _FAILED
    except KeyboardInterrupt:
        screen.lines(["demo: interrupted"], style="red")
        return _INTERRUPTED


def _start(stack: Stack, screen: Screen, options: argparse.Namespace) -> int:
    reused = bool(stack.processes.running())
    api = stack.up(Company(options.customers, options.months, options.seed, options.story))
    try:
        for connection in stack.connections:
            api.put_connection(connection)
        control = stack.endpoints["control"]
        told = tellings.note(stack.folders.demo / "told", tellings.Telling(streams.now(control), streams.told(control)))
        streams.settle(control)
        screen.say("Airflow answers; the job begins")
        job = Job(api, screen.show)
        with screen.watching():
            succeeded = job.run()
        for text in job.failures():
            screen.lines(["", text], style="red")
        met = succeeded and tell(stack.folders, stack.endpoints, told, screen)
        screen.title("Where to look")
        screen.lines(where(stack.folders, stack.endpoints, api))
    except (KeyboardInterrupt, httpx.HTTPError):
        if not reused:
            screen.say("stopping what was started")
            stack.down()
        raise
    finally:
        api.close()
    return _OK if met else _FAILED


def _stop(stack: Stack, screen: Screen) -> int:
    names = sorted(stack.processes.running())
    left = stack.down()
    if left:
        screen.say(f"still there: processes {', '.join(left)}")
        return _FAILED
    screen.say(f"ended {', '.join(names)}" if names else "nothing was running")
    return _OK


def _status(stack: Stack, screen: Screen) -> int:
    running = stack.processes.running()
    screen.lines(f"{name}  process {started.pid}" for name, started in sorted(running.items()))
    if not running:
        screen.lines(["nothing is running; start it with `make demo`"])
        return _FAILED
    screen.lines(where(stack.folders, stack.endpoints, stack.api()))
    return _OK


@contextmanager
def _alone(folders: Folders) -> Iterator[None]:
    """One command at a time; the system gives the lock up when the process dies."""
    with (folders.demo / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DemoError("another `make demo` or `make stop` is at work here; wait for it") from None
        yield


def _interrupt(number: int, frame: Any) -> None:
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox.demo", description="The whole platform on a simulated company, in the background of this machine."
    )
    parser.add_argument("--home", type=Path, help="folder of the demo's state (default: .cynosure)")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    start = commands.add_parser("start", help="start what does not run, do the whole job in Airflow, tell what came out")
    for name, value in vars(Company()).items():
        start.add_argument(f"--{name}", type=type(value), default=value, help=f"for a new company (default: {value})")
    commands.add_parser("stop", help="end everything that was started")
    commands.add_parser("status", help="what runs, and where to look")
    return parser


if __name__ == "__main__":
    sys.exit(main())
