"""haops' verbs and Ansible's check mode on a whole fleet: medians of interleaved runs, and their ratios.

Runs in the lab's control namespace, where one sshd answers for 198.18.0.0/15. The inventories are fleet.py's:

- *bare*: pairs with a virtual address each. Nothing of it is on the node, so a plan shows everything: six files, their
  diffs, two daemons to start, a kernel setting.
- *alike*: clusters whose nodes are to have the very same files, of haproxy alone. One of them is applied before the measurement, and as all
  addresses are one machine, `plan` and `apply` of all the others find nothing to do.

Ansible's playbook does what each inventory asks for, as far as its modules go: a template and a service for each daemon,
and a kernel setting, with pipelining, a connection per node that is kept, and as many forks as haops asks nodes at once.
"""

import argparse
import datetime
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import fleet
from compare import HERE, WINDOW, machine, run

PLAYBOOK = """- hosts: all
  gather_facts: true
  tasks:
    - { ansible.posix.sysctl: { name: net.ipv4.ip_nonlocal_bind, value: "1", sysctl_file: /etc/sysctl.d/90-haops.conf } }
"""
# What a playbook does for a daemon, and the mode of its file.
TASKS = """    - { template: { src: %(file)s.j2, dest: /etc/%(daemon)s/%(file)s, mode: "%(mode)s" } }
    - { service: { name: %(daemon)s, state: started, enabled: true } }
"""
DAEMONS = [
    {"daemon": "keepalived", "file": "keepalived.conf", "mode": "0640"},
    {"daemon": "haproxy", "file": "haproxy.cfg", "mode": "0644"},
]


def work_of_nodes(state):
    """CPU seconds that the machine which answers for all nodes has used so far, by its cgroup; NaN where that is not told."""
    with open("/proc/self/mounts") as file:
        mounts = [line.split()[1] for line in file if line.split()[2] == "cgroup2"]
    for mount in mounts:
        path = "%s/haops-lab/%s/scale/cpu.stat" % (mount, os.path.basename(state.rstrip("/")))
        if os.path.exists(path):
            with open(path) as file:
                return int(dict(line.split() for line in file)["usage_usec"]) / 1e6
    return float("nan")


