#include "cli/progress.h"

#include <stdio.h>
#include <unistd.h>

bool cli_shows_progress(void)
{
    return isatty(STDERR_FILENO) == 1;
}

void cli_progress(int64_t done, int64_t total, int64_t count, const char *what)
{
    if (done < 0)
        fputs("\r\033[K", stderr);
    else if (total > 0)
        fprintf(stderr, "\r\033[K%4lld %%  %lld %s", (long long)(done >= total ? 100 : done * 100 / total),
                (long long)count, what);
    else
        fprintf(stderr, "\r\033[K%lld %s", (long long)count, what);
    fflush(stderr);
}
