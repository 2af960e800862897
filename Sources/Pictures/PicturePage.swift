/// Pictures as one page, each with its list of events.
package struct PicturePage: Sendable {
    package var title: String
    /// What holds for all of them, a sentence each.
    package var remarks: [String]
    package var pictures: [LanePicture]

    package init(title: String, remarks: [String], pictures: [LanePicture]) {
        (self.title, self.remarks, self.pictures) = (title, remarks, pictures)
    }

    package var html: String {
        let sections = pictures.map { picture in
            """
            <section><h2>\(picture.title.escaped)</h2>
            <p>\(picture.caption.escaped)</p>
            <div class="scroll" tabindex="0" role="group" aria-label="\(picture.title.escaped)">\(picture.svg(isAlone: false))</div>
            <table><thead><tr><th scope="col">#</th><th scope="col">Time (UTC)</th><th scope="col">Where</th><th scope="col">What</th></tr></thead>
            <tbody>
            \(rows(of: picture))
            </tbody></table></section>
            """
        }
        let head = remarks.map { "<p class=\"remark\">\($0.escaped)</p>" }
        return HTMLPage(title: title, style: Self.style, body: (head + sections).joined(separator: "\n")).text
    }

    private func rows(of picture: LanePicture) -> String {
        picture.numbered.enumerated().map { index, event in
            return
                "<tr\(event.mark.isTransition ? " class=\"strong\"" : "")><td>\(index + 1)</td><td>\(event.mark.time.clock)</td><td>\(picture.lanes[event.lane].name.escaped)</td><td>\(event.mark.text.escaped)</td></tr>"
        }.joined(separator: "\n")
    }

    private static let style = """
        h2{font-size:1.1rem;margin:2rem 0 .3rem}.remark{opacity:.75;margin:.2rem 0}\
        .scroll{overflow-x:auto}.scroll svg{display:block;min-width:44rem;width:100%;height:auto}\
        table{border-collapse:collapse;width:100%;font-size:.85rem}th,td{text-align:left;vertical-align:top;padding:.15rem .6rem .15rem 0}\
        th:not(:last-child),td:not(:last-child){width:1%;white-space:nowrap}td:nth-child(2){font-variant-numeric:tabular-nums}td:last-child{overflow-wrap:anywhere}\
        thead{border-bottom:1px solid #8886}tr.strong{font-weight:600}\
        @media print{section{break-inside:avoid}.scroll svg{min-width:0}}
        """
}
