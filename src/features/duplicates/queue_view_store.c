#include <string.h>

#include "features/customers/customers_store.h"
#include "features/customers/profile.h"
#include "features/duplicates/queue_store.h"
#include "features/duplicates/queue_view.h"

static const size_t MEMORY_MAX = (size_t)1 << 30;

/* The members of all persons of the pairs, as loaded and as records to compare. */
struct viewing {
    struct arena *arena, *scratch;
    struct queue_view *views;
    size_t count;
    struct customer_state *states; /* in the order of pairs, persons and their members */
    struct duplicate_base *base;   /* its records in the same order */
    struct queue_model model;
    bool masked;
};

static bool is_one(const struct queue_view *view)
{
    return view->pair.leaders[0] == view->pair.leaders[1];
}

static enum status load(struct storage_session *session, struct viewing *viewing, struct error *err)
{
    size_t persons = 2 * viewing->count, total = 0;
    int64_t *leaders = arena_array(viewing->scratch, persons + 1, sizeof *leaders);
    int64_t(*members)[GROUP_MEMBERS_MAX] = arena_array(viewing->scratch, persons + 1, sizeof *members);
    size_t *counts = arena_array(viewing->scratch, persons + 1, sizeof *counts);

    /* Once they are one person, the two members are shown by themselves. */
    for (size_t i = 0; i < persons; i++)
        leaders[i] = is_one(&viewing->views[i / 2]) ? viewing->views[i / 2].pair.members[i % 2]
                                                    : viewing->views[i / 2].pair.leaders[i % 2];
    enum status status =
        queue_persons_read(session, viewing->scratch, &(struct queue_persons){leaders, persons, members, counts}, err);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < persons; i++) {
        counts[i] = is_one(&viewing->views[i / 2]) ? 1 : counts[i];
        total += counts[i];
    }
    viewing->states = arena_array(viewing->scratch, total + 1, sizeof *viewing->states);
    total = 0;
    for (size_t i = 0; i < persons; i++) {
        struct queue_person *person = &viewing->views[i / 2].persons[i % 2];
        person->member_count = counts[i];
        for (size_t m = 0; m < counts[i]; m++)
            viewing->states[total++].member = person->members[m] = members[i][m];
    }
    return customers_read(session, viewing->arena, PART_PROFILE | PART_IDENTIFIERS, viewing->states, total, err);
}

static void add_identifiers(const struct customer_state *state, struct duplicate_person *record,
                            struct queue_person *person)
{
    for (size_t i = 0; i < state->identifier_count; i++) {
        const struct identifier_row *row = &state->identifiers[i];
        bool phone = strcmp(row->identifier.kind, "phone") == 0, email = strcmp(row->identifier.kind, "email") == 0;
        if (row->member != state->member)
            continue;
        if (phone && record->phone_count < PERSON_PHONES_MAX)
            record->phones[record->phone_count++] = row->identifier.value;
        if (phone && person->phone_count < PERSON_PHONES_MAX)
            person->phones[person->phone_count++] = row->identifier.value;
        if (email && record->email_count < PERSON_EMAILS_MAX)
            record->emails[record->email_count++] = row->identifier.value;
        if (email && person->email_count < PERSON_EMAILS_MAX)
            person->emails[person->email_count++] = row->identifier.value;
    }
}

static void add_member(struct viewing *viewing, const struct customer_state *state, struct queue_person *person)
{
    const struct text *fields = state->profile.fields;
    struct duplicate_person record = {.family_name = fields[PROFILE_FAMILY_NAME],
                                      .given_name = fields[PROFILE_GIVEN_NAME],
                                      .name = fields[PROFILE_DISPLAY_NAME],
                                      .birthday = fields[PROFILE_BIRTHDAY],
                                      .lunar = text_equals(fields[PROFILE_BIRTHDAY_CALENDAR], "lunar"),
                                      .gender = fields[PROFILE_GENDER],
                                      .region = fields[PROFILE_REGION],
                                      .city = fields[PROFILE_CITY],
                                      .address = fields[PROFILE_ADDRESS],
                                      .postcode = fields[PROFILE_POSTAL_CODE]};

    add_identifiers(state, &record, person);
    profile_fill(&person->profile, &state->profile);
    duplicate_base_add(viewing->base, state->member, &record);
}

/* ---- evidence ---- */

