import Testing

/// What a shell offers behind a Tab, asked of a real bash that has read the script.
struct CompletionTests {
    /// The words that bash would offer for the last of these.
    private func offered(_ words: String..., inventory: String? = Program.shipped) async throws -> Set<
        Substring
    > {
        let script = """
            source <("$HAOPS" --generate-completion-script bash)
            haops() { "$HAOPS" "$@"; }
            COMP_WORDS=(haops "$@"); COMP_CWORD=$#; COMP_LINE="haops $*"; COMP_POINT=${#COMP_LINE}; COMP_TYPE=9
            _haops haops "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
            printf '%s\\n' "${COMPREPLY[@]}"
            """
        var environment = ["HAOPS": Program.path]
        environment["HAOPS_INVENTORY"] = inventory
        let run = try await Program.run(
            "/bin/bash", ["-c", script, "bash"] + words, environment: environment)
        #expect(run.exit == 0 && run.err.isEmpty, "\(run.err)")
        return Set(run.out.split(separator: "\n"))
    }

    @Test func `verbs, clusters, nodes and virtual addresses complete`() async throws {
        #expect(try await offered("who", "-c", "") == ["web"])
        #expect(try await offered("who", "--cluster", "w") == ["web"])
        #expect(try await offered("who", "--limit", "") == ["lb1", "lb2"])
        #expect(try await offered("who", "") == ["203.0.113.50", "203.0.113.51"])
        #expect(try await offered("wh") == ["who"])
        #expect(try await offered("who", "--nagi") == ["--nagios"])
    }

    @Test func `the inventory on the command line itself is the one that counts`() async throws {
        #expect(try await offered("who", "-i", Program.shipped, "-c", "", inventory: nil) == ["web"])
    }

    @Test func `without an inventory nothing is offered, and nothing complains`() async throws {
        #expect(try await offered("who", "-c", "", inventory: "/nonexistent") == [])
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func `every shell has a script that asks the program for names`(shell: String) async throws {
        let script = try await Program.haops("--generate-completion-script", shell)
        #expect(script.exit == 0 && script.err.isEmpty)
        #expect(script.out.contains("---completion"))
        #expect(script.out.contains("switchover") || script.out.contains("apply"))
    }

    @Test func `installing puts each script where its shell looks`() async throws {
        let project = Program.shipped.split(separator: "/").dropLast(2).joined(separator: "/")
        let run = try await Program.run(
            "/bin/bash",
            [
                "-ec",
                """
                prefix=$(mktemp -d); trap 'rm -rf "$prefix"' EXIT
                "$1"/scripts/install-completions "$HAOPS" "$prefix" >/dev/null
                cd "$prefix"; find . -type f -size +1k | sort
                """, "bash", "/" + project,
            ], environment: ["HAOPS": Program.path])
        #expect(run.exit == 0, "\(run.err)")
        #expect(
            run.out == """
                ./share/bash-completion/completions/haops
                ./share/fish/vendor_completions.d/haops.fish
                ./share/zsh/site-functions/_haops

                """)
    }
}
