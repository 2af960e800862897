internal import Glibc
internal import Reactor

/// The state of one tunnel in the loop that moves its bytes.
private struct Link {
    let tunnel: Tunnel
    var channel: ChannelHandle?
    /// Bytes for the jump host, sent up to `upSent`.
    var up: [UInt8] = []
    var upSent = 0
    /// Bytes for the inner session.
    var down: [UInt8] = []
    var downSent = 0
    /// Whether the inner session has closed its end.
    var isLeft = false
    /// Whether the far side has sent all of its data.
    var isSpoken = false
    var isGone = false

    enum Operation { case open, pull, push, free }
}

extension SSHSession {
    /// Serves tunnels until the inbox is closed or the connection breaks. One loop opens all tunnels and moves
    /// their bytes, because they share one libssh2 session.
    ///
    /// All descriptors and the inbox share one wait, and any edge ends it (see ``wait(until:)``). After each wait
    /// the loop tries every tunnel, so that no edge is missed.
    func serveTunnels(_ inbox: TunnelInbox) async {
        var links: [Link] = []
        /// The call that left half a packet unsent: it must be completed before any other call.
        var unfinished: (index: Int, operation: Link.Operation)?
        var cause = "the connection to the jump host ended"
        do {
            while true {
                guard let arrived = inbox.take() else { break }
                for tunnel in arrived {
                    try? watch.add(tunnel.outer)
                    links.append(Link(tunnel: tunnel))
                }
                if try move(&links, &unfinished) { continue }
                if unfinished == nil { links.removeAll { $0.isGone } }
                do { _ = try await watch.wait(for: .both, until: .now + .seconds(3600)) } catch {
                    if error != .deadline { break }
                }
            }
        } catch {
            cause = error.message
        }
        abandon()
        for link in links where !link.isGone { release(link.tunnel, cause) }
        for tunnel in inbox.close() { release(tunnel, cause) }
        close()
    }

    private func release(_ tunnel: Tunnel, _ cause: String) {
        tunnel.settle(.refused(cause))
        watch.remove(tunnel.outer)
        _ = Glibc.close(tunnel.outer)
    }

    /// Tries every tunnel once; returns whether any bytes moved.
    private func move(_ links: inout [Link], _ unfinished: inout (index: Int, operation: Link.Operation)?)
        throws(SSHFailure) -> Bool
    {
        guard !isClosed else { throw SSHFailure(code: 0, message: "closed") }
        if let (index, operation) = unfinished {
            if case .stuck = try perform(operation, &links[index]) { return false }
            unfinished = nil
        }
        var moved = false
        var opening = false
        for index in links.indices where !links[index].isGone {
            for operation in operations(of: links[index], &opening) {
                switch try perform(operation, &links[index]) {
                case .moved: moved = true
                case .idle: break
                case .stuck:
                    unfinished = (index, operation)
                    return false
                }
            }
        }
        return moved
    }

    private func operations(of link: Link, _ opening: inout Bool) -> [Link.Operation] {
        if link.channel == nil {
            // libssh2 keeps the state of an opening channel in the session: one at a time, in order.
            defer { opening = true }
            return opening ? [] : [.open]
        }
        return link.isLeft ? [.free] : [.pull, .push]
    }

    private enum Progress { case moved, idle, stuck }

    private func perform(_ operation: Link.Operation, _ link: inout Link) throws(SSHFailure) -> Progress {
        switch operation {
        case .open: try open(&link)
        case .pull: try pull(&link)
        case .push: try push(&link)
        case .free: try free(&link)
        }
    }

    private func blocked(_ directions: Readiness) -> Progress {
        directions.contains(.writable) ? .stuck : .idle
    }

    private func open(_ link: inout Link) throws(SSHFailure) -> Progress {
        do {
            switch try handle.openTunnel(to: link.tunnel.host, port: link.tunnel.port) {
            case .wouldBlock(let directions): return blocked(directions)
            case .done(let channel): link.channel = channel
            }
            link.tunnel.settle(.open)
        } catch  where !error.isFatal {
            link.isGone = true
            release(link.tunnel, error.message)
        }
        return .moved
    }

    /// Moves bytes from the far side to the inner session.
    private func pull(_ link: inout Link) throws(SSHFailure) -> Progress {
        guard let channel = link.channel else { return .idle }
        var moved = false
        if link.down.isEmpty, !link.isSpoken {
            var received: [UInt8] = []
            let step = unsafe try withTemporaryBytes(32768) { (buffer) throws(SSHFailure) -> Step<Int> in
                let step = unsafe try channel.read(.output, into: buffer, on: handle)
                if case .done(let count) = step, count > 0 {
                    received = unsafe Array(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                }
                return step
            }
            switch step {
            case .wouldBlock(let directions) where directions.contains(.writable): return .stuck
            case .wouldBlock: break
            case .done(0):
                if channel.isAtEnd {
                    link.isSpoken = true
                    _ = shutdown(link.tunnel.outer, CInt(SHUT_WR))
                    moved = true
                }
            case .done:
                link.down = received
                link.downSent = 0
            }
        }
        while link.downSent < link.down.count {
            let count = unsafe link.down.withUnsafeBytes { bytes in
                unsafe send(
                    link.tunnel.outer, bytes.baseAddress?.advanced(by: link.downSent),
                    bytes.count - link.downSent, CInt(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { return moved ? .moved : .idle }
            guard count > 0 else {
                link.isLeft = true
                return .moved
            }
            link.downSent += count
            moved = true
        }
        link.down = []
        link.downSent = 0
        return moved ? .moved : .idle
    }

    /// Moves bytes from the inner session to the far side.
    private func push(_ link: inout Link) throws(SSHFailure) -> Progress {
        guard let channel = link.channel else { return .idle }
        var moved = false
        if link.up.isEmpty {
            var received: [UInt8] = []
            let count = unsafe withUnsafeTemporaryAllocation(byteCount: 32768, alignment: 16) { buffer in
                let count = unsafe recv(link.tunnel.outer, buffer.baseAddress, buffer.count, 0)
                if count > 0 { received = unsafe Array(UnsafeRawBufferPointer(rebasing: buffer[..<count])) }
                return count
            }
            if count < 0, errno == EAGAIN || errno == EINTR { return .idle }
            guard count > 0 else {
                link.isLeft = true
                return .moved
            }
            link.up = received
            link.upSent = 0
            moved = true
        }
        let step = unsafe try link.up.withBytes(from: link.upSent) { (bytes) throws(SSHFailure) in
            unsafe try channel.write(bytes, on: handle)
        }
        switch step {
        case .wouldBlock(let directions) where directions.contains(.writable): return .stuck
        case .wouldBlock: return moved ? .moved : .idle
        case .done(let count):
            link.upSent += count
            if link.upSent == link.up.count { link.up = [] }
            return count > 0 || moved ? .moved : .idle
        }
    }

    /// Frees the channel of a tunnel that both sides have closed.
    private func free(_ link: inout Link) throws(SSHFailure) -> Progress {
        if let channel = link.channel, case .wouldBlock(let directions) = try channel.free(on: handle) {
            return blocked(directions)
        }
        link.isGone = true
        watch.remove(link.tunnel.outer)
        _ = Glibc.close(link.tunnel.outer)
        return .moved
    }
}