/* The evidence of the two members that agree best; `first` and `second` are their first records in the base. */
static void compare_persons(const struct viewing *viewing, struct queue_view *view, size_t first, size_t second)
{
    size_t best[2] = {first, second};
    double best_weight = -1e9;

    for (size_t a = 0; a < view->persons[0].member_count; a++)
        for (size_t b = 0; b < view->persons[1].member_count; b++) {
            struct duplicate_comparison comparison;
            duplicate_compare(viewing->base, duplicate_record_at(viewing->base, first + a),
                              duplicate_record_at(viewing->base, second + b), &comparison);
            double weight = linkage_weight(&viewing->model.model, comparison.code);
            if (weight > best_weight) {
                best_weight = weight;
                best[0] = first + a;
                best[1] = second + b;
            }
        }
    view->evidence_count =
        duplicate_evidence_list(viewing->arena, viewing->base, &viewing->model.model, best[0], best[1], view->evidence);
    for (size_t i = 0; i < view->evidence_count; i++) {
        view->evidence[i].first = text_copy(viewing->arena, view->evidence[i].first);
        view->evidence[i].second = text_copy(viewing->arena, view->evidence[i].second);
    }
}

/* ---- masking ---- */

static void mask_person(struct arena *arena, struct queue_person *person)
{
    static const enum masking maskings[PROFILE_FIELD_COUNT] = {
        [PROFILE_FAMILY_NAME] = MASK_NAME, [PROFILE_GIVEN_NAME] = MASK_NAME, [PROFILE_DISPLAY_NAME] = MASK_NAME,
        [PROFILE_BIRTHDAY] = MASK_DAY,     [PROFILE_ADDRESS] = MASK_ALL,     [PROFILE_POSTAL_CODE] = MASK_ALL};

    for (size_t i = 0; i < PROFILE_FIELD_COUNT; i++)
        person->profile.fields[i] = mask_text(arena, person->profile.fields[i], maskings[i]);
    for (size_t i = 0; i < person->phone_count; i++)
        person->phones[i] = mask_text(arena, person->phones[i], MASK_PHONE);
    for (size_t i = 0; i < person->email_count; i++)
        person->emails[i] = mask_text(arena, person->emails[i], MASK_EMAIL);
}

static void mask_evidence(struct arena *arena, struct duplicate_evidence *evidence)
{
    static const enum masking maskings[DUPLICATE_FIELDS] = {
        [DUPLICATE_FAMILY_NAME] = MASK_NAME, [DUPLICATE_GIVEN_NAME] = MASK_NAME, [DUPLICATE_BIRTHDAY] = MASK_DAY,
        [DUPLICATE_PHONE] = MASK_PHONE,      [DUPLICATE_EMAIL] = MASK_EMAIL,     [DUPLICATE_CODE] = MASK_ALL,
        [DUPLICATE_ADDRESS] = MASK_ALL,      [DUPLICATE_POSTCODE] = MASK_ALL};

    evidence->first = mask_text(arena, evidence->first, maskings[evidence->field]);
    evidence->second = mask_text(arena, evidence->second, maskings[evidence->field]);
}

static void fill_views(struct viewing *viewing)
{
    for (size_t i = 0, at = 0; i < viewing->count; i++) {
        struct queue_view *view = &viewing->views[i];
        size_t first = at, second = at + view->persons[0].member_count;

        for (size_t p = 0; p < 2; p++)
            for (size_t m = 0; m < view->persons[p].member_count; m++)
                add_member(viewing, &viewing->states[at++], &view->persons[p]);
        if (viewing->model.known)
            compare_persons(viewing, view, first, second);
        for (size_t p = 0; viewing->masked && p < 2; p++)
            mask_person(viewing->arena, &view->persons[p]);
        for (size_t e = 0; viewing->masked && e < view->evidence_count; e++)
            mask_evidence(viewing->arena, &view->evidence[e]);
    }
}

enum status queue_views_read(struct storage_session *session, struct arena *arena, const struct queue_list *pairs,
                             bool masked, struct queue_view *out, struct error *err)
{
    struct viewing viewing = {
        .arena = arena, .scratch = arena_new(MEMORY_MAX), .views = out, .count = pairs->count, .masked = masked};

    if (viewing.scratch == NULL)
        return error_set(err, STATUS_LIMIT, "duplicates.memory", "", "there is no memory to compare with");
    for (size_t i = 0; i < pairs->count; i++)
        out[i] = (struct queue_view){.pair = pairs->pairs[i]};
    enum status status = queue_model_get(session, &viewing.model, err);
    if (status == STATUS_OK && pairs->count > 0)
        status = load(session, &viewing, err);
    if (status == STATUS_OK && pairs->count > 0) {
        viewing.base = duplicate_base_new(viewing.scratch);
        fill_views(&viewing);
        duplicate_base_free(viewing.base);
    }
    arena_free(viewing.scratch);
    return status;
}
