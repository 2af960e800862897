import Pictures

extension LanePicture {
    /// The picture for a terminal of this width, with the signs that its locale has.
    func lines(_ style: Style) -> String {
        let drawn = text(width: style.width ?? 100, signs: TerminalLocale.isUTF8 ? .unicode : .ascii)
        return style(.strong, title) + "\n" + drawn.map { $0.safeForTerminal + "\n" }.joined()
    }
}

/// What the environment says of the terminal's characters, by the variables of locale(7) in their order.
enum TerminalLocale {
    static var isUTF8: Bool {
        let value = ["LC_ALL", "LC_CTYPE", "LANG"].compactMap { Environment[$0] }.first { !$0.isEmpty } ?? ""
        return value.uppercased().filter { $0 != "-" }.hasSuffix("UTF8")
    }
}
