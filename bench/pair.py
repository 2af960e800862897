"""How long changes take on a lab's pair, and how the time is spent: medians of interleaved runs.

    pair.py --name LAB --haops before=PROGRAM --haops now=PROGRAM [--runs 3] [--json FILE]

Each round puts both balancers back to bare machines and then has one program do, one after the other, what
`CHANGES` lists. Programs that write events (`--events`) are also asked where the seconds went: a stage that several
nodes are in at once counts once.
"""

import argparse
import collections
import datetime
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
INVENTORY = os.path.join(HERE, "..", "inventories", "lab.yaml")

# (name, arguments), in the order in which they run.
CHANGES = [
    ("plan of bare machines", ["plan"]),
    ("apply from bare", ["apply", "--yes"]),
    ("plan, nothing to do", ["plan"]),
    ("apply, nothing to do", ["apply", "--yes"]),
    ("apply of one haproxy backend", ["apply", "--yes"]),
    ("restart all", ["restart", "--yes", "all"]),
    ("switchover", ["switchover", "--to", "lb2", "--yes"]),
    ("its release", ["switchover", "--release", "--yes"]),
]
# The stages that wait for the cluster. All other stages are haops' own work.
GATES = ("verify", "hand-over", "give-back")


class Pair:
    def __init__(self, options, scratch):
        self.options, self.scratch = options, scratch
        self.lab = [os.path.join(HERE, "..", "lab", "lab"), "--name", options.name]
        self.changed = os.path.join(scratch, "changed.yaml")
        with open(INVENTORY) as file:
            text = file.read()
        before = "web2: 203.0.113.22:80"
        assert text.count(before) == 1, "the lab's inventory has another second backend"
        with open(self.changed, "w") as file:
            file.write(text.replace(before, "web2: 203.0.113.22:8080"))

    def reset(self):
        subprocess.run(self.lab + ["reset"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def round(self, program, writes_events):
        """Seconds and the stages' shares of them, by change."""
        self.reset()
        inventory, found = INVENTORY, {}
        for name, arguments in CHANGES:
            if "backend" in name:
                inventory = self.changed
            events = os.path.join(self.scratch, "events")
            if os.path.exists(events):
                os.unlink(events)
            argv = self.lab + ["run", program, arguments[0]] + [
                "-F", "/run/haops-lab/%s/ssh_config" % self.options.name, "-i", inventory] + arguments[1:]
            if writes_events:
                argv += ["--events", events]
            before = time.monotonic()
            done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            wall = time.monotonic() - before
            if done.returncode:
                sys.exit("pair: %s ended with %d: %s" % (name, done.returncode, done.stdout.decode()[-600:]))
            found[name] = wall, stages(events) if writes_events else {}
        return found


def stages(path):
    """Seconds per stage: a moment that several nodes spend in the same stage counts once, and the innermost stage has it."""
    begun, spans = {}, []
    with open(path) as file:
        for line in file:
            event = json.loads(line)
            key = event["cluster"], event["node"], event["stage"]
            moment = datetime.datetime.fromisoformat(event["time"].replace("Z", "+00:00")).timestamp()
            if event["phase"] == "begins":
                begun[key] = moment
            elif event["phase"] != "waits" and key in begun:
                spans.append((event["stage"], begun.pop(key), moment))
    order = {"run": 0, "cluster": 1, "ask": 2}  # the others are within these
    edges = sorted({edge for _, *span in spans for edge in span})
    shares = collections.Counter()
    for left, right in zip(edges, edges[1:]):
        within = [stage for stage, begin, end in spans if begin <= left and right <= end]
        if within:
            shares[max(within, key=lambda stage: order.get(stage, 3))] += right - left
    return shares


def median_of(rounds, name):
    shares = collections.Counter()
    for stage in {stage for found in rounds for stage in found[name][1]}:
        shares[stage] = statistics.median(found[name][1].get(stage, 0) for found in rounds)
    return statistics.median(found[name][0] for found in rounds), shares


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--name", required=True, help="the lab's name; it must be up")
    parser.add_argument("--haops", action="append", required=True, metavar="LABEL=PROGRAM")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", help="every figure of every round")
    options = parser.parse_args()
    programs = [entry.split("=", 1) for entry in options.haops]
    with tempfile.TemporaryDirectory() as scratch:
        pair = Pair(options, scratch)
        writes = {
            label: b"--events" in subprocess.run([program, "plan", "--help"], stdout=subprocess.PIPE).stdout
            for label, program in programs}
        load, rounds = os.getloadavg()[0], {label: [] for label, _ in programs}
        for _ in range(options.runs):
            for label, program in programs:
                rounds[label].append(pair.round(os.path.abspath(program), writes[label]))
        if options.json:
            with open(options.json, "w") as file:
                json.dump(rounds, file, indent=1)
    labels = [label for label, _ in programs]
    print("%s; medians of %d interleaved runs; load before: %.1f, after: %.1f.\n" % (
        datetime.date.today(), options.runs, load, os.getloadavg()[0]))
    print("| the lab's pair | %s | gates | the rest of it |" % " | ".join("%s s" % label for label in labels))
    print("| --- |%s ---: | --- |" % (" ---: |" * len(labels)))
    for name, _ in CHANGES:
        medians = [median_of(rounds[label], name) for label in labels]
        shares = medians[-1][1]
        gates = sum(shares[stage] for stage in GATES)
        rest = ", ".join(
            "%s %.1f" % (stage, seconds) for stage, seconds in shares.most_common()
            if stage not in GATES and seconds >= 0.05)
        print("| %s | %s | %.1f | %s |" % (
            name, " | ".join("%.1f" % wall for wall, _ in medians), gates, rest))


if __name__ == "__main__":
    main()
