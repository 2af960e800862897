import Concealment
import Facts
import HAProxy
import Inventory
import Remote

/// Turns haproxy.cfg into frontends, backends and raw sections.
struct HAProxyImport {
    static let path = ConfigurationEvidence.haproxyFile
    private typealias Section = HAProxyFile.Section
    private typealias Line = HAProxyFile.Line

    let nodes: [NodeEvidence]
    var secrets: SecretBook
    private(set) var settings: HAProxySettings?
    private(set) var kept: [KeptLine] = []
    private(set) var refusals: [Remark] = []
    private(set) var notes: [Remark] = []

    private var defaults: Section?

    init(_ nodes: [NodeEvidence], secrets: SecretBook) {
        self.nodes = nodes
        self.secrets = secrets
    }

    mutating func run() {
        let files = nodes.compactMap { node in node.haproxy.map { (node, $0) } }
        guard let (first, file) = files.first else { return }
        let proxies = file.sections.filter(\.isProxy)
        guard !proxies.isEmpty else {
            notes.append(
                Remark(
                    "haproxy has no frontend and is left as it is",
                    at: [place(first, file.sections.first?.header)]))
            return
        }
        compare(files)
        guard files.count == nodes.count else {
            let missing = nodes.filter { $0.haproxy == nil }
            refusals.append(
                Remark(
                    "there is no haproxy.cfg, but `\(first.id)` has one",
                    at: missing.map { NodePlace(node: $0.id, file: Self.path) }))
            return
        }
        for line in file.preamble where !line.isDirective {
            refusals.append(
                Remark("`\(line.text)` stands before the first section", at: [place(first, line)]))
        }
        refuseDirectives(files)
        importFile(file, of: first)
    }

    /// Refuses lines between `.if` and `.endif`: they apply to some machines only, and the import would lose
    /// their conditions.
    private mutating func refuseDirectives(_ files: [(NodeEvidence, HAProxyFile)]) {
        var texts: [String] = []
        var places: [String: [NodePlace]] = [:]
        for (node, file) in files {
            for line in file.preamble + file.sections.flatMap(\.lines) where line.isDirective {
                if places[line.text] == nil { texts.append(line.text) }
                places[line.text, default: []].append(place(node, line))
            }
        }
        for text in texts {
            refusals.append(
                Remark(
                    "`\(text)` is for haproxy's own preprocessor, which cannot be expressed",
                    at: places[text] ?? [], hint: "write what holds on these nodes, without conditions"))
        }
    }

    private func place(_ node: NodeEvidence, _ line: Line?) -> NodePlace {
        NodePlace(node: node.id, file: Self.path, line: line?.number)
    }

    /// Compares the files, because haproxy must be equal on every node of a cluster.
    private mutating func compare(_ files: [(NodeEvidence, HAProxyFile)]) {
        guard let (first, file) = files.first else { return }
        let meaning = file.meaning
        for (node, other) in files.dropFirst() where other.meaning != meaning {
            for (here, one, there, two) in [(first, file, node, other), (node, other, first, file)] {
                for section in one.sections {
                    let lines = two.sections.filter { $0.title == section.title }.flatMap(\.lines)
                    for line in section.lines where !lines.contains(where: { $0.text == line.text }) {
                        refusals.append(
                            Remark(
                                "`\(line.text.hidingLineSecrets)` does not stand so on \(there.id): haproxy.cfg is the same on every node",
                                at: [place(here, line)], hint: "make the files mean the same first"))
                    }
                }
            }
            if !refusals.contains(where: { $0.places.contains { $0.file == Self.path } }) {
                refusals.append(
                    Remark(
                        "the sections differ from those on \(first.id)",
                        at: [NodePlace(node: node.id, file: Self.path)]))
            }
        }
    }

    private mutating func importFile(_ file: HAProxyFile, of node: NodeEvidence) {
        var settings = HAProxySettings(frontends: [], backends: [])
        settings.isShipped = false
        let all = file.sections("defaults")
        defaults = all.first
        for extra in all.dropFirst() {
            refusals.append(
                Remark(
                    "`\(extra.title)`: only one `defaults` section can be expressed",
                    at: [place(node, extra.header)], hint: "write its lines into the sections behind it"))
        }
        if let defaults,
            let index = file.sections.firstIndex(where: { $0.header.number == defaults.header.number }),
            file.sections[..<index].contains(where: \.isProxy)
                || defaults.header.words.count > 1
        {
            refusals.append(
                Remark(
                    "`\(defaults.title)`: one `defaults` section without a name, before every proxy, can be expressed",
                    at: [place(node, defaults.header)]))
        }
        settings.extraGlobal = lines(
            file.sections("global").flatMap(\.lines), of: node, "haproxy.extra.global")
        settings.extraDefaults = lines(defaults?.lines ?? [], of: node, "haproxy.extra.defaults")
        for section in file.sections("backend") {
            if let backend = backend(section, of: node) { settings.backends.append(backend) }
        }
        let backends = Dictionary(settings.backends.map { ($0.name, $0.mode) }) { first, _ in first }
        for section in file.sections("frontend") {
            if let frontend = frontend(section, of: node, backends: backends) {
                settings.frontends.append(frontend)
            }
        }
        let taken = Set(
            settings.backends.map { "backend \($0.name)" } + settings.frontends.map { "frontend \($0.name)" })
        let rest = file.sections.filter {
            !["global", "defaults"].contains($0.keyword) && !taken.contains($0.title)
        }
        var raw: [String] = []
        for section in rest {
            let lines = section.lines.map { secrets.hiding($0, at: place(node, $0)) }
            raw += [section.title] + lines.map { "    " + $0 }
            kept.append(
                KeptLine(
                    places: [place(node, section.header)], text: section.title,
                    key: "haproxy.extra.sections"))
        }
        if !raw.isEmpty { settings.extraSections = raw.joined(separator: "\n") }
        self.settings = settings
    }

