/* doctor_machine.c: what can be told without the database: variables, key file, disks, memory, clock, limits. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "foundation/secret.h"
#include "foundation/text.h"
#include "server/doctor.h"
#include "server/key_file.h"
#include "server/paths.h"

enum { FILES_MIN = 4096, LOG_MAX_MIB = 1024, MEMORY_MIN_MIB = 128, PORT_MAX = 65535 };

static const int64_t MIB = 1048576;

extern char **environ;

/* ---- variables ---- */

static void check_variables(struct doctor_report *report)
{
    static const char *const known[] = {"PATRON_DATABASE", "PATRON_KEY_FILE", "PATRON_FILES",   "PATRON_ADDRESS",
                                        "PATRON_PORT",     "PATRON_HEADS",    "PATRON_ARCHIVE", "PATRON_LOG"};
    int64_t port = 0;

    for (char **variable = environ; *variable != NULL; variable++) {
        size_t size = strcspn(*variable, "=");
        bool fine = strncmp(*variable, "PATRON_", 7) != 0;
        for (size_t i = 0; i < sizeof known / sizeof known[0] && !fine; i++)
            fine = strlen(known[i]) == size && strncmp(known[i], *variable, size) == 0;
        if (!fine)
            doctor_add(report, DOCTOR_VARIABLE_UNKNOWN, "nothing reads the variable %.*s", (int)size, *variable);
    }
    const char *given = getenv("PATRON_PORT");
    if (given != NULL && (!text_to_integer(text_from(given), &port) || port < 0 || port > PORT_MAX))
        doctor_add(report, DOCTOR_VARIABLE, "PATRON_PORT is '%s', no port", given);
}

static void check_address(const struct doctor_options *options, struct doctor_report *report)
{
    const char *address = option_or_environment(NULL, "PATRON_ADDRESS", "127.0.0.1");

    if (strncmp(address, "127.", 4) != 0 && strcmp(address, "::1") != 0 && options->tls_certificate == NULL)
        doctor_add(report, DOCTOR_PLAIN_HTTP, "the server listens on %s without TLS", address);
}

/* ---- the key ---- */

