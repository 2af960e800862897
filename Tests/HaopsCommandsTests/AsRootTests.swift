import Testing

/// What `scripts/as-root` hands to sudo, which writes its arguments into the log and shows them in the process list.
@Suite struct AsRootTests {
    @Test func `root is given variables by name, and only those that tests and the lab read`() async throws {
        let project = Program.shipped.split(separator: "/").dropLast(2).joined(separator: "/")
        // As somebody else, also where the tests run as root; a stand-in says what sudo was told.
        let run = try await Program.run(
            "/bin/bash",
            [
                "-ec",
                """
                place=$(mktemp -d); trap 'rm -rf "$place"' EXIT
                chmod 755 "$place"
                install -m 755 "$1/scripts/as-root" "$place/as-root"
                printf '#!/bin/sh\\n[ "$1" = --non-interactive ] || printf "%%s\\\\n" "$@"\\n' >"$place/sudo"
                chmod 755 "$place/sudo"
                somebody=()
                ((EUID != 0)) || somebody=(setpriv --reuid=65534 --clear-groups --)
                export PATH=$place:$PATH
                "${somebody[@]}" "$place/as-root" make test
                echo
                export HAOPS_LAB=/run/haops-lab/x HAOPS_REQUIRE_LAB=1 HAOPS_VRRP_PASS=hunter22 HAOPS_LAB_PASS=hunter23
                "${somebody[@]}" "$place/as-root" make test
                """, "bash", "/" + project,
            ], environment: [:])
        #expect(run.exit == 0, "\(run.err)")
        #expect(
            run.out == """
                --
                make
                test

                --preserve-env=HAOPS_LAB,HAOPS_REQUIRE_LAB
                --
                make
                test

                """)
    }
}
