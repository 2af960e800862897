import Addresses
import Glibc
import Keepalived

/// Megabytes per CPU second of the keepalived.conf parser, at sizes that show whether time is linear.
@main
struct ParserThroughput {
    static func main() {
        for blocks in [4_000, 16_000, 32_000] {
            let text = Self.text(blocks: blocks)
            report("tree", text.count) { SyntaxTree(file: "k.conf", source: text).nodes.count }
            report("statements", text.count) { reader(text).effective(path: "k.conf").statements.count }
            report("configuration", text.count) { reader(text).read(path: "k.conf").instances.count }
        }
    }

    static func reader(_ text: [UInt8]) -> ConfigurationReader {
        ConfigurationReader(path: "k.conf", bytes: text)
    }

    static func report(_ what: String, _ bytes: Int, _ work: () -> Int) {
        var seconds = Double.infinity
        var count = 0
        for _ in 0..<3 {
            let start = clock()
            count = work()
            seconds = min(seconds, Double(clock() - start) / Double(CLOCKS_PER_SEC))
        }
        let rate = Double(bytes) / 1e6 / seconds
        func oneDecimal(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
        print(
            "\(what): \(oneDecimal(Double(bytes) / 1e6)) MB in \(oneDecimal(seconds * 1e3)) ms,",
            "\(oneDecimal(rate)) MB/s (\(count) nodes)")
    }

    /// An ordinary configuration, repeated under different names.
    static func text(blocks: Int) -> [UInt8] {
        var text = "$PASS=s3cret\n"
        for number in 0..<blocks {
            text += """
                # the pair in front of web \(number)
                vrrp_script check_\(number) {
                    script "/etc/keepalived/check.sh --quiet"   # exits 1 when haproxy is down
                    interval 2
                    weight -60
                }
                vrrp_instance VI_\(number) {
                    @lb1 state MASTER
                    @^lb1 state BACKUP
                    interface eth0
                    virtual_router_id \(number % 255 + 1)
                    priority 150
                    authentication {
                        auth_type PASS
                        auth_pass $PASS
                    }
                    virtual_ipaddress {
                        203.0.113.\(number % 254 + 1)/24 dev eth1 label eth1:\(number)
                        2001:db8::\(number % 9_000)/64
                    }
                    track_script {
                        check_\(number)
                    }
                }

                """
        }
        return Array(text.utf8)
    }
}
