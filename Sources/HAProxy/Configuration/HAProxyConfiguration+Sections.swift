extension HAProxyConfiguration {
    /// A `peers` section: the processes that share stick tables.
    package struct Peers: Hashable, Sendable {
        package struct Peer: Hashable, Sendable {
            package var name: String
            /// `nil` for the local peer where `bind` has its address.
            package var endpoint: HAProxyAddress?
            package var location: HAProxyFile.Location
        }

        package var name: String
        package var peers: [Peer]
        /// The names of the tables that it defines itself.
        package var tables: [String]
        package var isDisabled: Bool
        package var location: HAProxyFile.Location
    }

    package var peers: [Peers] {
        sections("peers").map { section in
            var result = Peers(
                name: section.name, peers: [], tables: [], isDisabled: false, location: section.location)
            for statement in section.statements where statement.modifier == nil {
                switch statement.keyword {
                case "peer", "server":
                    guard let name = statement.argument(0) else { continue }
                    result.peers.append(
                        Peers.Peer(
                            name: name, endpoint: statement.argument(1).flatMap { HAProxyAddress($0) },
                            location: statement.location))
                case "table": if let name = statement.argument(0) { result.tables.append(name) }
                case "disabled": result.isDisabled = true
                case "enabled": result.isDisabled = false
                default: break
                }
            }
            return result
        }
    }

    /// The name of the local peer that `localpeer` sets; without it haproxy takes the host's name.
    package var localPeer: String? {
        guard let word = global("localpeer")?.arguments.first, !word.hasVariables else { return nil }
        return word.value
    }

    /// A name that a line takes for another section's.
    package struct Reference: Hashable, Sendable {
        /// The kind of section: `peers`, `resolvers`, `defaults`, `userlist`, `cache`, `mailers`.
        package var kind: String
        package var name: String
        package var statement: HAProxyStatement
    }

    /// The names of other sections than backends that lines refer to and that no section has.
    package var undefinedReferences: [Reference] {
        var names: [String: Set<String>] = [:]
        for section in sections { names[section.keyword, default: []].insert(section.name) }
        // Without such a section haproxy makes one of /etc/resolv.conf, since 2.6.
        names["resolvers", default: []].insert("default")
        return references.filter { names[$0.kind]?.contains($0.name) != true }
    }

    /// The names in conditions that no `acl` of their section gives a meaning to, and that haproxy has none for.
    package var undefinedACLs: [(name: HAProxyFile.Word, statement: HAProxyStatement)] {
        sections.filter { $0.isProxy || $0.keyword == "defaults" }.flatMap { section in
            let own = Set(
                section.statements.filter { $0.keyword == "acl" }.compactMap { $0.argument(0) })
            return section.statements.filter { Self.takesCondition.contains($0.keyword) }.flatMap {
                statement in
                statement.conditionNames.filter {
                    !own.contains($0.value) && !Self.ownACLs.contains($0.value)
                }
                .map { ($0, statement) }
            }
        }
    }

    /// The keywords that end with a condition.
    private static let takesCondition: Set<String> = [
        "use_backend", "use-server", "http-request", "http-response", "http-after-response", "tcp-request",
        "tcp-response", "redirect", "monitor", "force-persist", "ignore-persist", "block",
    ]

    /// Those that haproxy brings (configuration.txt, 7.4).
    private static let ownACLs: Set<String> = [
        "TRUE", "FALSE", "LOCALHOST", "HTTP", "HTTP_1.0", "HTTP_1.1", "HTTP_2.0", "HTTP_3.0", "METH_CONNECT",
        "METH_DELETE", "METH_GET", "METH_HEAD", "METH_OPTIONS", "METH_POST", "METH_PUT", "METH_TRACE",
        "HTTP_URL_ABS", "HTTP_URL_SLASH", "HTTP_URL_STAR", "HTTP_CONTENT", "RDP_COOKIE", "REQ_CONTENT",
        "WAIT_END",
    ]

    private var references: [Reference] {
        var found: [Reference] = []
        for section in sections {
            if let name = section.from {
                found.append(Reference(kind: "defaults", name: name, statement: section.header))
            }
            guard section.isProxy || section.keyword == "defaults" else { continue }
            for statement in section.statements where statement.modifier == nil {
                let words = statement.arguments.filter { !$0.hasVariables }
                func add(_ kind: String, after word: String) {
                    guard let place = words.firstIndex(where: { $0.value == word }),
                        place + 1 < words.endIndex
                    else { return }
                    found.append(Reference(kind: kind, name: words[place + 1].value, statement: statement))
                }
                switch statement.keyword {
                case "stick-table": add("peers", after: "peers")
                case "server", "server-template", "default-server": add("resolvers", after: "resolvers")
                case "email-alert": add("mailers", after: "mailers")
                case "http-request", "http-response":
                    add("cache", after: "cache-use")
                    add("cache", after: "cache-store")
                case "use-fcgi-app":
                    if let name = words.first?.value {
                        found.append(Reference(kind: "fcgi-app", name: name, statement: statement))
                    }
                default: break
                }
                for word in words {
                    guard let call = word.value.firstRange(of: "http_auth("),
                        let end = word.value[call.upperBound...].firstIndex(of: ")")
                    else { continue }
                    found.append(
                        Reference(
                            kind: "userlist", name: String(word.value[call.upperBound..<end]),
                            statement: statement))
                }
            }
        }
        return found
    }
}

extension HAProxyStatement {
    /// The names of acls in the condition at the end of the line.
    fileprivate var conditionNames: [HAProxyFile.Word] {
        guard let start = words.lastIndex(where: { $0.source == "if" || $0.source == "unless" }), start > 1
        else { return [] }
        var names: [HAProxyFile.Word] = []
        var isInBraces = false
        for word in words[(start + 1)...] {
            switch word.value {
            case "{", "!{": isInBraces = true
            case "}": isInBraces = false
            case "||", "or", "OR", "!": break
            default:
                guard !isInBraces, !word.hasVariables else { continue }
                var name = word
                name.value = String(word.value.drop { $0 == "!" })
                if !name.value.isEmpty { names.append(name) }
            }
        }
        return names
    }
}
