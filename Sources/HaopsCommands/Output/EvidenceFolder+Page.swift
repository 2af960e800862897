import Pictures

extension EvidenceFolder {
    /// The whole folder as one page: every text folded below its path, what is wrong and who has the addresses open.
    var page: String {
        let sections = files.enumerated().map { index, file in
            """
            <details\(index < 2 ? " open" : "") id="f\(index)"><summary>\(file.path.escaped)</summary>
            <pre tabindex="0">\(file.text.escaped)</pre></details>
            """
        }
        let head = "<pre>\(head.safeForTerminal.escaped)</pre>"
        return HTMLPage(title: name, style: Self.style, body: ([head] + sections).joined(separator: "\n"))
            .text
    }

    private static let style = """
        summary{cursor:pointer;font-weight:600;padding:.3rem 0;overflow-wrap:anywhere}details{border-top:1px solid #8886}\
        pre{font:13px/1.45 ui-monospace,monospace;overflow-x:auto;padding:.6rem;background:#8881}\
        @media print{pre{white-space:pre-wrap;overflow-wrap:anywhere}}
        """
}
