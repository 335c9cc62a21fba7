#include "cli/analyze_job.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/analyze.h"

extern char **environ;

enum {
    ARGUMENTS_MAX = ANALYSIS_OPTIONS_MAX + 8,
    ENVIRONMENT_MAX = 1024,
    MEMORY_MEGABYTES_USUAL = 4096,
    PROGRAM_MEGABYTES = 2048, /* addresses that libraries reserve beside what an analysis takes */
    WAIT_MS_MIN = 2,
    WAIT_MS_MAX = 100,
    SAID_BYTES_MAX = 64 * 1024,
    NICER = 10,
};

static const size_t ROWS_MAX = 8 << 20;

/* ---- what may be asked ---- */

static const char *const names[] = {
    "rfm",     "clv",     "cohorts", "churn",  "survival", "loyalty",  "experiment", "uplift",     "roi",
    "demand",  "baskets", "next",    "profit", "pls",      "nps",      "csat",       "ces",        "attributes",
    "drivers", "trend",   "matrix",  "panel",  "types",    "segments", "counts",     "duplicates", NULL,
};

/* How a file is written; of a database there is nothing to say. */
static const char *const of_files[] = {"input-format",  "columns",     "delimiter", "encoding",
                                       "decimal-comma", "date-format", "map"};
static const char *const of_databases[] = {"from", "sample"};
/* What the server decides. */
static const char *const withheld[] = {"database", "key-file", "live", "format", "plot", "plot-kind", "memory"};

#define IS_IN(name, list) is_in(name, list, sizeof(list) / sizeof((list)[0]))

static bool is_in(const char *name, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(name, list[i]) == 0)
            return true;
    return false;
}

static const struct subcommand *find_analysis(const char *name)
{
    for (const struct subcommand *const *child = analyze_subcommand.children; *child != NULL; child++)
        if (strcmp((*child)->name + strlen("analyze "), name) == 0)
            return *child;
    return NULL;
}

static const struct cli_option *option_named(const struct subcommand *analysis, const char *name)
{
    for (size_t i = 0; i < analysis->option_count; i++)
        if (strcmp(analysis->options[i].name, name) == 0)
            return &analysis->options[i];
    return NULL;
}

static const struct cli_option *find_option(const struct subcommand *analysis, const char *name, bool live)
{
    if (IS_IN(name, withheld) || (live ? IS_IN(name, of_files) : IS_IN(name, of_databases)))
        return NULL;
    const struct cli_option *option = option_named(analysis, name);

    /* The command line takes the one for the other, too. */
    return option == NULL && strcmp(name, "id") == 0 ? option_named(analysis, "customer") : option;
}

/* A path is never taken from outside: where the command line takes one, an uploaded file is named. */
static bool names_file(const struct subcommand *analysis, const struct cli_option *option, const char *value)
{
    return strcmp(option->argument, "FILE") == 0 ||
           (analysis == &analyze_pls && strcmp(option->name, "model") == 0 && strcmp(value, "ecsi") != 0);
}

static enum status check_option(const struct subcommand *analysis, const struct analysis_option *given, bool live,
                                struct error *err)
{
    const struct cli_option *option = find_option(analysis, given->name, live);

    if (option == NULL)
        return error_set(err, STATUS_INVALID, "analysis.option", "options", "'%s' has no option '%s' for %s",
                         analysis->name + strlen("analyze "), given->name, live ? "the live base" : "a file");
    if ((option->argument == NULL) != (given->value == NULL))
        return error_set(err, STATUS_INVALID, "analysis.option", "options", "'%s' %s", given->name,
                         option->argument == NULL ? "is true or absent" : "needs a value");
    if (given->value != NULL && names_file(analysis, option, given->value) != given->file)
        return error_set(err, STATUS_INVALID, "analysis.option", "options", "'%s' %s", given->name,
                         given->file ? "takes no file" : "takes the id of an uploaded file");
    return STATUS_OK;
}

static enum status check(const struct analysis_request *request, struct error *err)
{
    const struct subcommand *analysis = find_analysis(request->model);
    enum status status = STATUS_OK;

    if (analysis == NULL)
        return error_set(err, STATUS_INVALID, "analysis.model", "model", "there is no analysis '%s'", request->model);
    if (request->file == NULL && analysis->live == NULL)
        return error_set(err, STATUS_INVALID, "analysis.file", "file",
                         "'%s' needs what the base does not hold: upload a file and name it", request->model);
    for (size_t i = 0; status == STATUS_OK && i < request->option_count; i++)
        status = check_option(analysis, &request->options[i], request->file == NULL, err);
    return status;
}

/* ---- the process ---- */

/* All that the process needs, made before it is: between fork and exec nothing may be allocated. */
struct process {
    char *arguments[ARGUMENTS_MAX + 1];
    char *environment[ENVIRONMENT_MAX + 1];
    const char *rows_path, *said_path;
    struct rlimit memory;
    int null, rows, said; /* descriptors */
    pid_t id;
};

static int64_t memory_megabytes(void)
{
    size_t bytes = analyze_memory();

    return bytes > 0 ? (int64_t)(bytes >> 20) : MEMORY_MEGABYTES_USUAL;
}

