"""One exec on each of many nodes, by haops, by the floor and by haops' peers: medians of interleaved runs.

Runs in the lab's control namespace, where one sshd answers for 198.18.0.0/15. All tools get the same addresses, the
same key, the same known_hosts and 64 sessions at once. Wall is the clock's; CPU is user and system time of the client
and all its children; memory is the peak of its largest process. The server's work is outside CPU but, on a machine with
few cores, inside wall: that is why everything is compared with the floor.
"""

import argparse
import datetime
import importlib.metadata
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

WINDOW = 64
HERE = os.path.dirname(os.path.abspath(__file__))


def addresses(count):
    return ["198.18.%d.%d" % (1 + i // 250, 1 + i % 250) for i in range(count)]


def run(argv, env, accepted):
    """Wall seconds, CPU seconds and peak MB of one run; None when it failed."""
    before = time.monotonic()
    child = subprocess.Popen(
        argv, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.monotonic() - before
    child.returncode = code = os.waitstatus_to_exitcode(status)
    if code not in accepted:
        sys.stderr.write("bench: %s ended with %d: %s\n" % (argv[0], code, said.decode(errors="replace")[-400:]))
        return None
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000


def question_of_who(haops, scratch):
    """The script that `haops who` sends, recorded by a fake ssh."""
    caught = os.path.join(scratch, "who.sh")
    stand_in = os.path.join(scratch, "bin", "ssh")
    os.makedirs(os.path.dirname(stand_in))
    with open(stand_in, "w") as file:
        # haops' command is the longest of all last arguments; the other calls query ssh itself.
        file.write("""#!/bin/bash
last=${!#}
[[ -e %s && $(stat -c %%s %s) -ge ${#last} ]] || printf '%%s' "$last" >%s
case " $* " in *" -M "* | *" -O "*) exit 0 ;; esac # the shared connection "stands"
exit 255
""" % (caught, caught, caught))
    os.chmod(stand_in, 0o755)
    subprocess.run(
        [haops, "who", "--transport", "openssh", "-F", "none", "--nodes", "root@198.18.1.1"],
        env={**os.environ, "PATH": os.path.dirname(stand_in) + ":" + os.environ["PATH"]},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)
    return caught if os.path.exists(caught) and os.path.getsize(caught) > 1000 else None


class Contest:
    def __init__(self, options, scratch):
        self.options, self.scratch = options, scratch
        self.key = options.state + "/id_ed25519"
        with open(options.state + "/known_hosts") as file:
            line = next(line for line in file if line.startswith("scale") and "ssh-ed25519" in line)
        key = " ".join(line.split()[1:3])
        self.known_hosts = scratch + "/known_hosts"
        with open(self.known_hosts, "w") as file:
            file.writelines("%s %s\n" % (address, key) for address in addresses(max(options.nodes)))
        self.config = scratch + "/ssh_config"
        with open(self.config, "w") as file:
            file.write(
                "Host *\n User root\n IdentityFile %s\n IdentitiesOnly yes\n UserKnownHostsFile %s\n"
                " GlobalKnownHostsFile /dev/null\n StrictHostKeyChecking yes\n UpdateHostKeys no\n"
                " ControlMaster no\n LogLevel ERROR\n" % (self.key, self.known_hosts))
        self.who = question_of_who(options.haops, scratch)

    def contestants(self, count):
        """(name, argv, exit codes that are fine), in the order of the table."""
        options, nodes = self.options, addresses(count)
        listing = self.scratch + "/nodes-%d" % count
        with open(listing, "w") as file:
            file.write("\n".join(nodes) + "\n")
        inventory = self.scratch + "/nodes_%d.py" % count
        with open(inventory, "w") as file:
            file.write("nodes = %r\n" % (nodes,))
        floor = [options.floor, "-i", self.key, "-k", self.known_hosts, "-w", str(WINDOW)]
        haops = ["--nodes", ",".join(nodes), "--user", "root", "-F", "none", "--identity", self.key,
                 "--known-hosts", self.known_hosts, "--parallel", str(WINDOW)]
        python = [sys.executable, HERE + "/peers.py"]
        peer = [self.key, self.known_hosts, str(WINDOW), listing]
        found = [
            ("floor: `true`", floor + ["-c", "true"] + nodes, {0}),
            ("haops exec -- true", [options.haops, "exec", "--yes"] + haops + ["--", "true"], {0}),
        ]
        if self.who:
            found.append(("floor: what `who` asks", floor + ["-C", self.who] + nodes, {0}))
        found.append(("haops who", [options.haops, "who"] + haops, {0}))
        found += [
            ("asyncssh", module("asyncssh") and python + ["asyncssh"] + peer, {0}),
            ("parallel-ssh (PyPI)", module("parallel-ssh") and python + ["parallel-ssh"] + peer, {0}),
            ("pyinfra", module("pyinfra") and [
                os.path.dirname(sys.executable) + "/pyinfra", "-y", "--ssh-user", "root", "--ssh-key", self.key,
                "--data", "ssh_known_hosts_file=" + self.known_hosts, "--data", "ssh_config_file=" + self.config,
                "--parallel", str(WINDOW), inventory, "exec", "--", "true"], {0}),
            ("pssh", shutil.which("parallel-ssh") and [
                "parallel-ssh", "-h", listing, "-l", "root", "-p", str(WINDOW), "-t", "0", "-x", "-F " + self.config,
                "true"], {0}),
            ("clush", shutil.which("clush") and [
                "clush", "-S", "-f", str(WINDOW), "-l", "root", "-o", "-F " + self.config, "-w", ",".join(nodes),
                "true"], {0}),
            ("ansible -m raw", shutil.which("ansible") and [
                "ansible", "all", "-i", listing, "-u", "root", "--private-key", self.key, "-f", str(WINDOW),
                "-m", "raw", "-a", "true"], {0}),
        ]
        return found

    def environment(self):
        return {
            **os.environ, "ANSIBLE_SSH_ARGS": "-F " + self.config, "ANSIBLE_NOCOLOR": "1", "NO_COLOR": "1",
            "ANSIBLE_LOCAL_TEMP": self.scratch, "HOME": self.scratch, "LC_ALL": "C.UTF-8",
        }

    def measure(self, count):
        """Rows (name, wall, CPU, MB) of medians; a name alone where something is missing or broken."""
        found, results = self.contestants(count), {}
        found = [entry for entry in found if entry[0].startswith("floor") or self.options.only in entry[0]]
        for _ in range(self.options.runs):
            for name, argv, accepted in found:
                if argv and results.get(name) != "broken":
                    result = run(argv, self.environment(), accepted)
                    if result is None:
                        results[name] = "broken"
                    else:
                        results.setdefault(name, []).append(result)
        for name, argv, _ in found:
            if not argv:
                yield name, "not to be had here"
            elif results[name] == "broken":
                yield name, "did not succeed"
            else:
                yield name, tuple(statistics.median(column) for column in zip(*results[name]))


def module(name):
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def start_up(haops):
    return statistics.median(run([haops, "--version"], dict(os.environ), {0})[0] for _ in range(21)) * 1000


def machine():
    with open("/proc/cpuinfo") as file:
        model = next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), "a CPU")
    return "%d cores (%s), Linux %s" % (os.cpu_count(), model, os.uname().release.split("-")[0])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for flag in ("--state", "--haops", "--floor"):
        parser.add_argument(flag, required=True)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", default="", help="contestants whose name has this in it, floors always")
    parser.add_argument("--nodes", type=int, nargs="+", default=[100, 500])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        contest = Contest(options, scratch)
        print("%s, %s; medians of %d interleaved runs; load before: %.1f." % (
            datetime.date.today(), machine(), options.runs, os.getloadavg()[0]))
        for count in options.nodes:
            print("\n| %d nodes | wall s | of floor | CPU s | of floor | peak MB |" % count)
            print("| --- | ---: | ---: | ---: | ---: | ---: |")
            floor = None
            for name, row in contest.measure(count):
                if isinstance(row, str):
                    print("| %s | %s | | | | |" % (name, row))
                    continue
                wall, cpu, memory = row
                if name.startswith("floor") or floor is None:
                    own = row
                # `who` is compared with the floor that runs the same script; all others with the floor that runs `true`.
                if name == "floor: `true`":
                    floor = row
                against = own if name.startswith(("floor", "haops")) else floor
                print("| %s | %.2f | %.2f | %.2f | %.2f | %.0f |" % (
                    name, wall, wall / against[0], cpu, cpu / against[1], memory))
        print("\n`haops --version` takes %.1f ms; the stripped program has %.1f MB." % (
            start_up(options.haops), os.path.getsize(options.haops) / 1e6))


if __name__ == "__main__":
    main()
