/// One kind of failure that `ready` works out.
///
/// The raw values are what operators type and never change; ``meaning`` is the table in docs/Ready.md.
package enum FailureCase: String, CaseIterable, Hashable, Sendable {
    case stop
    case kill
    case crash
    case interface
    case advertInterface = "advert-interface"
    case advertsIn = "adverts-in"
    case advertsOut = "adverts-out"
    case advertsBoth = "adverts-both"
    case checkFails = "check-fails"
    case haproxy
    case backend

    /// What fails, for people.
    package var meaning: String {
        switch self {
        case .stop:
            "keepalived is stopped in good order: it announces priority 0 and removes its addresses"
        case .kill:
            "all of keepalived is killed (`kill -9`): it announces nothing, and its addresses stay on the machine"
        case .crash:
            "the machine goes silent: power, kernel, both cables. Also every pair of machines where there are three or more"
        case .interface: "an interface that carries the addresses loses its link"
        case .advertInterface: "the interface of the adverts loses its link, where it is another one"
        case .advertsIn: "the node receives no adverts any more, and no link is lost"
        case .advertsOut: "nobody receives the node's adverts any more, and no link is lost"
        case .advertsBoth:
            "the same in both directions: the network of the adverts fails, and no link is lost"
        case .checkFails: "a tracked script, process, file or interface fails"
        case .haproxy: "haproxy ends and does not come back"
        case .backend: "every server is down as this node's haproxy sees them; the others see them up"
        }
    }
}
