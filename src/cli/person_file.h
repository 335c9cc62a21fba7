/* person_file.h: the persons of a plain file, for the search for duplicates. */
#ifndef PATRON_CLI_PERSON_FILE_H
#define PATRON_CLI_PERSON_FILE_H

#include "cli/analyze.h"
#include "features/duplicates/record.h"

/* Which columns are what. */
#define OPTIONS_PERSONS                                                                                       \
    {"map", "FIELD=COLUMN", "what a column is; may be repeated, an address may have several columns"},        \
        {"ignore", "COLUMN", "a column that is not to be compared; may be repeated"},                         \
    {                                                                                                         \
        "id", "COLUMN", "the column by which rows are named in results; default: known by its name, or lines" \
    }

struct person_file {
    struct duplicate_base *base;
    const struct text *ids;    /* of each record, as results name it */
    const struct text *truths; /* of each record: the column of --truth, as it stands; NULL without */
    int64_t refused;
};

/* The names of fields that --map knows, for help. */
void person_file_help(struct builder *out);

/*
 * Reads the file into a base, which the caller frees. Rows that cannot be read are counted; the first is told on standard
 * error. STATUS_INVALID `mapping.column`, `mapping.field`, `mapping.required` (no name, phone or e-mail column),
 * `analyze.column`, `analyze.empty`.
 */
enum status person_file_read(struct cli *cli, const struct reader_options *how, const char *truth,
                             struct person_file *out, struct error *err);

#endif
