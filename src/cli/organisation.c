/* organisation.c: `patron organisation`: companies as customers, and the members who act for them. */
#include <stdio.h>
#include <string.h>

#include "cli/member.h"
#include "cli/output.h"
#include "features/customers/identifier.h"
#include "features/organisations/organisations_store.h"
#include "foundation/id.h"
#include "foundation/instant.h"
#include "foundation/money.h"

enum { LIST_LIMIT = 50, LIST_LIMIT_MAX = 100000, SHARE_DECIMALS = 4 };

static struct text id_text(struct cli *cli, int64_t id)
{
    char text[ID_TEXT_SIZE];

    return text_from(arena_format(cli->arena, "%s", id_format("mbr", id, text)));
}

static int print_organisations(struct cli *cli, const struct organisation *items, size_t count)
{
    static const struct output_column columns[] = {
        {"member", false}, {"name", false},  {"registration", false}, {"vat", false},
        {"points", false}, {"terms", false}, {"payment_days", true},  {"credit_limit", false}};
    struct output output;

    if (!output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    for (size_t i = 0; i < count; i++) {
        const struct organisation *one = &items[i];
        const struct text fields[] = {id_text(cli, one->member),
                                      one->name,
                                      one->registration,
                                      one->vat,
                                      text_from(organisation_points_names[one->points]),
                                      one->terms,
                                      text_from(arena_format(cli->arena, "%lld", (long long)one->payment_days)),
                                      one->credit_limit};
        output_row(&output, fields);
    }
    output_end(&output);
    return EXIT_DONE;
}

static int list(struct cli *cli)
{
    struct organisation_list found = {.limit = LIST_LIMIT};
    int64_t limit = LIST_LIMIT;
    struct storage_session *session;
    struct error error = {0};

    if (!cli_integer(cli, "limit", 1, LIST_LIMIT_MAX, &limit))
        return EXIT_USAGE;
    found.limit = (size_t)limit;
    enum status status = engine_read_begin(cli->opened.engine, &session, &error);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    status = organisations_read(session, cli->arena, &found, &error);
    engine_read_end(cli->opened.engine, session);
    return status == STATUS_OK ? print_organisations(cli, found.items, found.count) : cli_fail(cli, &error);
}

static struct text day_text(struct cli *cli, int64_t day)
{
    char text[DAY_TEXT_SIZE];

    if (day == CONTACT_FROM_EVER || day == CONTACT_UNTIL_NEVER)
        return TEXT("");
    return text_from(arena_format(cli->arena, "%s", day_format((int32_t)day, text)));
}

static int contacts(struct cli *cli)
{
    static const struct output_column columns[] = {
        {"member", false}, {"role", false}, {"from", false}, {"until", false}};
    struct storage_session *session;
    struct contact_list found = {.count = 0};
    struct organisation organisation;
    struct error error = {0};
    struct output output;
    int64_t member;

    if (!output_start(&output, cli, columns, sizeof columns / sizeof columns[0]))
        return EXIT_USAGE;
    enum status status = engine_read_begin(cli->opened.engine, &session, &error);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    status = cli_member(cli, session, cli->arguments[1], &member, &error);
    if (status == STATUS_OK)
        status = organisation_read(session, cli->arena, member, &organisation, &error);
    if (status == STATUS_OK)
        status = contacts_read(session, cli->arena, member, &found, &error);
    engine_read_end(cli->opened.engine, session);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    for (size_t i = 0; i < found.count; i++) {
        const struct text fields[] = {id_text(cli, found.items[i].member), found.items[i].role,
                                      day_text(cli, found.items[i].from_on), day_text(cli, found.items[i].until_on)};
        output_row(&output, fields);
    }
    output_end(&output);
    return EXIT_DONE;
}

static bool read_day(const struct cli *cli, const char *name, int64_t *out)
{
    const char *given = cli_value(cli, name);
    int32_t day;

    if (given == NULL)
        return true;
    if (!day_parse(text_from(given), &day))
        return cli_usage(cli, "--%s is a day such as 2026-11-22", name), false;
    *out = day;
    return true;
}

static int contact(struct cli *cli)
{
    struct change_contact *body = arena_alloc(cli->arena, sizeof *body);
    struct command *command = arena_alloc(cli->arena, sizeof *command);
    struct storage_session *session;
    struct error error = {0};
    int64_t organisation, member;

    body->contact = (struct organisation_contact){
        .role = text_from(cli_value(cli, "role")), .from_on = CONTACT_FROM_EVER, .until_on = CONTACT_UNTIL_NEVER};
    if (!read_day(cli, "from", &body->contact.from_on) || !read_day(cli, "until", &body->contact.until_on))
        return EXIT_USAGE;
    if (body->contact.role.size == 0 || body->contact.role.size > CODE_SIZE_MAX)
        return cli_usage(cli, "say as what: --role buyer");
    enum status status = engine_read_begin(cli->opened.engine, &session, &error);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    status = cli_member(cli, session, cli->arguments[1], &organisation, &error);
    if (status == STATUS_OK)
        status = cli_member(cli, session, cli->arguments[2], &member, &error);
    engine_read_end(cli->opened.engine, session);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    *command =
        (struct command){.type = &change_contact_type,
                         .body = body,
                         .day = DAY_NONE,
                         .bucket = -1,
                         .actor = TEXT("cli"),
                         .arena = cli->arena,
                         .subjects = {{.by = SUBJECT_MEMBER, .id = member}, {.by = SUBJECT_MEMBER, .id = organisation}},
                         .subject_count = 2};
    status = engine_run(cli->opened.engine, &command, 1, &error);
    if (status != STATUS_OK || command->status != STATUS_OK)
        return cli_fail(cli, status != STATUS_OK ? &error : &command->error);
    printf("%s\n", cli->arguments[2]);
    return EXIT_DONE;
}

/* ---- registering ---- */

static enum status claim_number(struct cli *cli, struct command *command, const char *kind, struct text *kept,
                                struct error *err)
{
    const char *given = cli_value(cli, kind);
    struct identifier identifier;

    if (given == NULL)
        return STATUS_OK;
    enum status status =
        identifier_normalise(cli->arena, text_from(kind), text_from(given), TEXT(""), &identifier, err);
    if (status != STATUS_OK)
        return status;
    if (command->claim_count == 0)
        command->bucket = claim_bucket(identifier.kind, identifier.value);
    command->claims[command->claim_count++] = (struct claim_key){.kind = identifier.kind, .key = identifier.value};
    *kept = identifier.value;
    return STATUS_OK;
}

static bool read_points(const struct cli *cli, struct organisation *out)
{
    const char *given = cli_value(cli, "points"), *share = cli_value(cli, "person-share");
    int64_t points = ORGANISATION_POINTS_COMPANY;
    struct error error = {0};

    while (given != NULL && organisation_points_names[points] != NULL &&
           strcmp(given, organisation_points_names[points]) != 0)
        points++;
    if (organisation_points_names[points] == NULL)
        return cli_usage(cli, "--points is company, person or shared"), false;
    out->points = points;
    if (share != NULL && money_parse(text_from(share), SHARE_DECIMALS, &out->person_share, &error) != STATUS_OK)
        return cli_usage(cli, "--person-share is a part such as 0.25"), false;
    if (organisation_check_share(out, &error) != STATUS_OK)
        return cli_usage(cli, "--person-share: %s", error.message), false;
    return true;
}

static int add(struct cli *cli)
{
    struct register_organisation *body = arena_alloc(cli->arena, sizeof *body);
    struct command *command = arena_alloc(cli->arena, sizeof *command);
    struct text name = text_trim(text_from(cli->arguments[1]));
    struct error error = {0};

    body->organisation.name = name;
    body->organisation.terms = text_from(cli_value(cli, "terms") != NULL ? cli_value(cli, "terms") : "");
    body->member.patch.fields[PROFILE_DISPLAY_NAME] = name;
    body->member.patch.given[PROFILE_DISPLAY_NAME] = true;
    *command = (struct command){.type = &register_organisation_type,
                                .body = body,
                                .day = DAY_NONE,
                                .claims = arena_array(cli->arena, 2, sizeof(struct claim_key)),
                                .actor = TEXT("cli"),
                                .arena = cli->arena,
                                .subjects = {{.by = SUBJECT_CLAIMS}},
                                .subject_count = 1};
    if (body->organisation.terms.size > CODE_SIZE_MAX)
        return cli_usage(cli, "terms have at most %d bytes", CODE_SIZE_MAX);
    if (name.size == 0 || name.size > ORGANISATION_NAME_MAX)
        return cli_usage(cli, "a name has 1 to %d bytes", ORGANISATION_NAME_MAX);
    if (!read_points(cli, &body->organisation) ||
        !cli_integer(cli, "payment-days", 0, ORGANISATION_PAYMENT_DAYS_MAX, &body->organisation.payment_days))
        return EXIT_USAGE;
    command->bucket = claim_bucket("organisation", name);
    enum status status = claim_number(cli, command, "registration", &body->organisation.registration, &error);
    if (status == STATUS_OK)
        status = claim_number(cli, command, "vat", &body->organisation.vat, &error);
    command->subjects[0].count = (int)command->claim_count;
    if (status == STATUS_OK)
        status = engine_run(cli->opened.engine, &command, 1, &error);
    if (status != STATUS_OK || command->status != STATUS_OK)
        return cli_fail(cli, status != STATUS_OK ? &error : &command->error);
    printf("%s\n", id_text(cli, body->organisation.member).bytes);
    return EXIT_DONE;
}

static int run(struct cli *cli)
{
    static const struct cli_action actions[] = {
        {"list", 1, list}, {"add", 2, add}, {"contacts", 2, contacts}, {"contact", 3, contact}, {NULL, 0, NULL}};

    return cli_act(cli, actions, "say what: list, add NAME, contacts ORGANISATION, or contact ORGANISATION MEMBER");
}

static const struct cli_option options[] = {
    OPTION_DATABASE,
    OPTION_KEY_FILE,
    {"registration", "NUMBER", "of one that is added: in the register of companies"},
    {"vat", "NUMBER", "of one that is added: its VAT id"},
    {"points", "WHOSE", "of one that is added: company, person or shared; default company"},
    {"person-share", "PART", "of shared points: the part of the person, such as 0.25"},
    {"terms", "CODE", "of one that is added: a code for the conditions that were agreed"},
    {"payment-days", "N", "of one that is added: days until it pays; default 0"},
    {"role", "ROLE", "of a contact: buyer, owner, accountant ..."},
    {"from", "DAY", "the first day on which the contact acts for it"},
    {"until", "DAY", "the first day on which it does no more"},
    {"limit", "N", "how many rows at most; default 50"},
    OPTION_FORMAT,
};

const struct subcommand organisation_subcommand = {
    .name = "organisation",
    .about = "companies as customers: list them, and who acts for them",
    .usage = "organisation list | add NAME | contacts ORGANISATION | contact ORGANISATION MEMBER --role ROLE",
    .example = "patron organisation add 'Pine Ltd' --vat DE123456789 --payment-days 30\npatron organisation contacts "
               "registration:91310000X\n"
               "patron organisation contact vat:DE123456789 phone:13800138000 --role buyer --from 2026-12-01",
    .options = CLI_OPTIONS(options),
    .run = run,
};
