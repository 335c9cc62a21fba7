/* storage_fault.h: counted-down faults on the storage port, for tests. */
#ifndef PATRON_STORAGE_STORAGE_FAULT_H
#define PATRON_STORAGE_STORAGE_FAULT_H

#include <stdatomic.h>

#include "foundation/status.h"

enum storage_operation {
    STORAGE_OPERATION_BEGIN,
    STORAGE_OPERATION_SEND,
    STORAGE_OPERATION_FLUSH,
    STORAGE_OPERATION_COMMIT,
    STORAGE_OPERATION_SETTLE
};

/*
 * The operation number `countdown` of the kind (counted over all sessions) fails; with `after`, it is carried out first
 * and then reported as failed (a commit whose reply is lost). Negative: no fault. A test may change all while sessions
 * work: the countdown last.
 */
struct storage_fault {
    _Atomic enum storage_operation operation;
    atomic_int countdown;
    atomic_int after;
    _Atomic enum status status; /* reported, with code `storage.injected` (`storage.commit_unknown` for commit) */
};

#endif
