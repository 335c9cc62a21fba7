/* key_file.c: the key of the seals, in a file outside the database: 64 hexadecimal digits. */
#include "server/key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "foundation/encoding.h"

enum { KEY_TEXT_SIZE = SEAL_KEY_SIZE * 2 + 1, KEY_PATH_SIZE = 4096 };

int64_t file_bytes(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 ? (int64_t)status.st_size : 0;
}

bool file_has_content(const char *path)
{
    return file_bytes(path) > 0;
}

static enum status fail(const char *path, const char *what, struct error *err)
{
    return error_set(err, STATUS_IO, "server.key_file", "", "the key file %s cannot be %s: %s", path, what,
                     strerror(errno));
}

static enum status read_key(int file, const char *path, unsigned char key[SEAL_KEY_SIZE], struct error *err)
{
    char text[KEY_TEXT_SIZE + 8];
    ssize_t size = read(file, text, sizeof text - 1);
    while (size > 0 && (text[size - 1] == '\n' || text[size - 1] == '\r'))
        size--;
    if (size <= 0 || !hex_decode((struct text){text, (size_t)size}, key, SEAL_KEY_SIZE))
        return error_set(err, STATUS_IO, "server.key_file", "", "%s does not hold 64 hexadecimal digits", path);
    return STATUS_OK;
}

/* The whole key appears at once, so that another process never reads half of it. */
static enum status make_key(const char *path, struct error *err)
{
    unsigned char key[SEAL_KEY_SIZE];
    char text[KEY_TEXT_SIZE + 1];
    char temporary[KEY_PATH_SIZE];
    secret_random(key, sizeof key);
    hex_encode(key, sizeof key, text);
    text[KEY_TEXT_SIZE - 1] = '\n';
    snprintf(temporary, sizeof temporary, "%s.%ld", path, (long)getpid());
    int file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0)
        return fail(path, "made", err);
    bool written = write(file, text, KEY_TEXT_SIZE) == KEY_TEXT_SIZE && fsync(file) == 0;
    close(file);
    bool linked = written && (link(temporary, path) == 0 || errno == EEXIST);
    enum status status = linked ? STATUS_OK : fail(path, "made", err);
    unlink(temporary);
    return status;
}

enum status key_file_read(const char *path, bool create, unsigned char key[SEAL_KEY_SIZE], struct error *err)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 && errno == ENOENT && create) {
        enum status status = make_key(path, err);
        if (status != STATUS_OK)
            return status;
        file = open(path, O_RDONLY | O_CLOEXEC);
    }
    if (file < 0)
        return fail(path, "read", err);
    enum status status = read_key(file, path, key, err);
    close(file);
    return status;
}
