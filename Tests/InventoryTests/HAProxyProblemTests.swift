import Testing

@testable import Inventory

@Suite struct HAProxyProblemTests {
    @Test(arguments: [
        Mistake(
            "no frontends",
            [("frontends: { web: { bind: [\"203.0.113.50:80\"], backend: web } }", "extra: {}")],
            """
            haops.yaml:18:5: error: `haproxy` of cluster `web` has no `frontends`
               18 |     haproxy:
                  |     ^^^^^^^
            hint: add `frontends: { web: { bind: ["203.0.113.50:80"], backend: web } }`
            """),
        Mistake(
            "a frontend without an address",
            [("bind: [\"203.0.113.50:80\"], ", "")],
            """
            haops.yaml:19:20: error: frontend `web` has no `bind`
               19 |       frontends: { web: { backend: web } }
                  |                    ^^^
            hint: write where it listens: `bind: ["203.0.113.50:80"]`
            """),
        Mistake(
            "a frontend without a backend",
            [(", backend: web", "")],
            """
            haops.yaml:19:20: error: frontend `web` has no `backend`
               19 |       frontends: { web: { bind: ["203.0.113.50:80"] } }
                  |                    ^^^
            hint: write where its connections go: `backend: web`
            """),
        Mistake(
            "a backend that is not there",
            [("backend: web", "backend: wbe")],
            """
            haops.yaml:19:63: error: no backend `wbe` is among `backends`
               19 |       frontends: { web: { bind: ["203.0.113.50:80"], backend: wbe } }
                  |                                                               ^^^
            hint: did you mean `web`?
            """),
        Mistake(
            "a bind without a port",
            [("\"203.0.113.50:80\"", "203.0.113.50")],
            """
            haops.yaml:19:34: error: `203.0.113.50` is not an address with a port
               19 |       frontends: { web: { bind: [203.0.113.50], backend: web } }
                  |                                  ^^^^^^^^^^^^
            hint: write `203.0.113.50:80`, `[2001:db8::50]:80` or `*:80`
            """),
        Mistake(
            "an IPv6 bind without brackets",
            [("\"203.0.113.50:80\"", "\"2001:db8::50:80\"")],
            """
            haops.yaml:19:34: error: `2001:db8::50:80` is not an address with a port
               19 |       frontends: { web: { bind: ["2001:db8::50:80"], backend: web } }
                  |                                  ^^^^^^^^^^^^^^^^^
            hint: write `203.0.113.50:80`, `[2001:db8::50]:80` or `*:80`
            """),
        Mistake(
            "one bind twice",
            [("[\"203.0.113.50:80\"]", "[\"203.0.113.50:80\", \"203.0.113.50:80\"]")],
            """
            haops.yaml:19:53: error: frontend `web` binds this twice
               19 |       frontends: { web: { bind: ["203.0.113.50:80", "203.0.113.50:80"], backend: web } }
                  |                                                     ^^^^^^^^^^^^^^^^^
            hint: keep one of the two
            """),
        Mistake(
            "one bind in two frontends",
            [("frontends: { web:", "frontends: { old: { bind: \"203.0.113.50:80\", backend: web }, web:")],
            """
            haops.yaml:19:82: error: frontend `old` already binds this: connections would go to either
               19 |       frontends: { old: { bind: "203.0.113.50:80", backend: web }, web: { bind: ["203.0.113.50:80"], backend: web } }
                  |                                                                                  ^^^^^^^^^^^^^^^^^
            hint: keep one of the two
            """),
        Mistake(
            "a bind to an address of nobody",
            [("\"203.0.113.50:80\"", "\"203.0.113.99:80\"")],
            """
            haops.yaml:19:34: warning: 203.0.113.99 is not a virtual address of `web`
               19 |       frontends: { web: { bind: ["203.0.113.99:80"], backend: web } }
                  |                                  ^^^^^^^^^^^^^^^^^
            hint: bind a virtual address, or `*:80` for every address of the node
            """),
        Mistake(
            "a bind that a backup cannot make",
            [("net.ipv4.ip_nonlocal_bind: 1", "net.ipv6.ip_nonlocal_bind: 1")],
            """
            haops.yaml:19:34: warning: haproxy cannot bind 203.0.113.50 on a node that does not own it, unless the kernel allows it
               19 |       frontends: { web: { bind: ["203.0.113.50:80"], backend: web } }
                  |                                  ^^^^^^^^^^^^^^^^^
            hint: add `sysctl: { net.ipv4.ip_nonlocal_bind: 1 }`
            """),
        Mistake(
            "two modes",
            [("backend: web", "mode: http, backend: web")],
            """
            haops.yaml:19:60: error: frontend `web` speaks http and its backend `web` tcp
               19 |       frontends: { web: { bind: ["203.0.113.50:80"], mode: http, backend: web } }
                  |                                                            ^^^^
            hint: give both the same `mode`
            """),
        Mistake(
            "a way to balance that is none",
            [("servers: {", "balance: rondrobin, servers: {")],
            """
            haops.yaml:20:35: error: haproxy knows no way to balance called `rondrobin`
               20 |       backends: { web: { balance: rondrobin, servers: { web1: 203.0.113.21:80 } } }
                  |                                   ^^^^^^^^^
            hint: did you mean `roundrobin`?
            """),
        Mistake(
            "a check that is none",
            [("servers: {", "check: ping, servers: {")],
            """
            haops.yaml:20:33: error: `check` wants `tcp`, `none` or `{ http: PATH }`, not `ping`
               20 |       backends: { web: { check: ping, servers: { web1: 203.0.113.21:80 } } }
                  |                                 ^^^^
            hint: write `check: { http: /health }`
            """),
        Mistake(
            "a check of a path that is none",
            [("servers: {", "check: { http: health }, servers: {")],
            """
            haops.yaml:20:41: error: `health` is not a path for a request
               20 |       backends: { web: { check: { http: health }, servers: { web1: 203.0.113.21:80 } } }
                  |                                         ^^^^^^
            hint: begin it with `/`: `check: { http: /health }`
            """),
        Mistake(
            "no servers",
            [("servers: { web1: 203.0.113.21:80 }", "")],
            """
            haops.yaml:20:19: error: backend `web` has no `servers`
               20 |       backends: { web: {  } }
                  |                   ^^^
            hint: add `servers: { web1: 203.0.113.21:80 }`
            """),
        Mistake(
            "a server without a port",
            [("203.0.113.21:80", "203.0.113.21")],
            """
            haops.yaml:20:43: error: `203.0.113.21` is not an address with a port
               20 |       backends: { web: { servers: { web1: 203.0.113.21 } } }
                  |                                           ^^^^^^^^^^^^
            hint: write `203.0.113.21:80` or `[2001:db8::21]:80`
            """),
        Mistake(
            "a server twice",
            [("web1: 203.0.113.21:80", "web1: 203.0.113.21:80, \"web[1-2]\": \"203.0.113.[21-22]:80\"")],
            """
            haops.yaml:20:60: error: the server `web1` stands twice in this backend
               20 |       backends: { web: { servers: { web1: 203.0.113.21:80, "web[1-2]": "203.0.113.[21-22]:80" } } }
                  |                                                            ^^^^^^^^^^
            hint: every server of a backend needs a name of its own
            """),
    ])
    func `what haproxy would not do is shown with a remedy`(mistake: Mistake) {
        #expect(mistake.actualReport == mistake.report)
    }
}
