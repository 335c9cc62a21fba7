#include "features/exchange/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static enum status keep_failed(struct error *err)
{
    return error_set(err, STATUS_IO, "import.read", "", "the body cannot be kept: %s", strerror(errno));
}

enum status spool_keep(int spooled, struct text body, int *descriptor, struct error *err)
{
    *descriptor = spooled >= 0 ? fcntl(spooled, F_DUPFD_CLOEXEC, 0) : memfd_create("import", MFD_CLOEXEC);
    if (*descriptor < 0)
        return keep_failed(err);
    for (size_t at = 0; spooled < 0 && at < body.size;) {
        ssize_t written = write(*descriptor, body.bytes + at, body.size - at);
        if (written < 0)
            return keep_failed(err);
        at += (size_t)written;
    }
    return STATUS_OK;
}

void spool_close(int descriptor)
{
    if (descriptor >= 0)
        close(descriptor);
}

char *spool_path(int descriptor, char path[SPOOL_PATH_SIZE])
{
    snprintf(path, SPOOL_PATH_SIZE, "/proc/self/fd/%d", descriptor);
    return path;
}

int spool_open(const char *path)
{
    return open(path, O_RDONLY | O_CLOEXEC);
}
