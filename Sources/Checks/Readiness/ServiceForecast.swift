import Addresses
import Facts
import HAProxy
import Keepalived

/// Whether a node would serve the addresses of one virtual router if it owned them, by what it runs now.
struct ServiceForecast {
    let observation: ClusterObservation
    let router: VirtualRouter
    let ports: ServedPorts
    private let backends: [BackendView]

    init(_ observation: ClusterObservation, _ router: VirtualRouter, ports: ServedPorts) {
        self.observation = observation
        self.router = router
        self.ports = ports
        backends = BackendView.all(in: observation)
    }

    /// Whether haproxy is to serve any of the addresses.
    var isExpected: Bool { router.addresses.contains { !ports[$0].isEmpty } }

    /// - `owner`: the owner of today, with whose configuration it is compared.
    func service(of node: DoctorNode, insteadOf owner: DoctorNode) -> ReadinessRow.Service {
        guard isExpected else { return .addressOnly }
        var missing: [String] = []
        var unknown: [String] = []
        if !observation.isProxyRunning(on: node) {
            guard node.everything?.isProxyOnMasterOnly == true else {
                return .no(["haproxy does not run on \(node.name)"])
            }
            unknown.append("haproxy is started on \(node.name) by notify, when it is MASTER")
        } else if let state = node.after?.known(HAProxyFact.self) {
            for vip in router.addresses.sorted() {
                for port in ports[vip] where !state.accepts(vip, port: port.number) {
                    let other = state.foreignListener(on: vip, port: port.number)?.process
                    let words = other.map { ": \($0) has the port" } ?? ""
                    missing.append(
                        "haproxy on \(node.name) does not listen on \(vip) port \(port.number)\(words)")
                }
            }
        } else {
            unknown.append("what haproxy listens on is not known on \(node.name)")
        }
        missing += deadBackends(of: node).map { "\(node.name) sees no server of backend \($0) up" }
        guard missing.isEmpty else { return .no(missing.uniqued()) }
        guard unknown.isEmpty else { return .unknown(unknown) }
        let differences = node.name == owner.name ? [] : differences(of: node, from: owner)
        return differences.isEmpty ? .yes : .differently(differences)
    }

    /// Backends without a server that is up, as a node sees them.
    private func deadBackends(of node: DoctorNode) -> [String] {
        backends.filter { $0.down.contains { $0.node.name == node.name } }.map(\.name)
    }

    /// Whether a node's haproxy has any backend, as it says itself.
    func hasBackends(_ node: DoctorNode) -> Bool {
        backends.contains { view in
            view.up.contains { $0.node.name == node.name } || view.down.contains { $0.node.name == node.name }
        }
    }

    /// What a node would serve otherwise than the owner.
    private func differences(of node: DoctorNode, from owner: DoctorNode) -> [String] {
        var found: [String] = []
        for one in [node, owner] {
            guard let facts = one.after, LoadedState.haproxy(on: facts).isLoaded == false else { continue }
            found.append("haproxy.cfg on \(one.name) is written and not loaded")
        }
        let virtual = Set(observation.after.map(\.vip))
        if let theirs = node.proxyMeaning(besides: virtual), let own = owner.proxyMeaning(besides: virtual) {
            let titles = Set(theirs.keys).union(own.keys).filter { theirs[$0] != own[$0] }.sorted()
            if !titles.isEmpty {
                let shown = titles.prefix(3).joined(separator: ", ") + (titles.count > 3 ? ", …" : "")
                found.append("haproxy.cfg of \(node.name) and \(owner.name) differ in \(shown)")
            }
        }
        if let theirs = node.after?.known(CertificatesFact.self),
            let own = owner.after?.known(CertificatesFact.self)
        {
            for path in Set(theirs.keys).union(own.keys).sorted() where theirs[path] != own[path] {
                found.append(
                    theirs[path] ?? "missing" == "missing"
                        ? "\(path) is missing on \(node.name)"
                        : "\(path) of \(node.name) is another file than \(owner.name)'s")
            }
        }
        return found
    }
}

extension DoctorNode {
    /// Its haproxy.cfg by sections, without what does not matter: comments, blanks, quotes, its own addresses and name.
    ///
    /// - `virtual`: the addresses that are on one node now and on another one tomorrow.
    fileprivate func proxyMeaning(besides virtual: Set<IPAddress>) -> [String: [[String]]]? {
        guard let file = before?.known(ConfigurationFilesFact.self)?.haproxy else { return nil }
        let own = Set(
            interfaces.flatMap(\.addresses).map(\.cidr.address).filter {
                !$0.isLoopback && !virtual.contains($0)
            })
        var sections: [String: [[String]]] = [:]
        for section in file.sections {
            let lines = section.statements.map { line in
                line.words.map { word -> String in
                    if word.value == name { return "(own name)" }
                    guard let address = HAProxyAddress(word.value), let host = address.address,
                        own.contains(host)
                    else { return word.value }
                    return "(own address):\(address.port ?? "")"
                }
            }.filter { !$0.isEmpty && !["node", "description", "localpeer"].contains($0.first) }
            sections[section.title, default: []] += lines
        }
        return sections
    }
}
