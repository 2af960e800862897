import Addresses

/// The inventory that `haops init` writes for two nodes: short, commented, and valid.
///
/// `first` and `second` are the nodes' addresses or names. The virtual address is a documentation address (RFC
/// 5737), which no network has, so the operator must replace it before `apply`.
package func exampleInventory(first: String, second: String) -> String {
    // The virtual address must differ from the nodes' addresses.
    let vip = [first, second].contains("203.0.113.50") ? "203.0.113.60" : "203.0.113.50"
    return """
        # The inventory of two load balancers. `haops check` says what is wrong with it, `haops plan` what it would
        # change. Lines that begin with `#` show what else there is.
        haops: 1

        # How the nodes are reached; ~/.ssh/config is honoured too.
        ssh: { user: root }
        # ssh: { user: admin, port: 22, identity: ~/.ssh/id_ed25519, jump: bastion.example.net }

        # A password for the adverts, at most 8 bytes. Never write it into this file.
        # secrets:
        #   vrrp: { env: HAOPS_VRRP_PASS }          # or { file: PATH } or { command: [pass, show, vrrp] }

        clusters:
          web:
            nodes:
              lb1: { address: \(scalar(first)), priority: 150 }
              lb2: { address: \(scalar(second)), priority: 100 }
            # observers:                            # machines outside that are asked what ARP says
            #   client: { address: 198.51.100.5 }

            keepalived:
              interface: eth0                       # CHANGE ME: the card between the nodes
              # transport: unicast                  # where the network carries no multicast
              # auth_pass: { secret: vrrp }
              # preempt: false                      # whoever has the address keeps it
              scripts:
                # haops ships this script. 150 - 60 is below 100: when haproxy fails, the address moves.
                check_haproxy: { run: /etc/keepalived/check_haproxy.sh, weight: -60 }
              instances:
                VI_1:
                  router_id: 51                     # nobody else's on the segment
                  addresses:
                    - \(vip)/24               # CHANGE ME: a free address of your network
                    # - { vip: \(vip)/24, interface: eth1, label: "eth1:0" }
                  # track_interfaces: [eth1]
                  track_scripts: [check_haproxy]

            haproxy:
              frontends:
                web: { bind: ["\(vip):80"], mode: http, backend: web }
              backends:
                web:
                  mode: http
                  # check: { http: /health }        # default: the port accepts a connection
                  servers:                          # CHANGE ME: your own servers
                    web1: 203.0.113.21:80
                    web2: 203.0.113.22:80

            sysctl: { net.ipv4.ip_nonlocal_bind: 1 }  # lets haproxy bind an address that the other node owns
            firewall: { allow: [vrrp, icmp] }
            packages: [keepalived, haproxy]

        """
}

/// An address or a name as a YAML scalar within braces.
private func scalar(_ text: String) -> String {
    if IPAddress(text)?.isIPv6 != true, isPlainWord(text) { return text }
    var escaped = ""
    for character in text.visible {
        if character == "\"" || character == "\\" { escaped += "\\" }
        escaped.append(character)
    }
    return "\"\(escaped)\""
}
