/// Checksums of the certificates, keys and lists that haproxy.cfg names, by path: two balancers that are to serve the same
/// have the same files.
package struct CertificatesFact: Fact {
    package static let name = "certificates"
    static let most = 200

    package init() {}

    /// `certificates FILE` prints what a haproxy.cfg names. A name without a leading slash is below `crt-base` or `ca-base`.
    static let function = #"""
        certificates() {
          tr -d "\"'\r" <"$1" | awk '{ sub(/#.*/, "") }
            $1 == "crt-base" || $1 == "ca-base" { base[$1] = $2; next }
            { for (i = 1; i < NF; i++) {
                if ($i == "crt" || $i == "crt-list") key = "crt-base"
                else if ($i == "ca-file" || $i == "crl-file") key = "ca-base"
                else continue
                p = $(i + 1)
                if (p ~ /^@/) continue
                if (p !~ /^\//) { if (base[key] == "") continue; p = base[key] "/" p }
                print p
            } }' | sort -u | head -n \#(most)
        }
        checksums() {
          while IFS= read -r p; do
            if [ -d "$p" ]; then set -- "$p"/*; else set -- "$p"; fi
            for f; do
              if [ -f "$f" ]; then sha256sum "$f"; else echo "missing  $f"; fi
            done
          done
        }
        """#

    /// Nothing but checksums leaves the machine.
    package let script = """
        \(function)
        certificates /etc/haproxy/haproxy.cfg | checksums
        true
        """

    package func parse(_ output: SectionOutput) throws(FactError) -> [String: String] {
        var sums: [String: String] = [:]
        for line in output.lines {
            // A name with a backslash or a line break is written with a backslash in front: it compares as it is.
            let words = line.split(separator: " ", maxSplits: 1)
            guard words.count == 2, words[0] == "missing" || words[0].count >= 64 else { continue }
            sums[String(words[1].drop { $0 == " " || $0 == "*" })] = String(words[0])
        }
        return sums
    }
}
