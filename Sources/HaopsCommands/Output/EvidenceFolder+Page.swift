extension EvidenceFolder {
    /// The whole folder as one page that asks for nothing else: every text folded below its path, what is wrong and who has the addresses open.
    var page: String {
        let title = Self.escaped(name)
        let sections = files.enumerated().map { index, file in
            """
            <details\(index < 2 ? " open" : "") id="f\(index)"><summary>\(Self.escaped(file.path))</summary>
            <pre tabindex="0">\(Self.escaped(file.text))</pre></details>
            """
        }
        return """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><title>\(title)</title>
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <style>
            :root { color-scheme: light dark; }
            body { font: 16px/1.5 system-ui, sans-serif; max-width: 75rem; margin: 0 auto; padding: 1rem; }
            h1 { font-size: 1.3rem; overflow-wrap: anywhere; }
            summary { cursor: pointer; font-weight: 600; padding: .3rem 0; overflow-wrap: anywhere; }
            details { border-top: 1px solid #8886; }
            pre { font: 13px/1.45 ui-monospace, monospace; overflow-x: auto; padding: .6rem; background: #8881; }
            @media print { pre { white-space: pre-wrap; overflow-wrap: anywhere; } }
            </style></head>
            <body><main><h1>\(title)</h1>
            <pre>\(Self.escaped(head.safeForTerminal))</pre>
            \(sections.joined(separator: "\n"))
            </main></body></html>

            """
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }
}
