/* member_event.c: `patron member-event`: events for members, and who is booked. */
#include <string.h>

#include "cli/member.h"
#include "cli/output.h"
#include "features/member_events/member_events_store.h"
#include "foundation/clock.h"
#include "foundation/id.h"
#include "foundation/instant.h"

enum { BOOKINGS_SHOWN = 1000 };

static struct text number_text(struct cli *cli, int64_t number)
{
    return text_from(arena_format(cli->arena, "%lld", (long long)number));
}

static struct text instant_text(struct cli *cli, int64_t at)
{
    char text[INSTANT_TEXT_SIZE];

    return at == 0 ? TEXT("") : text_from(arena_format(cli->arena, "%s", instant_format(at, text)));
}

static struct text id_text(struct cli *cli, const char *prefix, int64_t id)
{
    char text[ID_TEXT_SIZE];

    return text_from(arena_format(cli->arena, "%s", id_format(prefix, id, text)));
}

/* ---- events ---- */

struct listing {
    struct cli *cli;
    struct storage_session *session;
    const struct programme_set *set;
    int64_t now;
    struct output output;
};

static enum status list_event(struct listing *listing, const struct member_event *event, struct error *err)
{
    struct cli *cli = listing->cli;
    struct seating seating;
    enum status status = event_seating_read(listing->session, cli->arena, listing->set, event, &seating, err);

    if (status != STATUS_OK)
        return status;
    const char *state = event->called_off               ? "called_off"
                        : listing->now >= event->ends   ? "over"
                        : listing->now >= event->starts ? "begun"
                        : listing->now >= event->closes ? "closed"
                        : listing->now >= event->opens  ? "open"
                                                        : "not_open";
    const struct text fields[] = {event->code,
                                  event->name,
                                  text_from(state),
                                  instant_text(cli, event->starts),
                                  event->store,
                                  number_text(cli, event->points),
                                  number_text(cli, seating.seats),
                                  number_text(cli, seating.booked),
                                  number_text(cli, seating.waiting),
                                  number_text(cli, seating_free(&seating, SEATING_NO_GROUP)),
                                  number_text(cli, seating_over(&seating))};
    output_row(&listing->output, fields);
    return STATUS_OK;
}

static int list(struct cli *cli)
{
    static const struct output_column columns[] = {
        {"code", false}, {"name", false},  {"state", false},  {"starts", false}, {"store", false}, {"points", true},
        {"seats", true}, {"booked", true}, {"waiting", true}, {"left", true},    {"over", true}};
    struct configuration configuration = engine_configuration(cli->opened.engine);
    struct listing listing = {
        .cli = cli, .set = configuration.programmes, .now = clock_now(engine_clock(cli->opened.engine))};
    const struct definition_list *events = definitions_of(listing.set, &member_event_kind);
    struct error error = {0};

    if (!output_start(&listing.output, cli, columns, sizeof columns / sizeof columns[0])) {
        engine_configuration_release(cli->opened.engine, configuration);
        return EXIT_USAGE;
    }
    enum status status = engine_read_begin(cli->opened.engine, &listing.session, &error);
    if (status == STATUS_OK) {
        for (size_t i = 0; i < events->count && status == STATUS_OK; i++)
            if (definition_in_force(&events->items[i], listing.now))
                status = list_event(&listing, events->items[i].parsed, &error);
        engine_read_end(cli->opened.engine, listing.session);
    }
    engine_configuration_release(cli->opened.engine, configuration);
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    output_end(&listing.output);
    return EXIT_DONE;
}

/* ---- bookings ---- */

static enum status read_bookings(struct cli *cli, struct storage_session *session, struct event_booking_list *list,
                                 struct error *err)
{
    const char *event = cli->argument_count > 1 ? cli->arguments[1] : NULL, *word = cli_value(cli, "member");
    struct event_booking_queue queue = {
        .event = text_from(event), .from = EVENT_WAITING, .until = EVENT_NOT_SEATED, .limit = BOOKINGS_SHOWN};
    struct event_booking_page page = {.event = text_from(event), .before_at = INSTANT_NEVER, .limit = BOOKINGS_SHOWN};
    struct person person;
    int64_t member;

