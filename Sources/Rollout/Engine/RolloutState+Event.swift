import Events
import Remote

extension RolloutState.Event {
    /// What went wrong, in words.
    var reasons: [String] {
        switch self {
        case .failed(let reasons), .failedHalfway(let reasons): reasons
        case .unreachable(let errors): errors.map(\.description)
        case .unknown(let error): [error.description]
        case .each(let events): events.sorted { $0.key < $1.key }.flatMap(\.value.reasons)
        case .succeeded, .saw: []
        }
    }

    /// Whether the node may have done what it was told.
    var mayHaveSucceeded: Bool {
        if case .unknown = self { return true }
        return isSuccess
    }

    var isSuccess: Bool {
        switch self {
        case .succeeded, .saw: true
        case .each(let events): events.values.allSatisfy(\.isSuccess)
        case .failed, .failedHalfway, .unreachable, .unknown: false
        }
    }
}

extension StageUnderWay {
    /// Ends as the event says: what may have been done is unknown, and not failed.
    func ends(with event: RolloutState.Event) {
        switch event {
        case _ where event.isSuccess: ends()
        case .unknown(let error): isUnknown(error)
        default: fails(event.reasons.joined(separator: "; "))
        }
    }
}
