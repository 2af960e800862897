/*
 * The floor: the cost of one exec on each of many nodes for a client that only drives libssh2.
 *
 * One thread, one poll loop, one session per node, at most WINDOW at once. Every node's host key is checked against
 * known_hosts, every login is by one ed25519 (or ECDSA) key. Prints one line in the end:
 * nodes ok, nodes failed, bytes of output.
 *
 *   floor [-p port] [-u user] [-i key] [-k known_hosts] [-w window] [-c command | -C file] ADDRESS...
 *
 * Addresses may also come one a line from standard input when the only one given is "-".
 * haops is measured against this program: see docs/Performance.md and `make bench`.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <libssh2.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum state { CONNECTING, HANDSHAKE, LOGIN, OPENING, EXEC, ENDING_INPUT, READING, CLOSING, OVER };

struct node {
    const char *address;
    int fd;
    enum state state;
    LIBSSH2_SESSION *session;
    LIBSSH2_CHANNEL *channel;
    size_t bytes;
    int failed;
};

static const char *user = "root", *key_path, *known_hosts_path, *command = "true";
static int port = 22, window = 64;
static char *key_text;
static size_t key_length;
static LIBSSH2_KNOWNHOSTS *known_hosts;
static char buffer[65536];

static void die(const char *what)
{
    fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
    exit(64);
}

static char *slurp(const char *path, size_t *length)
{
    FILE *file = fopen(path, "r");
    if (!file)
        die(path);
    char *text = malloc(1 << 20);
    *length = fread(text, 1, (1 << 20) - 1, file);
    text[*length] = 0;
    fclose(file);
    return text;
}

static void begin(struct node *node)
{
    struct sockaddr_storage storage = {0};
    struct sockaddr_in *v4 = (struct sockaddr_in *)&storage;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&storage;
    socklen_t length;
    int on = 1;

    if (inet_pton(AF_INET, node->address, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(port);
        length = sizeof *v4;
    } else if (inet_pton(AF_INET6, node->address, &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(port);
        length = sizeof *v6;
    } else {
        fprintf(stderr, "floor: %s is not an address\n", node->address);
        exit(64);
    }
    node->fd = socket(storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (node->fd < 0)
        die("socket");
    setsockopt(node->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    node->state = CONNECTING;
    if (connect(node->fd, (struct sockaddr *)&storage, length) != 0 && errno != EINPROGRESS) {
        node->failed = 1;
        node->state = CLOSING;
    }
}

static void fail(struct node *node, const char *what)
{
    char *text = "";
    if (node->session)
        libssh2_session_last_error(node->session, &text, NULL, 0);
    fprintf(stderr, "floor: %s: %s: %s\n", node->address, what, text);
    node->failed = 1;
    node->state = CLOSING;
}

/* Moves one node as far as it goes without waiting. */
static void step(struct node *node)
{
    int rc = 0;

    switch (node->state) {
    case CONNECTING: {
        int error = 0;
        socklen_t length = sizeof error;
        getsockopt(node->fd, SOL_SOCKET, SO_ERROR, &error, &length);
        if (error) {
            fail(node, strerror(error));
            break;
        }
        node->session = libssh2_session_init();
        libssh2_session_set_blocking(node->session, 0);
        /* Like everybody else here: the kind of key that known_hosts has. */
        libssh2_session_method_pref(node->session, LIBSSH2_METHOD_HOSTKEY, "ssh-ed25519,ecdsa-sha2-nistp256");
        node->state = HANDSHAKE;
    } /* fall through */
    case HANDSHAKE: {
        rc = libssh2_session_handshake(node->session, node->fd);
        if (rc == LIBSSH2_ERROR_EAGAIN)
            return;
        if (rc) {
            fail(node, "handshake");
            break;
        }
        size_t length;
        int type;
        const char *key = libssh2_session_hostkey(node->session, &length, &type);
        if (libssh2_knownhost_checkp(known_hosts, node->address, port, key, length,
                                     LIBSSH2_KNOWNHOST_TYPE_PLAIN | LIBSSH2_KNOWNHOST_KEYENC_RAW,
                                     NULL) != LIBSSH2_KNOWNHOST_CHECK_MATCH) {
            fail(node, "host key");
            break;
        }
        node->state = LOGIN;
    } /* fall through */
    case LOGIN:
        rc = libssh2_userauth_publickey_frommemory(node->session, user, strlen(user), NULL, 0, key_text,
                                                   key_length, NULL);
        if (rc == LIBSSH2_ERROR_EAGAIN)
            return;
        if (rc) {
            fail(node, "login");
            break;
        }
        node->state = OPENING; /* fall through */
    case OPENING:
        node->channel = libssh2_channel_open_session(node->session);
        if (!node->channel) {
            if (libssh2_session_last_errno(node->session) == LIBSSH2_ERROR_EAGAIN)
                return;
            fail(node, "channel");
            break;
        }
        node->state = EXEC; /* fall through */
    case EXEC:
        rc = libssh2_channel_exec(node->channel, command);
        if (rc == LIBSSH2_ERROR_EAGAIN)
            return;
        if (rc) {
            fail(node, "exec");
            break;
        }
        node->state = ENDING_INPUT; /* fall through */
    case ENDING_INPUT:
        rc = libssh2_channel_send_eof(node->channel);
        if (rc == LIBSSH2_ERROR_EAGAIN)
            return;
        node->state = READING; /* fall through */
    case READING: {
        ssize_t out, err;
        do {
            out = libssh2_channel_read(node->channel, buffer, sizeof buffer);
            if (out > 0)
                node->bytes += out;
            err = libssh2_channel_read_stderr(node->channel, buffer, sizeof buffer);
            if (err > 0)
                node->bytes += err;
        } while (out > 0 || err > 0);
        if ((out < 0 && out != LIBSSH2_ERROR_EAGAIN) || (err < 0 && err != LIBSSH2_ERROR_EAGAIN)) {
            fail(node, "read");
            break;
        }
        if (!libssh2_channel_eof(node->channel))
            return;
        rc = libssh2_channel_wait_closed(node->channel);
        if (rc == LIBSSH2_ERROR_EAGAIN)
            return;
        if (rc || libssh2_channel_get_exit_status(node->channel) != 0)
            node->failed = 1;
        node->state = CLOSING;
        break;
    }
    default:
        break;
    }
    if (node->state == CLOSING) {
        if (node->session) {
            if (!node->failed)
                libssh2_session_disconnect(node->session, "done");
            shutdown(node->fd, SHUT_RDWR);
            libssh2_session_free(node->session);
        }
        close(node->fd);
        node->state = OVER;
    }
}

