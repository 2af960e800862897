extension KeepalivedVersion {
    /// Reads what `keepalived -v` prints: `Keepalived v2.2.7 (01/16,2022)`, on either stream.
    package init?(versionOutput: String) {
        for line in versionOutput.split(whereSeparator: \.isNewline) {
            let words = line.split(separator: " ")
            guard let index = words.firstIndex(where: { $0 == "Keepalived" || $0 == "keepalived" }),
                index + 1 < words.count, let version = KeepalivedVersion(words[index + 1])
            else { continue }
            self = version
            return
        }
        return nil
    }

    /// `-t` (since 2.0.4).
    package var hasConfigTest: Bool { self >= Self(2, 0, 4) }

    /// `-t` tells kinds of errors apart by its exit status (since 2.0.7).
    package var hasConfigTestCodes: Bool { self >= Self(2, 0, 7) }

    /// 2.2.5 to 2.2.7 kill themselves in `-t` when a script runs as another user than root
    /// (fixed in 2.2.8, issue 2587).
    package var configTestMayKillItself: Bool { self >= Self(2, 2, 5) && self < Self(2, 2, 8) }

    /// Each change of a role and of an effective priority is logged, at the usual level and by one line that names the
    /// instance (since 2.0.0).
    package var logsEveryRole: Bool { self >= Self(2, 0, 0) }

    package var hasTrackProcess: Bool { self >= Self(2, 0, 11) }
    /// Scripts are run by `system()`, so by a shell (before 2.0.0; lib/notify.c).
    package var runsScriptsInShell: Bool { self < Self(2, 0, 0) }

    /// Double quotes hold words together, and do not become words themselves (since 1.2.20; lib/parser.c
    /// `alloc_strvec`).
    package var removesQuotes: Bool { self >= Self(1, 2, 20) }

    package var hasScriptSecurity: Bool { self >= Self(1, 3, 0) }

    /// A mismatching advert is discarded, so that both nodes become MASTER (since 2.0.0). Before, a BACKUP stayed
    /// BACKUP, except for another advert interval.
    package var dropsDisagreeingAdverts: Bool { self >= Self(2, 0, 0) }

    /// Adverts with another set of addresses are discarded (2.0.0 to 2.3.2, issue 1603).
    package var dropsAdvertsWithOtherAddresses: Bool { self >= Self(2, 0, 0) && self < Self(2, 3, 3) }

    /// An instance is in FAULT while the interface of one of its addresses is down, but for `no_track` (since 2.0.0, vrrp.c
    /// `TRACK_ADDR`). Before, only `interface` and `track_interface` counted.
    package var tracksAddressInterfaces: Bool { self >= Self(2, 0, 0) }

    /// A script without weight that a reload adds counts as successful at first, instead of taking the instance
    /// down (since 2.2.5, issue 1941).
    package var reloadTrustsNewScripts: Bool { self >= Self(2, 2, 5) }
}
