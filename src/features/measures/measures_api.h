/* measures_api.h: the dictionary of figures and its rules over HTTP; replies with figures name their definitions. */
#ifndef PATRON_FEATURES_MEASURES_MEASURES_API_H
#define PATRON_FEATURES_MEASURES_MEASURES_API_H

#include "api/call.h"
#include "features/measures/measures.h"

extern const struct shape measure_shape, measure_rules_shape, measure_rules_input_shape;

enum status measures_list_handle(struct call *call, struct item *item, struct error *err);
enum status measure_get_handle(struct call *call, struct item *item, struct error *err);
enum status measure_rules_get_handle(struct call *call, struct item *item, struct error *err);
enum status measure_rules_put_handle(struct call *call, struct item *item, struct error *err);

/* "measures": the field of a reply with the code of each figure in it and its formula with the values in force. */
#define MEASURES_FIELD                                                                                               \
    {                                                                                                                \
        .name = "measures", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_OBJECT,                    \
        .shape = &measure_shown_shape, .about = "What the figures above are: their definitions are at /v1/measures." \
    }
extern const struct shape measure_shown_shape;
/* `where`: as the definitions name the reply, "overview". */
void measures_write_shown(struct json_writer *writer, const struct call *call, const char *where);

/* The same of an analysis: its rows are one measure. */
void measures_write_analysis(struct json_writer *writer, const struct call *call, struct text model);

#endif
