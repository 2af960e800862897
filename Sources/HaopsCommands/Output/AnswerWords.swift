import Addresses
import Checks
import Facts
import Remote

extension VIPOwnership {
    /// Whether the address answers others, in the table of `who`.
    var answerWord: String {
        switch answer {
        case .notProbed: trueOwner == nil ? "-" : "not probed"
        case .answers: "yes"
        case .dark: "no"
        case .contested: "\(intruders.count + (askers.isAnsweredByOwner(trueOwner) ? 1 : 0)) machines"
        case .unclear: "unclear"
        }
    }

    /// Whether anybody is answered; `nil` where nobody asked, or where it cannot be told.
    var isAnswering: Bool? {
        switch answer {
        case .answers, .contested: true
        case .dark: false
        case .notProbed, .unclear: nil
        }
    }
}

extension [VIPOwnership.AnswerView] {
    fileprivate func isAnsweredByOwner(_ owner: HostID?) -> Bool {
        contains { view in view.speakers.contains { $0.node == owner } }
    }
}

extension VIPOwnership.Answer {
    var tone: Style.Tone? {
        switch self {
        case .answers, .notProbed: nil
        case .dark, .contested: .bad
        case .unclear: .warning
        }
    }
}
