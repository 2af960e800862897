"""An inventory of N pairs (up to 180) that are set up alike; their nodes are the scale machine of a lab.

    fleet.py 50 >haops.yaml
"""

import sys

count = int(sys.argv[1])
width = len(str(count))

print("""haops: 1
ssh: { user: root }
secrets:
  vrrp: { command: [printf, lab1pass] }
clusters:""")
for number in range(1, count + 1):
    name = "c%0*d" % (width, number)
    first, second = ("198.18.%d.%d" % (1 + i // 250, 1 + i % 250) for i in (2 * number - 2, 2 * number - 1))
    vip = "198.51.100.%d" % (10 + number)
    print("""  %(name)s:
    nodes:
      %(name)s-lb1: { address: %(first)s, priority: 150 }
      %(name)s-lb2: { address: %(second)s, priority: 100 }
    keepalived:
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
    firewall: { allow: [vrrp, icmp] }""" % {
        "name": name, "first": first, "second": second, "vip": vip, "router": 1 + number % 255, "number": number})
