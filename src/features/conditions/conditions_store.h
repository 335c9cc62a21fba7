/* conditions_store.h: what conditions need of persons, loaded for a batch or read for one request. */
#ifndef PATRON_FEATURES_CONDITIONS_CONDITIONS_STORE_H
#define PATRON_FEATURES_CONDITIONS_CONDITIONS_STORE_H

#include "engine/engine.h"
#include "features/conditions/condition.h"

/* One person of a command whose parts are wanted. `out` lies in the command's body. */
struct condition_load {
    const struct command *command;
    int subject;
    unsigned parts; /* enum condition_part */
    struct condition_person *out;
};

/* In a command type's load function: sends; filled once the engine has flushed. Nobody, and no parts, are skipped. */
enum status conditions_load(struct load_context *context, struct condition_load *loads, size_t count,
                            struct error *err);

/* On a read session, for a person as engine_view gives it. */
enum status conditions_read(struct storage_session *session, struct arena *arena, const struct person *person,
                            unsigned parts, struct condition_person *out, struct error *err);

/* The same for many persons at once. */
struct condition_reading {
    const struct person *person;
    struct condition_person *out;
};
enum status conditions_read_all(struct storage_session *session, struct arena *arena,
                                const struct condition_reading *readings, size_t count, unsigned parts,
                                struct error *err);

#endif