static void set_variable(struct arena *arena, struct process *process, const char *name, const char *value)
{
    size_t size = strlen(name), i = 0;

    if (value == NULL)
        return;
    while (process->environment[i] != NULL &&
           (strncmp(process->environment[i], name, size) != 0 || process->environment[i][size] != '='))
        i++;
    if (i < ENVIRONMENT_MAX)
        process->environment[i] = arena_format(arena, "%s=%s", name, value);
}

static void prepare(struct arena *arena, const struct analyses *analyses, const struct analysis_request *request,
                    struct process *process)
{
    size_t count = 0;

    for (size_t i = 0; environ[i] != NULL && i < ENVIRONMENT_MAX - 4; i++)
        process->environment[i] = environ[i];
    set_variable(arena, process, "PATRON_DATABASE", analyses->database);
    set_variable(arena, process, "PATRON_KEY_FILE", analyses->key_file);
    set_variable(arena, process, "PATRON_ANALYSIS_MEMORY", arena_format(arena, "%lld", (long long)memory_megabytes()));
    process->arguments[count++] = "patron";
    process->arguments[count++] = "analyze";
    process->arguments[count++] = (char *)request->model;
    process->arguments[count++] = "--format=json";
    for (size_t i = 0; i < request->option_count; i++) {
        const struct analysis_option *option = &request->options[i];

        process->arguments[count++] = option->value == NULL
                                          ? arena_format(arena, "--%s", option->name)
                                          : arena_format(arena, "--%s=%s", option->name, option->value);
    }
    process->arguments[count++] = request->file == NULL ? "--live" : (char *)request->file;
    process->memory.rlim_cur = process->memory.rlim_max = (rlim_t)(memory_megabytes() + PROGRAM_MEGABYTES) << 20;
}

static bool open_files(struct process *process)
{
    process->null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    process->rows = open(process->rows_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    process->said = open(process->said_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    return process->null >= 0 && process->rows >= 0 && process->said >= 0;
}

static void close_files(const struct process *process)
{
    const int descriptors[] = {process->null, process->rows, process->said};

    for (size_t i = 0; i < sizeof descriptors / sizeof descriptors[0]; i++)
        if (descriptors[i] >= 0)
            close(descriptors[i]);
}

/* Only what is safe between fork and exec of a process with threads. It does not outlive the server. */
static _Noreturn void become(const struct process *process, pid_t parent)
{
    const struct rlimit none = {0, 0};
    sigset_t signals;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(EXIT_FAILED);
    sigemptyset(&signals);
    sigprocmask(SIG_SETMASK, &signals, NULL);
    signal(SIGPIPE, SIG_DFL);
    setrlimit(RLIMIT_CORE, &none);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) /* which reserve all addresses there are */
    setrlimit(RLIMIT_AS, &process->memory);
#endif
    if (nice(NICER) == -1)
        errno = 0; /* then it is as eager as the server */
    dup2(process->null, STDIN_FILENO);
    dup2(process->rows, STDOUT_FILENO);
    dup2(process->said, STDERR_FILENO);
    execve("/proc/self/exe", process->arguments, process->environment);
    _exit(EXIT_FAILED);
}

static enum status start(struct process *process, struct error *err)
{
    pid_t parent = getpid();
    bool opened = open_files(process);

    process->id = opened ? fork() : -1;
    if (process->id == 0)
        become(process, parent);
    int reason = errno;

    close_files(process);
    return process->id > 0
               ? STATUS_OK
               : error_set(err, STATUS_BUSY, "analysis.failed", "", "the analysis cannot start: %s", strerror(reason));
}

/* ---- what it says ---- */

static struct text read_file(struct arena *arena, const char *path, size_t limit)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    struct stat about;
    size_t size = 0;

    if (descriptor < 0)
        return TEXT("");
    size_t wanted = fstat(descriptor, &about) == 0 && about.st_size > 0 ? (size_t)about.st_size : 0;
    char *bytes = arena_alloc(arena, (wanted > limit ? limit : wanted) + 1);

    while (size < wanted && size < limit) {
        ssize_t got = read(descriptor, bytes + size, (wanted > limit ? limit : wanted) - size);

        if (got <= 0)
            break;
        size += (size_t)got;
    }
    close(descriptor);
    return (struct text){bytes, size};
}

/* The last line that begins with `start`, without it. */
static struct text last_line(struct text said, const char *start)
{
    struct text found = {NULL, 0};

    for (size_t at = 0; at < said.size;) {
        const char *end = memchr(said.bytes + at, '\n', said.size - at);
        size_t size = end == NULL ? said.size - at : (size_t)(end - said.bytes) - at, skip = strlen(start);

        if (size >= skip && strncmp(said.bytes + at, start, skip) == 0)
            found = (struct text){said.bytes + at + skip, size - skip};
        at += size + 1;
    }
    return found;
}