static short wanted(struct node *node)
{
    if (node->state == CONNECTING)
        return POLLOUT;
    int directions = libssh2_session_block_directions(node->session);
    short events = 0;
    if (directions & LIBSSH2_SESSION_BLOCK_INBOUND)
        events |= POLLIN;
    if (directions & LIBSSH2_SESSION_BLOCK_OUTBOUND)
        events |= POLLOUT;
    return events ? events : POLLIN;
}

int main(int argc, char **argv)
{
    int option;
    while ((option = getopt(argc, argv, "p:u:i:k:w:c:C:")) != -1) {
        switch (option) {
        case 'p': port = atoi(optarg); break;
        case 'u': user = optarg; break;
        case 'i': key_path = optarg; break;
        case 'k': known_hosts_path = optarg; break;
        case 'w': window = atoi(optarg); break;
        case 'c': command = optarg; break;
        case 'C': command = slurp(optarg, &(size_t){0}); break;
        default: return 64;
        }
    }
    if (!key_path || !known_hosts_path || optind >= argc || window < 1) {
        fprintf(stderr, "usage: floor -i key -k known_hosts [-p port] [-u user] [-w window] [-c command | -C file] ADDRESS...\n");
        return 64;
    }
    char **addresses = argv + optind;
    size_t count = argc - optind;
    if (count == 1 && strcmp(addresses[0], "-") == 0) {
        char line[256];
        size_t room = 1024;
        addresses = malloc(room * sizeof *addresses);
        count = 0;
        while (fgets(line, sizeof line, stdin)) {
            line[strcspn(line, "\r\n")] = 0;
            if (!line[0])
                continue;
            if (count == room)
                addresses = realloc(addresses, (room *= 2) * sizeof *addresses);
            addresses[count++] = strdup(line);
        }
    }
    if (libssh2_init(0))
        die("libssh2");
    key_text = slurp(key_path, &key_length);
    LIBSSH2_SESSION *reader = libssh2_session_init();
    known_hosts = libssh2_knownhost_init(reader);
    if (libssh2_knownhost_readfile(known_hosts, known_hosts_path, LIBSSH2_KNOWNHOST_FILE_OPENSSH) < 0)
        die(known_hosts_path);

    struct node *nodes = calloc(count, sizeof *nodes);
    struct node **active = calloc(window, sizeof *active);
    struct pollfd *polls = calloc(window, sizeof *polls);
    size_t next = 0, running = 0;
    for (size_t i = 0; i < count; i++)
        nodes[i].address = addresses[i];

    while (next < count || running > 0) {
        while (running < (size_t)window && next < count) {
            active[running] = &nodes[next++];
            begin(active[running++]);
        }
        for (size_t i = 0; i < running; i++) {
            polls[i].fd = active[i]->fd;
            polls[i].events = active[i]->state == CLOSING ? POLLIN | POLLOUT : wanted(active[i]);
        }
        if (poll(polls, running, 30000) <= 0)
            die("poll");
        for (size_t i = 0; i < running; i++)
            if (polls[i].revents)
                step(active[i]);
        for (size_t i = 0; i < running;)
            if (active[i]->state == OVER)
                active[i] = active[--running];
            else
                i++;
    }

    size_t ok = 0, bytes = 0;
    for (size_t i = 0; i < count; i++) {
        ok += !nodes[i].failed;
        bytes += nodes[i].bytes;
    }
    printf("%zu ok, %zu failed, %zu bytes\n", ok, count - ok, bytes);
    libssh2_knownhost_free(known_hosts);
    libssh2_session_free(reader);
    libssh2_exit();
    return ok == count ? 0 : 1;
}
