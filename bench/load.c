/*
 * load: posts purchases over HTTP as quickly as the server takes them, or at a given pace, and measures.
 *
 *     load PORT TOKEN --members N [--purchases N] [--first N] [--bodies N] [--connections N] [--rate N] [--seed N]
 *
 * Each purchase has two lines, a new receipt (numbered from --first) and the card of one of `--members` members. A request
 * holds --bodies purchases, as an array when more than one. With --rate (purchases a second) request i is due at i / rate,
 * and its latency counts from then, whether or not a connection was free. One thread and bodies made beforehand, because
 * it shares the machine with the server.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    CONNECTIONS_MAX = 1024,
    PURCHASE_BYTES_MAX = 512,
    HEAD_BYTES_MAX = 512,
    RECEIVE_BYTES = 256 * 1024,
    EVENTS = 128
};
enum { LINES = 2, STORES = 10, SKUS = 500 };

struct options {
    int port;
    const char *token;
    int64_t members, purchases, first, bodies, connections, rate, seed;
};

struct connection {
    int socket;
    bool busy;
    int64_t due;          /* microseconds: when the request under way was to be sent */
    size_t request, sent; /* its number; how much of it is out */
    char *received;       /* head and beginning of the answer */
    size_t received_size, expected_size;
    bool refused;
};

struct run {
    const struct options *options;
    char *bytes;     /* all requests, one after the other */
    size_t *offsets; /* of request i; one more at the end */
    size_t request_count, next, done;
    struct connection connections[CONNECTIONS_MAX];
    int epoll;
    int64_t started, ended;
    uint32_t *latencies; /* microseconds, in order of completion */
    size_t failures;
    uint64_t random;
};

static void die(const char *what)
{
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int64_t now_microseconds(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static size_t random_below(struct run *run, int64_t limit)
{
    run->random ^= run->random >> 12;
    run->random ^= run->random << 25;
    run->random ^= run->random >> 27;
    return (size_t)((run->random * UINT64_C(2685821657736338717) >> 11) % (uint64_t)limit);
}

/* ---- requests ---- */

static size_t write_purchase(struct run *run, int64_t number, char *out)
{
    int64_t amounts[LINES], total = 0;
    size_t skus[LINES];

    for (int i = 0; i < LINES; i++) {
        amounts[i] = 100 + (int64_t)random_below(run, 9900);
        skus[i] = random_below(run, SKUS);
        total += amounts[i];
    }
    int size =
        snprintf(out, PURCHASE_BYTES_MAX,
                 "{\"member\":{\"card\":\"card%08zu\"},\"channel\":\"pos\",\"store\":\"store%02zu\",\"till\":\"1\","
                 "\"receipt\":\"%08lld\",\"total\":{\"amount\":\"%lld.%02lld\",\"currency\":\"USD\"},\"lines\":[",
                 random_below(run, run->options->members), random_below(run, STORES), (long long)number,
                 (long long)(total / 100), (long long)(total % 100));
    for (int i = 0; i < LINES; i++)
        size += snprintf(out + size, PURCHASE_BYTES_MAX - (size_t)size,
                         "%s{\"sku\":\"sku%05zu\",\"category\":\"category%02zu\","
                         "\"amount\":{\"amount\":\"%lld.%02lld\",\"currency\":\"USD\"}}",
                         i > 0 ? "," : "", skus[i], skus[i] % 20, (long long)(amounts[i] / 100),
                         (long long)(amounts[i] % 100));
    size += snprintf(out + size, PURCHASE_BYTES_MAX - (size_t)size, "]}");
    return (size_t)size;
}

/* The request of `count` purchases from `number` on; returns its size. */
static size_t write_request(struct run *run, int64_t number, int64_t count, char *body, char *out)
{
    size_t size = 0;

    for (int64_t i = 0; i < count; i++) {
        if (count > 1)
            body[size++] = i == 0 ? '[' : ',';
        size += write_purchase(run, number + i, body + size);
    }
    if (count > 1)
        body[size++] = ']';
    int head = snprintf(out, HEAD_BYTES_MAX,
                        "POST /v1/purchases HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAuthorization: Bearer %s\r\n"
                        "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
                        run->options->port, run->options->token, size);
    memcpy(out + head, body, size);
    return (size_t)head + size;
}

static void make_requests(struct run *run)
{
    const struct options *options = run->options;
    size_t capacity = 0, size = 0, body_max = (size_t)options->bodies * (PURCHASE_BYTES_MAX + 1) + 2;
    char *body = malloc(body_max);

    run->request_count = (size_t)((options->purchases + options->bodies - 1) / options->bodies);
    run->offsets = calloc(run->request_count + 1, sizeof *run->offsets);
    run->latencies = calloc(run->request_count + 1, sizeof *run->latencies);
    if (body == NULL || run->offsets == NULL || run->latencies == NULL)
        die("memory");
    for (size_t i = 0; i < run->request_count; i++) {
        int64_t first = (int64_t)i * options->bodies, left = options->purchases - first;
        if (capacity - size < body_max + HEAD_BYTES_MAX) {
            capacity = capacity * 2 + body_max + HEAD_BYTES_MAX;
            run->bytes = realloc(run->bytes, capacity);
            if (run->bytes == NULL)
                die("memory");
        }
        run->offsets[i] = size;
        size += write_request(run, options->first + first, left < options->bodies ? left : options->bodies, body,
                              run->bytes + size);
    }
    run->offsets[run->request_count] = size;
    free(body);
}

/* ---- connections ---- */

static void connection_open(struct run *run, struct connection *connection)
{
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons((uint16_t)run->options->port),
                                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const int yes = 1;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};

    connection->socket = socket(AF_INET, SOCK_STREAM, 0);
    connection->received = malloc(RECEIVE_BYTES);
    if (connection->socket < 0 || connection->received == NULL ||
        connect(connection->socket, (const struct sockaddr *)&address, sizeof address) != 0 ||
        setsockopt(connection->socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes) != 0 ||
        epoll_ctl(run->epoll, EPOLL_CTL_ADD, connection->socket, &event) != 0)
        die("cannot connect");
}

static void watch(struct run *run, struct connection *connection, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = connection};

    if (epoll_ctl(run->epoll, EPOLL_CTL_MOD, connection->socket, &event) != 0)
        die("epoll");
}

