#include <stdio.h>
#include <string.h>

#include "cli/analyze_job.h"
#include "cli/demo.h"
#include "cli/subcommand.h"

static const struct cli_option options[] = {
    OPTION_DATABASE,
    OPTION_KEY_FILE,
    {"address", "ADDRESS", "to listen on; default $PATRON_ADDRESS or 127.0.0.1"},
    {"port", "PORT", "default $PATRON_PORT or 8377; 0: any free one"},
    {"tls-cert", "FILE", "certificate chain (PEM): serve HTTPS"},
    {"tls-key", "FILE", "its private key (PEM)"},
    {"files", "DIR", "where jobs keep their files; default beside the database"},
    {"archive", "DIR",
     "archive every commit here, for 'patron restore --to' (SQLite); default $PATRON_ARCHIVE, or none"},
    {"archive-days", "N", "restorable for so many days; default 14"},
    {"event-archive", "DIR", "where texts of old events go by the policy; default $PATRON_EVENT_ARCHIVE, or none"},
    {"heads", "DIR", "write the seals of each day into this directory; default $PATRON_HEADS, or none"},
    {"oidc", "FILE",
     "settings of an issuer of OpenID Connect by which people sign in, or of several with commas; default "
     "$PATRON_OIDC, or none"},
    {"workers", "N", "threads that handle requests; default 4"},
    {"lanes", "N", "writing lanes (PostgreSQL); default 4"},
    {"demo", NULL, "fill an empty database with the demo chain first"},
};

static const char demo_greeting[] =
    "patron: this is Harbour & Pine 港松, a chain that does not exist; README.md has a tour of it. Ctrl-C stops the "
    "server\n";

static enum status prepare_demo(struct engine *engine, void *context, struct error *err)
{
    (void)context;
    return demo_fill(engine, &(struct demo_options){.seed = 0}, err);
}

static int run(struct cli *cli)
{
    int64_t port = -1, workers = 0, lanes = 0, archive_days = 0;
    struct error error = {0};
    if (cli->argument_count > 0)
        return cli_usage(cli, "'%s' is one word too many", cli->arguments[0]);
    if (!cli_integer(cli, "port", 0, 65535, &port) || !cli_integer(cli, "workers", 1, 256, &workers) ||
        !cli_integer(cli, "lanes", 1, 64, &lanes) || !cli_integer(cli, "archive-days", 1, 36500, &archive_days))
        return EXIT_USAGE;
    if ((cli_value(cli, "tls-cert") == NULL) != (cli_value(cli, "tls-key") == NULL))
        return cli_usage(cli, "--tls-cert and --tls-key go together");
    const struct analyses analyses = analyze_jobs(cli_value(cli, "database"), cli_value(cli, "key-file"));
    struct server_options server = {.database = cli_value(cli, "database"),
                                    .key_file = cli_value(cli, "key-file"),
                                    .files = cli_value(cli, "files"),
                                    .archive = cli_value(cli, "archive"),
                                    .archive_days = (int)archive_days,
                                    .event_archive = cli_value(cli, "event-archive"),
                                    .heads = cli_value(cli, "heads"),
                                    .oidc = cli_value(cli, "oidc"),
                                    .address = cli_value(cli, "address"),
                                    .port = (int)port,
                                    .tls_certificate = cli_value(cli, "tls-cert"),
                                    .tls_key = cli_value(cli, "tls-key"),
                                    .workers = (int)workers,
                                    .lanes = (int)lanes,
                                    .analyses = &analyses,
                                    .prepare = cli_flag(cli, "demo") ? prepare_demo : NULL,
                                    .greeting = cli_flag(cli, "demo") ? demo_greeting : NULL};
    return server_run(&server, &error) == STATUS_OK ? EXIT_DONE : cli_fail(cli, &error);
}

const struct subcommand serve_subcommand = {
    .name = "serve",
    .about = "run the server: API, jobs, sweeper",
    .usage = "serve [options]",
    .example = "patron serve --database patron.db --port 8377\npatron serve --demo",
    .options = CLI_OPTIONS(options),
    .run = run,
};
