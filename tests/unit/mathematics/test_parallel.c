/* Work on several threads is all done, once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mathematics/parallel.h"

struct tally {
    size_t threads;
    unsigned done[1000];
};

static void count_own(void *context, size_t thread)
{
    struct tally *tally = context;

    for (size_t i = thread; i < 1000; i += tally->threads)
        tally->done[i]++;
}

static void every_item_is_done_once_on_any_number_of_threads(void **state)
{
    (void)state;
    for (size_t threads = 1; threads <= PARALLEL_THREADS_MAX; threads += 5) {
        struct tally tally = {.threads = threads};

        parallel_run(threads, count_own, &tally);
        for (size_t i = 0; i < 1000; i++)
            assert_int_equal(tally.done[i], 1);
    }
}

static void there_is_at_least_one_thread(void **state)
{
    (void)state;
    assert_in_range(parallel_threads(), 1, PARALLEL_THREADS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_item_is_done_once_on_any_number_of_threads),
        cmocka_unit_test(there_is_at_least_one_thread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
