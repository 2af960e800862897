package import HAProxy
package import Keepalived

/// One piece of evidence for a finding: its source, its place and its text. It contains no secrets.
package struct Evidence: Hashable, Sendable {
    package enum Source: Hashable, Sendable {
        /// A line of a file.
        case file(String, line: Int)
        /// A daemon's log.
        case journal
        /// Packets that tcpdump saw on an interface.
        case capture
        /// Counters of keepalived and haproxy.
        case counter
        /// The kernel: addresses, neighbours, settings, packet filter, a file's mode.
        case kernel
        /// What a daemon, or the service manager, reports about itself.
        case daemon
        /// A node's answer to a ping, or no answer.
        case probe
        /// Files of haops on the node.
        case haops
    }

    /// The node's name; `nil` if a finding is about one node alone, or about a file that belongs to no node.
    package var node: String?
    package var source: Source
    package var text: String

    package init(_ source: Source, on node: String? = nil, _ text: String) {
        self.node = node
        self.source = source
        self.text = text
    }

    /// A line of a file.
    package init(at location: ConfigurationLocation, on node: String? = nil, _ text: String) {
        self.init(.file(location.file, line: location.line), on: node, text)
    }

    package init(at location: HAProxyFile.Location, _ text: String) {
        self.init(.file(location.file, line: location.line), text)
    }

    /// `NODE: FILE:LINE`; `nil` for evidence that is not in a file of a node.
    package var place: String? {
        guard let node, case .file(let path, let line) = source else { return nil }
        return "\(node): \(path):\(line)"
    }
}

extension Evidence.Source {
    /// The source's name in JSON.
    package var name: String {
        switch self {
        case .file: "file"
        case .journal: "journal"
        case .capture: "capture"
        case .counter: "counter"
        case .kernel: "kernel"
        case .daemon: "daemon"
        case .probe: "probe"
        case .haops: "haops"
        }
    }
}

extension Evidence: CustomStringConvertible {
    /// `lb1: /etc/keepalived/keepalived.conf:3: priority 150`, `lb1's journal: …`, `lb1: it has it on eth0`.
    package var description: String {
        switch (source, node) {
        case (.file(let path, let line), let node?): "\(node): \(path):\(line): \(text)"
        case (.file(let path, let line), nil): "\(path):\(line): \(text)"
        case (.journal, let node?): "\(node)'s journal: \(text)"
        case (_, let node?): "\(node): \(text)"
        case (_, nil): text
        }
    }
}
