/// An error that several machines have in common, to be reported once.
package struct FoldedErrors: Hashable, Sendable {
    package let hosts: [HostID]
    private let error: RemoteError

    /// "39 nodes unreachable: 198.18.0.[1-39]: Connection refused".
    ///
    /// - `names`: ``hosts``, folded.
    package func description(_ names: String) -> String {
        guard hosts.count > 1 else { return error.description }
        let count = "\(hosts.count) nodes"
        return error.isAboutReaching
            ? "\(count) unreachable: \(names): \(error.detail)" : "\(count): \(names): \(error.words)"
    }

    /// The error without the machines: "cannot connect: Connection refused".
    package var words: String { error.words }

    /// The remedy, if there is one.
    package var hint: String? { error.hint }

    /// Groups errors that differ only in the machine and its address.
    ///
    /// - `fewest`: the least number of machines in a group; errors of fewer machines stay separate.
    /// - Returns: the groups, in the order of their first errors.
    package static func fold(_ errors: [RemoteError], fewest: Int = 3) -> [FoldedErrors] {
        var groups: [RemoteError: [RemoteError]] = [:]
        for error in errors { groups[error.withoutPlace, default: []].append(error) }
        var folded: [FoldedErrors] = []
        for error in errors {
            guard let group = groups[error.withoutPlace] else { continue }
            if group.count < fewest {
                folded.append(FoldedErrors(hosts: [error.host], error: error))
            } else if group.first == error {
                folded.append(FoldedErrors(hosts: group.map(\.host), error: error.withoutPlace))
            }
        }
        return folded
    }
}

extension RemoteError {
    /// Whether no session could be opened because the connection failed.
    fileprivate var isAboutReaching: Bool {
        switch operation {
        case .connect, .hop: kind == .unreachable || kind == .timedOut(.known)
        default: false
        }
    }

    /// ``words`` without the machine's address, alike for all machines that fail alike.
    package var wordsWithoutPlace: String { withoutPlace.words }

    /// The same error without what differs between machines.
    fileprivate var withoutPlace: RemoteError {
        var error = self
        error.host = HostID("")
        switch operation {
        case .connect: error.operation = .connect(to: nil)
        case .hop(_, let machine): error.operation = .hop(to: nil, through: machine)
        default: break
        }
        return error
    }
}
