import Facts
import Glibc
import Inventory
import Remote
import Rendering
import Rollout
import Survey

/// What the verbs that change clusters share: the rendered sets and the engine.
struct ClusterWork: Sendable {
    var fleet: Fleet
    var transport: any Transport
    var console: Console
    var connection: ConnectionFlags

    init(fleet: Fleet, connection: ConnectionFlags, transport: any Transport, console: Console) {
        self.fleet = fleet.reached(by: connection)
        self.connection = connection
        self.transport = transport
        self.console = console
    }

    var rollout: Rollout {
        Rollout(transport: transport, operator: .current, events: console.events)
    }

    /// The plans that make every cluster match the inventory. Changes nothing.
    ///
    /// - `chosen`: the nodes that may be changed; the others are only examined.
    /// - `salt`: random bytes with which the plans record what they are based on.
    /// - Throws: all errors of the inventory, including those that only these nodes reveal.
    func plans(for chosen: [Node], recordingWith salt: [UInt8]? = nil) async throws -> [ClusterPlan] {
        let (fleet, console) = (fleet, console)
        let rendered = try await RenderedFleet.make(fleet, console: console)
        var rollout = rollout
        rollout.basisSalt = salt
        let plan = try await rollout.plan(
            fleet, rendered: rendered.clusters, only: Set(chosen.map(\.id)), window: connection.parallel
        ) { cluster, families in
            try rendered.rendering(cluster, families)
        }
        for warning in plan.warnings { console.report(warning, from: fleet.text) }
        return plan.clusters
    }

    /// Runs an operation on all clusters concurrently.
    ///
    /// - Returns: the results, in the inventory's order.
    func ofEachCluster<Value: Sendable>(
        _ work: @escaping @Sendable (Cluster) async throws(InterruptedQuestion) -> Value
    ) async throws(InterruptedQuestion) -> [Value] {
        let answers = await concurrently(fleet.clusters, window: connection.parallel) { cluster in
            await Result { () async throws(InterruptedQuestion) in try await work(cluster) }
        }
        var values: [Value] = []
        var interruptions: [InterruptedQuestion] = []
        for answer in answers {
            switch answer {
            case .success(let value): values.append(value)
            case .failure(let interruption): interruptions.append(interruption)
            }
        }
        try InterruptedQuestion.check(interruptions)
        return values
    }

    /// The same work, with the clusters of `--nodes` completed from their nodes' own configurations.
    func learningWhatIsMissing() async throws -> ClusterWork {
        var work = self
        for index in fleet.clusters.indices where fleet.clusters[index].keepalived == nil {
            work.fleet.clusters[index] = try await LearnedCluster.learn(
                fleet.clusters[index], in: SurveyContext(transport, connection, console))
        }
        return work
    }
}

extension Fleet {
    /// The same fleet with the command line's connection flags applied to its machines.
    func reached(by connection: ConnectionFlags) -> Fleet {
        var fleet = self
        for index in fleet.clusters.indices {
            for node in fleet.clusters[index].nodes.indices {
                fleet.clusters[index].nodes[node].target = connection.applied(
                    to: fleet.clusters[index].nodes[node].target)
            }
            for observer in fleet.clusters[index].observers.indices {
                fleet.clusters[index].observers[observer].target =
                    connection.applied(to: fleet.clusters[index].observers[observer].target)
            }
        }
        return fleet
    }
}

extension Operator {
    /// Who runs this program, for the nodes' locks and journals.
    static var current: Operator {
        var name = [CChar](repeating: 0, count: 256)
        let host =
            unsafe gethostname(&name, name.count - 1) == 0
            ? String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            : "localhost"
        let user =
            Environment["SUDO_USER"] ?? Environment["USER"] ?? Environment["LOGNAME"] ?? "uid\(getuid())"
        return Operator(name: "\(user)@\(host)", processID: getpid())
    }
}
