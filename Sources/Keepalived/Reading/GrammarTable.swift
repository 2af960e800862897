/// Every keyword of keepalived 1.2.1 to 2.4.3, from the `install_keyword` calls of those releases and from
/// bfd_parser.c's `install_keyword_conditional`, whose keywords all processes read and only one uses.
///
/// `{}` opens a block of keywords, `[]` a block of values, `[name]` one with a name, `$` takes a script; then the first release that
/// knows the keyword (when it is not 1.2.1) and the last one (when it is gone). Behind a colon is what it takes, as
/// ``GrammarValue`` reads it; keywords without one take anything, or have a reader of their own. `scripts/grammar-check`
/// compares the keywords with keepalived's sources.
enum GrammarTable {
    static let text = [general, virtualServers, vrrp].joined(separator: "\n")

    private static let general = """
        SSL{}
            ca : wanted
            certificate : wanted
            key : wanted
            password : wanted
        bfd_instance{} 2.0.0
            checker 2.0.0
            hoplimit 2.0.0 : number 1 255
            idle_tx 2.0.0 : milliseconds 1000
            max_hops 2.0.0 : number -1 255
            min_rx 2.0.0 : milliseconds 1
            min_tx 2.0.0 : milliseconds 1
            multihop 2.2.8
            multiplier 2.0.0 : number 1 255
            neighbor_ip 2.0.0 : address
            neighbour_ip 2.0.0 : address
            passive 2.0.0
            source_ip 2.0.0 : address
            ttl 2.0.0 : number 1 255
            vrrp 2.0.0
            weight 2.0.0 : number -253 253
        child_wait_time 2.0.0 : number 0 4294967295
        garp_group{} 1.2.21
            garp_interval 1.2.21 : seconds 0.000001
            gna_interval 1.2.21 : seconds 0.000001
            interface 1.2.21 : value
            interfaces[] 1.2.21
        global_defs{}
            bfd_cpu_affinity 2.0.17
            bfd_no_swap 2.0.0
            bfd_priority 2.0.0 : number -20 19
            bfd_process_name 2.0.16 : value
            bfd_rlimit_rtime 2.0.0 : number 1 4294967295
            bfd_rlimit_rttime 2.1.0 : number 1 4294967295
            bfd_rt_priority 2.0.0
            checker_cpu_affinity 2.0.17
            checker_log_all_failures 2.0.11 : flag
            checker_no_swap 1.2.20
            checker_priority 1.2.20 : number -20 19
            checker_process_name 2.2.0 : value
            checker_rlimit_rtime 2.0.0 : number 1 4294967295
            checker_rlimit_rttime 2.1.0 : number 1 4294967295
            checker_rt_priority 2.0.0
            config_save_dir 2.2.3 : value
            data_use_instance 2.2.3 : flag
            dbus_no_interface_name 2.3.0
            dbus_service_name 1.3.7 : wanted
            default_interface 1.2.24 : wanted
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
            lvs_netlink_cmd_rcv_bufs 2.0.0 : wanted
            lvs_netlink_cmd_rcv_bufs_force 2.0.0 : flag
            lvs_netlink_monitor_rcv_bufs 2.0.0 : wanted
            lvs_netlink_monitor_rcv_bufs_force 2.0.0 : flag
            lvs_notify_fifo 1.3.6 : wanted
            lvs_notify_fifo_script$ 1.3.6 : wanted
            lvs_process_name 2.0.16 : value
            lvs_sync_daemon 1.2.20 : wanted
            lvs_timeouts 1.2.24
            max_auto_priority 2.1.0
            min_auto_priority_delay 2.1.0 : wanted
            nftables 2.0.11
            nftables_counters 2.0.11
            nftables_ifindex 2.0.11
            nftables_ipvs 2.2.2
            nftables_ipvs_priority 2.2.2 : number -2147483648 2147483647
            nftables_ipvs_start_fwmark 2.2.2 : number 1 4294967295
            nftables_priority 2.0.11 : number -2147483648 2147483647
            no_checker_emails 2.0.0 : flag
            no_email_faults 2.0.0
            notification_email[]
            notification_email_from : wanted
            notify_fifo 1.3.6 : wanted
            notify_fifo_script$ 1.3.6 : wanted
            plugin_dir until 1.2.19
            process_monitor_rcv_bufs 2.0.11 : wanted
            process_monitor_rcv_bufs_force 2.0.11 : flag
            process_name 2.0.16 : value
            process_names 2.0.16
            random_seed 2.0.15 : number 0 4294967295
            reload_check_config 2.2.0
            reload_file 2.2.0
            reload_repeat 2.1.0
            reload_time_file 2.1.0
            router_id : wanted
            rs_init_notifies 2.0.0 : flag
            script_user 1.3.0
            shutdown_script$ 2.1.0 : wanted
            shutdown_script_timeout 2.1.0 : wanted
            smtp_alert 2.0.0 : flag
            smtp_alert_checker 2.0.0 : flag
            smtp_alert_vrrp 2.0.0 : flag
            smtp_connect_timeout : value
            smtp_helo_name 1.2.20
            smtp_server : value
            snmp_rs_stats_update_interval 2.3.0
            snmp_socket 1.2.20 : wanted
            snmp_vs_stats_update_interval 2.3.0
            startup_script$ 2.1.0 : wanted
            startup_script_timeout 2.1.0 : wanted
            state_dump_file 2.3.3
            stats_dump_file 2.3.3
            tmp_config_directory 2.2.0 : wanted
            umask 2.0.9 : value
            use_symlink_paths 2.3.0
            v3_checksum_as_v2 2.2.8
            vmac_addr_prefix 2.2.0 : value
            vmac_prefix 2.2.0 : value
            vrrp_check_unicast_src 1.2.20
            vrrp_cpu_affinity 2.0.17
            vrrp_delay_after_boot 2.4.0
            vrrp_down_timer_adverts 2.2.3 : value
            vrrp_garp_extra_if 2.2.3 : wanted
            vrrp_garp_interval 1.2.21 : value
            vrrp_garp_lower_prio_delay 1.2.20 : value
            vrrp_garp_lower_prio_repeat 1.2.20 : value
            vrrp_garp_master_delay 1.2.20 : value
            vrrp_garp_master_refresh 1.2.20 : value
            vrrp_garp_master_refresh_repeat 1.2.20 : value
            vrrp_garp_master_repeat 1.2.20 : value
            vrrp_gna_interval 1.2.21 : value
            vrrp_higher_prio_send_advert 1.3.5 : flag
            vrrp_ipsets 1.2.20
            vrrp_iptables 1.2.20
            vrrp_lower_prio_no_advert 1.2.20 : flag
            vrrp_mcast_group4 1.2.10 : value
            vrrp_mcast_group6 1.2.10 : value
            vrrp_min_garp 2.0.12 : flag
            vrrp_netlink_cmd_rcv_bufs 2.0.0 : wanted
            vrrp_netlink_cmd_rcv_bufs_force 2.0.0 : flag
            vrrp_netlink_monitor_rcv_bufs 2.0.0 : wanted
            vrrp_netlink_monitor_rcv_bufs_force 2.0.0 : flag
            vrrp_no_swap 1.2.20
            vrrp_notify_fifo 1.3.6 : wanted
            vrrp_notify_fifo_script$ 1.3.6 : wanted
            vrrp_notify_priority_changes 2.0.16 : flag
            vrrp_owner_ignore_adverts 2.3.3
            vrrp_priority 1.2.20 : number -20 19
            vrrp_process_name 2.0.16 : value
            vrrp_rlimit_rtime 2.0.0 : number 1 4294967295
            vrrp_rlimit_rttime 2.1.0 : number 1 4294967295
            vrrp_rt_priority 2.0.0
            vrrp_rx_bufs_multiplier 2.0.3
            vrrp_rx_bufs_policy 2.0.3 : wanted
            vrrp_skip_check_adv_addr 1.2.20
            vrrp_startup_delay 2.0.14 : seconds 0.001
            vrrp_strict 1.2.20
            vrrp_version 1.2.20 : value
            vrrp_vmac_garp_intvl 2.2.0 : wanted
        instance 1.2.24 : wanted
        interface_up_down_delays[] 2.2.3
        linkbeat_interfaces[] 2.0.13
        linkbeat_use_polling
        namespace_with_ipsets 1.3.0
        net_namespace 1.2.24 : wanted
        net_namespace_ipvs 2.1.0
        static_ipaddress[]
        static_routes[]
        static_rules[] 1.2.20
        track_file{} 2.1.0 : value
            file 2.1.0 : wanted
            init_file 2.1.0
            weight 2.1.0 : wanted
        track_group{} 2.0.3
            group[] 2.0.3
        use_pid_dir 1.2.24
        """
}
