import Remote

/// The secrets of a fleet with their values, fetched once, before anything is rendered.
package struct ResolvedSecrets: Sendable {
    private var values: [String: Secret] = [:]
    /// Warnings, such as a secret's file that all users can read.
    package private(set) var warnings: [Diagnostic] = []

    /// The secret for a value of the inventory; `nil` for one of a cluster that was not requested.
    package subscript(_ value: SecretValue) -> Secret? {
        switch value {
        case .literal(let secret): secret
        case .reference(let name, _): values[name]
        }
    }

    /// The fetched secrets of a cluster's files.
    package func all(of cluster: Cluster) -> [Secret] {
        let places = (cluster.keepalived?.authPasses ?? []) + cluster.textSecrets.values
        return places.compactMap { self[$0] }
    }

    /// Fetches the secrets of the named clusters; `nil` means all clusters.
    ///
    /// `run` starts a program with its arguments, without a shell, and returns its standard output; it throws
    /// when the program cannot be run or fails. Its error is shown, so it must not contain the output.
    ///
    /// Throws an ``InventoryError`` with all secrets that cannot be fetched or that keepalived cannot use.
    package static func resolving(
        _ fleet: Fleet, clusters: Set<String>? = nil,
        environment: (String) -> String? = { environmentVariable($0) },
        run: ([String]) async throws -> [UInt8]
    ) async throws(InventoryError) -> ResolvedSecrets {
        var resolved = ResolvedSecrets()
        var failures: [Diagnostic] = []
        var asked: Set<String> = []
        for cluster in fleet.clusters where clusters?.contains(cluster.name) != false {
            for case .reference(let name, let source) in (cluster.keepalived?.authPasses ?? [])
                + cluster.textSecrets.sorted(by: { $0.key < $1.key }).map(\.value)
            where asked.insert(name).inserted {
                let place = fleet.location(of: .secret(name))
                do {
                    let text = try await resolved.fetch(source, name: name, at: place, environment, run)
                    resolved.values[name] = Secret(text)
                } catch let failure as Failure {
                    failures.append(
                        Diagnostic(
                            .error, at: place, "secret `\(name)`: \(failure.message)", remedy: failure.remedy)
                    )
                } catch {
                    failures.append(
                        Diagnostic(
                            .error, at: place, "secret `\(name)`: \("\(error)".visible)",
                            remedy: "run the command by hand to see what it says"))
                }
            }
        }
        failures += problems(in: fleet, secrets: resolved)
        guard failures.isEmpty else { throw InventoryError(diagnostics: failures, text: fleet.text) }
        return resolved
    }

    private struct Failure: Error {
        var message: String
        var remedy: String?
    }

    private mutating func fetch(
        _ source: SecretSource, name: String, at place: SourceLocation,
        _ environment: (String) -> String?, _ run: ([String]) async throws -> [UInt8]
    ) async throws -> String {
        switch source {
        case .environment(let variable):
            guard let value = environment(variable) else {
                throw Failure(
                    message: "the environment has no \(quoted(variable))",
                    remedy: "set it: `export \(variable.visible)=…`")
            }
            return value
        case .file(let path):
            let file: LocalFile
            do {
                file = try LocalFile(path: expandingHome(path), limit: 65536)
            } catch {
                throw Failure(
                    message: "cannot read \(quoted(path)): \(error.reason)",
                    remedy: "relative paths start at the inventory's directory")
            }
            if file.isReadableByAll {
                warnings.append(
                    Diagnostic(
                        .warning, at: place,
                        "secret `\(name)`: everybody on this machine can read \(quoted(path))",
                        remedy: "run `chmod 600 \(path.visible)`"))
            }
            return try Self.text(file.bytes)
        case .command(let words):
            return try Self.text(await run(words))
        }
    }

    /// The text without one final newline, which editors and programs add.
    private static func text(_ bytes: [UInt8]) throws(Failure) -> String {
        var bytes = bytes[...]
        if bytes.last == UInt8(ascii: "\n") { bytes = bytes.dropLast() }
        if bytes.last == UInt8(ascii: "\r") { bytes = bytes.dropLast() }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Failure(message: "it is not UTF-8 text", remedy: nil)
        }
        return text
    }
}

/// The known secrets that keepalived cannot use, each reported at its `auth_pass`.
package func problems(in fleet: Fleet, secrets: ResolvedSecrets) -> [Diagnostic] {
    fleet.clusters.flatMap { cluster -> [Diagnostic] in
        var told: Set<String> = []
        return (cluster.keepalived?.authPasses ?? []).compactMap { password in
            guard case .reference(let name, _) = password, let value = secrets[password],
                let problem = authPassProblem(value), told.insert(name).inserted
            else { return nil }
            return Diagnostic(
                .error, at: fleet.location(of: .authPass(cluster: cluster.name), .secret(name)),
                "the secret `\(name)` \(problem.message)", remedy: problem.remedy)
        }
    }
}
