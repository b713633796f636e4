"""Runs the command blocks of a lab and compares what they print with what the lab shows.

A fenced block of the kind `console` is a terminal: a line that begins with "$ " is typed, the lines up to the next one are
what it prints. "..." stands for any text, on a line of its own for any lines. A command that ends in " &" goes on beside the
others, once it has printed as many lines as the lab shows, and is ended at the end. All blocks of a lab share one folder and one broker,
which the lab knows as localhost:9092; what it starts itself it starts at localhost:9093, for which a free port stands.

    lab_test.py LAB.md [--bootstrap HOST:PORT]     the latter: against that cluster instead
"""
import argparse
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))
import stoker  # noqa: E402

WRITTEN = "localhost:9092"
ANOTHER = "localhost:9093"
TIMEOUT_S = 60


def steps(text):
    """(line number, command, the lines it shall print) of each command in the lab."""
    found, inside = [], False
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("```"):
            inside = line == "```console" if not inside else False
        elif inside and line.startswith("$ "):
            found.append((number, line[2:], []))
        elif inside:
            found[-1][2].append(line)
    return found


def pattern(lines):
    parts = []
    for line in lines:
        if line == "...":
            parts.append(r"(?:.*\n)*?")
        else:
            parts.append(".*?".join(re.escape(part) for part in line.split("...")) + r"[ \t]*\n")
    return re.compile("".join(parts))


class Terminal:
    def __init__(self, bootstrap, folder):
        self.bootstrap = bootstrap
        self.folder = folder
        self.environment = dict(os.environ, PATH=f"{stoker.BIN}:{os.environ['PATH']}", LC_ALL="C.UTF-8", TZ="UTC")
        self.background = []
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.another = f"localhost:{free.getsockname()[1]}"

    def type(self, command, lines):
        """What it prints; of one in the background so many lines."""
        command = command.replace(WRITTEN, self.bootstrap).replace(ANOTHER, self.another)
        options = {"cwd": self.folder, "env": self.environment, "stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE,
                   "stderr": subprocess.STDOUT, "text": True}
        if command.endswith(" &"):
            process = subprocess.Popen(["bash", "-c", "exec " + command[:-2]], start_new_session=True, **options)
            self.background.append(process)
            printed = "".join(process.stdout.readline() for _ in range(lines))
        else:
            printed = subprocess.run(["bash", "-c", command], timeout=TIMEOUT_S, **options).stdout
        return printed.replace(self.bootstrap, WRITTEN).replace(self.another, ANOTHER)

    def end(self):
        for process in self.background:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(20)
            process.stdout.close()


def run(lab, terminal):
    """How many commands were wrong."""
    wrong = 0
    todo = steps(lab.read_text())
    if not todo:
        raise SystemExit(f"{lab} has no command")
    for number, command, expected in todo:
        began = time.monotonic()
        printed = terminal.type(command, len(expected))
        if printed and not printed.endswith("\n"):
            printed += "\n"
        if pattern(expected).fullmatch(printed):
            print(f"ok      {lab.name}:{number} {time.monotonic() - began:6.2f} s  $ {command}", flush=True)
            continue
        wrong += 1
        print(f"WRONG   {lab.name}:{number} $ {command}\n--- the lab shows\n" + "\n".join(expected) +
              f"\n--- it printed\n{printed}---", flush=True)
    print(f"{lab.name}: {len(todo) - wrong} of {len(todo)} commands print what the lab shows")
    return wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("lab", type=pathlib.Path)
    parser.add_argument("--bootstrap")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="stoker-lab-") as folder:
        broker = None if options.bootstrap else stoker.Broker("group.initial.rebalance.delay.ms=0")
        terminal = Terminal(options.bootstrap or broker.bootstrap, folder)
        try:
            wrong = run(options.lab, terminal)
        finally:
            terminal.end()
            if broker:
                broker.stop()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
