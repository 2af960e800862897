/// Every keyword of keepalived 1.2.1 to 2.4.3, from the `install_keyword` calls of those releases and from
/// bfd_parser.c's `install_keyword_conditional`, whose keywords all processes read and only one uses.
///
/// `{}` opens a block of keywords, `[]` a block of values, `[name]` one with a name, `$` takes a script; then the first release that
/// knows the keyword (when it is not 1.2.1) and the last one (when it is gone).
enum GrammarTable {
    static let text = """
        SSL{}
            ca
            certificate
            key
            password
        bfd_instance{} 2.0.0
            checker 2.0.0
            hoplimit 2.0.0
            idle_tx 2.0.0
            max_hops 2.0.0
            min_rx 2.0.0
            min_tx 2.0.0
            multihop 2.2.8
            multiplier 2.0.0
            neighbor_ip 2.0.0
            neighbour_ip 2.0.0
            passive 2.0.0
            source_ip 2.0.0
            ttl 2.0.0
            vrrp 2.0.0
            weight 2.0.0
        child_wait_time 2.0.0
        garp_group{} 1.2.21
            garp_interval 1.2.21
            gna_interval 1.2.21
            interface 1.2.21
            interfaces[] 1.2.21
        global_defs{}
            bfd_cpu_affinity 2.0.17
            bfd_no_swap 2.0.0
            bfd_priority 2.0.0
            bfd_process_name 2.0.16
            bfd_rlimit_rtime 2.0.0
            bfd_rlimit_rttime 2.1.0
            bfd_rt_priority 2.0.0
            checker_cpu_affinity 2.0.17
            checker_log_all_failures 2.0.11
            checker_no_swap 1.2.20
            checker_priority 1.2.20
            checker_process_name 2.2.0
            checker_rlimit_rtime 2.0.0
            checker_rlimit_rttime 2.1.0
            checker_rt_priority 2.0.0
            config_save_dir 2.2.3
            data_use_instance 2.2.3
            dbus_no_interface_name 2.3.0
            dbus_service_name 1.3.7
            default_interface 1.2.24
            disable_local_igmp 2.2.0
            dynamic_interfaces 2.0.0
            enable_dbus 1.3.0
            enable_script_security 1.3.0
            enable_snmp_checker 1.2.20
            enable_snmp_keepalived 1.2.20
            enable_snmp_rfc 1.2.20
            enable_snmp_rfcv2 1.2.20
            enable_snmp_rfcv3 1.2.20
            enable_snmp_vrrp 2.0.0
            enable_traps 1.2.5
            fifo_write_vrrp_states_on_reload 2.2.5
            include_check 2.2.0
            iproute_etc_dir 2.3.2
            iproute_usr_dir 2.3.2
            json_dump_file 2.3.3
            json_version 2.2.8
            log_unknown_vrids 2.0.16
            lvs_flush 1.2.23
            lvs_flush_on_stop 2.2.0
            lvs_flush_onstop 2.0.15
            lvs_netlink_cmd_rcv_bufs 2.0.0
            lvs_netlink_cmd_rcv_bufs_force 2.0.0
            lvs_netlink_monitor_rcv_bufs 2.0.0
            lvs_netlink_monitor_rcv_bufs_force 2.0.0
            lvs_notify_fifo 1.3.6
            lvs_notify_fifo_script$ 1.3.6
            lvs_process_name 2.0.16
            lvs_sync_daemon 1.2.20
            lvs_timeouts 1.2.24
            max_auto_priority 2.1.0
            min_auto_priority_delay 2.1.0
            nftables 2.0.11
            nftables_counters 2.0.11
            nftables_ifindex 2.0.11
            nftables_ipvs 2.2.2
            nftables_ipvs_priority 2.2.2
            nftables_ipvs_start_fwmark 2.2.2
            nftables_priority 2.0.11
            no_checker_emails 2.0.0
            no_email_faults 2.0.0
            notification_email[]
            notification_email_from
            notify_fifo 1.3.6
            notify_fifo_script$ 1.3.6
            plugin_dir until 1.2.19
            process_monitor_rcv_bufs 2.0.11
            process_monitor_rcv_bufs_force 2.0.11
            process_name 2.0.16
            process_names 2.0.16
            random_seed 2.0.15
            reload_check_config 2.2.0
            reload_file 2.2.0
            reload_repeat 2.1.0
            reload_time_file 2.1.0
            router_id
            rs_init_notifies 2.0.0
            script_user 1.3.0
            shutdown_script$ 2.1.0
            shutdown_script_timeout 2.1.0
            smtp_alert 2.0.0
            smtp_alert_checker 2.0.0
            smtp_alert_vrrp 2.0.0
            smtp_connect_timeout
            smtp_helo_name 1.2.20
            smtp_server
            snmp_rs_stats_update_interval 2.3.0
            snmp_socket 1.2.20
            snmp_vs_stats_update_interval 2.3.0
            startup_script$ 2.1.0
            startup_script_timeout 2.1.0
            state_dump_file 2.3.3
            stats_dump_file 2.3.3
            tmp_config_directory 2.2.0
            umask 2.0.9
            use_symlink_paths 2.3.0
            v3_checksum_as_v2 2.2.8
            vmac_addr_prefix 2.2.0
            vmac_prefix 2.2.0
            vrrp_check_unicast_src 1.2.20
            vrrp_cpu_affinity 2.0.17
            vrrp_delay_after_boot 2.4.0
            vrrp_down_timer_adverts 2.2.3
            vrrp_garp_extra_if 2.2.3
            vrrp_garp_interval 1.2.21
            vrrp_garp_lower_prio_delay 1.2.20
            vrrp_garp_lower_prio_repeat 1.2.20
            vrrp_garp_master_delay 1.2.20
            vrrp_garp_master_refresh 1.2.20
            vrrp_garp_master_refresh_repeat 1.2.20
            vrrp_garp_master_repeat 1.2.20
            vrrp_gna_interval 1.2.21
            vrrp_higher_prio_send_advert 1.3.5
            vrrp_ipsets 1.2.20
            vrrp_iptables 1.2.20
            vrrp_lower_prio_no_advert 1.2.20
            vrrp_mcast_group4 1.2.10
            vrrp_mcast_group6 1.2.10
            vrrp_min_garp 2.0.12
            vrrp_netlink_cmd_rcv_bufs 2.0.0
            vrrp_netlink_cmd_rcv_bufs_force 2.0.0
            vrrp_netlink_monitor_rcv_bufs 2.0.0
            vrrp_netlink_monitor_rcv_bufs_force 2.0.0
            vrrp_no_swap 1.2.20
            vrrp_notify_fifo 1.3.6
            vrrp_notify_fifo_script$ 1.3.6
            vrrp_notify_priority_changes 2.0.16
            vrrp_owner_ignore_adverts 2.3.3
            vrrp_priority 1.2.20
            vrrp_process_name 2.0.16
            vrrp_rlimit_rtime 2.0.0
            vrrp_rlimit_rttime 2.1.0
            vrrp_rt_priority 2.0.0
            vrrp_rx_bufs_multiplier 2.0.3
            vrrp_rx_bufs_policy 2.0.3
            vrrp_skip_check_adv_addr 1.2.20
            vrrp_startup_delay 2.0.14
            vrrp_strict 1.2.20
            vrrp_version 1.2.20
            vrrp_vmac_garp_intvl 2.2.0
        instance 1.2.24
        interface_up_down_delays[] 2.2.3
        linkbeat_interfaces[] 2.0.13
        linkbeat_use_polling
        namespace_with_ipsets 1.3.0
        net_namespace 1.2.24
        net_namespace_ipvs 2.1.0
        static_ipaddress[]
        static_routes[]
        static_rules[] 1.2.20
        track_file{} 2.1.0
            file 2.1.0
            init_file 2.1.0
            weight 2.1.0
        track_group{} 2.0.3
            group[] 2.0.3
        use_pid_dir 1.2.24
        virtual_server{}
            alpha
            connect_timeout 2.0.13
            delay_before_retry 1.3.7
            delay_loop
            flag-1 1.3.0
            flag-2 1.3.0
            flag-3 1.3.0
            ha_suspend
            hashed 1.3.0
            hysteresis
            inhibit_on_failure 1.3.7
            ip_family 1.2.20
            lb_algo
            lb_kind
            lvs_method
            lvs_sched
            mh-fallback 2.0.20
            mh-port 2.0.20
            nat_mask until 1.2.19
            omega
            ops 1.2.8
            persistence_engine 1.2.20
            persistence_granularity
            persistence_timeout
            protocol
            quorum
            quorum_down$
            quorum_up$
            real_server{}
                BFD_CHECK{} 2.0.0
                    alpha 2.0.0
                    name 2.0.0
                DNS_CHECK{} 1.3.0
                    alpha 1.3.7
                    bind_if 1.3.7
                    bind_port 1.3.0
                    bindto 1.3.0
                    connect_ip 1.3.0
                    connect_port 1.3.0
                    connect_timeout 1.3.0
                    delay_before_retry 1.3.7
                    delay_loop 1.3.7
                    fwmark 1.3.0
                    log_all_failures 2.0.11
                    name 1.3.0
                    retry 1.3.0
                    type 1.3.0
                    warmup 1.3.7
                FILE_CHECK{} 2.1.0
                    track_file 2.1.0
                    weight 2.1.0
                HTTP_GET{}
                    alpha 1.3.7
                    bind_if 1.3.7
                    bind_port
                    bindto
                    connect_ip
                    connect_port
                    connect_timeout
                    delay_before_retry
                    delay_loop 1.3.7
                    enable_sni 1.4.3
                    fast_recovery 2.0.17
                    fwmark
                    http_protocol 2.0.17
                    log_all_failures 2.0.11
                    nb_get_retry
                    retry 1.3.7
                    tls_compliant 2.2.8
                    url{}
                        digest
                        path
                        regex 2.0.7
                        regex_max_offset 2.0.7
                        regex_min_offset 2.0.7
                        regex_no_match 2.0.7
                        regex_options 2.0.7
                        regex_stack 2.0.7
                        status_code
                        tls_compliant 2.2.8
                        virtualhost 1.3.6
                    virtualhost 1.3.6
                    warmup
                MISC_CHECK{}
                    alpha 1.3.7
                    bind_if 1.3.7
                    bind_port 1.3.7
                    bindto 1.3.7
                    connect_ip 1.3.7
                    connect_port 1.3.7
                    connect_timeout 1.3.7
                    delay_before_retry 1.3.7
                    delay_loop 1.3.7
                    fwmark 1.3.7
                    log_all_failures 2.0.11
                    misc_dynamic
                    misc_path$
                    misc_timeout
                    retry 1.3.7
                    user 1.3.0
                    warmup
                PING_CHECK{} 2.1.0
                    alpha 2.1.0
                    bind_if 2.1.0
                    bind_port 2.1.0
                    bindto 2.1.0
                    connect_ip 2.1.0
                    connect_port 2.1.0
                    connect_timeout 2.1.0
                    delay_before_retry 2.1.0
                    delay_loop 2.1.0
                    fwmark 2.1.0
                    log_all_failures 2.1.0
                    retry 2.1.0
                    warmup 2.1.0
                SMTP_CHECK{}
                    alpha 1.3.7
                    bind_if 1.3.7
                    bind_port 1.2.17
                    bindto 1.2.17
                    connect_ip 1.2.17
                    connect_port 1.2.17
                    connect_timeout
                    delay_before_retry
                    delay_loop 1.3.7
                    fwmark 1.2.17
                    helo_name
                    host{}
                        alpha 1.3.7
                        bind_if 1.3.7
                        bind_port
                        bindto
                        connect_ip
                        connect_port
                        connect_timeout
                        delay_before_retry 1.3.7
                        delay_loop 1.3.7
                        fwmark
                        log_all_failures 2.0.11
                        retry 1.3.7
                        warmup 1.3.7
                    log_all_failures 2.0.11
                    retry
                    warmup
                SSL_GET{}
                    alpha 1.3.7
                    bind_if 1.3.7
                    bind_port
                    bindto
                    connect_ip
                    connect_port
                    connect_timeout
                    delay_before_retry
                    delay_loop 1.3.7
                    enable_sni 1.4.3
                    fast_recovery 2.0.17
                    fwmark
                    http_protocol 2.0.17
                    log_all_failures 2.0.11
                    nb_get_retry
                    retry 1.3.7
                    tls_compliant 2.2.8
                    url{}
                        digest
                        path
                        regex 2.0.7
                        regex_max_offset 2.0.7
                        regex_min_offset 2.0.7
                        regex_no_match 2.0.7
                        regex_options 2.0.7
                        regex_stack 2.0.7
                        status_code
                        tls_compliant 2.2.8
                        virtualhost 1.3.6
                    virtualhost 1.3.6
                    warmup
                TCP_CHECK{}
                    alpha 1.3.7
                    bind_if 1.3.7
                    bind_port
                    bindto
                    connect_ip
                    connect_port
                    connect_timeout
                    delay_before_retry 1.2.20
                    delay_loop 1.3.7
                    fwmark
                    log_all_failures 2.0.11
                    retry 1.2.20
                    warmup
                UDP_CHECK{} 2.1.0
                    alpha 2.1.0
                    bind_if 2.1.0
                    bind_port 2.1.0
                    bindto 2.1.0
                    connect_ip 2.1.0
                    connect_port 2.1.0
                    connect_timeout 2.1.0
                    delay_before_retry 2.1.0
                    delay_loop 2.1.0
                    fwmark 2.1.0
                    log_all_failures 2.1.0
                    max_reply_length 2.2.0
                    min_reply_length 2.2.0
                    payload 2.2.0
                    require_reply 2.1.0
                    retry 2.1.0
                    warmup 2.1.0
                alpha 1.3.7
                connect_timeout 2.0.13
                delay_before_retry 1.3.7
                delay_loop 1.3.7
                inhibit_on_failure
                lthreshold
                lvs_method 1.3.6
                notify_down$
                notify_up$
                retry 1.3.7
                smtp_alert 2.0.0
                snmp_name 2.2.3
                uthreshold
                virtualhost 1.3.6
                warmup 1.3.7
                weight
            retry 1.3.7
            sh-fallback 1.3.0
            sh-port 1.3.0
            smtp_alert 2.0.0
            snmp_name 2.2.3
            sorry_server
            sorry_server_inhibit
            sorry_server_lvs_method 1.3.6
            virtualhost
            warmup 1.3.7
            weight 1.3.7
        virtual_server_group[name]
        vrrp_instance{}
            accept 1.2.17
            advert_int
            auth_hmac{} 2.4.0
                active_key 2.4.0
                anti_replay 2.4.0
                key 2.4.0
                mode 2.4.0
                time_window 2.4.0
            authentication{}
                auth_pass
                auth_type
            check_unicast_src 2.1.0
            debug
            dont_track_primary
            down_timer_adverts 2.2.3
            garp_extra_if 2.2.3
            garp_lower_prio_delay 1.2.20
            garp_lower_prio_repeat 1.2.20
            garp_master_delay
            garp_master_refresh 1.2.10
            garp_master_refresh_repeat 1.2.14
            garp_master_repeat 1.2.14
            higher_prio_send_advert 1.3.5
            interface
            kernel_rx_buf_size 2.0.3
            linkbeat_use_polling 2.0.0
            lower_prio_no_advert 1.2.20
            lvs_sync_daemon_interface
            mcast_dst_ip 2.2.5
            mcast_src_ip
            native_ipv6
            no_accept 1.3.0
            no_virtual_ipaddress 2.2.8
            nopreempt
            notify$
            notify_backup$
            notify_deleted$ 2.1.0
            notify_fault$
            notify_master$
            notify_master_rx_lower_pri$ 2.0.6
            notify_priority_changes 2.0.16
            notify_stop$
            old_unicast_checksum 1.3.7
            owner_ignore_adverts 2.3.3
            preempt
            preempt_delay
            priority
            promote_secondaries 1.3.0
            skip_check_adv_addr 1.2.20
            smtp_alert
            state
            strict_mode 1.2.20
            thread_timer_expired 2.3.2
            timer_expired_backup 2.2.8
            track_bfd[] 2.0.0
            track_file[] 2.0.0
            track_interface[]
            track_process[] 2.0.11
            track_script[]
            track_src_ip 2.0.0
            unicast_fault_no_peer 2.2.5
            unicast_peer[] 1.2.8
            unicast_src_ip 1.2.10
            unicast_ttl 2.1.0
            use_ipvlan 2.0.17
            use_vmac 1.2.3
            use_vmac_addr 2.2.0
            v3_checksum_as_v2 2.2.8
            version 1.2.17
            virtual_ipaddress[]
            virtual_ipaddress_excluded[]
            virtual_router_id
            virtual_routes[]
            virtual_rules[] 1.2.20
            vmac_garp_intvl 2.2.0
            vmac_xmit_base 1.2.10
            vrf 2.2.5
        vrrp_script{}
            fall
            init_fail 1.3.2
            interval
            rise
            script$
            timeout 1.2.6
            user 1.3.0
            weight
        vrrp_sync_group{}
            global_tracking 1.2.3
            group[]
            notify$
            notify_backup$
            notify_fault$
            notify_master$
            notify_priority_changes 2.2.0
            notify_stop$ 2.0.0
            smtp_alert
            sync_group_tracking_weight 2.0.0
            track_bfd[] 2.0.0
            track_file[] 2.0.0
            track_interface[] 2.0.0
            track_process[] 2.0.11
            track_script[] 2.0.0
        vrrp_track_file{} 2.0.0
            file 2.0.0
            init_file 2.0.0
            weight 2.0.0
        vrrp_track_process{} 2.0.11
            delay 2.0.11
            fork_delay 2.0.16
            full_command 2.0.11
            param_match 2.0.16
            process 2.0.11
            quorum 2.0.11
            quorum_max 2.0.16
            terminate_delay 2.0.16
            weight 2.0.11
        """
}