    /// Raw lines as one text; `nil` when there are none.
    private mutating func lines(_ lines: [Line], of node: NodeEvidence, _ key: String) -> String? {
        guard !lines.isEmpty else { return nil }
        for line in lines {
            kept.append(KeptLine(places: [place(node, line)], text: line.text.hidingLineSecrets, key: key))
        }
        return lines.map { secrets.hiding($0, at: place(node, $0)) }.joined(separator: "\n")
    }

    private func effective(_ keyword: String, _ section: Section) -> String? {
        (section.last(keyword) ?? defaults?.last(keyword))?.sources.dropFirst().joined(separator: " ")
    }

    private func mode(_ section: Section) -> HAProxySettings.Mode? {
        HAProxySettings.Mode(rawValue: effective("mode", section) ?? "tcp")
    }

    /// The backend; `nil` for one that the inventory cannot express, which is kept as a raw section.
    private mutating func backend(_ section: Section, of node: NodeEvidence) -> HAProxySettings.Backend? {
        guard section.header.words.count == 2, isPlainWord(section.header.sources[1]),
            let mode = mode(section)
        else {
            return nil
        }
        var backend = HAProxySettings.Backend(
            name: section.name, mode: mode, balance: effective("balance", section) ?? "roundrobin",
            servers: [])
        var rest: [Line] = []
        var health: Line?
        var checked: [Bool] = []
        for line in section.lines {
            switch line.sources.first {
            case "mode", "balance": continue
            case "server":
                guard let server = server(line) else { return nil }
                checked.append(server.isChecked)
                backend.servers.append(server.server)
            case "option"
            where line.sources.count == 4 && line.sources[1] == "httpchk" && line.sources[2] == "GET":
                health = line
            default: rest.append(line)
            }
        }
        guard !backend.servers.isEmpty, Set(backend.servers.map(\.name)).count == backend.servers.count else {
            return nil
        }
        if checked.allSatisfy(\.self) {
            backend.check = .tcp
            if let health, mode == .http || !rest.contains(where: { $0.sources.first == "http-check" }),
                health.sources[3].hasPrefix("/")
            {
                backend.check = .http(path: health.sources[3])
            } else if let health {
                rest.append(health)
            }
        } else {
            backend.check = .none
            if let health { rest.append(health) }
            for (index, isChecked) in checked.enumerated() where isChecked {
                let options = backend.servers[index].options.map { " " + $0 } ?? ""
                backend.servers[index].options = "check" + options
            }
        }
        backend.extra = lines(rest, of: node, "haproxy.backends.\(section.name).extra")
        return backend
    }

    private func server(_ line: Line) -> (server: HAProxySettings.Server, isChecked: Bool)? {
        guard line.sources.count >= 3, isPlainWord(line.sources[1]),
            let endpoint = Endpoint(line.sources[2]), endpoint.host != "*", !endpoint.host.isEmpty
        else { return nil }
        let options = line.sources.dropFirst(3).filter { $0 != "check" }
        return (
            HAProxySettings.Server(
                name: line.sources[1], endpoint: line.sources[2],
                options: options.isEmpty ? nil : options.joined(separator: " ")),
            line.sources.dropFirst(3).contains("check")
        )
    }

    private mutating func frontend(
        _ section: Section, of node: NodeEvidence, backends: [String: HAProxySettings.Mode]
    ) -> HAProxySettings.Frontend? {
        let binds = section.lines.filter { $0.sources.first == "bind" }
        guard section.header.words.count == 2, isPlainWord(section.header.sources[1]),
            let mode = mode(section),
            let backend = effective("default_backend", section), backends[backend] == mode, !binds.isEmpty,
            binds.allSatisfy({ $0.sources.count > 1 && Endpoint($0.sources[1]) != nil })
        else { return nil }
        let special: Set<String> = ["bind", "mode", "default_backend"]
        let rest = section.lines.filter { !special.contains($0.sources.first ?? "") }
        return HAProxySettings.Frontend(
            name: section.name, binds: binds.map { $0.sources.dropFirst().joined(separator: " ") },
            mode: mode,
            backend: backend, extra: lines(rest, of: node, "haproxy.frontends.\(section.name).extra"))
    }
}