static void tell_progress(const struct process *process, const struct analysis_watch *watch)
{
    struct arena *arena = arena_new(2 * SAID_BYTES_MAX);

    if (arena == NULL)
        return;
    struct text progress = last_line(read_file(arena, process->said_path, SAID_BYTES_MAX), "progress: ");

    if (progress.size > 0)
        watch->tell(watch->context, text_string(arena, progress));
    arena_free(arena);
}

/* Its state once it has ended; a cancelled one is killed. */
static int wait_for(const struct process *process, const struct analysis_watch *watch, bool *cancelled)
{
    int state = 0;

    *cancelled = false;
    for (int64_t ms = WAIT_MS_MIN, passed = 0;; passed += ms) {
        pid_t ended = waitpid(process->id, &state, WNOHANG);

        if (ended == process->id || (ended < 0 && errno != EINTR))
            return state;
        if (!*cancelled && watch->cancelled(watch->context)) {
            *cancelled = true;
            kill(process->id, SIGKILL);
        }
        if (passed > 1000) {
            passed = 0;
            tell_progress(process, watch);
        }
        nanosleep(&(struct timespec){.tv_nsec = (long)ms * 1000000}, NULL);
        ms = ms * 2 > WAIT_MS_MAX ? WAIT_MS_MAX : ms * 2;
    }
}

static enum status no_memory(struct error *err)
{
    return error_set(
        err, STATUS_LIMIT, "analysis.memory", "",
        "it needs more than the %lld MB that an analysis may take: ask for a part with 'from' or 'sample', "
        "or raise PATRON_ANALYSIS_MEMORY",
        (long long)memory_megabytes());
}

/* "patron analyze rfm: the sentence [the.code]", or with another end where the options are wrong. */
static enum status told_error(const struct analysis_request *request, struct text said, struct error *err)
{
    char start[64], code[ERROR_CODE_SIZE] = "analysis.option";

    snprintf(start, sizeof start, "patron analyze %s: ", request->model);
    struct text sentence = last_line(said, start);
    size_t open = sentence.size;

    while (open > 0 && sentence.bytes[open - 1] != '[')
        open--;
    if (open > 1 && sentence.bytes[sentence.size - 1] == ']' && sentence.size - open < sizeof code) {
        snprintf(code, sizeof code, "%.*s", (int)(sentence.size - open - 1), sentence.bytes + open);
        sentence.size = open - 2;
    }
    if (strstr(code, ".memory") != NULL)
        return error_set(err, STATUS_LIMIT, code, "", "%.*s", (int)sentence.size, sentence.bytes);
    if (sentence.size == 0)
        return error_set(err, STATUS_DEFECT, "analysis.failed", "", "the analysis ended without a word");
    return error_set(err, STATUS_INVALID, code, "", "%.*s", (int)sentence.size, sentence.bytes);
}

static enum status judge(const struct analysis_request *request, int state, struct text rows, struct text said,
                         struct error *err)
{
    bool wanted_memory =
        said.size > 0 && memmem(said.bytes, said.size, "[memory.full]", strlen("[memory.full]")) != NULL;

    if (wanted_memory || (WIFSIGNALED(state) && WTERMSIG(state) == SIGKILL))
        return no_memory(err);
    if (WIFSIGNALED(state))
        return error_set(err, STATUS_DEFECT, "analysis.failed", "",
                         "the analysis ended by signal %d; nothing else was touched", WTERMSIG(state));
    if (rows.size > ROWS_MAX)
        return error_set(err, STATUS_LIMIT, "analysis.size", "",
                         "the result has more than %zu bytes: ask for a sample, or on the command line", ROWS_MAX);
    if (rows.size == 0 || WEXITSTATUS(state) == EXIT_USAGE) /* some rows that cannot be read are no failure */
        return told_error(request, said, err);
    return STATUS_OK;
}

static enum status run(const struct analyses *analyses, struct arena *arena, const struct analysis_request *request,
                       const struct analysis_watch *watch, struct text *rows, struct error *err)
{
    struct process *process = arena_alloc(arena, sizeof *process);
    enum status status = check(request, err);
    bool cancelled = false;

    if (status != STATUS_OK)
        return status;
    process->rows_path = arena_format(arena, "%s/rows.json", watch->directory);
    process->said_path = arena_format(arena, "%s/said.txt", watch->directory);
    prepare(arena, analyses, request, process);
    status = start(process, err);
    if (status != STATUS_OK)
        return status;
    int state = wait_for(process, watch, &cancelled);
    struct text said = read_file(arena, process->said_path, SAID_BYTES_MAX);
    struct text result = read_file(arena, process->rows_path, ROWS_MAX + 1);

    unlink(process->rows_path);
    unlink(process->said_path);
    if (cancelled)
        return STATUS_OK;
    status = judge(request, state, result, said, err);
    if (status != STATUS_OK)
        return status;
    watch->tell(watch->context,
                arena_format(arena, "%s is finished%s", request->model,
                             WEXITSTATUS(state) == EXIT_DONE ? "" : "; some rows could not be read and are left out"));
    *rows = text_trim(result);
    return STATUS_OK;
}

struct analyses analyze_jobs(const char *database, const char *key_file)
{
    return (struct analyses){.models = names, .database = database, .key_file = key_file, .check = check, .run = run};
}
