import FoundationEssentials
import HaopsTestSupport
import Remote
import Testing

/// Two balancers as haops sets them up, and haops as its operator runs it.
struct ManagedPair {
    static let vip = "203.0.113.50"
    static let secondVIP = "203.0.113.51"
    static let nodes = ["lb1", "lb2"]
    static let shippedInventory = LabFixture.project + "/inventories/lab.yaml"

    let lab: LabFixture
    var inventory = Self.shippedInventory

    enum Source {
        /// `inventories/lab.yaml` as it stands.
        case shipped
        /// The same with shorter intervals, so that tests wait little.
        case quick
    }

    /// Two balancers of which `lb1` owns the VIPs, with nothing pending and no fault.
    ///
    /// Takes a pair over that an earlier test has left so, and sets one up from bare machines otherwise.
    static func ready(on lab: LabFixture, by source: Source = .quick) async throws -> ManagedPair {
        var pair = ManagedPair(lab: lab)
        if source == .quick { pair = try pair.quick() }
        try await lab.healAll()
        if try await pair.isUntouched() { return pair }
        try await lab.reset()
        try await pair.expect(0, "apply", "--yes")
        try await pair.isWell()
        return pair
    }

    private func isUntouched() async throws -> Bool {
        guard try await haops("plan", "--detailed-exitcode").status == .code(0) else { return false }
        do { try await isWell(within: .seconds(10)) } catch is LabFixture.Failure { return false }
        return true
    }

    /// Waits until `lb1` owns every VIP for all witnesses, and a client is answered.
    func isWell(within limit: Duration = .seconds(20)) async throws {
        try await eventually(["owned by lb1", "owned by lb1"], exit: 0, within: limit)
        try await lab.eventually(Self.answers, on: "client", within: limit)
    }

    /// Succeeds when a web server answers through the VIP.
    static let answers = "curl -s --max-time 1 http://\(vip)/ | grep -q ^web"

    // MARK: - haops

    /// Runs a verb of haops that reaches machines.
    func haops(_ verb: String, _ arguments: [String], limit: Duration = .seconds(150)) async throws
        -> CommandOutput
    {
        try await lab.haops(commandLine(verb, arguments), limit: limit)
    }

    func haops(_ verb: String, _ arguments: String...) async throws -> CommandOutput {
        try await haops(verb, arguments)
    }

    func commandLine(_ verb: String, _ arguments: [String]) -> [String] {
        let inventory = arguments.contains("--nodes") ? [] : ["-i", inventory]
        return [verb, "-F", lab.sshConfig] + inventory + arguments
    }

    /// Runs a verb and expects its exit code.
    @discardableResult
    func expect(
        _ code: Int, _ verb: String, _ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> CommandOutput {
        let output = try await haops(verb, arguments)
        #expect(
            output.status == .code(code), "haops \(verb) \(arguments): \(output.everything)",
            sourceLocation: sourceLocation)
        return output
    }

    func who(_ arguments: String...) async throws -> WhoAnswer {
        try WhoAnswer(
            try await haops("who", ["-o", "json", "--connect-timeout", "2"] + arguments))
    }

    /// Asks `who` until it gives these verdicts, as in ``WhoAnswer/verdicts``, and this exit code.
    @discardableResult
    func eventually(_ verdicts: [String], exit: Int, within limit: Duration = .seconds(20)) async throws
        -> WhoAnswer
    {
        var last: WhoAnswer?
        do {
            return try await lab.eventually("who: \(verdicts)", within: limit) {
                let answer = try await who()
                last = answer
                return answer.verdicts == verdicts && answer.exit == .code(exit) ? answer : nil
            }
        } catch let failure as LabFixture.Failure {
            throw Disappointment(
                failure: "\(failure)",
                last: last.map { "\($0.verdicts), \($0.exit): \($0.vips.map(\.reason))" } ?? "-")
        }
    }

    struct Disappointment: Error, CustomStringConvertible {
        var failure: String
        var last: String
        var description: String { "\(failure)\nlast answer: \(last)" }
    }

    // MARK: - Inventories

    /// The same pair by another inventory: this one's with `changes` made to its text.
    func changed(_ changes: (from: String, to: String)..., to name: String = "changed") throws -> ManagedPair
    {
        var text = try String(contentsOfFile: inventory, encoding: .utf8)
        for change in changes {
            try #require(text.contains(change.from), "\(inventory) has no `\(change.from)`")
            text = text.replacing(change.from, with: change.to)
        }
        var pair = self
        pair.inventory = try lab.scratch(name + ".yaml", text)
        return pair
    }

    /// The same pair with shorter intervals. Version 3 knows fractions of a second, and no password.
    func quick() throws -> ManagedPair {
        try changed(
            ("      auth_pass: { secret: vrrp }\n", "      version: 3\n      advert_interval: 0.2\n"),
            ("secrets:\n", "# secrets:\n"), ("  vrrp: {", "#  vrrp: {"),
            ("interval: 2, fall: 2", "interval: 1, fall: 2"),
            to: "quick")
    }

    /// A change that keepalived and haproxy both have to load, on both nodes, and that moves no address.
    func harmlesslyChanged() throws -> ManagedPair {
        try changed(
            ("check: { http: / }", "check: { http: /health }"), (", fall: 2", ", fall: 3"))
    }

    // MARK: - Looking at the nodes

    /// Every managed file with its content, owner and mode, and the daemons' process ids: what an apply could change.
    func traces(of node: String) async throws -> String {
        try await lab.console(
            node,
            """
            cd /etc
            find keepalived haproxy default/keepalived default/haproxy sysctl.d -type f -exec stat -c '%n %a %U %G %i' {} + | sort
            find keepalived haproxy default/keepalived default/haproxy sysctl.d -type f -exec sha256sum {} + | sort
            systemctl show --property MainPID --value keepalived haproxy
            iptables-save | grep -v '^[#:]'
            """
        ).text
    }

    /// The managed files' contents alone.
    func files(of node: String) async throws -> String {
        try await lab.console(
            node,
            "cd /etc && find keepalived haproxy default/keepalived sysctl.d -type f -exec sha256sum {} + | sort"
        ).text
    }
}

extension CommandOutput {
    /// Both streams and the status, for a message.
    var everything: String { "\(status)\n\(text)\(errorText)" }
    /// Both streams, for a search.
    var said: String { text + errorText }
}
