/* Decides a command on a copy, to show what it would do. Nothing is written, and no head is taken. */
#include <assert.h>
#include <string.h>

#include "engine/decision.h"
#include "engine/lane.h"
#include "engine/loader.h"

static int64_t named_member(const struct load_context *context, const struct command *command, int subject)
{
    (void)context;
    return command->subjects[subject].id;
}

static const struct group *named_group(const struct load_context *context, const struct command *command, int subject)
{
    struct loader *loader = (struct loader *)(uintptr_t)context->state;
    struct loaded_group *group = loader_group(loader, command->subjects[subject].id);
    return group == NULL ? NULL : &group->live;
}

static enum status load_groups(struct loader *loader, const struct command *command, struct error *err)
{
    struct id_list ids = {0};

    for (size_t i = 0; i < command->subject_count; i++) {
        assert(command->subjects[i].by == SUBJECT_MEMBER);
        id_list_add(loader->arena, &ids, command->subjects[i].id);
    }
    enum status status = loader_resolve(loader, &ids, err);
    for (size_t i = 0; status == STATUS_OK && i < command->subject_count; i++)
        if (command->subjects[i].id <= 0 || loader_group(loader, command->subjects[i].id) == NULL)
            status = error_set(err, STATUS_MISSING, "member.unknown", "member", "there is no such member");
    if (status == STATUS_OK)
        status = loader_states(loader, err);
    if (status == STATUS_OK)
        status = loader_lots(loader, loader->list, loader->list_count, err);
    return status == STATUS_OK ? storage_flush(loader->session, err) : status;
}

static void set_subjects(struct decision *decision, struct loader *loader, const struct command *command)
{
    for (size_t i = 0; i < command->subject_count; i++) {
        struct person *person = &decision->subjects[i];
        person->group = &loader_group(loader, command->subjects[i].id)->live;
        person->member = group_find(person->group, command->subjects[i].id);
        person->leader = group_leader(person->group, person->member);
    }
}

enum status engine_preview_load(struct engine *engine, struct storage_session *session, struct command *command,
                                const struct programme_set *programmes, struct decision *out, struct error *err)
{
    struct loader loader;
    struct load_context context = {.session = session,
                                   .arena = command->arena,
                                   .commands = &command,
                                   .member_of = named_member,
                                   .group_of = named_group,
                                   .state = &loader,
                                   .seal_key = engine_seal_key(engine)};

    loader_start(&loader, session, command->arena);
    enum status status = load_groups(&loader, command, err);
    if (status == STATUS_OK && command->type->load != NULL)
        status = command->type->load(&context, &command, 1, err);
    if (status == STATUS_OK)
        status = storage_flush(session, err);
    if (status != STATUS_OK)
        return status;
    decision_start(out, command->arena, clock_now(engine->options.clock), programmes);
    for (size_t g = 0; status == STATUS_OK && g < loader.list_count; g++)
        status = engine->options.hooks->advance(out, &loader.list[g]->live, err);
    if (status == STATUS_OK)
        set_subjects(out, &loader, command);
    return status;
}

/* Two groups that have become one: what comes next needs all members side by side, ascending by id. */
static void unite(struct decision *decision)
{
    struct group *first = decision->subjects[0].group, *second = decision->subjects[1].group;
    struct group *whole = arena_alloc(decision->arena, sizeof *whole);
    size_t a = 0, b = 0;

    whole->pooled = first->pooled;
    whole->members = arena_array(decision->arena, first->member_count + second->member_count, sizeof *whole->members);
    while (a < first->member_count || b < second->member_count) {
        bool left =
            b == second->member_count || (a < first->member_count && first->members[a].id < second->members[b].id);
        whole->members[whole->member_count++] = left ? first->members[a++] : second->members[b++];
    }
    for (int i = 0; i < 2; i++) {
        struct person *person = &decision->subjects[i];
        person->group = whole;
        person->member = group_find(whole, person->member->id);
        person->leader = group_leader(whole, person->member);
    }
}

enum status engine_preview_decide(struct engine *engine, struct decision *decision, struct command *command,
                                  struct error *err)
{
    enum status status = command->type->decide(decision, command, err);

    if (status != STATUS_OK)
        return status;
    if (command->subject_count == 2 && decision->subjects[0].group != decision->subjects[1].group)
        unite(decision);
    for (size_t i = 0; i < command->subject_count; i++)
        decision->subjects[i].leader = group_leader(decision->subjects[i].group, decision->subjects[i].member);
    return engine->options.hooks->advance(decision, decision->subjects[0].group, err);
}
