#include <stdio.h>
#include <string.h>

#include "cli/member.h"
#include "cli/output.h"
#include "features/takeover/coupon_store.h"
#include "foundation/id.h"

static const struct cli_option options[] = {
    OPTION_DATABASE,
    OPTION_KEY_FILE,
    {"member", "MEMBER", "of use: who brings it, mbr_..., phone:, card: ...; default the coupon's owner"},
    {"store", "CODE", "of use: the store at which it happens"},
    {"receipt", "NUMBER", "of use: the receipt on which it is used"},
    OPTION_FORMAT,
};

static struct text option_text(struct cli *cli, const char *name)
{
    return text_from(cli_value(cli, name));
}

static struct text instant_text(struct cli *cli, int64_t instant)
{
    if (instant <= 0 || instant == INSTANT_NEVER)
        return TEXT("");
    return text_from(instant_format(instant, arena_alloc(cli->arena, INSTANT_TEXT_SIZE)));
}

static struct text id_text(struct cli *cli, const char *prefix, int64_t id)
{
    return id == 0 ? TEXT("") : text_from(id_format(prefix, id, arena_alloc(cli->arena, ID_TEXT_SIZE)));
}

static struct text number_text(struct cli *cli, int64_t number)
{
    return text_from(arena_format(cli->arena, "%lld", (long long)number));
}

/* The coupon of the second argument, and the member of --member (0: none). */
static enum status find(struct cli *cli, struct coupon *coupon, struct coupon_uses *uses, int64_t *member,
                        struct error *err)
{
    const char *word = cli_value(cli, "member");
    struct storage_session *session;
    struct text code;
    enum status status = coupon_code(cli->arena, text_from(cli->arguments[1]), &code, err);

    if (status == STATUS_OK)
        status = engine_read_begin(cli->opened.engine, &session, err);
    if (status != STATUS_OK)
        return status;
    *coupon = (struct coupon){0};
    *member = 0;
    status = coupon_find(session, cli->arena, code, coupon, uses, err);
    if (status == STATUS_OK && word != NULL)
        status = cli_member(cli, session, word, member, err);
    engine_read_end(cli->opened.engine, session);
    return status;
}

static int show(struct cli *cli)
{
    static const struct output_column columns[] = {{"code", false},       {"value", false},       {"owner", false},
                                                   {"valid_from", false}, {"valid_until", false}, {"used", true},
                                                   {"uses_left", true}};
    struct coupon coupon;
    struct coupon_uses uses;
    struct error error = {0};
    struct output output;
    int64_t member;

    if (!output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    if (find(cli, &coupon, &uses, &member, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    const struct text fields[] = {coupon.code,
                                  coupon.value,
                                  id_text(cli, "mbr", coupon.owner),
                                  instant_text(cli, coupon.valid_from),
                                  instant_text(cli, coupon.valid_until),
                                  number_text(cli, uses.used),
                                  number_text(cli, uses.left)};
    output_row(&output, fields);
    output_end(&output);
    return EXIT_DONE;
}

static struct command *use_command(struct cli *cli, const struct coupon *coupon, int64_t member)
{
    struct command *command = arena_alloc(cli->arena, sizeof *command);
    struct use_coupon *body = arena_alloc(cli->arena, sizeof *body);

    *body = (struct use_coupon){
        .coupon = *coupon, .store = option_text(cli, "store"), .receipt = option_text(cli, "receipt")};
    *command = (struct command){.type = &use_coupon_type,
                                .body = body,
                                .day = DAY_NONE,
                                .bucket = id_bucket(coupon->id),
                                .actor = TEXT("cli"),
                                .arena = cli->arena};
    int64_t who = member != 0 ? member : coupon->owner;
    if (who != 0)
        command->subjects[command->subject_count++] = (struct subject){.by = SUBJECT_MEMBER, .id = who};
    command->counters[command->counter_count++] = coupon_counter(cli->arena, coupon->code);
    return command;
}

static int use(struct cli *cli)
{
    static const struct output_column columns[] = {
        {"id", false}, {"code", false}, {"value", false}, {"member", false}, {"uses_left", true}};
    struct coupon coupon;
    struct error error = {0};
    struct output output;
    int64_t member;

    if (option_text(cli, "store").size > CODE_SIZE_MAX || option_text(cli, "receipt").size > CODE_SIZE_MAX)
        return cli_usage(cli, "a store or receipt has at most %d bytes", CODE_SIZE_MAX);
    if (!output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    if (find(cli, &coupon, NULL, &member, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    struct command *command = use_command(cli, &coupon, member);
    enum status status = engine_run(cli->opened.engine, &command, 1, &error);
    if (status != STATUS_OK || command->status != STATUS_OK)
        return cli_fail(cli, status != STATUS_OK ? &error : &command->error);
    const struct use_coupon *body = command->body;
    const struct text fields[] = {id_text(cli, "evt", body->id), coupon.code, coupon.value,
                                  id_text(cli, "mbr", body->member), number_text(cli, body->uses_left)};
    output_row(&output, fields);
    output_end(&output);
    return EXIT_DONE;
}

static int run(struct cli *cli)
{
    struct error error = {0};

    if (cli->argument_count != 2)
        return cli_usage(cli, "say show or use, and the code");
    bool uses = strcmp(cli->arguments[0], "use") == 0;
    if (!uses && strcmp(cli->arguments[0], "show") != 0)
        return cli_usage(cli, "'%s' is neither show nor use", cli->arguments[0]);
    if (cli_open(cli, false, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    return uses ? use(cli) : show(cli);
}

const struct subcommand coupon_subcommand = {
    .name = "coupon",
    .about = "coupons that were taken over: look one up by its code, use it once",
    .usage = "coupon show|use CODE [options]",
    .example = "patron coupon show TEN-OFF\npatron coupon use TEN-OFF --store S1 --receipt 0815",
    .options = CLI_OPTIONS(options),
    .run = run,
};
