/// A page of HTML that asks for nothing else: no script, no font, no request.
package struct HTMLPage: Sendable {
    package var title: String
    /// Rules of CSS besides those that all pages have.
    package var style: String
    /// HTML below the title.
    package var body: String

    package init(title: String, style: String, body: String) {
        (self.title, self.style, self.body) = (title, style, body)
    }

    package var text: String {
        """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><title>\(title.escaped)</title>
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <style>\(Self.commonStyle)\(style)</style></head>
        <body><main><h1>\(title.escaped)</h1>
        \(body)
        </main></body></html>

        """
    }

    private static let commonStyle = """
        :root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:75rem;margin:0 auto;padding:1rem}\
        h1{font-size:1.4rem;overflow-wrap:anywhere}
        """
}
