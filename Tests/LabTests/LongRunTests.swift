import HaopsTestSupport
import Remote
import Testing

extension OnTheLab {
    /// A question that a monitoring system asks every few seconds for years: it leaves nothing, here and on the nodes.
    /// `make test-long` asks 500 times, `make test` a few.
    @Suite struct LongRunTests {
        let lab: LabFixture

        init() throws { lab = try LabFixture.get() }

        /// What would grow on a node: processes by name, the descriptors of those that stay, files, and the daemons' own log.
        private func state(of node: String) async throws -> [String: Set<Substring>] {
            let said = try await lab.console(
                node,
                #"""
                settled() { ! pgrep -f 'sshd: ' >/dev/null; }
                n=0; until settled || [ $n -gt 100 ]; do n=$((n + 1)); sleep 0.1; done
                # What this question itself brings is left out.
                for p in /proc/[0-9]*; do
                  [ "${p#/proc/}" = $$ ] || { read -r name <$p/comm && echo "process $name"; } 2>/dev/null
                done | grep -vE ' (sh|grep|sort|uniq|sleep|kworker.*|systemd-udevd|sshd|agetty|\(.*)$' | sort | uniq -c
                for d in keepalived haproxy sshd; do
                  for p in $(pgrep -x $d); do echo "descriptors $d $p $(ls /proc/$p/fd | wc -l)"; done
                done
                find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /var/log -o -path /run/log -o -path /run/systemd -o -path /run/user \
                  -o -path /var/lib/systemd \) -prune -o -printf 'file %y %p\n'
                find /run /tmp /var/tmp -xdev \( -path /run/systemd -o -path /run/log -o -path /run/user \) -prune -o -printf 'file %y %p\n'
                echo "log $(journalctl -q --no-pager -u keepalived -u haproxy | wc -l)"
                """#)
            return Dictionary(grouping: said.text.split(separator: "\n")) { line in
                line.split(separator: " ").first { $0.first?.isLetter == true }.map(String.init) ?? ""
            }.mapValues(Set.init)
        }

        /// How many descriptors each daemon's process has open, by "haproxy 4711".
        private func descriptors(_ state: [String: Set<Substring>]?) -> [String: Int] {
            var found: [String: Int] = [:]
            for line in state?["descriptors"] ?? [] {
                let words = line.split(separator: " ")
                guard words.count == 4, let count = Int(words[3]) else { continue }
                found["\(words[1]) \(words[2])"] = count
            }
            return found
        }

        @Test(.timeLimit(.minutes(60)))
        func `a question asked again and again leaves nothing behind`() async throws {
            let count = Sweep.isWhole ? 500 : 8
            let pair = try await ManagedPair.ready(on: lab)
            // What the first question may bring stays out of the comparison.
            _ = try await pair.who()
            let places = ManagedPair.nodes + ["client"]
            var before: [String: [String: Set<Substring>]] = [:]
            for place in places { before[place] = try await state(of: place) }
            let directory = lab.state + "/tests/long"
            _ = try await lab.run(["sh", "-c", "rm -rf '\(directory)'; mkdir -p -m 700 '\(directory)'"])
            let asked = try await lab.run(
                [
                    "bash", "-c",
                    """
                    export TMPDIR="$1" XDG_RUNTIME_DIR="$1"
                    count=$2
                    shift 2
                    for ((n = 0; n < count; n++)); do
                      transport=libssh2
                      ((n % 10)) || transport=openssh
                      "$@" --transport "$transport" >/dev/null 2>&1 || { echo "the answer $n ended with $?"; exit 1; }
                    done
                    """, "bash", directory, "\(count)", LabFixture.haops,
                ] + pair.commandLine("who", []), limit: .seconds(30 + 6 * count))
            #expect(asked.status == .code(0), "\(asked.everything)")
            let left = try await lab.run(["find", directory, "-mindepth", "1"])
            #expect(left.text == "", "\(left.text)")
            let running = try await lab.run(
                [
                    "sh", "-c",
                    "for p in /proc/[0-9]*; do tr '\\0' ' ' <$p/environ 2>/dev/null | grep -q 'TMPDIR=\(directory) ' && echo $p; done; true",
                ])
            #expect(running.text == "", "\(running.text)")
            for place in places {
                let after = try await state(of: place)
                // The daemon itself is asked where a doubt is left, as an advert that a busy machine is late with leaves one:
                // each such question is a line of its log.
                func lines(_ state: [String: Set<Substring>]?) -> Int {
                    state?["log"]?.first.flatMap { Int($0.dropFirst(4)) } ?? 0
                }
                #expect(lines(after) - lines(before[place]) <= count / 10, "\(place)")
                // A daemon's own work opens a few at a time, such as haproxy's health checks; what a question left would be one each.
                let (opened, earlier) = (descriptors(after), descriptors(before[place]))
                #expect(Set(opened.keys) == Set(earlier.keys), "\(place)")
                for (process, count) in opened {
                    #expect(count <= (earlier[process] ?? 0) + 5, "\(place): \(process)")
                }
                for (kind, lines) in after where kind != "log" && kind != "descriptors" {
                    let earlier = before[place]?[kind] ?? []
                    #expect(
                        lines == earlier,
                        "\(place): \(lines.subtracting(earlier).sorted()) instead of \(earlier.subtracting(lines).sorted())"
                    )
                }
            }
        }
    }
}