static void connection_send(struct run *run, struct connection *connection)
{
    size_t end = run->offsets[connection->request + 1] - run->offsets[connection->request];
    bool began = connection->sent > 0;

    while (connection->sent < end) {
        ssize_t sent = send(connection->socket, run->bytes + run->offsets[connection->request] + connection->sent,
                            end - connection->sent, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            watch(run, connection, EPOLLIN | EPOLLOUT);
            return;
        }
        if (sent < 0)
            die("the server hung up");
        connection->sent += (size_t)sent;
    }
    if (began)
        watch(run, connection, EPOLLIN);
}

static void connection_start(struct run *run, struct connection *connection, int64_t due)
{
    connection->busy = true;
    connection->due = due;
    connection->request = run->next++;
    connection->sent = 0;
    connection->received_size = connection->expected_size = 0;
    connection_send(run, connection);
}

/* Reads status and length once the head is complete. */
static void read_head(struct connection *connection)
{
    char *end = memmem(connection->received, connection->received_size, "\r\n\r\n", 4);

    if (end == NULL)
        return;
    *end = '\0';
    const char *length = strcasestr(connection->received, "content-length:");
    if (length == NULL) {
        fprintf(stderr, "load: an answer without a length:\n%s\n", connection->received);
        exit(1);
    }
    connection->refused = strncmp(connection->received + 9, "20", 2) != 0;
    connection->expected_size =
        (size_t)(end + 4 - connection->received) + (size_t)strtoull(length + strlen("content-length:"), NULL, 10);
    if (connection->expected_size > RECEIVE_BYTES) {
        fputs("load: the answer is too long\n", stderr);
        exit(1);
    }
}

static size_t count_problems(const struct connection *connection)
{
    static const char problem[] = "\"problem\"";
    const char *at = connection->received, *end = at + connection->received_size;
    size_t count = 0;

    while ((at = memmem(at, (size_t)(end - at), problem, sizeof problem - 1)) != NULL) {
        count++;
        at += sizeof problem - 1;
    }
    return count;
}

static void finish(struct run *run, struct connection *connection)
{
    size_t failures = connection->refused ? (size_t)run->options->bodies : count_problems(connection);

    run->ended = now_microseconds();
    run->latencies[run->done++] = (uint32_t)(run->ended - connection->due);
    if (failures > 0 && run->failures == 0)
        fprintf(stderr, "load: refused: %s\n%.*s\n", connection->received, 400,
                connection->received + strlen(connection->received) + 4);
    run->failures += failures;
    connection->busy = false;
}

static void connection_receive(struct run *run, struct connection *connection)
{
    ssize_t size = recv(connection->socket, connection->received + connection->received_size,
                        RECEIVE_BYTES - connection->received_size, MSG_DONTWAIT);

    if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return;
    if (size <= 0)
        die("the server hung up");
    connection->received_size += (size_t)size;
    if (connection->expected_size == 0)
        read_head(connection);
    if (connection->expected_size > 0 && connection->received_size >= connection->expected_size)
        finish(run, connection);
}

