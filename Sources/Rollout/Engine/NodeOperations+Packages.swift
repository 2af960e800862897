import Facts
import Inventory
import Remote

extension NodeOperations {
    /// Installs packages with the node's package manager, then checks that they are installed.
    func install(_ packages: [String], by manager: String, on node: Node) async -> RolloutState.Event {
        let answer = await ask(
            node, [.packages], [("PACKAGES", packages.joined(separator: " ")), ("MANAGER", manager)],
            Self.operation, timeout: timing.install)
        switch answer {
        case .output(let output) where output.status.isSuccess:
            return await expectInstalled(packages, by: manager, on: node)
        case .output(let output):
            let complaint = Self.complaint(node, Self.operation, output)
            return .failed([complaint + Self.hint(packages, manager, node)])
        case .event(let event): return event
        }
    }

    private static let operation = "install packages"

    /// The exit status of a package manager is not enough: yum of release 7 ends with 0 when it knows one of two
    /// packages, and dnf may be configured to do the same.
    private func expectInstalled(
        _ packages: [String], by manager: String, on node: Node
    ) async -> RolloutState.Event {
        switch await transport.facts(of: node.target, Probe([PackagesFact(packages)])) {
        case .failure(let error): return .unreachable([error])
        case .success(let facts):
            let installed = facts.known(PackagesFact.self) ?? []
            let missing = packages.filter { !installed.contains($0) }
            if missing.isEmpty { return .succeeded }
            let names = missing.map { "`\($0)`" }.joined(separator: ", ")
            return .failed([
                "`\(node.id)`: cannot \(Self.operation): \(manager) is done, and \(names) \(missing.count == 1 ? "is" : "are") not installed"
                    + Self.hint(missing, manager, node)
            ])
        }
    }

    private static func hint(_ packages: [String], _ manager: String, _ node: Node) -> String {
        let command = manager == "apk" ? "apk add" : "\(manager == "apt" ? "apt-get" : manager) install"
        return """

            hint: `\(command) \(packages.joined(separator: " "))` on `\(node.id)` says more; \
            if none of its repositories has it, install it by hand or remove it from `packages:`
            """
    }
}