static void check_key(const struct doctor_options *options, const char *database, struct doctor_report *report)
{
    char beside[SERVER_PATH_SIZE];
    unsigned char key[SEAL_KEY_SIZE];
    struct error error = {0};
    struct stat found;

    path_beside(database, "patron.key", beside);
    const char *path = option_or_environment(options->key_file, "PATRON_KEY_FILE", beside);
    if (stat(path, &found) != 0 || found.st_size == 0) {
        doctor_add(report, DOCTOR_KEY_MISSING, "the key file %s is not there", path);
        return;
    }
    if (key_file_read(path, false, key, &error) != STATUS_OK)
        doctor_add(report, DOCTOR_KEY_DAMAGED, "%s", error.message);
    if ((found.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        doctor_add(report, DOCTOR_KEY_OPEN, "the key file %s can be read by others (mode %03o)", path,
                   (unsigned)(found.st_mode & 0777));
}

/* ---- disks ---- */

static void check_directory(const struct doctor_options *options, const char *what, const char *path,
                            struct doctor_report *report)
{
    int64_t wanted = options->free_min_bytes > 0 ? options->free_min_bytes : 1024 * MIB;
    struct statvfs disk;
    struct stat found;

    if (stat(path, &found) != 0 || !S_ISDIR(found.st_mode)) {
        doctor_add(report, DOCTOR_DISK_READ_ONLY, "the directory of %s, %s, is not there", what, path);
        return;
    }
    if (access(path, W_OK | X_OK) != 0)
        doctor_add(report, DOCTOR_DISK_READ_ONLY, "the directory of %s, %s, cannot be written: %s", what, path,
                   strerror(errno));
    if (statvfs(path, &disk) != 0)
        return;
    int64_t left = (int64_t)disk.f_bavail * (int64_t)disk.f_frsize;
    if (left < wanted)
        doctor_add(report, DOCTOR_DISK_LOW, "%lld MiB are free for %s in %s, less than %lld", (long long)(left / MIB),
                   what, path, (long long)(wanted / MIB));
    else if (disk.f_files > 0 && disk.f_favail < 1000)
        doctor_add(report, DOCTOR_DISK_LOW, "no more than %lld files can be made in %s", (long long)disk.f_favail,
                   path);
}

static void check_network(const char *path, struct doctor_report *report)
{
    static const struct {
        long type;
        const char *name;
    } remote[] = {{0x6969, "NFS"}, {0xFE534D42, "SMB"}, {0xFF534D42, "CIFS"}, {0x517B, "SMB"}, {0x01021997, "9P"}};
    struct statfs disk;

    for (size_t i = 0; statfs(path, &disk) == 0 && i < sizeof remote / sizeof remote[0]; i++)
        if ((unsigned long)disk.f_type == (unsigned long)remote[i].type)
            doctor_add(report, DOCTOR_DISK_NETWORK, "%s lies on %s, where locks and flushes cannot be relied on", path,
                       remote[i].name);
}

static void check_disks(const struct doctor_options *options, const char *database, struct doctor_report *report)
{
    char folder[SERVER_PATH_SIZE], log[SERVER_PATH_SIZE], beside[SERVER_PATH_SIZE];
    struct stat found;

    path_beside(database, "patron.files", beside);
    path_beside(database, ".", folder);
    const char *files = option_or_environment(options->files, "PATRON_FILES", beside);
    const char *archive = option_or_environment(options->archive, "PATRON_ARCHIVE", NULL);
    const char *heads = option_or_environment(options->heads, "PATRON_HEADS", NULL);
    if (!is_postgres(database)) {
        check_directory(options, "the database", folder, report);
        check_network(folder, report);
        if (file_has_content(database) && access(database, W_OK) != 0)
            doctor_add(report, DOCTOR_DISK_READ_ONLY, "%s cannot be written: %s", database, strerror(errno));
        snprintf(log, sizeof log, "%.*s-wal", SERVER_PATH_SIZE - 8, database);
        if (stat(log, &found) == 0 && found.st_size > LOG_MAX_MIB * MIB)
            doctor_add(report, DOCTOR_LOG_LARGE, "%s has %lld MiB", log, (long long)(found.st_size / MIB));
    }
    /* It is made when the first job needs it. */
    path_beside(files, ".", folder);
    check_directory(options, "the jobs", stat(files, &found) == 0 ? files : folder, report);
    if (archive != NULL)
        check_directory(options, "the archive", archive, report);
    if (heads != NULL)
        check_directory(options, "the seals", heads, report);
}

/* ---- the rest of the machine ---- */

static void check_memory(struct doctor_report *report)
{
    FILE *file = fopen("/proc/meminfo", "re");
    char line[256];
    long long kib = -1;

    while (file != NULL && kib < 0 && fgets(line, sizeof line, file) != NULL)
        if (sscanf(line, "MemAvailable: %lld", &kib) != 1)
            kib = -1;
    if (file != NULL)
        fclose(file);
    if (kib >= 0 && kib / 1024 < MEMORY_MIN_MIB)
        doctor_add(report, DOCTOR_MEMORY_LOW, "%lld MiB of memory are available", kib / 1024);
}

static void check_limits(struct doctor_report *report)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_max != RLIM_INFINITY && limit.rlim_max < FILES_MIN)
        doctor_add(report, DOCTOR_FILES_LIMIT, "a process may open %llu files", (unsigned long long)limit.rlim_max);
}

static void check_clock(struct doctor_report *report)
{
    struct timex state = {.modes = 0};

    if (adjtimex(&state) == TIME_ERROR)
        doctor_add(report, DOCTOR_CLOCK_FREE, "the kernel says that nobody keeps the clock right");
}

void doctor_machine(const struct doctor_options *options, struct doctor_report *report)
{
    const char *database = option_or_environment(options->database, "PATRON_DATABASE", "patron.db");

    check_variables(report);
    check_address(options, report);
    check_key(options, database, report);
    check_disks(options, database, report);
    check_memory(report);
    check_limits(report);
    check_clock(report);
}
