import Addresses
import Glibc
import HAProxy
import Keepalived

/// Megabytes per CPU second of the readers of keepalived.conf and haproxy.cfg, at sizes that show whether time is linear.
@main
struct ParserThroughput {
    static func main() {
        for blocks in [4_000, 16_000, 32_000] {
            let text = Self.text(blocks: blocks)
            report("tree", text.count) { SyntaxTree(file: "k.conf", source: text).nodes.count }
            report("statements", text.count) { reader(text).effective(path: "k.conf").statements.count }
            report("configuration", text.count) { reader(text).read(path: "k.conf").instances.count }
            let proxies = Self.proxies(blocks: blocks)
            report("haproxy tree", proxies.count) { HAProxyFile(path: "h.cfg", bytes: proxies).lines.count }
            report("haproxy configuration", proxies.count) {
                HAProxyConfiguration(path: "h.cfg", bytes: proxies).proxies.count
            }
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

    /// An ordinary haproxy.cfg, repeated under different names.
    static func proxies(blocks: Int) -> [UInt8] {
        var text = "defaults\n    mode http\n    timeout client 30s\n"
        for number in 0..<blocks {
            text += """
                # the site \(number)
                frontend web_\(number)
                    bind 203.0.113.50:\(number % 60_000 + 1) ssl crt "/etc/haproxy/site \(number).pem" alpn h2,http/1.1
                    http-request set-header X-Forwarded-Proto https if { ssl_fc }
                    acl is_api path_beg /api/ /v\(number)/
                    use_backend app_\(number) if is_api
                    default_backend app_\(number)

                backend app_\(number)
                    balance leastconn
                    option httpchk GET /health   # answered by the application
                    server app1 198.51.100.21:8080 check inter 2s fall 2 rise 2
                    server app2 198.51.100.22:8080 check inter 2s fall 2 rise 2 backup

                """
        }
        return Array(text.utf8)
    }
}
