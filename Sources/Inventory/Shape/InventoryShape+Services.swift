extension InventoryShape {
    // MARK: - keepalived

    static let keepalived = mapping([
        Key("interface", interface, "Where adverts travel.", isRequired: true),
        Key(
            "transport", choice(KeepalivedSettings.Transport.allCases.map(\.rawValue)),
            "How adverts travel; peers and source addresses of unicast are derived. Default: multicast."),
        Key("version", integer(versions), "Of VRRP: 2 (default) or 3; IPv6 and intervals below 1 s need 3."),
        Key("advert_interval", seconds, "Seconds between adverts; in version 3 down to 0.01. Default: 1."),
        Key("auth_pass", secretValue, "The password of the adverts, at most 8 bytes; version 2 only."),
        Key("preempt", boolean, "`false`: whoever has the addresses keeps them while it can. Default: true."),
        Key(
            "preferred", text(pattern: plainWord),
            "The node that gets the highest priority; default: who has it already."),
        Key(
            "initial_state", choice(KeepalivedSettings.InitialState.allCases.map(\.rawValue)),
            "`backup`: nobody writes `state MASTER`. Default: the preferred node does."),
        Key("unicast_source", boolean, "`false`: unicast without `unicast_src_ip`."),
        Key("broadcast", boolean, "`false`: no `brd +` behind IPv4 addresses."),
        Key("script_security", boolean, "`false`: neither `enable_script_security` nor `script_user root`."),
        Key(
            "scripts", named(pattern: plainWord, script),
            "Checks that change the priority or end the service, by name."),
        Key(
            "notify", either([boolean, notify]),
            "What is run at each change of state: `true` (default), `false`, or scripts."),
        Key(
            "instances", named(pattern: plainWord, instance), "The VRRP instances, by name.", isRequired: true
        ),
        Key("options", text(pattern: "^[^\"\\\\$`]*$"), "Arguments of the daemon: `\"--vrrp\"`."),
        Key(
            "extra",
            named(
                pattern: "", text(),
                known: [
                    Key("global_defs", text(), "Raw lines for `global_defs`."),
                    Key("blocks", text(), "Whole blocks, such as `vrrp_sync_group`."),
                ], mayBeEmpty: true),
            "Raw lines, passed through and linted; those of an instance under its name."),
    ])

    /// `{ secret: NAME }`, or the secret itself, with a warning.
    private static let secretValue = either([
        mapping([Key("secret", text(), "A name among `secrets` at the top.", isRequired: true)]), text(),
    ])

    static let script = mapping([
        Key("run", text(), "The program with its arguments; no shell runs it.", isRequired: true),
        Key("interval", integer(scriptSeconds), "Seconds from one run to the next; default: 2."),
        Key("timeout", integer(scriptSeconds), "Seconds after which it has failed; default: the interval."),
        Key("fall", integer(scriptCounts), "So many failures in a row count."),
        Key("rise", integer(scriptCounts), "So many successes bring it back."),
        Key(
            "weight", integer(weights),
            "What is added to the priority: negative on failure, positive on success; 0: failure is a fault."),
        Key("own", boolean, "`true`: the file is the nodes' own, haops ships none."),
        Key("extra", text(), "Raw lines for this script."),
    ])

    static let notify = mapping(
        [
            Key(
                "state_file", boolean,
                "Whether a script of haops' own writes each change of state to a file. Default: true.")
        ]
            + NotifySettings.Event.allCases.map {
                Key(
                    $0.rawValue, list(nodePath, isUnique: true),
                    "Scripts that are run on becoming \($0.state).")
            } + [
                Key("directory", nodePath, "Every program in it is run on becoming MASTER."),
                Key("timeout", integer(notifySeconds), "Seconds that each of them may take."),
            ])

    static let instance = mapping([
        Key(
            "router_id", integer(routerIDs), "The virtual router's number, nobody else's on the segment.",
            isRequired: true),
        Key("interface", interface, "Where the adverts of this instance travel."),
        Key("auth_pass", secretValue, "The password of this instance's adverts."),
        Key("addresses", list(address, mayBeEmpty: false), "The virtual addresses.", isRequired: true),
        Key(
            "excluded", list(address),
            "Addresses that move along and are not advertised: beyond 20, or of the other family."),
        Key("track_interfaces", interfaces, "Cards that move the addresses when they go down."),
        Key(
            "track_scripts", list(text(), isUnique: true),
            "Names among `scripts` that count for this instance."),
        Key(
            "preferred", text(pattern: plainWord),
            "The node that gets the highest priority for this instance."),
        Key(
            "priorities", named(pattern: plainWord, priority),
            "A priority for each node, for this instance only."),
        Key(
            "handover", boolean,
            "Whether haops can hand it over without loss; `false` in a sync group. Default: true."),
        Key(
            "vrrp_addresses", named(pattern: plainWord, text(pattern: "[.:]")),
            "Where the adverts of this instance come from, on each node: for unicast on another network."),
    ])

    private static let cidr = text(pattern: "^[0-9A-Fa-f:.]+(/[0-9]{1,3})?$")

    /// An address alone, or with its properties.
    private static let address = either([cidr, addressProperties])

    static let addressProperties = mapping([
        Key("vip", cidr, "The address with its prefix length.", isRequired: true),
        Key("interface", interface, "Where it is put; default: where the adverts travel."),
        Key(
            "label", text(pattern: "^[A-Za-z0-9_.:@-]{1,15}$"), "The label of an IPv4 address: `\"eth1:0\"`."),
        Key("options", text(), "Further words of keepalived's: `scope link`."),
        Key(
            "outside", boolean, "`true`: it is in no network of its interface, on purpose. Default: false."),
    ])

    // MARK: - haproxy

    static let haproxy = mapping([
        Key("shipped", boolean, "`false`: nothing in haproxy.cfg but what stands here."),
        Key("frontends", named(pattern: plainWord, frontend), "Where it listens, by name."),
        Key("backends", named(pattern: plainWord, backend), "Where connections go, by name."),
        Key("extra", haproxyExtra, "Raw lines, passed through."),
    ])

    static let haproxyExtra = mapping([
        Key("global", text(), "For `global`."),
        Key("defaults", text(), "For `defaults`."),
        Key("sections", text(), "Whole sections, such as `listen`."),
    ])

    static let frontend = mapping([
        Key(
            "bind", list(text(), mayBeEmpty: false), "Addresses with ports, and further words of haproxy's.",
            isRequired: true),
        Key("mode", mode, "Default: the backend's."),
        Key("backend", text(pattern: plainWord), "Where its connections go.", isRequired: true),
        Key("extra", text(), "Raw lines for this frontend."),
    ])

    static let backend = mapping([
        Key("mode", mode, "Default: tcp."),
        Key(
            "balance", text(pattern: "^(\(balanceAlgorithms.joined(separator: "|")))([ (].*)?$"),
            "How connections are shared out, in haproxy's own words; default: roundrobin."),
        Key(
            "check", either([choice(["tcp", "none"]), httpCheck]), "How servers are checked; default: tcp."),
        Key(
            "servers", named(pattern: names, server),
            "The servers, by name; a range such as `web[1-4]` is many.", isRequired: true),
        Key("extra", text(), "Raw lines for this backend."),
    ])

    private static let mode = choice(HAProxySettings.Mode.allCases.map(\.rawValue))

    static let httpCheck = mapping([
        Key("http", text(pattern: "^/[^ ]*$"), "The path that must answer with 2xx or 3xx.", isRequired: true)
    ])

    /// An address with a port, alone or with its options.
    private static let server = either([list(text(), mayBeEmpty: false), serverProperties])

    static let serverProperties = mapping([
        Key("address", list(text(), mayBeEmpty: false), "`203.0.113.21:80`.", isRequired: true),
        Key("options", text(), "Further words of haproxy's: `\"weight 10 backup\"`."),
    ])

    /// The values of haproxy's `balance`; some take arguments.
    static let balanceAlgorithms = [
        "roundrobin", "static-rr", "leastconn", "first", "source", "uri", "url_param", "hdr", "random",
        "rdp-cookie", "hash",
    ]
}
