import FoundationEssentials
import Inventory
import Remote
import Rendering
import Subprocess

/// A fleet's files, with the secrets that went into them.
struct RenderedFleet: Sendable {
    var secrets: ResolvedSecrets
    /// The clusters with their rendered nodes, in the inventory's order.
    var clusters: [(cluster: Cluster, nodes: [RenderedNode])]

    /// Fetches the secrets and renders every cluster of the fleet. All errors are reported at once.
    ///
    /// Every node is assumed to belong to Debian's family.
    static func make(_ fleet: Fleet, console: Console) async throws -> Self {
        let secrets = try await secrets(of: fleet, console: console)
        var result = RenderedFleet(secrets: secrets, clusters: [])
        var problems: [RenderingError.Problem] = []
        for cluster in fleet.clusters {
            do {
                result.clusters.append((cluster, try result.rendering(cluster)))
            } catch let error as RenderingError {
                problems += error.problems.filter { !problems.contains($0) }
            }
        }
        guard problems.isEmpty else { throw RenderingError(problems) }
        return result
    }

    /// Renders one cluster with the fetched secrets.
    ///
    /// - `families`: what is known of the nodes' distributions.
    func rendering(_ cluster: Cluster, _ families: [HostID: NodeFamily] = [:]) throws -> [RenderedNode] {
        try render(cluster, templates: try Self.templateSet(for: cluster), families: families) { secrets[$0] }
    }

    /// Fetches the secrets.
    static func secrets(of fleet: Fleet, console: Console) async throws -> ResolvedSecrets {
        let secrets: ResolvedSecrets
        do {
            secrets = try await ResolvedSecrets.resolving(fleet, run: runSecretCommand)
        } catch {
            // Cancellation is not an inventory error.
            try Task.checkCancellation()
            throw error
        }
        for warning in secrets.warnings { console.report(warning, from: fleet.text) }
        return secrets
    }

    /// The shipped templates, overridden by the files of the operator's directory.
    private static func templateSet(for cluster: Cluster) throws -> TemplateSet {
        guard let directory = cluster.templates else { return .shipped }
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: directory)
        } catch {
            throw Failure(
                .usage, "cluster `\(cluster.name)`: cannot read its templates in `\(directory)`",
                hint: "`templates:` names a directory; a relative one starts at the inventory")
        }
        var files: [String: [UInt8]] = [:]
        for name in names.sorted() where name.hasSuffix(".mustache") {
            guard let data = FileManager.default.contents(atPath: "\(directory)/\(name)") else {
                throw Failure(.usage, "cannot read the template `\(directory)/\(name)`")
            }
            files[name] = Array(data)
        }
        return TemplateSet.shipped.overridden(by: files, in: directory)
    }

    /// Runs a secret's program; what it prints is never part of an error.
    @Sendable private static func runSecretCommand(_ words: [String]) async throws -> [UInt8] {
        guard let program = words.first else { throw Failure(.usage, "an empty command") }
        // The program may prompt on the terminal. SIGTERM lets it turn the echo on again.
        var platform = PlatformOptions()
        platform.teardownSequence = [.send(signal: .terminate, allowedDurationToNextStep: .seconds(1))]
        let result = try await Subprocess.run(
            .name(program), arguments: Arguments(Array(words.dropFirst())), platformOptions: platform,
            output: .bytes(limit: 64 << 10), error: .discarded)
        guard result.terminationStatus.isSuccess else {
            let end =
                switch result.terminationStatus {
                case .exited(let code): "exit \(code)"
                case .signaled(let signal): "signal \(signal)"
                }
            throw Failure(.usage, "`\(program)` ended with \(end)")
        }
        return result.standardOutput
    }
}

extension Failure: CustomStringConvertible {
    var description: String { message }
}
