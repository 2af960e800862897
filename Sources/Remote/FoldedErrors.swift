/// What went wrong with several machines alike, to be said once.
package struct FoldedErrors: Hashable, Sendable {
    package let hosts: [HostID]
    private let error: RemoteError

    /// "39 nodes unreachable: 198.18.0.[1-39]: Connection refused".
    ///
    /// - `names`: ``hosts``, in as few words as possible.
    package func description(_ names: String) -> String {
        guard hosts.count > 1 else { return error.description }
        let count = "\(hosts.count) nodes"
        return error.isAboutReaching
            ? "\(count) unreachable: \(names): \(error.detail)" : "\(count): \(names): \(error.words)"
    }

    /// What to do about it, where there is something to do.
    package var hint: String? { error.hint }

    /// Puts errors together that differ in nothing but the machine and where it is.
    ///
    /// - `fewest`: of a group; what fewer machines have in common stays apart.
    /// - Returns: in the order in which each group's first error came.
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
    /// No session came about, for want of a connection.
    fileprivate var isAboutReaching: Bool {
        switch operation {
        case .connect, .hop: kind == .unreachable || kind == .timedOut(.known)
        default: false
        }
    }

    /// The same, as it is said of every machine that it happened to.
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
