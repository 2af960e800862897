import Remote
import Synchronization
import Testing

@Suite struct FanOutTests {
    private func targets(_ count: Int) -> [SSHTarget] {
        (0..<count).map { SSHTarget(id: HostID("lb\($0)"), host: "198.51.100.\($0)") }
    }

    @Test func `every machine is reported, in the order asked for, whatever the order of answers`() async {
        let results = await fanOut(over: targets(50), window: 7) { target in
            for _ in 0..<(target.host.utf8.count % 5) { await Task.yield() }
            return target.id
        }
        #expect(results == targets(50).map(\.id))
    }

    @Test func `never more than the window at once`() async {
        let running = Mutex((now: 0, most: 0))
        _ = await fanOut(over: targets(40), window: 4) { _ in
            running.withLock {
                $0.now += 1
                $0.most = max($0.most, $0.now)
            }
            for _ in 0..<20 { await Task.yield() }
            running.withLock { $0.now -= 1 }
        }
        #expect(running.withLock { $0.most } <= 4)
        #expect(running.withLock { $0.now } == 0)
    }

    @Test func `no machines, no work, and a window of nothing is one`() async {
        #expect(await fanOut(over: [], window: 3) { $0.id }.isEmpty)
        #expect(await fanOut(over: targets(2), window: 0) { $0.id }.count == 2)
    }
}
