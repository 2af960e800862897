import HaopsTestSupport
import Remote
import Testing

extension OnTheLab {
    /// What is missing comes from the node's own package manager, whichever that is; Debian alone is in ``SetUpTests``.
    @Suite struct PackagesTests {
        let lab: LabFixture

        init() throws { lab = try LabFixture.get() }

        @Test func `dnf and zypper install what is missing and say what they cannot`() async throws {
            let machines = [RPMMachine(node: "lb1", kind: .dnf), RPMMachine(node: "lb2", kind: .zypper)]
            try await with(machines) { pair in
                let planned = try await pair.expect(2, "plan", "--detailed-exitcode")
                #expect(planned.text.contains("install keepalived, haproxy"), "\(planned.text)")
                try await pair.expect(0, "apply", "--yes")
                try await pair.isWell()
                for node in ManagedPair.nodes { try await isSetUpFromRPMs(node) }
                try await versionsAreTold(pair)
                try await pair.expect(0, "plan", "--detailed-exitcode")
                let again = try await pair.expect(0, "apply", "--yes")
                #expect(again.text.contains("nothing to do"))
                try await refusalsAreTold(pair, machines)
                try await pair.isWell()
            }
        }

        /// The status says of both daemons on both nodes what their packages say.
        private func versionsAreTold(_ pair: ManagedPair) async throws {
            let status = try await pair.expect(0, "status", "-o", "json")
            for daemon in ["keepalived", "haproxy"] {
                let release = try await lab.console("lb1", "rpm -q --queryformat '%{VERSION}' \(daemon)")
                let told = "\"\(daemon)\": \"\(release.text) running\""
                #expect(status.text.split(separator: told).count == 3, "\(told) in \(status.text)")
            }
        }

        private func refusalsAreTold(_ pair: ManagedPair, _ machines: [RPMMachine]) async throws {
            func failure(with package: String) async throws -> String {
                let more = try pair.changed(("packages: [keepalived,", "packages: [\(package), keepalived,"))
                let text = try await more.expect(1, "apply", "--yes").text
                let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
                for (node, manager) in [("lb1", "dnf"), ("lb2", "zypper")] {
                    #expect(words.contains("`\(node)`: cannot install packages: "), "\(text)")
                    #expect(words.contains("hint: `\(manager) install \(package)` on `\(node)` says more"))
                    let left = try await lab.console(node, "ls -A /var/lib/haops /run/haops")
                    #expect(!["staged", "packages"].contains { left.text.contains($0) }, "\(left.text)")
                }
                return words
            }
            let unknown = try await failure(with: "no-such-package")
            #expect(unknown.contains("Error: Unable to find a match: no-such-package hint:"), "\(unknown)")
            #expect(unknown.contains("No provider of 'no-such-package' found. hint:"), "\(unknown)")
            // Nobody has vouched for this package, and nobody is there to be asked.
            for machine in machines {
                try await lab.eventually(
                    "sed -i s/gpgcheck=0/gpgcheck=1/ \(machine.repositoryFile)", on: machine.node)
            }
            let unsigned = try await failure(with: "keepalived-doc")
            #expect(unsigned.contains("You have enabled checking of packages via GPG keys"), "\(unsigned)")
            #expect(unsigned.contains("Signature verification failed"), "\(unsigned)")
        }

        @Test(.onlyInSweeps) func `yum beside apt installs once nobody else does`() async throws {
            try await with([RPMMachine(node: "lb1", kind: .yum)]) { pair in
                // Somebody else is at work, as yum tells it: by the id of a process, here one that ends a while after
                // it has seen haops' yum begin.
                let other = "until pgrep -f 'bin/[y]um -y'; do sleep .1; done; sleep 2"
                try await lab.eventually(
                    """
                    systemd-run --unit=other-yum sh -c "\(other)" &&
                      systemctl show --property MainPID --value other-yum >/var/cache/dnf/metadata_lock.pid
                    """, on: "lb1")
                try await pair.expect(0, "apply", "--yes")
                try await pair.isWell()
                try await isSetUpFromRPMs("lb1")
                try await pair.expect(0, "plan", "--detailed-exitcode")
            }
        }

        /// Bare machines of all kinds, and balancers of the lab's own kind of them again whatever `body` does.
        private func with(_ machines: [RPMMachine], body: (ManagedPair) async throws -> Void) async throws {
            try await lab.reset()
            let outcome: Result<Void, any Error>
            do {
                try await withThrowingTaskGroup { group in
                    for node in ManagedPair.nodes {
                        if let machine = machines.first(where: { $0.node == node }) {
                            group.addTask { try await machine.make(on: lab) }
                        } else {
                            group.addTask {
                                try await lab.eventually(
                                    "apt-get -qq -y purge keepalived haproxy >/dev/null 2>&1; ! command -v keepalived haproxy",
                                    on: node)
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                outcome = .success(try await body(try ManagedPair(lab: lab).quick()))
            } catch { outcome = .failure(error) }
            try await lab.reset()
            try outcome.get()
        }

        /// By RPMs, with nothing that was only recommended, and never run as the packages come.
        private func isSetUpFromRPMs(_ node: String) async throws {
            let looked = try await lab.console(
                node,
                """
                rpm -q --quiet keepalived haproxy && echo 'by RPMs'
                rpm -q --quiet keepalived-doc && echo 'and what they recommend'
                journalctl --no-pager | grep -F 192.168.200. && echo 'after their own sample'
                cat /etc/sysconfig/keepalived
                """)
            #expect(looked.text.hasPrefix("by RPMs\n# Rendered by haops"), "\(looked.text)")
        }
    }
}
