#include "server/doctor.h"

#include <stdarg.h>

static const struct {
    const char *code;
    enum doctor_severity severity;
    const char *advice;
} kinds[] = {
#define DOCTOR(NAME, CODE, SEVERITY, ADVICE) {CODE, SEVERITY, ADVICE},
#include "server/doctor_kinds.def"
#undef DOCTOR
};

const char *doctor_code(enum doctor_kind kind)
{
    return kinds[kind].code;
}

enum doctor_severity doctor_severity(enum doctor_kind kind)
{
    return kinds[kind].severity;
}

const char *doctor_advice(enum doctor_kind kind)
{
    return kinds[kind].advice;
}

void doctor_add(struct doctor_report *report, enum doctor_kind kind, const char *format, ...)
{
    va_list arguments;
    report->findings =
        arena_grow(report->arena, report->findings, &report->capacity, report->count + 1, sizeof *report->findings);
    va_start(arguments, format);
    report->findings[report->count++] =
        (struct doctor_finding){kind, arena_format_list(report->arena, format, arguments)};
    va_end(arguments);
}

void doctor_run(const struct doctor_options *options, struct doctor_report *report)
{
    doctor_machine(options, report);
    doctor_certificate(options, report);
    doctor_database(options, report);
}
