import HaopsTestSupport
import Remote
import Testing

extension OnTheLab {
    /// An apply that is cut short anywhere: the pair serves, and the next run finishes the job.
    @Suite struct InterruptedApplyTests {
        let lab: LabFixture

        init() throws { lab = try LabFixture.get() }

        /// Expects that a client was never without the VIP for two pings in a row, 10 ms apart.
        ///
        /// One may be lost when an address moves: it was on its way to the node that has just let go of it.
        private func expectServed(
            _ moment: String, sourceLocation: SourceLocation = #_sourceLocation,
            during body: () async throws -> Void
        ) async throws {
            let pings = try await Pings.counted(from: "client", to: ManagedPair.vip, on: lab, during: body)
            print("\(moment): \(pings)")
            #expect(pings.longestGap <= 1, "\(moment): \(pings)", sourceLocation: sourceLocation)
        }

        @Test(.onlyInSweeps) func `killed at any moment it serves on and a second run finishes`() async throws
        {
            let pair = try await ManagedPair.ready(on: lab)
            // Each run goes to the set that is not in force.
            var target = try pair.harmlesslyChanged()
            var other = pair
            let moments = [
                "lb2: replace", "lock the cluster", "lb2: validate", "lb1: verify", "lb2: verify",
                "lb2: confirm", "lb1: replace", "lb1: clean up",
            ]
            for moment in Sweep.part(of: moments, every: 8) {
                try await expectServed("killed at `\(moment)`, run again") {
                    let killed = try await target.run("apply", until: moment, then: "kill -KILL $pid")
                    #expect(
                        killed.status == .code(137) && killed.text.contains(moment), "\(killed.everything)")
                    try await lab.eventually(ManagedPair.answers, on: "client")
                    // A run begins on a cluster that has settled, and refuses another.
                    try await lab.eventually("one owner each") {
                        try await target.who().exit == .code(0) ? true : nil
                    }
                    let finished = try await target.haops("apply", "--yes")
                    #expect(finished.status == .code(0), "killed at \(moment): \(finished.everything)")
                }
                try await target.isWell()
                try await target.expect(0, "plan", "--detailed-exitcode")
                swap(&target, &other)
            }
        }

        /// Its revert is the only thing that would heal the node if what it changed were wrong.
        @Test func `a refused run leaves the revert of a dead one armed`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            let before = try await pair.files(of: "lb2")
            let changed = try pair.harmlesslyChanged()
            let killed = try await changed.run("apply", until: "lb2: verify", then: "kill -KILL $pid")
            #expect(killed.status == .code(137), "\(killed.everything)")
            #expect(try await pair.files(of: "lb2") != before)

            let refused = try await pair.changed(
                (
                    "    haproxy:\n",
                    "    haproxy:\n      extra: { defaults: \"errorfile 503 /etc/ssl/missing.http\" }\n"
                ), to: "refused"
            ).haops("apply", "--yes")
            #expect(refused.status == .code(3), "\(refused.everything)")
            #expect(refused.text.contains("`lb2`: rolls back in"), "\(refused.everything)")
            let status = try await pair.haops("status")
            #expect(status.text.contains("an automatic rollback is scheduled"), "\(status.everything)")
            // What the timer does when its time has come.
            try await pair.expire("haops-revert-", on: "lb2")
            try await lab.eventually("the old set is in force") {
                try await pair.files(of: "lb2") == before ? true : nil
            }
            try await pair.isWell()
            try await changed.expect(0, "apply", "--yes")
            try await changed.isWell()
        }

        @Test(.onlyInSweeps) func `a restart killed while the addresses are away is finished by the next`()
            async throws
        {
            let pair = try await ManagedPair.ready(on: lab)
            let killed = try await pair.run("restart", until: "lb1: replace", then: "kill -KILL $pid")
            #expect(killed.status == .code(137), "\(killed.everything)")
            try await lab.eventually(ManagedPair.answers, on: "client")
            try await pair.expect(0, "restart", "--yes")
            let who = try await pair.who()
            #expect(who.verdicts == ["owned by lb1", "owned by lb1"] && who.exit == .code(0))
            #expect(
                who.vips.flatMap(\.nodes).allSatisfy { ($0.lift ?? 0) == 0 },
                "no override stays behind")
        }

        @Test(.onlyInSweeps) func `a disk that fills up in the middle leaves the old set in force`()
            async throws
        {
            let pair = try await ManagedPair.ready(on: lab)
            let changed = try pair.harmlesslyChanged()
            let before = try await pair.files(of: "lb1")
            try await expectServed("disk full, healed, run again") {
                // The second node's turn is still to come when its disk fills.
                let output = try await changed.run(
                    "apply", until: "lb2: verify",
                    then: "'\(LabFixture.project)/lab/lab' --name '\(lab.name)' fault disk-full lb1")
                #expect(output.status == .code(1), "\(output.everything)")
                #expect(output.text.contains("lb1"), "\(output.everything)")
                #expect(try await pair.files(of: "lb1") == before)
                try await lab.eventually(ManagedPair.answers, on: "client")
                #expect(try await pair.who().exit == .code(0))
                try await lab.heal("disk-full", "lb1")
                try await changed.expect(0, "apply", "--yes")
            }
            try await pair.isWell()
            try await changed.expect(0, "plan", "--detailed-exitcode")
            try await pair.expect(0, "apply", "--yes")
        }

        @Test func `a full disk is seen before anything is replaced`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            let before = [try await pair.traces(of: "lb1"), try await pair.traces(of: "lb2")]
            try await lab.fault("disk-full", "lb2")
            let output = try await pair.harmlesslyChanged().haops("apply", "--yes")
            #expect(output.status == .code(3), "\(output.everything)")
            #expect(output.said.contains("`lb2`"), "\(output.everything)")
            #expect([try await pair.traces(of: "lb1"), try await pair.traces(of: "lb2")] == before)
        }

        @Test(.onlyInSweeps) func `Control-C finishes what it began and says what is done`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            let changed = try pair.harmlesslyChanged()
            let output = try await changed.run("apply", until: "lb2: replace", then: "kill -INT $pid")
            #expect(output.status == .code(130), "\(output.everything)")
            #expect(output.text.contains("stopping after this step"), "\(output.everything)")
            try await pair.isWell()
            try await changed.expect(0, "apply", "--yes")
            try await pair.expect(0, "apply", "--yes")
        }

        @Test(.onlyInSweeps) func `who insists on Control-C is told what becomes of the node`() async throws {
            let pair = try await ManagedPair.ready(on: lab)
            let changed = try pair.harmlesslyChanged()
            try await expectServed("interrupted twice, run again") {
                let output = try await changed.run(
                    "apply", until: "lb2: verify",
                    then: "while kill -INT $pid 2>/dev/null; do sleep 0.05; done")
                #expect(output.status == .code(130), "\(output.everything)")
                #expect(output.text.contains("stopping after this step"), "\(output.everything)")
                #expect(output.text.contains("files under way go back by themselves"), "\(output.everything)")
                try await changed.expect(0, "apply", "--yes")
            }
            try await changed.isWell()
        }
    }
}
