/* coupons.c: `patron coupons`: codes made, read in, listed, looked up, given, redeemed and made void. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/member.h"
#include "cli/output.h"
#include "features/coupons/batch_store.h"
#include "features/coupons/coupons_store.h"
#include "features/coupons/qr.h"
#include "foundation/clock.h"
#include "foundation/id.h"
#include "foundation/instant.h"

enum { ISSUE_TRIES = 100, PICTURE_SCALE = 8 };

static struct text option_text(const struct cli *cli, const char *name)
{
    return text_from(cli_value(cli, name));
}

static struct text instant_text(struct cli *cli, int64_t at)
{
    char text[INSTANT_TEXT_SIZE];

    if (at == INSTANT_NEVER || at == INT64_MIN || at == 0)
        return TEXT("");
    return text_from(arena_format(cli->arena, "%s", instant_format(at, text)));
}

static struct text id_text(struct cli *cli, const char *prefix, int64_t id)
{
    char text[ID_TEXT_SIZE];

    return id == 0 ? TEXT("") : text_from(arena_format(cli->arena, "%s", id_format(prefix, id, text)));
}

static struct text number_text(struct cli *cli, int64_t number)
{
    return number == INT64_MAX ? TEXT("any") : text_from(arena_format(cli->arena, "%lld", (long long)number));
}

/* ---- by the thousand ---- */

static bool show_progress(void *context, int64_t done, int64_t total)
{
    (void)context;
    if (cli_shows_progress())
        cli_progress(done, total, done, "codes");
    return false;
}

static int run_batch(struct cli *cli, struct batch_request *request)
{
    struct error error = {0};
    struct text complaints = {NULL, 0};
    struct code_batch batch;

    request->watch = (struct batch_watch){.moved = show_progress};
    enum status status = coupon_batch_run(cli->opened.engine, cli->arena, request, &batch, &complaints, &error);
    if (cli_shows_progress())
        cli_progress(-1, 0, 0, "codes");
    if (complaints.size > 0)
        fprintf(stderr, "%.*s\n", (int)complaints.size, complaints.bytes);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    if (request->content.size > 0)
        printf("%lld lines read, %lld codes were there before\n", (long long)batch.done, (long long)batch.known);
    else
        printf("%lld codes of '%.*s'\n", (long long)batch.done, (int)batch.series.size, batch.series.bytes);
    return EXIT_DONE;
}

static int generate(struct cli *cli)
{
    int64_t count = 0;
    struct batch_request request = {.series = text_from(cli->arguments[1]), .actor = TEXT("cli")};

    if (!text_to_integer(text_from(cli->arguments[2]), &count) || count < 1 || count > BATCH_CODES_MAX)
        return cli_usage(cli, "say how many codes: 1 to %d", BATCH_CODES_MAX);
    request.reference = option_text(cli, "reference");
    if (request.reference.size == 0 || request.reference.size > BATCH_REFERENCE_MAX)
        return cli_usage(cli, "--reference names what is asked for, so that the same again makes nothing twice");
    request.count = count;
    return run_batch(cli, &request);
}

static enum status read_file(struct cli *cli, const char *path, struct text *out, struct error *err)
{
    struct stat about;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    char *bytes = NULL;
    ssize_t got = -1;

    if (descriptor >= 0 && fstat(descriptor, &about) == 0 && about.st_size <= BATCH_CONTENT_MAX) {
        bytes = arena_alloc(cli->arena, (size_t)about.st_size + 1);
        got = pread(descriptor, bytes, (size_t)about.st_size, 0);
    }
    if (descriptor >= 0)
        close(descriptor);
    if (got <= 0)
        return error_set(err, STATUS_IO, "coupon.list", "", "'%s' cannot be read, is empty, or has more than 64 MB",
                         path);
    *out = (struct text){bytes, (size_t)got};
    return STATUS_OK;
}

