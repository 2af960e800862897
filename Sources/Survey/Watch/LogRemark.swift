import Events
import Keepalived
import Remote
import Timeline

/// What a log says beyond what the state of a node shows.
enum LogRemark {
    /// Something that is repeated after a longer pause is told again.
    static let pause = Duration.milliseconds(TimelineRows.pause)
    /// The most sentences of one node that are remembered.
    static let most = 200

    /// Whether something may have changed that the line does not say.
    static func isReasonToLook(_ kind: TimelineEvent.Kind) -> Bool {
        switch kind {
        case .keepalived(let event):
            switch event.kind {
            case .becameMaster, .becameBackup, .becameFault, .started, .reloaded, .stopped, .childDied,
                .permanentError, .scriptDisabled:
                true
            default: event.isRejection
            }
        case .service, .machine(.booted): true
        case .haproxy(let event):
            switch event {
            case .serverDown, .serverUp: false
            default: true
            }
        case .link, .machine, .run: false
        }
    }

    /// What is told; `nil` for details, and for what the kernel tells itself.
    static func words(_ kind: TimelineEvent.Kind, on host: HostID) -> String? {
        switch kind {
        case .link: return nil
        case .keepalived(let event):
            switch event.kind {
            case .interfaceDown, .interfaceUp: return nil
            default: break
            }
        default: break
        }
        let event = TimelineEvent(time: UTCTime(millisecondsSince1970: 0), node: host.name, kind: kind)
        return event.isDetail ? nil : event.words
    }
}
