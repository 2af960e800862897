package import Addresses

/// The running haproxy of a machine.
package struct HAProxyState: Hashable, Sendable {
    /// The version as `haproxy -v` prints it: `2.6.12-1+deb12u4`; `nil` when it is not installed.
    package var version: String?
    package var isRunning: Bool
    /// The TCP listeners of all programs; the unspecified address stands for all addresses of its family.
    package var listening: [Listener]

    package struct Listener: Hashable, Sendable {
        package var address: IPAddress
        package var port: Int
        /// The process's name, if the machine reports it.
        package var process: String?
        /// The names of all processes that have it open; empty if no process of this machine has, for example a
        /// process of another container in this network; `nil` if the asking user may not know.
        package var processes: [String]?
        /// The ids of these processes, as far as the machine reports them.
        package var pids: [Int] = []
        /// Whether an unspecified IPv6 address also accepts IPv4.
        package var takesIPv4: Bool

        package init(
            address: IPAddress, port: Int, process: String? = nil, processes: [String]? = nil,
            takesIPv4: Bool = true
        ) {
            self.address = address
            self.port = port
            self.process = process
            self.processes = processes ?? process.map { [$0] }
            self.takesIPv4 = takesIPv4
        }

        /// Whether haproxy has it open; `nil` if not known.
        package var isHAProxys: Bool? { processes.map { $0.contains(where: HAProxyState.isHAProxy) } }

        /// Whether this listener receives connections to an address; `nil` stands for every address.
        fileprivate func covers(_ wanted: IPAddress?) -> Bool {
            guard let wanted else { return true }
            let isAny = address == .v4(0) || address == .v6(high: 0, low: 0)
            if address == wanted { return true }
            return isAny && (address.isIPv6 == wanted.isIPv6 || address.isIPv6 && takesIPv4)
        }
    }

    package init(version: String? = nil, isRunning: Bool = false, listening: [Listener] = []) {
        self.version = version
        self.isRunning = isRunning
        self.listening = listening
    }

    /// `haproxy`, or a build with its version in the name.
    fileprivate static func isHAProxy(_ process: String) -> Bool {
        guard process.hasPrefix("haproxy") else { return false }
        let rest = process.dropFirst("haproxy".count)
        return rest.isEmpty || rest.first == "-" && rest.dropFirst().first?.isNumber == true
    }

    /// Whether haproxy itself accepts connections to an address and port, on that address or on all addresses.
    /// Connections that another program accepts there never reach haproxy.
    package func accepts(_ address: IPAddress?, port: Int) -> Bool {
        listening.contains { $0.port == port && $0.isHAProxys != false && $0.covers(address) }
    }

    /// Another program that listens where haproxy would, if haproxy itself does not.
    package func foreignListener(on address: IPAddress?, port: Int) -> Listener? {
        guard !listening.contains(where: { $0.port == port && $0.isHAProxys == true && $0.covers(address) })
        else {
            return nil
        }
        return listening.first { $0.port == port && $0.isHAProxys == false && $0.covers(address) }
    }
}

package struct HAProxyFact: Fact {
    package static let name = "haproxy"

    /// Whether the version is read too, which starts haproxy once.
    package var asksVersion: Bool
    /// The only ports whose processes matter; `nil` for all. While nothing listens on them, no process is named, because
    /// for their names `ss` reads every descriptor of every process, those of haproxy's connections too.
    package var ports: Set<Int>?

    package init(asksVersion: Bool = true, ports: Set<Int>? = nil) {
        self.asksVersion = asksVersion
        self.ports = ports
    }

    package var script: String {
        """
        \(asksVersion ? "command -v haproxy >/dev/null && haproxy -v | sed -n '1s/^/version=/p'" : "")
        \(listing)
        """
    }

    private var listing: String {
        let named = """
            [ "${uid-$(id -u)}" -ne 0 ] || echo all=
            ss -Hltnp
            """
        guard let ports else { return named }
        guard !ports.isEmpty else { return "ss -Hltn" }
        return """
            listening=$(ss -Hltn) || exit
            case $listening in
            \(ports.sorted().map { "*:\($0)[[:blank:]]*" }.joined(separator: " | ")))
            \(named)
            ;;
            *) printf '%s\\n' "$listening" ;;
            esac
            """
    }

    package func parse(_ output: SectionOutput) throws(FactError) -> HAProxyState {
        var state = HAProxyState()
        var seesAll = false
        for line in output.lines {
            if line == "all=" {
                seesAll = true
            } else if line.hasPrefix("version=") {
                // `version=HAProxy version 2.6.12-1+deb12u4 2026/10/17 - https://haproxy.org/`
                let words = line.split(separator: " ")
                if let index = words.firstIndex(of: "version"), words.indices.contains(index + 1) {
                    state.version = String(words[index + 1])
                }
            } else if let listener = Self.listener(line, seesAll: seesAll) {
                state.listening.append(listener)
            }
        }
        state.isRunning = state.listening.contains { $0.isHAProxys == true }
        return state
    }

    /// `LISTEN 0 4096 203.0.113.50:80 0.0.0.0:* users:(("haproxy",pid=7,fd=5))`
    ///
    /// - `seesAll`: root asks, who sees every process of this machine that has a socket.
    private static func listener(_ line: Substring, seesAll: Bool) -> HAProxyState.Listener? {
        let words = line.split(separator: " ", maxSplits: 5)
        guard words.count >= 5, words[0] == "LISTEN", let colon = words[3].lastIndex(of: ":"),
            let port = Int(words[3][words[3].index(after: colon)...])
        else { return nil }
        var host = words[3][..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        host = host.prefix { $0 != "%" }
        guard let address = host == "*" ? IPAddress("::") : IPAddress(host) else { return nil }
        // `users:(("systemd",pid=1,fd=40),("haproxy",pid=7,fd=5))`
        let users = words.dropFirst(5).first.flatMap { rest in
            rest.firstRange(of: "users:").map { rest[$0.upperBound...] }
        }
        let names = users?.split(separator: "(\"").dropFirst().compactMap { user in
            user.firstIndex(of: "\"").map { String(user[..<$0]) }
        }
        var listener = HAProxyState.Listener(
            address: address, port: port, process: names?.first, processes: names ?? (seesAll ? [] : nil),
            takesIPv4: host == "*" || !address.isIPv6)
        listener.pids = (users ?? "").split(separator: ",pid=").dropFirst().compactMap { user in
            Int(user.prefix { $0.isNumber })
        }
        return listener
    }
}
