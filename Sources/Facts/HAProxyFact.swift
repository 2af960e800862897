package import Addresses

/// haproxy as it runs on a machine.
package struct HAProxyState: Hashable, Sendable {
    /// As `haproxy -v` prints it: `2.6.12-1+deb12u4`; `nil` when it is not installed.
    package var version: String?
    package var isRunning: Bool
    /// Where something listens for TCP; the unspecified address stands for all of its family.
    package var listening: [Listener]

    package struct Listener: Hashable, Sendable {
        package var address: IPAddress
        package var port: Int
        /// The process's name, where the machine says so.
        package var process: String?

        package init(address: IPAddress, port: Int, process: String? = nil) {
            self.address = address
            self.port = port
            self.process = process
        }
    }

    package init(version: String? = nil, isRunning: Bool = false, listening: [Listener] = []) {
        self.version = version
        self.isRunning = isRunning
        self.listening = listening
    }

    /// Whether haproxy accepts connections for an address and port, on it or on all addresses.
    package func accepts(_ address: IPAddress?, port: Int) -> Bool {
        listening.contains { listener in
            guard listener.port == port, listener.process ?? "haproxy" == "haproxy" else { return false }
            guard let address else { return true }
            let any: IPAddress = listener.address.isIPv6 ? .v6(high: 0, low: 0) : .v4(0)
            return listener.address == address || listener.address == any
        }
    }
}

package struct HAProxyFact: Fact {
    package static let name = "haproxy"

    package init() {}

    package let script = """
        command -v haproxy >/dev/null && haproxy -v | sed -n '1s/^/version=/p'
        ss -Hltnp
        """

    package func parse(_ output: SectionOutput) throws(FactError) -> HAProxyState {
        var state = HAProxyState()
        for line in output.lines {
            if line.hasPrefix("version=") {
                // `version=HAProxy version 2.6.12-1+deb12u4 2026/10/17 - https://haproxy.org/`
                let words = line.split(separator: " ")
                if let index = words.firstIndex(of: "version"), words.indices.contains(index + 1) {
                    state.version = String(words[index + 1])
                }
            } else if let listener = Self.listener(line) {
                state.listening.append(listener)
            }
        }
        state.isRunning = state.listening.contains { $0.process == "haproxy" }
        return state
    }

    /// `LISTEN 0 4096 203.0.113.50:80 0.0.0.0:* users:(("haproxy",pid=7,fd=5))`
    private static func listener(_ line: Substring) -> HAProxyState.Listener? {
        let words = line.split(separator: " ")
        guard words.count >= 5, words[0] == "LISTEN", let colon = words[3].lastIndex(of: ":"),
            let port = Int(words[3][words[3].index(after: colon)...])
        else { return nil }
        var host = words[3][..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        host = host.prefix { $0 != "%" }
        guard let address = host == "*" ? IPAddress("::") : IPAddress(host) else { return nil }
        let users = words.dropFirst(5).first { $0.hasPrefix("users:") }
        let process = users?.split(separator: "\"", maxSplits: 2).dropFirst().first.map(String.init)
        return HAProxyState.Listener(address: address, port: port, process: process)
    }
}
