/* attitude_file.h: what members said and showed, and the weights of the loyalty index, from plain files. */
#ifndef PATRON_CLI_ATTITUDE_FILE_H
#define PATRON_CLI_ATTITUDE_FILE_H

#include "cli/purchase_file.h"
#include "features/insight/loyalty_base.h"

struct attitude_file {
    struct loyalty_answer *answers;
    size_t count;
    bool known[LOYALTY_PARTS]; /* there is a column of it */
    bool dated;
    int64_t refused;
};

/*
 * Reads the file that --attitudes names: a column of the member (the first one, unless one has the name given by
 * --customer), columns named as parts, and perhaps `date`. Answers are put between 0 and 1 by --scale PART=LOW..HIGH or the
 * scale that the part usually has. Members who bought nothing are added to the names of `purchases`. Rows that cannot be
 * read are counted, the first is told on standard error. STATUS_INVALID `loyalty.part` without a column of a part,
 * `loyalty.scale` for a scale that is none.
 */
enum status attitude_file_read(struct cli *cli, struct purchase_file *purchases, struct attitude_file *out,
                               struct error *err);

/*
 * The usual weights, changed by the lines "NAME,WEIGHT" of the file that --weights names, then by --weight NAME=WEIGHT.
 * STATUS_INVALID `loyalty.weight`.
 */
enum status attitude_weights_read(struct cli *cli, struct loyalty_weights *out, struct error *err);

#endif
