extension GrammarTable {
    /// Instances, what they track, and their groups (vrrp_parser.c).
    static let vrrp = """
        vrrp_instance{}
            accept 1.2.17
            advert_int : value
            auth_hmac{} 2.4.0
                active_key 2.4.0
                anti_replay 2.4.0
                key 2.4.0
                mode 2.4.0
                time_window 2.4.0
            authentication{}
                auth_pass : value
                auth_type : value
            check_unicast_src 2.1.0
            debug : value
            dont_track_primary
            down_timer_adverts 2.2.3 : value
            garp_extra_if 2.2.3 : wanted
            garp_lower_prio_delay 1.2.20 : value
            garp_lower_prio_repeat 1.2.20 : value
            garp_master_delay : value
            garp_master_refresh 1.2.10 : value
            garp_master_refresh_repeat 1.2.14 : value
            garp_master_repeat 1.2.14 : value
            higher_prio_send_advert 1.3.5 : flag
            interface : value
            kernel_rx_buf_size 2.0.3
            linkbeat_use_polling 2.0.0
            lower_prio_no_advert 1.2.20 : flag
            lvs_sync_daemon_interface : value
            mcast_dst_ip 2.2.5 : value
            mcast_src_ip : value
            native_ipv6
            no_accept 1.3.0
            no_virtual_ipaddress 2.2.8
            nopreempt
            notify$ : value
            notify_backup$ : value
            notify_deleted$ 2.1.0
            notify_fault$ : value
            notify_master$ : value
            notify_master_rx_lower_pri$ 2.0.6 : value
            notify_priority_changes 2.0.16 : flag
            notify_stop$ : value
            old_unicast_checksum 1.3.7
            owner_ignore_adverts 2.3.3
            preempt
            preempt_delay : value
            priority : value
            promote_secondaries 1.3.0
            skip_check_adv_addr 1.2.20
            smtp_alert : flag
            state : value
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
            unicast_src_ip 1.2.10 : value
            unicast_ttl 2.1.0 : number 0 255
            use_ipvlan 2.0.17
            use_vmac 1.2.3
            use_vmac_addr 2.2.0
            v3_checksum_as_v2 2.2.8
            version 1.2.17 : value
            virtual_ipaddress[]
            virtual_ipaddress_excluded[]
            virtual_router_id : value
            virtual_routes[]
            virtual_rules[] 1.2.20
            vmac_garp_intvl 2.2.0 : wanted
            vmac_xmit_base 1.2.10
            vrf 2.2.5 : value
        vrrp_script{} : value
            fall : value
            init_fail 1.3.2
            interval : value
            rise : value
            script$
            timeout 1.2.6 : value
            user 1.3.0 : value
            weight : value
        vrrp_sync_group{}
            global_tracking 1.2.3
            group[]
            notify$ : value
            notify_backup$ : value
            notify_fault$ : value
            notify_master$ : value
            notify_priority_changes 2.2.0 : flag
            notify_stop$ 2.0.0 : value
            smtp_alert : flag
            sync_group_tracking_weight 2.0.0
            track_bfd[] 2.0.0
            track_file[] 2.0.0
            track_interface[] 2.0.0
            track_process[] 2.0.11
            track_script[] 2.0.0
        vrrp_track_file{} 2.0.0 : value
            file 2.0.0 : wanted
            init_file 2.0.0
            weight 2.0.0 : wanted
        vrrp_track_process{} 2.0.11 : value
            delay 2.0.11 : seconds 0.000001
            fork_delay 2.0.16 : seconds 0.000001
            full_command 2.0.11
            param_match 2.0.16
            process 2.0.11 : value
            quorum 2.0.11 : value
            quorum_max 2.0.16 : value
            terminate_delay 2.0.16 : seconds 0.000001
            weight 2.0.11 : wanted
        """
}
