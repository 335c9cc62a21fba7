/* signals.c: how the server is told to stop. */
#include "server/signals.h"

#include <pthread.h>
#include <signal.h>

static void stop_signals(sigset_t *out)
{
    sigemptyset(out);
    sigaddset(out, SIGTERM);
    sigaddset(out, SIGINT);
}

void signals_block(void)
{
    sigset_t signals;
    stop_signals(&signals);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
}

void signals_release(void)
{
    sigset_t signals;
    stop_signals(&signals);
    pthread_sigmask(SIG_UNBLOCK, &signals, NULL);
}

int signals_wait(void)
{
    sigset_t signals;
    int number = 0;
    stop_signals(&signals);
    sigwait(&signals, &number);
    return number;
}
