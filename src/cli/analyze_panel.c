#include <math.h>

#include "cli/survey_file.h"
#include "features/insight/satisfaction_panel.h"

enum { MEMBERS_FEW = 100 };

static const char *const column_options[PANEL_VARIABLES] = {"satisfaction1", "loyalty1", "satisfaction2", "loyalty2"};

static enum status estimate(const struct survey_file *survey, struct panel_report *out, struct error *err)
{
    struct panel_data data = {.count = survey->data.row_count};

    for (int j = 0; j < PANEL_VARIABLES; j++) {
        const struct data_column *column;
        enum status status = data_file_numbers(&survey->data, cli_value(survey->cli, column_options[j]), &column, err);

        if (status != STATUS_OK)
            return status;
        data.columns[j] = column->numbers;
    }
    return panel_estimate(&data, survey->confidence, out, err);
}

static void add_path(struct figures *figures, const struct panel_report *report, enum panel_path path, const char *what)
{
    const struct panel_estimate *one = &report->paths[path];
    struct arena *arena = figures->cli->arena;
    const char *name = panel_path_name(path);

    figures_add_interval(figures, arena_format(arena, "path %s", name), (double[]){one->value, one->low, one->high},
                         arena_format(arena, "%s; %s", what, survey_p_text(arena, one->p_value)));
    figures_add(figures, arena_format(arena, "error %s", name), one->error, "standard error");
}

static void add_paths(struct figures *figures, const struct panel_report *report)
{
    add_path(figures, report, PANEL_SATISFACTION_STAYS, "how much satisfaction stays as it was");
    add_path(figures, report, PANEL_LOYALTY_STAYS, "how much loyalty stays as it was");
    add_path(figures, report, PANEL_SATISFACTION_TO_LOYALTY, "who was more satisfied became more loyal than before");
    add_path(figures, report, PANEL_LOYALTY_TO_SATISFACTION, "who was more loyal became more satisfied than before");
    add_path(figures, report, PANEL_DIFFERENCE, "of the two cross paths: above 0, satisfaction leads");
    figures_add(figures, "together first wave", report->together_1, "correlation of satisfaction and loyalty");
    figures_add(figures, "together second wave", report->together_2, "of what the first wave leaves open");
    figures_add(figures, "R2 satisfaction2", report->explained[0], "");
    figures_add(figures, "R2 loyalty2", report->explained[1], "");
}

static void add_checks(struct figures *figures, const struct panel_report *report)
{
    figures_add(figures, "check size", report->count,
                report->count < MEMBERS_FEW ? "members in both waves: below 100, take errors with care"
                                            : "members in both waves");
    figures_add(figures, "check apart", fabs(report->together_1),
                fabs(report->together_1) > 0.8
                    ? "satisfaction and loyalty of the first wave are nearly the same: their paths are unsure"
                    : "satisfaction and loyalty of the first wave can be told apart");
    if (!isnan(report->stayed_p_value))
        figures_add(figures, "check stayed", report->stayed_p_value,
                    report->stayed_p_value < 0.05
                        ? "p: those who did not answer again were NOT as satisfied: the paths are those of who stays"
                        : "p: those who did not answer again were as satisfied, as far as chance lets one see");
    figures_add(figures, "check supposed", NAN,
                "not checked: answers without error of measurement, and nothing else that moves both");
}

static const char *sentence(const struct panel_report *report)
{
    switch (report->lead) {
    case PANEL_SATISFACTION_LEADS:
        return "Satisfaction leads: who is satisfied becomes loyal more than the other way round. Work on "
               "satisfaction.";
    case PANEL_LOYALTY_LEADS:
        return "Loyalty leads: who is loyal becomes satisfied more than the other way round. Ties come before praise.";
    case PANEL_BOTH_ALIKE:
        return "Satisfaction and loyalty move each other; neither is shown to lead.";
    case PANEL_NEITHER:
        break;
    }
    return "Neither satisfaction nor loyalty of the first wave is shown to move the other.";
}

static int run(struct cli *cli)
{
    struct survey_file survey;
    struct panel_report report;
    struct reader_options how;
    struct figures figures;
    struct error error = {0};

    if (!survey_options(cli, &how, &survey))
        return EXIT_USAGE;
    for (int j = 0; j < PANEL_VARIABLES; j++)
        if (cli_value(cli, column_options[j]) == NULL)
            return cli_usage(cli, "say the four columns with --satisfaction1, --loyalty1, --satisfaction2, --loyalty2");
    if (!figures_start(&figures, cli))
        return EXIT_USAGE;
    if (data_file_read(cli, &how, &survey.data, &error) != STATUS_OK || estimate(&survey, &report, &error) != STATUS_OK)
        return cli_fail(cli, &error);
    figures_add(&figures, "members", report.count,
                arena_format(cli->arena, "%.0f rows without all four answers are left out", report.left_out));
    figures_add(&figures, "confidence", survey.confidence, "of all intervals here");
    add_paths(&figures, &report);
    add_checks(&figures, &report);
    return survey_end(&figures, &survey, sentence(&report));
}

static const struct cli_option options[] = {
    {"satisfaction1", "COLUMN", "satisfaction in the first wave"},
    {"loyalty1", "COLUMN", "loyalty in the first wave"},
    {"satisfaction2", "COLUMN", "satisfaction in the second wave, of the same member in the same row"},
    {"loyalty2", "COLUMN", "loyalty in the second wave"},
    OPTION_CONFIDENCE,
    OPTIONS_FILE,
};

const struct subcommand analyze_panel = {
    .name = "analyze panel",
    .about = "two waves of a survey: does satisfaction lead to loyalty, or loyalty to satisfaction",
    .usage = "analyze panel FILE --satisfaction1 COLUMN --loyalty1 COLUMN --satisfaction2 COLUMN --loyalty2 COLUMN",
    .example = "patron analyze panel waves.csv --satisfaction1 s25 --loyalty1 l25 --satisfaction2 s26 --loyalty2 l26",
    .options = CLI_OPTIONS(options),
    .run = run,
};
