package import Checks

/// A failure that `drill` makes on a node.
///
/// The raw values are what operators type, and those of ``FailureCase`` where `ready` foretells the failure.
package enum DrillCase: String, CaseIterable, Hashable, Sendable {
    case stop
    case kill
    case freeze
    case crash
    case interface
    case advertInterface = "advert-interface"
    case advertsIn = "adverts-in"
    case advertsOut = "adverts-out"
    case advertsBoth = "adverts-both"
    case checkFails = "check-fails"
    case haproxy
    case haproxyHang = "haproxy-hang"
    case backend
    case reboot
    case failback

    /// What `ready` foretells of it; `nil` for what it does not foretell. A machine that shuts down stops keepalived in good
    /// order.
    package var foretold: FailureCase? {
        self == .reboot || self == .failback ? .stop : FailureCase(rawValue: rawValue)
    }

    /// Whether the way back is what it is made for, and the failure only makes it possible.
    package var isOfReturn: Bool { self == .failback }

    /// Whether it is one of `all`: the end of a reboot is the machine's own, and nobody restores one that does not come back.
    package var isOneOfAll: Bool { self != .reboot }

    /// What is done on the node, for people.
    package var action: String {
        switch self {
        case .stop, .failback: "stop keepalived"
        case .reboot: "reboot the machine"
        case .kill: "kill all of keepalived (SIGKILL)"
        case .freeze: "freeze keepalived (SIGSTOP)"
        case .crash: "drop every packet on its interfaces"
        case .interface: "set the interface of the addresses down"
        case .advertInterface: "set the interface of the adverts down"
        case .advertsIn: "drop incoming adverts"
        case .advertsOut: "drop outgoing adverts"
        case .advertsBoth: "drop adverts in both directions"
        case .checkFails: "make a check fail"
        case .haproxy: "stop haproxy"
        case .haproxyHang: "freeze haproxy (SIGSTOP)"
        case .backend: "drop haproxy's packets to every server"
        }
    }

    /// How the node ends it, for people.
    package var end: String {
        switch self {
        case .stop, .kill, .failback: "start keepalived"
        case .reboot: "the machine boots"
        case .freeze: "let keepalived go on (SIGCONT)"
        case .crash, .advertsIn, .advertsOut, .advertsBoth, .backend: "remove the packet filter's table"
        case .interface, .advertInterface: "set the interface up, and put its routes back"
        case .checkFails: "give the check its program back"
        case .haproxy: "start haproxy"
        case .haproxyHang: "let haproxy go on (SIGCONT)"
        }
    }

    /// Whether the addresses go on answering pings, and what is behind them fails.
    package var failsService: Bool { self == .haproxy || self == .haproxyHang || self == .backend }

    /// Whether it may cut the connection that haops has to the node: then the node's own timer ends it.
    var cutsConnection: Bool {
        self == .crash || self == .interface || self == .advertInterface || self == .reboot
    }

    /// Whether keepalived begins anew when it ends.
    var restartsKeepalived: Bool { self == .stop || self == .kill || self == .failback || self == .reboot }

    /// Whether haproxy begins anew when it ends.
    var restartsHAProxy: Bool { self == .haproxy || self == .reboot }
}
