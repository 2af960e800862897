internal import Glibc
internal import Remote

/// The limit on open descriptors of this process.
enum DescriptorLimit {
    /// Raises the soft limit as far as `wanted` needs and the hard limit allows.
    static func raise(to wanted: Int) {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0,
            limit.rlim_cur < rlim_t(wanted)
        else { return }
        limit.rlim_cur = min(limit.rlim_max, rlim_t(wanted))
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    /// The most sessions that are kept open. A libssh2 session takes about 60 KB, so that a survey of any number of
    /// machines stays small; one that asks more than this number twice logs in anew to those that it closed.
    private static let mostSessions = 256

    /// Raises the soft limit for the sessions of a run, and returns how many sessions the limit allows. The
    /// result is at least `parallel`; when that is too many, the failing login reports the limit.
    ///
    /// - `held`: sessions that the run holds open besides.
    static func sessions(parallel: Int, held: Int = 0) -> Int {
        let wanted = max(parallel, mostSessions) + held
        raise(to: needed(parallel: wanted))
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return parallel
        }
        let room = (Int(clamping: limit.rlim_cur) - 64) / 3
        return max(parallel, min(wanted, room))
    }

    /// The descriptors that a run needs: for each session a socket, an agent connection and a resolver, and those
    /// of haops itself.
    static func needed(parallel: Int) -> Int { parallel * 3 + 64 }

    static func error(host: HostID, code: CInt, parallel: Int) -> RemoteError {
        var limit = rlimit()
        _ = unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        if code == ENFILE {
            return .localLimit(
                host: host, cause: "this machine has no file descriptors left (\(String(errno: code)))",
                hint: "see /proc/sys/fs/file-nr, or lower --parallel")
        }
        return .localLimit(
            host: host,
            cause: "out of file descriptors: soft limit \(limit.rlim_cur), hard limit \(limit.rlim_max), "
                + "\(needed(parallel: parallel)) wanted for --parallel \(parallel)",
            hint: "raise it with ulimit -n \(needed(parallel: parallel)), or lower --parallel")
    }
}
