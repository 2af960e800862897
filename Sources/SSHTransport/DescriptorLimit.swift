internal import Glibc
internal import Remote

/// How many descriptors this process may have open.
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

    /// A fleet of so many machines is kept logged in to; a session of libssh2 takes about 55 KiB.
    private static let mostSessions = 1024

    /// Raises the soft limit for as many open sessions as a run may use, and says how many it has descriptors for; no less
    /// than the window of logins, whose own error says what is missing.
    static func sessions(parallel: Int) -> Int {
        let wanted = max(parallel, mostSessions)
        raise(to: needed(parallel: wanted))
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return parallel
        }
        let room = (Int(clamping: limit.rlim_cur) - 64) / 3
        return max(parallel, min(wanted, room))
    }

    /// What a run with so many sessions at once needs: a socket each, an agent or a resolver beside it, and ours.
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
