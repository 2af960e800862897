extension HAProxyKeywords {
    /// The options of `server`, `server-template` and `default-server`.
    package static let server = HAProxyKeywords(
        always: """
            addr agent-addr agent-check agent-inter agent-port agent-send allow-0rtt backup \
            ca-file check check-send-proxy check-sni check-ssl ciphers cookie crl-file crt \
            disabled downinter enabled error-limit fall fastinter force-sslv3 force-tlsv10 \
            force-tlsv11 force-tlsv12 force-tlsv13 id init-addr inter interface maxconn maxqueue \
            minconn namespace no-agent-check no-backup no-check no-check-send-proxy no-check-ssl \
            no-send-proxy no-send-proxy-v2 no-send-proxy-v2-ssl no-send-proxy-v2-ssl-cn no-ssl \
            no-ssl-reuse no-sslv3 no-tls-tickets no-tlsv10 no-tlsv11 no-tlsv12 no-tlsv13 \
            non-stick observe on-error on-marked-down on-marked-up port redir resolve-net \
            resolve-prefer resolvers rise send-proxy send-proxy-v2 send-proxy-v2-ssl \
            send-proxy-v2-ssl-cn slowstart sni source ssl ssl-max-ver ssl-min-ver ssl-reuse \
            stick tcp-ut tls-tickets track usesrc verify verifyhost weight
            """,
        since: [
            "1.9": """
            alpn ciphersuites npn pool-max-conn pool-purge-delay proto proxy-v2-options \
            resolve-opts
            """,
            "2.0": """
            check-alpn check-via-socks4 max-reuse socks4 tfo
            """,
            "2.1": """
            no-tfo
            """,
            "2.2": """
            check-proto log-proto pool-low-conn
            """,
            "2.5": """
            ws
            """,
            "2.7": """
            shard
            """,
            "2.9": """
            client-sigalgs curves log-bufsize set-proxy-v2-tlv-fmt sigalgs
            """,
            "3.0": """
            guid hash-key pool-conn-name
            """,
            "3.1": """
            init-state
            """,
            "3.2": """
            check-pool-conn-name check-reuse-pool idle-ping no-check-reuse-pool \
            strict-maxconn
            """,
            "3.3": """
            cc check-sni-auto ktls no-check-sni-auto no-renegotiate no-sni-auto renegotiate \
            sni-auto tcp-md5sig
            """,
            "3.4": """
            healthcheck
            """,
        ],
        until: [:])

    /// Those of ``server`` that no value follows.
    static let serverFlags = Set(
        """
        agent-check allow-0rtt backup check check-reuse-pool check-send-proxy check-sni-auto \
        check-ssl check-via-socks4 disabled enabled force-sslv3 force-tlsv10 force-tlsv11 \
        force-tlsv12 force-tlsv13 no-agent-check no-backup no-check no-check-reuse-pool \
        no-check-send-proxy no-check-sni-auto no-check-ssl no-renegotiate no-send-proxy \
        no-send-proxy-v2 no-send-proxy-v2-ssl no-send-proxy-v2-ssl-cn no-sni-auto no-ssl \
        no-ssl-reuse no-sslv3 no-tfo no-tls-tickets no-tlsv10 no-tlsv11 no-tlsv12 no-tlsv13 \
        non-stick renegotiate send-proxy send-proxy-v2 send-proxy-v2-ssl send-proxy-v2-ssl-cn \
        sni-auto ssl ssl-reuse stick strict-maxconn tfo tls-tickets
        """.split(separator: " ").map(String.init))

    /// The options of `bind`.
    package static let bind = HAProxyKeywords(
        always: """
            accept-netscaler-cip accept-proxy allow-0rtt alpn backlog ca-file ca-ignore-err \
            ca-sign-file ca-sign-pass ciphers crl-file crt crt-ignore-err crt-list curves \
            defer-accept ecdhe expose-fd force-sslv3 force-tlsv10 force-tlsv11 force-tlsv12 \
            force-tlsv13 generate-certificates gid group id interface level maxconn mode mss \
            name namespace nice no-ca-names no-sslv3 no-tls-tickets no-tlsv10 no-tlsv11 \
            no-tlsv12 no-tlsv13 npn prefer-client-ciphers severity-output ssl ssl-max-ver \
            ssl-min-ver strict-sni tcp-ut tfo tls-ticket-keys tls-tickets transparent uid user \
            v4v6 v6only verify
            """,
        since: [
            "1.9": """
            ciphersuites proto
            """,
            "2.2": """
            ca-verify-file
            """,
            "2.5": """
            shards thread
            """,
            "2.6": """
            quic-force-retry
            """,
            "2.7": """
            quic-cc-algo
            """,
            "2.8": """
            client-sigalgs no-alpn sigalgs
            """,
            "2.9": """
            nbconn quic-socket
            """,
            "3.0": """
            default-crt guid-prefix
            """,
            "3.2": """
            idle-ping label no-strict-sni
            """,
            "3.3": """
            cc ech ktls no-renegotiate renegotiate tcp-md5sig
            """,
            "3.4": """
            tcp-ss
            """,
        ],
        until: [
            "2.6": """
            process
            """
        ])

    /// Those of ``bind`` that no value follows.
    static let bindFlags = Set(
        """
        accept-proxy allow-0rtt defer-accept force-sslv3 force-tlsv10 force-tlsv11 force-tlsv12 \
        force-tlsv13 generate-certificates no-alpn no-ca-names no-renegotiate no-sslv3 \
        no-strict-sni no-tls-tickets no-tlsv10 no-tlsv11 no-tlsv12 no-tlsv13 \
        prefer-client-ciphers quic-force-retry renegotiate ssl strict-sni tfo tls-tickets \
        transparent v4v6 v6only
        """.split(separator: " ").map(String.init))
}
