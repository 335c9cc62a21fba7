#include <stdio.h>
#include <string.h>

#include "cli/member.h"
#include "cli/output.h"
#include "features/customers/preview.h"
#include "foundation/id.h"

enum { SIDES_MAX = 3 };

/* The sides of a preview as columns, a figure a line. */
struct table {
    struct output output;
    const char *names[SIDES_MAX];
    struct person_side sides[SIDES_MAX];
};

static struct text figure_value(struct arena *arena, const struct side_figure *figure)
{
    if (figure == NULL)
        return TEXT("");
    if (strcmp(figure->name, "tier") == 0)
        return figure->text;
    return text_from(arena_format(arena, "%lld", (long long)figure->number));
}

/* The side with the most points accounts names the lines. */
static const struct person_side *widest(const struct table *table)
{
    const struct person_side *best = &table->sides[0];

    for (size_t i = 1; i < SIDES_MAX; i++)
        if (table->sides[i].wallet_count > best->wallet_count)
            best = &table->sides[i];
    return best;
}

static void print_table(struct cli *cli, struct table *table)
{
    struct side_figure *lines, *figures[SIDES_MAX];
    size_t count = person_side_figures(cli->arena, widest(table), &lines), counts[SIDES_MAX];
    struct text fields[SIDES_MAX + 1];
    char id[ID_TEXT_SIZE];

    fields[0] = TEXT("person");
    for (size_t i = 0; i < SIDES_MAX; i++) {
        counts[i] = person_side_figures(cli->arena, &table->sides[i], &figures[i]);
        fields[i + 1] = text_from(arena_format(cli->arena, "%s", id_format("mbr", table->sides[i].leader, id)));
    }
    output_row(&table->output, fields);
    for (size_t line = 0; line < count; line++) {
        fields[0] = lines[line].wallet.size == 0
                        ? text_from(lines[line].name)
                        : text_from(arena_format(cli->arena, "%.*s %s", (int)lines[line].wallet.size,
                                                 lines[line].wallet.bytes, lines[line].name));
        for (size_t i = 0; i < SIDES_MAX; i++)
            fields[i + 1] = figure_value(cli->arena, side_figure_find(figures[i], counts[i], &lines[line]));
        output_row(&table->output, fields);
    }
    output_end(&table->output);
}

static enum status preview(struct cli *cli, struct command *command, struct table *table, struct error *err)
{
    struct configuration configuration = engine_configuration(cli->opened.engine);
    struct storage_session *session;
    struct decision decision;
    enum status status = engine_read_begin(cli->opened.engine, &session, err);

    if (status == STATUS_OK) {
        status = engine_preview_load(cli->opened.engine, session, command, configuration.programmes, &decision, err);
        if (status == STATUS_OK) {
            bool merges = command->subject_count == 2;
            struct person *first = &decision.subjects[0], *second = &decision.subjects[merges ? 1 : 0];
            person_side_read(cli->arena, first->group, first->leader->id, &table->sides[0]);
            person_side_read(cli->arena, second->group, second->leader->id, &table->sides[1]);
            status = engine_preview_decide(cli->opened.engine, &decision, command, err);
        }
        if (status == STATUS_OK && command->subject_count == 2) {
            const struct merge_members *body = command->body;
            person_side_read(cli->arena, decision.subjects[0].group, body->into, &table->sides[2]);
        } else if (status == STATUS_OK) {
            const struct unmerge_members *body = command->body;
            person_side_read(cli->arena, decision.subjects[0].group, body->member, &table->sides[1]);
            person_side_read(cli->arena, decision.subjects[0].group, body->from, &table->sides[2]);
        }
        engine_read_end(cli->opened.engine, session);
    }
    engine_configuration_release(cli->opened.engine, configuration);
    return status;
}

int member_preview(struct cli *cli, struct command *command)
{
    static const struct output_column merging[] = {{"figure", false}, {"into", true}, {"from", true}, {"then", true}};
    static const struct output_column leaving[] = {
        {"figure", false}, {"today", true}, {"leaving", true}, {"staying", true}};
    struct table table;
    struct error error = {0};

    memset(&table, 0, sizeof table);
    command->arena = cli->arena;
    command->actor = TEXT("cli");
    if (!output_start(&table.output, cli, command->subject_count == 2 ? merging : leaving, SIDES_MAX + 1))
        return EXIT_USAGE;
    if (preview(cli, command, &table, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    print_table(cli, &table);
    return EXIT_DONE;
}
