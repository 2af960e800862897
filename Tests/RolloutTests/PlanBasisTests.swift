import Testing

@testable import Rollout

struct PlanBasisTests {
    private func basis(
        _ items: [String: String], owner: String = "lb1", work: String = "w"
    ) throws -> PlanBasis {
        var basis = PlanBasis(
            try TestCluster.plan(TestCluster.make()), facts: [],
            view: try TestCluster.view(owner: TestCluster.lb1),
            salt: [1])
        basis.nodes = ["lb1": items]
        basis.owners = ["VI_1": owner]
        basis.work = work
        return basis
    }

    @Test func `what has moved is named, contents are not shown`() throws {
        let digest = String(repeating: "a", count: 64)
        let other = String(repeating: "b", count: 64)
        let before = try basis([
            "/etc/haproxy/haproxy.cfg there": "644 root:root \(digest)", "haproxy there": "runs",
            "/etc/old there": "644 root:root \(digest)",
        ])
        #expect(before.moved(since: before) == [])
        let now = try basis(
            [
                "/etc/haproxy/haproxy.cfg there": "644 root:root \(other)", "haproxy there": "does not run",
                "/etc/new there": "644 root:root \(digest)",
            ], owner: "")
        #expect(
            now.moved(since: before) == [
                "`VI_1`: `lb1` owned it, and nobody does now",
                "`lb1`: /etc/haproxy/haproxy.cfg there: has changed",
                "`lb1`: /etc/new there: new since the plan",
                "`lb1`: /etc/old there: gone since the plan",
                "`lb1`: haproxy there: runs → does not run",
            ])
    }

    @Test func `work that differs for no reason that is known is a reason`() throws {
        let (before, now) = (try basis([:]), try basis([:], work: "x"))
        #expect(now.moved(since: before) == ["the work that would be done is another"])
    }
}