    if (word == NULL)
        return event_queue_read(session, &queue, list, err);
    enum status status = cli_member(cli, session, word, &member, err);
    if (status == STATUS_OK)
        status = engine_view(cli->opened.engine, session, member, cli->arena, &person, err);
    page.person = &person;
    return status == STATUS_OK ? event_bookings_read(session, &page, list, err) : status;
}

static int bookings(struct cli *cli)
{
    static const struct output_column columns[] = {{"id", false},       {"event", false},         {"state", false},
                                                   {"member", false},   {"place", true},          {"points", true},
                                                   {"tier", false},     {"registered_at", false}, {"seated_at", false},
                                                   {"ended_at", false}, {"reason", false},        {"ticket", false}};
    struct configuration configuration = engine_configuration(cli->opened.engine);
    int64_t now = clock_now(engine_clock(cli->opened.engine));
    struct event_booking_list list = {.arena = cli->arena};
    struct storage_session *session;
    struct output output;
    struct error error = {0};
    char ticket[EVENT_TICKET_SIZE];

    bool started = output_start(&output, cli, columns, sizeof columns / sizeof columns[0]);
    enum status status = started ? engine_read_begin(cli->opened.engine, &session, &error) : STATUS_OK;
    if (started && status == STATUS_OK) {
        status = read_bookings(cli, session, &list, &error);
        engine_read_end(cli->opened.engine, session);
    }
    for (size_t i = 0; i < list.count && status == STATUS_OK; i++) {
        const struct event_booking *one = &list.items[i];
        const struct member_event *event = member_event_known(configuration.programmes, one->event, now).event;
        bool seated = one->state == EVENT_BOOKED || one->state == EVENT_ATTENDED;
        const struct text fields[] = {
            id_text(cli, "mvb", one->id),
            one->event,
            text_from(event_booking_states[event_booking_state_at(one, event, now)]),
            id_text(cli, "mbr", one->member),
            number_text(cli, one->place),
            number_text(cli, one->points),
            one->tier,
            instant_text(cli, one->at),
            instant_text(cli, one->seated_at),
            instant_text(cli, one->ended_at),
            one->reason,
            text_from(seated ? event_ticket(engine_seal_key(cli->opened.engine), one->id, ticket) : "")};
        output_row(&output, fields);
    }
    engine_configuration_release(cli->opened.engine, configuration);
    if (!started)
        return EXIT_USAGE;
    if (status != STATUS_OK)
        return cli_fail(cli, &error);
    output_end(&output);
    return EXIT_DONE;
}

static int run(struct cli *cli)
{
    const char *what = cli->argument_count > 0 ? cli->arguments[0] : "";
    struct error error = {0};
    bool lists = cli->argument_count == 1 && strcmp(what, "list") == 0;
    bool books = (cli->argument_count == 2 || (cli->argument_count == 1 && cli_value(cli, "member") != NULL)) &&
                 strcmp(what, "bookings") == 0;

    if (!lists && !books)
        return cli_usage(cli, "say what: list, bookings EVENT, or bookings --member MEMBER");
    if (cli_open(cli, false, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    return lists ? list(cli) : bookings(cli);
}

static const struct cli_option options[] = {
    OPTION_DATABASE,
    OPTION_KEY_FILE,
    {"member", "MEMBER", "of bookings: whose; mbr_..., phone:, card: ..."},
    OPTION_FORMAT,
};

const struct subcommand member_event_subcommand = {
    .name = "member-event",
    .about = "events for members: seats, bookings, waiting lists",
    .usage = "member-event list | bookings EVENT [options] | bookings --member MEMBER",
    .example = "patron member-event list\n"
               "patron member-event bookings tasting --format csv",
    .options = CLI_OPTIONS(options),
    .run = run,
};