static int import_list(struct cli *cli)
{
    struct batch_request request = {.series = text_from(cli->arguments[1]), .actor = TEXT("cli")};
    const char *slash = strrchr(cli->arguments[2], '/');
    struct error error = {0};

    request.reference = option_text(cli, "reference");
    if (request.reference.size == 0)
        request.reference = text_from(slash != NULL ? slash + 1 : cli->arguments[2]);
    if (request.reference.size > BATCH_REFERENCE_MAX)
        return cli_usage(cli, "a reference has at most %d bytes", BATCH_REFERENCE_MAX);
    if (read_file(cli, cli->arguments[2], &request.content, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    return run_batch(cli, &request);
}

static int export_list(struct cli *cli)
{
    struct configuration configuration = engine_configuration(cli->opened.engine);
    bool current;
    const struct coupon_series *series = coupon_series_find(configuration.programmes, text_from(cli->arguments[1]),
                                                            clock_now(engine_clock(cli->opened.engine)), &current);
    struct error error = {0};
    enum status status = series != NULL ? coupon_codes_write(cli->opened.engine, series, STDOUT_FILENO, &error)
                                        : error_set(&error, STATUS_MISSING, "coupon.unknown_series", "",
                                                    "there is no series '%s'", cli->arguments[1]);

    engine_configuration_release(cli->opened.engine, configuration);
    return status == STATUS_OK ? EXIT_DONE : cli_fail(cli, &error);
}

/* ---- one code ---- */

/* What a subcommand about one code works on; the configuration is held until the end. */
struct asked {
    struct configuration configuration;
    int64_t now, member;
    struct coupon_use use;
    struct person person;
    struct coupon_question question;
};

static enum status read_asked(struct cli *cli, struct storage_session *session, struct asked *asked, struct error *err)
{
    const char *word = cli_value(cli, "member");
    enum status status = coupons_read(session, cli->arena, &asked->use, 1, err);

    if (status != STATUS_OK || word == NULL)
        return status;
    status = cli_member(cli, session, word, &asked->member, err);
    if (status == STATUS_OK)
        status = engine_view(cli->opened.engine, session, asked->member, cli->arena, &asked->person, err);
    if (status == STATUS_OK)
        status = coupon_person_read(session, cli->arena, &asked->person, &asked->use.known, err);
    asked->question.person = &asked->person;
    return status;
}

static enum status ask(struct cli *cli, struct asked *asked, struct error *err)
{
    struct engine *engine = cli->opened.engine;
    struct storage_session *session;

    *asked = (struct asked){.now = clock_now(engine_clock(engine)), .use = {.counter = -1}};
    enum status status = code_key(cli->arena, text_from(cli->arguments[1]), &asked->use.key, err);
    if (status == STATUS_OK)
        status = coupons_lapse_code(engine, cli->arena, asked->use.key, err);
    if (status == STATUS_OK)
        status = engine_read_begin(engine, &session, err);
    if (status != STATUS_OK)
        return status;
    status = read_asked(cli, session, asked, err);
    engine_read_end(engine, session);
    asked->configuration = engine_configuration(engine);
    asked->question.set = asked->configuration.programmes;
    asked->question.now = asked->now;
    asked->question.arena = cli->arena;
    return status;
}

static int print_code(struct cli *cli, const struct asked *asked, const struct coupon_series *series,
                      const struct error *why)
{
    static const struct output_column columns[] = {{"code", false},        {"series", false},    {"applies", false},
                                                   {"reason", false},      {"owner", false},     {"issued_at", false},
                                                   {"valid_until", false}, {"used", true},       {"uses", true},
                                                   {"opens", false},       {"opens_code", false}};
    const struct coupon_use *use = &asked->use;
    struct output output;

    if (!output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    int64_t until = use->valid_until < series->until ? use->valid_until : series->until;
    const struct text fields[] = {code_shown(cli->arena, &series->pattern, use->key),
                                  series->code,
                                  why->status == STATUS_OK ? TEXT("yes") : TEXT("no"),
                                  why->status == STATUS_OK ? TEXT("") : text_from(why->code),
                                  id_text(cli, "mbr", use->owner),
                                  instant_text(cli, use->issued_at),
                                  instant_text(cli, until),
                                  number_text(cli, use->used),
                                  number_text(cli, use->uses > 0 ? use->uses : series->uses),
                                  text_from(coupon_gift_names[series->gift]),
                                  series->opens};
    output_row(&output, fields);
    output_end(&output);
    return EXIT_DONE;
}

static int show(struct cli *cli)
{
    const struct coupon_series *series = NULL;
    struct error error = {0}, why = {0};
    struct asked asked;

    if (ask(cli, &asked, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    int result = EXIT_FAILED;
    (void)coupon_applies(&asked.use, &asked.question, &series, &why);
    if (series != NULL) {
        asked.question.member_used = coupon_member_used(asked.question.person, series->code);
        why.status = STATUS_OK;
        (void)coupon_applies(&asked.use, &asked.question, &series, &why);
        result = print_code(cli, &asked, series, &why);
    } else {
        result = cli_fail(cli, &why);
    }
    engine_configuration_release(cli->opened.engine, asked.configuration);
    return result;
}

static struct command *start_command(struct cli *cli, const struct command_type *type, void *body, int64_t member,
                                     int bucket)
{
    struct command *command = arena_alloc(cli->arena, sizeof *command);

    *command = (struct command){
        .type = type, .body = body, .day = DAY_NONE, .bucket = bucket, .actor = TEXT("cli"), .arena = cli->arena};
    if (member != 0)
        command->subjects[command->subject_count++] = (struct subject){.by = SUBJECT_MEMBER, .id = member};
    return command;
}

static enum status run_command(struct cli *cli, struct command *command, struct error *err)
{
    enum status status = engine_run(cli->opened.engine, &command, 1, err);

    if (status == STATUS_OK && command->status != STATUS_OK) {
        *err = command->error;
        status = command->status;
    }
    return status;
}

static int redeem(struct cli *cli)
{
    struct use_code *body = arena_alloc(cli->arena, sizeof *body);
    struct error error = {0};
    struct asked asked;

    if (ask(cli, &asked, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    engine_configuration_release(cli->opened.engine, asked.configuration);
    body->use.key = asked.use.key;
    body->context.store = option_text(cli, "store");
    body->receipt = option_text(cli, "receipt");
    struct command *command = start_command(cli, &coupon_use_type, body, asked.member, coupon_bucket(asked.use.key));
    coupons_name(command, cli->arena, &body->use, 1);
    if (run_command(cli, command, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    printf("%s: redeemed, opens %s %.*s\n", id_text(cli, "evt", body->result.id).bytes,
           coupon_gift_names[body->result.gift], (int)body->result.opens.size, body->result.opens.bytes);
    return EXIT_DONE;
}

static int make_void(struct cli *cli)
{
    struct void_code *body = arena_alloc(cli->arena, sizeof *body);
    struct error error = {0};
    struct asked asked;

    if (cli_value(cli, "reason") == NULL)
        return cli_usage(cli, "say why: --reason CODE");
    if (ask(cli, &asked, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    engine_configuration_release(cli->opened.engine, asked.configuration);
    body->use.key = asked.use.key;
    body->reason = option_text(cli, "reason");
    struct command *command = start_command(cli, &coupon_void_type, body, 0, coupon_bucket(asked.use.key));
    coupons_name(command, cli->arena, &body->use, 1);
    if (run_command(cli, command, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    printf("%.*s is void\n", (int)asked.use.key.size, asked.use.key.bytes);
    return EXIT_DONE;
}

static int picture(struct cli *cli)
{
    struct error error = {0};
    struct text key, drawn;
    bool png = cli_value(cli, "format") != NULL && strcmp(cli_value(cli, "format"), "png") == 0;
    enum status status = code_key(cli->arena, text_from(cli->arguments[1]), &key, &error);

    if (status == STATUS_OK)
        status = png ? qr_png(cli->arena, key, PICTURE_SCALE, &drawn, &error) : qr_svg(cli->arena, key, &drawn, &error);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    return fwrite(drawn.bytes, 1, drawn.size, stdout) == drawn.size ? EXIT_DONE : EXIT_FAILED;
}

/* ---- giving ---- */

static enum status find_series(struct cli *cli, struct issue_code *body, struct error *err)
{
    struct configuration configuration = engine_configuration(cli->opened.engine);
    int64_t now = clock_now(engine_clock(cli->opened.engine));
    unsigned char random[CODE_RANDOM_BYTES];
    char key[CODE_KEY_MAX + 1];
    bool current = false, made = false;
    const struct coupon_series *series =
        coupon_series_find(configuration.programmes, text_from(cli->arguments[1]), now, &current);
    enum status status = STATUS_OK;

    if (series == NULL || !current)
        status = error_set(err, STATUS_CONFLICT, "coupon.series", "", "there is no series '%s' now", cli->arguments[1]);
    else if (series->codes != COUPON_UNIQUE)
        status = error_set(err, STATUS_CONFLICT, "coupon.kind", "", "codes are made of a series of unique codes only");
    for (int try = 0; status == STATUS_OK && !made && try < ISSUE_TRIES; try++) {
        secret_random(random, sizeof random);
        made = code_make(&series->pattern, random, key);
    }
    body->fresh = true;
    body->series = text_from(cli->arguments[1]);
    if (made)
        body->use.key = text_copy(cli->arena, text_from(key));
    engine_configuration_release(cli->opened.engine, configuration);
    return status;
}

static int issue(struct cli *cli)
{
    struct issue_code *body = arena_alloc(cli->arena, sizeof *body);
    struct storage_session *session;
    struct error error = {0};
    int64_t member = 0;

    if (cli_value(cli, "member") == NULL)
        return cli_usage(cli, "say to whom: --member MEMBER");
    enum status status = find_series(cli, body, &error);
    if (status == STATUS_OK)
        status = engine_read_begin(cli->opened.engine, &session, &error);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    status = cli_member(cli, session, cli_value(cli, "member"), &member, &error);
    engine_read_end(cli->opened.engine, session);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    struct command *command = start_command(cli, &coupon_issue_type, body, member, -1);
    coupons_name(command, cli->arena, &body->use, 1);
    if (run_command(cli, command, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    printf("%.*s\n", (int)body->use.key.size, body->use.key.bytes);
    return EXIT_DONE;
}

static const struct {
    const char *name;
    int arguments;
    int (*run)(struct cli *cli);
} actions[] = {{"generate", 3, generate}, {"import", 3, import_list}, {"export", 2, export_list},
               {"show", 2, show},         {"issue", 2, issue},        {"redeem", 2, redeem},
               {"void", 2, make_void},    {"picture", 2, picture}};

static int run(struct cli *cli)
{
    const char *what = cli->argument_count > 0 ? cli->arguments[0] : "";
    struct error error = {0};

    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
        if (strcmp(what, actions[i].name) != 0 || cli->argument_count != actions[i].arguments)
            continue;
        if (actions[i].run != picture && cli_open(cli, false, &error) != STATUS_OK)
            return cli_fail(cli, &error);
        return actions[i].run(cli);
    }
    return cli_usage(cli, "say what: generate SERIES COUNT, import SERIES FILE, export SERIES, issue SERIES, or show, "
                          "redeem, void, picture CODE");
}

static const struct cli_option options[] = {
    OPTION_DATABASE,
    OPTION_KEY_FILE,
    {"reference", "TEXT", "of generate and import: names what is asked for; the same again makes nothing twice"},
    {"member", "MEMBER", "who brings it, or gets it: mbr_..., phone:, card: ..."},
    {"store", "CODE", "of redeem: the store at which it happens"},
    {"receipt", "NUMBER", "of redeem: the receipt on which it is used"},
    {"reason", "CODE", "of void: why"},
    {"format", "FORMAT", "table, json or csv; default table; of picture: svg or png; default svg"},
};

const struct subcommand coupons_subcommand = {
    .name = "coupons",
    .about = "codes of coupons: make, read in, look up, give, redeem, make void",
    .usage = "coupons generate SERIES COUNT | import SERIES FILE | export SERIES | issue SERIES | "
             "show|redeem|void|picture CODE [options]",
    .example = "patron coupons generate welcome 1000000 --reference spring\n"
               "patron coupons export welcome > codes.csv\n"
               "patron coupons show WELC-ABCDEF-GHJKMN-PQRSTU --member phone:13800138000\n"
               "patron coupons picture SUMMER26 > summer.svg",
    .options = CLI_OPTIONS(options),
    .run = run,
    .bulk = true,
};
