// The tables are of the sources and of configuration.txt of the first release of each branch from 1.8 to 3.4: the
// matrix of 4.1, the list of 3, and the keyword lists that the sources register.

extension HAProxyKeywords {
    /// The first words in `defaults`, `frontend`, `backend` and `listen`.
    package static let proxy = HAProxyKeywords(
        always: """
            acl backlog balance bind capture compression cookie declare default-server \
            default_backend description disabled dispatch email-alert enabled errorfile errorloc \
            errorloc302 errorloc303 external-check filter force-persist fullconn \
            hash-balance-factor hash-type http-check http-request http-response http-reuse \
            http-send-name-header id ignore-persist load-server-state-from-file log log-format \
            log-format-sd log-tag max-keep-alive-queue maxconn mode monitor monitor-uri option \
            persist rate-limit redirect retries server server-state-file-name server-template \
            source stats stick stick-table tcp-check tcp-request tcp-response timeout \
            transparent unique-id-format unique-id-header use-server use_backend
            """,
        since: [
            "1.9": """
            max-session-srv-conns
            """,
            "2.0": """
            retry-on
            """,
            "2.1": """
            use-fcgi-app
            """,
            "2.2": """
            errorfiles http-after-response http-error
            """,
            "2.3": """
            clitcpka-cnt clitcpka-idle clitcpka-intvl srvtcpka-cnt srvtcpka-idle \
            srvtcpka-intvl
            """,
            "2.5": """
            error-log-format
            """,
            "3.0": """
            guid
            """,
            "3.1": """
            log-steps quic-initial
            """,
            "3.2": """
            crt hash-preserve-affinity
            """,
            "3.4": """
            filter-sequence force-be-switch
            """,
        ],
        until: [
            "2.0": """
            block clitimeout contimeout redisp redispatch reqadd reqallow reqdel reqdeny \
            reqiallow reqidel reqideny reqipass reqirep reqitarpit reqpass reqrep reqtarpit \
            rspadd rspdel rspdeny rspidel rspideny rspirep rsprep srvtimeout
            """,
            "2.2": """
            monitor-net
            """,
            "2.4": """
            grace
            """,
            "2.6": """
            bind-process
            """,
        ])

    /// What `option` turns on in a proxy.
    package static let option = HAProxyKeywords(
        always: """
            abortonclose accept-invalid-http-request accept-invalid-http-response allbackups \
            checkcache clitcpka contstats dontlog-normal dontlognull external-check forwardfor \
            http-buffer-request http-ignore-probes http-keep-alive http-no-delay \
            http-pretend-keepalive http-server-close http-use-proxy-header httpchk httpclose \
            httplog independent-streams ldap-check log-health-checks log-separate-errors logasap \
            mysql-check nolinger originalto persist pgsql-check prefer-last-server redis-check \
            redispatch smtpchk socket-stats splice-auto splice-request splice-response \
            spop-check srvtcpka ssl-hello-chk tcp-check tcp-smart-accept tcp-smart-connect tcpka \
            tcplog transparent
            """,
        since: [
            "1.9": """
            http-use-htx
            """,
            "2.1": """
            h1-case-adjust-bogus-client h1-case-adjust-bogus-server
            """,
            "2.2": """
            disable-h2-upgrade
            """,
            "2.5": """
            httpslog
            """,
            "2.6": """
            http-restrict-req-hdr-names idle-close-on-response
            """,
            "2.8": """
            forwarded
            """,
            "3.1": """
            accept-unsafe-violations-in-http-request \
            accept-unsafe-violations-in-http-response
            """,
            "3.2": """
            http-drop-request-trailers http-drop-response-trailers
            """,
            "3.4": """
            use-small-buffers
            """,
        ],
        until: [
            "1.9": """
            forceclose
            """,
            "2.0": """
            http-tunnel http-use-htx
            """,
            "2.4": """
            http_proxy
            """,
        ])

    /// What `timeout` limits in a proxy.
    package static let timeout = HAProxyKeywords(
        always: """
            check client client-fin connect http-keep-alive http-request queue server server-fin \
            tarpit tunnel
            """,
        since: [
            "2.9": """
            client-hs
            """
        ],
        until: [
            "2.0": """
            clitimeout contimeout srvtimeout
            """
        ])
}
