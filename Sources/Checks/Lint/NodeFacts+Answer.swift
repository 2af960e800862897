import Addresses
package import Facts
package import Keepalived

extension NodeFacts {
    /// Converts a machine's answer for lint. What the machine did not report stays unknown.
    package init(_ answer: HostFacts, configuration: Configuration) {
        self.init()
        certificates = answer.known(CertificatesFact.self)
        servedCertificates = answer.known(ServedCertificatesFact.self) ?? nil
        hostname = answer.known(SystemFact.self)?.hostname
        interfaces = answer.known(InterfacesFact.self)?.map {
            Interface(name: $0.name, addresses: $0.addresses.map(\.cidr))
        }
        if let network = answer.known(NetworkConfigurationFact.self) {
            staticAddresses = network.lines.flatMap { line in
                line.assigned.map { ($0, "\(line.path):\(line.number)") }
            }
            let used = Set(configuration.instances.flatMap(\.interfaceNames))
            let lossy = network.managedInterfaces.subtracting(network.keepingInterfaces)
            networkManagers = lossy.isDisjoint(with: used) ? [] : network.managers
        }
        paths = answer.known(NamedPathsFact.self).map(Self.paths)
        if let names = answer.known(NamesFact.self) {
            users = names.users
            commands = names.commands
            unresolvableNames = names.unresolvable
        }
        tools = answer.known(ToolsFact.self)
        killMode = answer.known(ServicesFact.self)?["keepalived"]?.killMode
        if let settings = answer.known(KernelSettingsFact.self) {
            sysctls = settings.current
            persistedSysctls = settings.persisted
        }
        if let filter = answer.known(FirewallFact.self) {
            for instance in configuration.instances {
                let route = AdvertRoute(of: instance)
                firewalls[instance.name] = Firewall(
                    input: filter.passage(of: route, at: .input),
                    output: filter.passage(of: route, at: .output))
            }
        }
    }

    /// Adds the answer to a second question.
    package mutating func add(_ named: [String: NamedPath]) {
        paths = (paths ?? [:]).merging(Self.paths(named)) { $1 }
    }

    /// Paths by their names in the configuration, with the directories above them.
    package static func paths(_ named: [String: NamedPath]) -> [String: Path] {
        var paths: [String: Path] = [:]
        for (name, path) in named {
            for directory in path.directories where paths[directory.path] == nil {
                paths[directory.path] = Path(directory)
            }
            guard let file = path.file else {
                paths[name] = Path(path: name, exists: false, parents: path.directories.map(Path.init))
                continue
            }
            var known = Path(file)
            known.parents = path.directories.map(Path.init)
            known.interpreter = path.interpreter
            known.interpreterExists = path.hasInterpreter
            known.contents = path.text
            paths[name] = known
        }
        return paths
    }
}

extension NodeFacts.Path {
    package init(_ component: NamedPath.Component) {
        self.init(
            path: component.path, owner: component.owner, group: component.group, mode: component.mode,
            isDirectory: component.isDirectory)
    }
}

extension Instance {
    /// The interfaces that carry its adverts and its addresses.
    fileprivate var interfaceNames: [String] {
        [interface?.value].compactMap(\.self) + allAddresses.compactMap(\.device)
    }
}