class Verbs:
    def __init__(self, options, scratch):
        self.options, self.scratch = options, scratch
        self.ssh_config = options.state + "/ssh_config"
        shutil.copytree(os.path.join(HERE, "..", "templates"), scratch + "/alike")
        template = scratch + "/alike/haproxy.cfg.mustache"
        with open(template) as file:
            text = file.read().replace("{{cluster}}", "any")
        with open(template, "w") as file:
            file.write(text)
        for name in os.listdir(scratch + "/alike"):
            if name != "haproxy.cfg.mustache":
                os.unlink(scratch + "/alike/" + name)

    def inventory(self, name, text):
        path = "%s/%s.yaml" % (self.scratch, name)
        with open(path, "w") as file:
            file.write(text)
        return path

    def haops(self, verb, inventory, *more):
        return [self.options.haops, verb, "-F", self.ssh_config, "-i", inventory, "--parallel", str(WINDOW), *more]

    def ansible(self, kind, count, one, settle):
        """The playbook whose templates are what haops renders for the inventory `one`; `settle` makes them each node's."""
        folder = "%s/%s-site" % (self.scratch, kind)
        rendered = folder + "/rendered"
        os.makedirs(folder)
        hosts = self.scratch + "/hosts-%d" % count
        with open(hosts, "w") as file:
            file.writelines("%s n=%d\n" % (fleet.address(index), index) for index in range(count))
        subprocess.run(
            [self.options.haops, "render", "-i", one, "--out", rendered], check=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        node = os.path.join(rendered, min(os.listdir(rendered)))
        playbook = PLAYBOOK
        for daemon in DAEMONS:
            path = "%s/etc/%s/%s" % (node, daemon["daemon"], daemon["file"])
            if os.path.exists(path):
                with open(path) as file:
                    text = settle(file.read())
                with open("%s/%s.j2" % (folder, daemon["file"]), "w") as file:
                    file.write(text)
                playbook += TASKS % daemon
        with open(folder + "/site.yaml", "w") as file:
            file.write(playbook)
        program = self.options.ansible or shutil.which("ansible-playbook")
        return program and [
            program, "-i", hosts, "-u", "root", "-f", str(WINDOW), "--check", "--diff", folder + "/site.yaml"]

    def environment(self):
        return {
            **os.environ, "ANSIBLE_PIPELINING": "1", "ANSIBLE_NOCOLOR": "1", "ANSIBLE_LOCAL_TEMP": self.scratch,
            "ANSIBLE_SSH_ARGS": "-F %s -o ControlMaster=auto -o ControlPersist=60s" % self.ssh_config,
            "ANSIBLE_SSH_CONTROL_PATH_DIR": self.scratch + "/cp", "LC_ALL": "C.UTF-8", "HOME": self.scratch}

    def contestants(self, count):
        """(name, argv, exit codes that are fine, whose wall it is divided by)"""
        size = 2 if count <= 360 else 4
        bare = self.inventory("bare-%d" % count, fleet.inventory(count // size, size))
        alike = self.inventory("alike-%d" % count, fleet.alike(count // 2))
        # One node of it is all of it, and a cluster of one node, as a machine cannot be locked twice.
        one = self.inventory("alike-1", fleet.alike(1, size=1))
        done = subprocess.run(
            self.haops("apply", one, "--yes", "--accept-problems"), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT)
        if done.returncode:
            sys.exit("verbs: the first node cannot be set up: %s" % done.stdout.decode()[-800:])
        rows = [
            ("who", self.haops("who", bare), {0, 5}, None),
            ("plan", self.haops("plan", bare), {0}, "who"),
            ("plan, nothing to do", self.haops("plan", alike, "--detailed-exitcode"), {0}, "who"),
            ("apply, nothing to do", self.haops("apply", alike, "--yes"), {0}, "plan, nothing to do"),
        ]
        if count <= self.options.ansible_up_to:
            first = self.inventory("bare-1", fleet.inventory(1))
            rows += [
                ("ansible-playbook --check --diff", self.ansible(
                    "bare", count, first,
                    lambda text: text.replace("198.51.100.30", "198.51.100.{{ 30 + n | int // 2 }}")), {0}, "plan"),
                ("ansible-playbook --check --diff, nothing to do", self.ansible(
                    "alike", count, one, lambda text: text), {0}, "plan, nothing to do"),
            ]
        return rows

    def measure(self, rows):
        """Medians of (wall, CPU, MB, the nodes' CPU) by name; names alone where something did not succeed."""
        results = {}
        for _ in range(self.options.runs):
            for name, argv, accepted, _ in rows:
                if argv and results.get(name, []) is not None:
                    before = work_of_nodes(self.options.state)
                    result = run(argv, self.environment(), accepted)
                    time.sleep(0.5)  # their sshd is still taking leave
                    work = work_of_nodes(self.options.state) - before
                    results[name] = None if result is None else results.get(name, []) + [result + (work,)]
        return {
            name: tuple(statistics.median(column) for column in zip(*found)) if found else None
            for name, found in results.items()}

    def table(self, count):
        rows = self.contestants(count)
        found = self.measure(rows)
        print("\n| %d nodes | wall s | CPU s | peak MB | the nodes' CPU s | ratio of walls |" % count)
        print("| --- | ---: | ---: | ---: | ---: | --- |")
        for name, _, _, other in rows:
            if found.get(name) is None:
                print("| %s | did not succeed | | | | |" % name)
                continue
            ratio = ""
            if other and found.get(other):
                ratio = "%.2f of `%s`" % (found[name][0] / found[other][0], other)
            print("| %s | %.2f | %.2f | %.0f | %.2f | %s |" % ((name,) + found[name] + (ratio,)))
        sys.stdout.flush()

    def linear(self, counts):
        """`who` of many nodes, against so many times `who` of the fewest."""
        rows = [
            ("who of %d" % count,
             self.haops("who", self.inventory("alike-%d" % count, fleet.alike(count // 2))), {0, 5}, None)
            for count in counts]
        found = self.measure(rows)
        print("\n| `who` | wall s | CPU s | peak MB | the nodes' CPU s | wall per node, of the first |")
        print("| --- | ---: | ---: | ---: | ---: | ---: |")
        first = found[rows[0][0]]
        for (name, *_), count in zip(rows, counts):
            if found.get(name) is None:
                print("| %s | did not succeed | | | | |" % name)
                continue
            print("| %s | %.2f | %.2f | %.0f | %.2f | %.2f |" % (
                (name,) + found[name] + (found[name][0] / count / (first[0] / counts[0]),)))
        sys.stdout.flush()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for flag in ("--state", "--haops"):
        parser.add_argument(flag, required=True)
    parser.add_argument("--ansible", help="its ansible-playbook; else the one in PATH")
    parser.add_argument("--ansible-up-to", type=int, default=100, help="it takes minutes")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--nodes", type=int, nargs="*", default=[100, 500])
    parser.add_argument("--linear", type=int, nargs="*", default=[100, 2000])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        verbs = Verbs(options, scratch)
        print("\n%s, %s; medians of %d interleaved runs; load before: %.1f." % (
            datetime.date.today(), machine(), options.runs, os.getloadavg()[0]))
        for count in options.nodes:
            verbs.table(count)
        if options.linear:
            verbs.linear(options.linear)


if __name__ == "__main__":
    main()
