extension GrammarTable {
    /// The checkers of virtual servers (check_parser.c and the check_*.c files).
    static let virtualServers = """
        virtual_server{} : value
            alpha
            connect_timeout 2.0.13 : seconds 0.00001
            delay_before_retry 1.3.7 : seconds 0
            delay_loop : seconds 0.00001
            flag-1 1.3.0
            flag-2 1.3.0
            flag-3 1.3.0
            ha_suspend
            hashed 1.3.0
            hysteresis : number 0 4294967295
            inhibit_on_failure 1.3.7
            ip_family 1.2.20 : one inet inet6
            lb_algo : one rr wrr lc wlc lblc sh mh dh fo ovf lblcr sed nq twos
            lb_kind : one NAT DR TUN
            lvs_method : one NAT DR TUN
            lvs_sched : one rr wrr lc wlc lblc sh mh dh fo ovf lblcr sed nq twos
            mh-fallback 2.0.20
            mh-port 2.0.20
            nat_mask until 1.2.19
            omega
            ops 1.2.8
            persistence_engine 1.2.20 : value
            persistence_granularity : value
            persistence_timeout : optional 1 2678400
            protocol : one TCP UDP SCTP tcp udp sctp
            quorum : number 1 4294967295
            quorum_down$ : value
            quorum_up$ : value
            real_server{} : value
                BFD_CHECK{} 2.0.0
                    alpha 2.0.0 : flag
                    name 2.0.0
                DNS_CHECK{} 1.3.0
                    alpha 1.3.7 : flag
                    bind_if 1.3.7 : value
                    bind_port 1.3.0 : number 1 65535
                    bindto 1.3.0 : address
                    connect_ip 1.3.0 : address
                    connect_port 1.3.0 : number 1 65535
                    connect_timeout 1.3.0 : seconds 0.00001
                    delay_before_retry 1.3.7 : seconds 0
                    delay_loop 1.3.7 : seconds 0.00001
                    fwmark 1.3.0 : number 0 4294967295
                    log_all_failures 2.0.11 : flag
                    name 1.3.0 : value
                    retry 1.3.0 : number 0 4294967295
                    type 1.3.0 : one A NS CNAME SOA MX TXT AAAA RRSIG DNSKEY
                    warmup 1.3.7 : seconds 0
                FILE_CHECK{} 2.1.0
                    track_file 2.1.0 : value
                    weight 2.1.0 : wanted
                HTTP_GET{}
                    alpha 1.3.7 : flag
                    bind_if 1.3.7 : value
                    bind_port 1.2.13 : number 1 65535
                    bindto : address
                    connect_ip 1.2.13 : address
                    connect_port : number 1 65535
                    connect_timeout : seconds 0.00001
                    delay_before_retry : seconds 0
                    delay_loop 1.3.7 : seconds 0.00001
                    enable_sni 1.4.3 : flag
                    fast_recovery 2.0.17 : flag
                    fwmark 1.2.13 : number 0 4294967295
                    http_protocol 2.0.17
                    log_all_failures 2.0.11 : flag
                    nb_get_retry : number 0 4294967295
                    retry 1.3.7 : number 0 4294967295
                    tls_compliant 2.2.8
                    url{}
                        digest : value
                        path : value
                        regex 2.0.7
                        regex_max_offset 2.0.7
                        regex_min_offset 2.0.7
                        regex_no_match 2.0.7
                        regex_options 2.0.7
                        regex_stack 2.0.7
                        status_code
                        tls_compliant 2.2.8
                        virtualhost 1.3.6
                    virtualhost 1.3.6 : wanted
                    warmup 1.2.13 : seconds 0
                MISC_CHECK{}
                    alpha 1.3.7 : flag
                    delay_before_retry 1.3.7 : seconds 0
                    delay_loop 1.3.7 : seconds 0.00001
                    log_all_failures 2.0.11 : flag
                    misc_dynamic
                    misc_path$
                    misc_timeout : number 0 4294
                    retry 1.3.7 : number 0 4294967295
                    user 1.3.0 : wanted
                    warmup 1.2.13 : seconds 0
                PING_CHECK{} 2.1.0
                    alpha 2.1.0 : flag
                    bind_if 2.1.0 : value
                    bind_port 2.1.0 : number 1 65535
                    bindto 2.1.0 : address
                    connect_ip 2.1.0 : address
                    connect_port 2.1.0 : number 1 65535
                    connect_timeout 2.1.0 : seconds 0.00001
                    delay_before_retry 2.1.0 : seconds 0
                    delay_loop 2.1.0 : seconds 0.00001
                    fwmark 2.1.0 : number 0 4294967295
                    log_all_failures 2.1.0 : flag
                    retry 2.1.0 : number 0 4294967295
                    warmup 2.1.0 : seconds 0
                SMTP_CHECK{}
                    alpha 1.3.7 : flag
                    bind_if 1.3.7 : value
                    bind_port 1.2.17 : number 1 65535
                    bindto 1.2.17 : address
                    connect_ip 1.2.17 : address
                    connect_port 1.2.17 : number 1 65535
                    connect_timeout : seconds 0.00001
                    delay_before_retry : seconds 0
                    delay_loop 1.3.7 : seconds 0.00001
                    fwmark 1.2.17 : number 0 4294967295
                    helo_name : wanted
                    host{}
                        alpha 1.3.7 : flag
                        bind_if 1.3.7 : value
                        bind_port 1.2.13 : number 1 65535
                        bindto : address
                        connect_ip : address
                        connect_port : number 1 65535
                        connect_timeout 1.2.13 : seconds 0.00001
                        delay_before_retry 1.3.7 : seconds 0
                        delay_loop 1.3.7 : seconds 0.00001
                        fwmark 1.2.13 : number 0 4294967295
                        log_all_failures 2.0.11 : flag
                        retry 1.3.7 : number 0 4294967295
                        warmup 1.3.7 : seconds 0
                    log_all_failures 2.0.11 : flag
                    retry : number 0 4294967295
                    warmup 1.2.13 : seconds 0
                SSL_GET{}
                    alpha 1.3.7 : flag
                    bind_if 1.3.7 : value
                    bind_port 1.2.13 : number 1 65535
                    bindto : address
                    connect_ip 1.2.13 : address
                    connect_port : number 1 65535
                    connect_timeout : seconds 0.00001
                    delay_before_retry : seconds 0
                    delay_loop 1.3.7 : seconds 0.00001
                    enable_sni 1.4.3 : flag
                    fast_recovery 2.0.17 : flag
                    fwmark 1.2.13 : number 0 4294967295
                    http_protocol 2.0.17
                    log_all_failures 2.0.11 : flag
                    nb_get_retry : number 0 4294967295
                    retry 1.3.7 : number 0 4294967295
                    tls_compliant 2.2.8
                    url{}
                        digest : value
                        path : value
                        regex 2.0.7
                        regex_max_offset 2.0.7
                        regex_min_offset 2.0.7
                        regex_no_match 2.0.7
                        regex_options 2.0.7
                        regex_stack 2.0.7
                        status_code
                        tls_compliant 2.2.8
                        virtualhost 1.3.6
                    virtualhost 1.3.6 : wanted
                    warmup 1.2.13 : seconds 0
                TCP_CHECK{}
                    alpha 1.3.7 : flag
                    bind_if 1.3.7 : value
                    bind_port 1.2.13 : number 1 65535
                    bindto : address
                    connect_ip 1.2.13 : address
                    connect_port : number 1 65535
                    connect_timeout : seconds 0.00001
                    delay_before_retry 1.2.20 : seconds 0
                    delay_loop 1.3.7 : seconds 0.00001
                    fwmark 1.2.13 : number 0 4294967295
                    log_all_failures 2.0.11 : flag
                    retry 1.2.20 : number 0 4294967295
                    warmup 1.2.13 : seconds 0
                UDP_CHECK{} 2.1.0
                    alpha 2.1.0 : flag
                    bind_if 2.1.0 : value
                    bind_port 2.1.0 : number 1 65535
                    bindto 2.1.0 : address
                    connect_ip 2.1.0 : address
                    connect_port 2.1.0 : number 1 65535
                    connect_timeout 2.1.0 : seconds 0.00001
                    delay_before_retry 2.1.0 : seconds 0
                    delay_loop 2.1.0 : seconds 0.00001
                    fwmark 2.1.0 : number 0 4294967295
                    log_all_failures 2.1.0 : flag
                    max_reply_length 2.2.0 : value
                    min_reply_length 2.2.0 : value
                    payload 2.2.0
                    require_reply 2.1.0
                    retry 2.1.0 : number 0 4294967295
                    warmup 2.1.0 : seconds 0
                alpha 1.3.7 : flag
                connect_timeout 2.0.13 : seconds 0.00001
                delay_before_retry 1.3.7 : seconds 0
                delay_loop 1.3.7 : seconds 0.00001
                inhibit_on_failure : flag
                lthreshold : number 0 4294967295
                lvs_method 1.3.6 : one NAT DR TUN
                notify_down$ : value
                notify_up$ : value
                retry 1.3.7 : number 1 4294967295
                smtp_alert 2.0.0 : flag
                snmp_name 2.2.3 : wanted
                uthreshold : number 0 4294967295
                virtualhost 1.3.6 : wanted
                warmup 1.3.7 : seconds 0
                weight : number 0 65535
            retry 1.3.7 : number 1 4294967295
            sh-fallback 1.3.0
            sh-port 1.3.0
            smtp_alert 2.0.0 : flag
            snmp_name 2.2.3 : wanted
            sorry_server : value
            sorry_server_inhibit 1.2.13
            sorry_server_lvs_method 1.3.6 : one NAT DR TUN
            virtualhost : wanted
            warmup 1.3.7 : seconds 0
            weight 1.3.7 : number 1 65535
        virtual_server_group[name] : value
        """
}
