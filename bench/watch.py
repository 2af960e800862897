"""What `haops watch` costs: CPU and memory of the screen while it holds a session to each of many nodes.

Runs in the lab's control namespace, where one sshd answers for 198.18.0.0/15. The inventory is fleet.py's of clusters
whose virtual addresses nobody has: every cluster is a problem, which is the most that a screen has to show. The program runs
on a terminal of its own, which is read all the time. After the first look, and after every node's stream has begun, its CPU
time is read twice, a while apart. Every node prints a line each second, and its kernel and journal are followed.

Wanted at 500 nodes: less than 25 % of one core, and 150 MB.
"""

import argparse
import datetime
import fcntl
import os
import pty
import re
import signal
import struct
import sys
import tempfile
import termios
import threading
import time

import fleet
from compare import machine

HERTZ = os.sysconf("SC_CLK_TCK")


def processor_seconds(pid):
    """User and system time of a process, without its children's."""
    with open("/proc/%d/stat" % pid) as file:
        words = file.read().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / HERTZ


def peak_megabytes(pid):
    with open("/proc/%d/status" % pid) as file:
        return int(re.search(r"VmHWM:\s+(\d+) kB", file.read()).group(1)) / 1000


class Terminal:
    """A program on a terminal of 80 by 24, whose output is read and counted."""

    def __init__(self, argv):
        self.pid, self.descriptor = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm", LC_ALL="C.UTF-8")
            os.execv(argv[0], argv)
        fcntl.ioctl(self.descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.bytes = 0
        self.tail = b""
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        while True:
            try:
                piece = os.read(self.descriptor, 65536)
            except OSError:
                return
            self.bytes += len(piece)
            self.tail = (self.tail + piece)[-200000:]

    def waits_for(self, text, seconds):
        end = time.time() + seconds
        while time.time() < end and text not in self.tail:
            time.sleep(0.1)
        return text in self.tail


def sessions_of(pid):
    """How many TCP connections it holds."""
    count = 0
    for name in os.listdir("/proc/%d/fd" % pid):
        try:
            count += os.readlink("/proc/%d/fd/%s" % (pid, name)).startswith("socket:")
        except OSError:
            pass
    return count


def measure(options, count):
    size = 2 if count <= 360 else 4
    with tempfile.TemporaryDirectory() as scratch:
        path = scratch + "/fleet.yaml"
        with open(path, "w") as file:
            file.write(fleet.inventory(count // size, size))
        terminal = Terminal([options.haops, "watch", "-F", options.state + "/ssh_config", "-i", path])
        try:
            if not terminal.waits_for(b"haops watch: ", options.patience):
                sys.exit("watch: it shows nothing: %s" % terminal.tail[-500:])
            end = time.time() + options.patience
            while sessions_of(terminal.pid) < count and time.time() < end:
                time.sleep(1)
            time.sleep(options.settle)
            held = sessions_of(terminal.pid)
            began, cpu, drawn = time.time(), processor_seconds(terminal.pid), terminal.bytes
            time.sleep(options.seconds)
            cpu = processor_seconds(terminal.pid) - cpu
            seconds = time.time() - began
            return held, 100 * cpu / seconds, peak_megabytes(terminal.pid), (terminal.bytes - drawn) / seconds
        finally:
            os.kill(terminal.pid, signal.SIGTERM)
            os.waitpid(terminal.pid, 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for flag in ("--state", "--haops"):
        parser.add_argument(flag, required=True)
    parser.add_argument("--nodes", type=int, nargs="*", default=[100, 500])
    parser.add_argument("--seconds", type=int, default=30, help="for how long it is measured")
    parser.add_argument("--settle", type=int, default=15, help="after the last session was opened")
    parser.add_argument("--patience", type=int, default=240, help="for the first look, and for the sessions")
    options = parser.parse_args()
    print("\n%s, %s; load before: %.1f." % (datetime.date.today(), machine(), os.getloadavg()[0]))
    print("\n| `haops watch` | sessions | CPU, % of one core | peak MB | bytes drawn a second |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for count in options.nodes:
        print("| %d nodes | %d | %.1f | %.0f | %.0f |" % ((count,) + measure(options, count)))
        sys.stdout.flush()


if __name__ == "__main__":
    main()
