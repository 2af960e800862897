import Testing

@testable import Rollout

/// Which clusters are begun, in which order and how many at once, and which are not begun any more.
@Suite struct ClusterScheduleTests {
    private func schedule(
        _ count: Int, atOnce: Int = 1, canary: Int? = nil, maxFailures: Int = 0,
        sharing: [[Int]] = []
    ) -> ClusterSchedule {
        ClusterSchedule(
            (0..<count).map { index in
                let shared = sharing.indices.filter { sharing[$0].contains(index) }.map { "shared\($0)" }
                return .init(name: "c\(index)", machines: Set(shared + ["lb\(index)"]))
            },
            waves: Waves(atOnce: atOnce, canary: canary.map { "c\($0)" }, maxFailures: maxFailures))
    }

    @Test func `one cluster after the other, in their order`() {
        var schedule = schedule(3)
        #expect(schedule.next() == [0])
        #expect(schedule.next() == [])
        schedule.ended(0, failed: false)
        #expect(schedule.next() == [1])
        schedule.ended(1, failed: false)
        #expect(schedule.next() == [2])
        schedule.ended(2, failed: false)
        #expect(schedule.next() == [] && schedule.notBegun == [] && schedule.stop == nil)
    }

    @Test func `as many at once as may be, and the next one as soon as one has ended`() {
        var schedule = schedule(5, atOnce: 2)
        #expect(schedule.next() == [0, 1])
        schedule.ended(1, failed: false)
        #expect(schedule.next() == [2])
        schedule.ended(0, failed: false)
        schedule.ended(2, failed: false)
        #expect(schedule.next() == [3, 4])
    }

    @Test func `the canary is first and alone, and its failure ends the run whatever may fail`() {
        var schedule = schedule(4, atOnce: 3, canary: 2, maxFailures: 3)
        #expect(schedule.next() == [2])
        #expect(schedule.next() == [])
        var failing = schedule
        schedule.ended(2, failed: false)
        #expect(schedule.next() == [0, 1, 3])
        failing.ended(2, failed: true)
        #expect(failing.next() == [] && failing.stop == .canary && failing.notBegun == [0, 1, 3])
    }

    @Test func `the first failure stops what is not begun, unless more may fail`() {
        var strict = schedule(4, atOnce: 2)
        _ = strict.next()
        strict.ended(0, failed: true)
        #expect(strict.next() == [] && strict.notBegun == [2, 3] && strict.stop == .failures)
        // What is under way is finished.
        strict.ended(1, failed: false)
        #expect(strict.next() == [] && strict.notBegun == [2, 3])

        var observation = schedule(4, atOnce: 2, maxFailures: 1)
        _ = observation.next()
        observation.ended(0, failed: true)
        #expect(observation.next() == [2])
        observation.ended(2, failed: true)
        #expect(observation.next() == [] && observation.notBegun == [3])
    }

    @Test func `what is known to fail counts before anything is begun`() {
        var schedule = schedule(3, maxFailures: 0)
        schedule.ended(2, failed: true)
        #expect(schedule.next() == [] && schedule.notBegun == [0, 1])
        var tolerant = self.schedule(3, maxFailures: 1)
        tolerant.ended(2, failed: true)
        #expect(tolerant.next() == [0])
        var canary = self.schedule(3, canary: 2, maxFailures: 1)
        canary.ended(2, failed: true)
        #expect(canary.next() == [] && canary.stop == .canary)
        // A canary for which nothing is to do keeps nobody waiting.
        canary = self.schedule(3, canary: 2)
        canary.ended(2, failed: false)
        #expect(canary.next() == [0])
    }

    @Test func `clusters that share a machine are never changed side by side, and others go before`() {
        var schedule = schedule(4, atOnce: 3, sharing: [[0, 1], [1, 2]])
        #expect(schedule.next() == [0, 2, 3])
        schedule.ended(0, failed: false)
        #expect(schedule.next() == [])
        schedule.ended(2, failed: false)
        #expect(schedule.next() == [1])
    }

    @Test func `an interrupt begins nothing more`() {
        var schedule = schedule(3, atOnce: 2)
        _ = schedule.next()
        schedule.interrupt()
        schedule.ended(0, failed: false)
        #expect(schedule.next() == [] && schedule.notBegun == [2] && schedule.stop == .interrupt)
    }

    @Test func `how long a run takes is what its waves take`() {
        let seconds = [4, 1, 1, 2].map { Duration.seconds($0) }
        #expect(schedule(4).duration(of: seconds) == .seconds(8))
        #expect(schedule(4, atOnce: 2).duration(of: seconds) == .seconds(4))
        #expect(schedule(4, atOnce: 4).duration(of: seconds) == .seconds(4))
        #expect(schedule(4, atOnce: 4, canary: 3).duration(of: seconds) == .seconds(6))
        #expect(schedule(4, atOnce: 4, sharing: [[0, 1, 2, 3]]).duration(of: seconds) == .seconds(8))
        #expect(schedule(0).duration(of: []) == .zero)
    }

    /// Every way that a run can go: who fails, and in which order the clusters under way end.
    @Test(arguments: 1...3, 0...2)
    func `in every order of events the promises hold`(atOnce: Int, maxFailures: Int) {
        let count = 4
        for canary in [nil, 0, 2] {
            for sharing in [[], [[0, 1]], [[0, 1], [1, 3]], [[0, 1, 2, 3]]] {
                for failing in 0..<(1 << count) {
                    let start = schedule(
                        count, atOnce: atOnce, canary: canary, maxFailures: maxFailures, sharing: sharing)
                    let run = Run(
                        atOnce: atOnce, maxFailures: maxFailures, canary: canary, sharing: sharing,
                        failing: failing, count: count)
                    run.walk(start, running: [], begun: [], ended: [])
                }
            }
        }
    }

    /// One setting, walked through in all orders of ends.
    private struct Run {
        var atOnce: Int
        var maxFailures: Int
        var canary: Int?
        var sharing: [[Int]]
        var failing: Int
        var count: Int

        private func fails(_ index: Int) -> Bool { failing >> index & 1 == 1 }

        func walk(_ schedule: ClusterSchedule, running: Set<Int>, begun: Set<Int>, ended: Set<Int>) {
            var schedule = schedule
            let new = schedule.next()
            let failures = ended.filter(fails)
            let isStopped = failures.count > maxFailures || canary.map(failures.contains) == true
            let running = running.union(new)
            let begun = begun.union(new)
            var promises = running.count <= atOnce && (new.isEmpty || !isStopped)
            for group in sharing { promises = promises && running.intersection(group).count <= 1 }
            if let canary, !ended.contains(canary) { promises = promises && begun == [canary] }
            guard promises else {
                Issue.record("\(self): \(running) run, \(ended) have ended")
                return
            }
            if running.isEmpty {
                // All are done, or the run was stopped; nobody is forgotten.
                if Set(schedule.notBegun).union(ended) != Set(0..<count)
                    || schedule.notBegun.isEmpty == isStopped,
                    !(isStopped && ended.count == count)
                {
                    Issue.record("\(self): \(ended) have ended, \(schedule.notBegun) were not begun")
                }
                return
            }
            for index in running {
                var next = schedule
                next.ended(index, failed: fails(index))
                walk(next, running: running.subtracting([index]), begun: begun, ended: ended.union([index]))
            }
        }
    }
}
