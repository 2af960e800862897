"""What an operator would write with a library: peers.py LIBRARY KEY KNOWN_HOSTS WINDOW FILE; runs `true` on all of FILE."""

import sys

library, key, known_hosts, window, listing = sys.argv[1:]
with open(listing) as file:
    nodes = file.read().split()


def with_asyncssh():
    import asyncio

    import asyncssh

    async def one(node, gate):
        async with gate:
            async with asyncssh.connect(
                    node, username="root", client_keys=[key], known_hosts=known_hosts, config=None) as connection:
                return (await connection.run("true")).exit_status

    async def everyone():
        gate = asyncio.Semaphore(int(window))
        return await asyncio.gather(*(one(node, gate) for node in nodes))

    return asyncio.run(everyone())


def with_parallel_ssh():
    from pssh.clients import ParallelSSHClient  # it checks no host keys

    client = ParallelSSHClient(nodes, user="root", pkey=key, pool_size=int(window), allow_agent=False)
    outputs = client.run_command("true")
    client.join(outputs)
    return [output.exit_code for output in outputs]


codes = {"asyncssh": with_asyncssh, "parallel-ssh": with_parallel_ssh}[library]()
sys.exit(0 if codes == [0] * len(nodes) else 1)