/* ---- the run ---- */

/* When request `number` is due; in a run without pace, now. */
static int64_t due_at(const struct run *run, size_t number)
{
    if (run->options->rate == 0)
        return now_microseconds();
    return run->started + (int64_t)number * run->options->bodies * 1000000 / run->options->rate;
}

static void start_requests(struct run *run)
{
    for (int64_t i = 0; i < run->options->connections && run->next < run->request_count; i++) {
        struct connection *connection = &run->connections[i];
        if (connection->busy)
            continue;
        int64_t due = due_at(run, run->next);
        if (due > now_microseconds())
            return;
        connection_start(run, connection, due);
    }
}

static void wait_for_events(struct run *run)
{
    struct epoll_event events[EVENTS];
    struct timespec pause = {1, 0};

    bool free = run->next - run->done < (size_t)run->options->connections;
    if (run->options->rate > 0 && run->next < run->request_count && free) {
        int64_t left = due_at(run, run->next) - now_microseconds();
        pause = left <= 0 ? (struct timespec){0, 0} : (struct timespec){left / 1000000, left % 1000000 * 1000};
    }
    int count = epoll_pwait2(run->epoll, events, EVENTS, &pause, NULL);
    if (count < 0 && errno != EINTR)
        die("epoll");
    for (int i = 0; i < count; i++) {
        struct connection *connection = events[i].data.ptr;
        if ((events[i].events & EPOLLOUT) != 0)
            connection_send(run, connection);
        if ((events[i].events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0)
            connection_receive(run, connection);
    }
}

static int compare(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

    return (left > right) - (left < right);
}

static void report(struct run *run)
{
    double seconds = (double)(run->ended - run->started) / 1e6;
    size_t last = run->done - 1;

    qsort(run->latencies, run->done, sizeof *run->latencies, compare);
    printf("{\"requests\": %zu, \"purchases\": %lld, \"failures\": %zu, \"seconds\": %.3f, \"rate\": %.0f, "
           "\"p50_ms\": %.2f, \"p99_ms\": %.2f, \"max_ms\": %.2f}\n",
           run->done, (long long)run->options->purchases, run->failures, seconds,
           (double)run->options->purchases / seconds, (double)run->latencies[last / 2] / 1000,
           (double)run->latencies[last * 99 / 100] / 1000, (double)run->latencies[last] / 1000);
}

static bool read_options(int argc, char **argv, struct options *options)
{
    static const struct option list[] = {
        {"members", required_argument, NULL, 'm'},     {"purchases", required_argument, NULL, 'p'},
        {"first", required_argument, NULL, 'f'},       {"bodies", required_argument, NULL, 'b'},
        {"connections", required_argument, NULL, 'c'}, {"rate", required_argument, NULL, 'r'},
        {"seed", required_argument, NULL, 's'},        {NULL, 0, NULL, 0}};
    int64_t *const fields[] = {&options->members,     &options->purchases, &options->first, &options->bodies,
                               &options->connections, &options->rate,      &options->seed};
    static const char letters[] = "mpfbcrs";

    for (int found; (found = getopt_long(argc, argv, "", list, NULL)) != -1;) {
        const char *letter = found == '?' ? NULL : strchr(letters, found);
        if (letter == NULL)
            return false;
        *fields[letter - letters] = atoll(optarg);
    }
    if (argc - optind != 2 || options->bodies < 1 || options->connections < 1 || options->purchases < 1 ||
        options->connections > CONNECTIONS_MAX || options->members < 1)
        return false;
    options->port = atoi(argv[optind]);
    options->token = argv[optind + 1];
    return true;
}

int main(int argc, char **argv)
{
    struct options options = {.purchases = 1000, .bodies = 1, .connections = 1, .seed = 1};
    struct run *run = calloc(1, sizeof *run);

    if (run == NULL || !read_options(argc, argv, &options)) {
        fputs(
            "usage: load PORT TOKEN --members N [--purchases N] [--first N] [--bodies N] [--connections N] [--rate N] "
            "[--seed N]\n",
            stderr);
        return 2;
    }
    run->options = &options;
    run->random = UINT64_C(88172645463325252) ^ (uint64_t)options.seed * UINT64_C(2654435761);
    make_requests(run);
    run->epoll = epoll_create1(0);
    for (int64_t i = 0; i < options.connections; i++)
        connection_open(run, &run->connections[i]);
    run->started = now_microseconds();
    while (run->done < run->request_count) {
        start_requests(run);
        wait_for_events(run);
    }
    report(run);
    return run->failures > 0 ? 1 : 0;
}
