"""An inventory of clusters with the same setup, whose nodes are all the scale machine of a lab.

    fleet.py 50 >haops.yaml             50 pairs; at most 224 clusters, as each has an address of its own
    fleet.py 125 --size 4 >haops.yaml   125 clusters of four nodes
    fleet.py 50 --alike >haops.yaml     50 pairs

With `--alike` all nodes are to have the very same files, and no virtual address: what is applied to one of them is
applied to all, as they are one machine. The shipped template names the cluster: one beside the inventory, in `alike`,
must not.
"""

import sys


# The addresses of 198.51.100.0/24 that no machine of a lab has.
VIPS = ["198.51.100.%d" % host for host in range(30, 255) if host != 200]


def address(index):
    return "198.18.%d.%d" % (1 + index // 250, 1 + index % 250)


def clusters(count, size):
    """(number, name, the addresses of its nodes)"""
    for number in range(1, count + 1):
        name = "c%0*d" % (len(str(count)), number)
        yield number, name, [address(size * (number - 1) + index) for index in range(size)]


def inventory(count, size=2):
    text = """haops: 1
ssh: { user: root }
secrets:
  vrrp: { command: [printf, lab1pass] }
clusters:
"""
    for number, name, addresses in clusters(count, size):
        vip = VIPS[number - 1]
        nodes = "".join(
            "      %s-lb%d: { address: %s, priority: %d }\n" % (name, index + 1, address, 150 - 50 * index // (size - 1))
            for index, address in enumerate(addresses))
        text += """  %(name)s:
    nodes:
%(nodes)s    keepalived:
      interface: eth0
      auth_pass: { secret: vrrp }
      scripts:
        check_haproxy: { run: /etc/keepalived/check_haproxy.sh, interval: 2, fall: 2, rise: 2, weight: -60 }
      instances:
        VI_1:
          router_id: %(router)d
          addresses: [{ vip: %(vip)s/24, interface: eth0 }]
          track_scripts: [check_haproxy]
    haproxy:
      frontends: { web: { bind: ["%(vip)s:80"], mode: http, backend: web } }
      backends:
        web: { mode: http, check: { http: / }, servers: { web1: 10.1.%(number)d.21:80, web2: 10.1.%(number)d.22:80 } }
    sysctl: { net.ipv4.ip_nonlocal_bind: 1 }
    firewall: { allow: [vrrp, icmp] }
""" % {"name": name, "nodes": nodes, "vip": vip, "router": 1 + number % 255, "number": number}
    return text


def alike(count, size=2):
    text = "haops: 1\nssh: { user: root }\nclusters:\n"
    for _, name, addresses in clusters(count, size):
        nodes = "".join("      %s-lb%d: { address: %s }\n" % (name, i + 1, a) for i, a in enumerate(addresses))
        text += """  %(name)s:
    templates: alike
    nodes:
%(nodes)s    haproxy:
      frontends: { web: { bind: ["*:80"], mode: http, backend: web } }
      backends: { web: { mode: http, check: { http: / }, servers: { web1: 10.1.1.21:80, web2: 10.1.1.22:80 } } }
    sysctl: { net.ipv4.ip_nonlocal_bind: 1 }
""" % {"name": name, "nodes": nodes}
    return text


if __name__ == "__main__":
    words = sys.argv[1:]
    size = int(words[words.index("--size") + 1]) if "--size" in words else 2
    print((alike if "--alike" in words else inventory)(int(words[0]), size), end="")
