/* The points of a return: what paid goes back in proportion, what the goods earned is taken back exactly. */
#include "features/events/return_internal.h"
#include "features/points/ledger.h"

static void add_points(struct wallet_points *list, size_t *count, struct text wallet, int64_t points)
{
    for (size_t i = 0; i < *count; i++) {
        if (text_equal(list[i].wallet, wallet)) {
            list[i].points += points;
            return;
        }
    }
    if (*count < PROGRAMME_WALLETS_MAX)
        list[(*count)++] = (struct wallet_points){wallet, points};
}

/* ---- what paid ---- */

int64_t return_share(int64_t whole, int64_t returned, int64_t total)
{
    int64_t share = whole;

    if (returned < total)
        checked_scale(whole, returned, total, ROUNDING_HALF_EVEN, &share);
    return share;
}

static enum status give_back_one(struct return_work *work, const struct past_event *redemption, struct text wallet,
                                 int64_t points, struct error *err)
{
    const struct programme *programme = programme_at(work->decision->programmes, work->decision->now);
    struct journal_row *row = journal_add(work->decision, work->person.member, 0, "reversal", work->row->at);
    struct posting posting = posting_start(work->decision, row);
    struct ledger ledger = {&posting, work->person.group, work->person.member, programme,
                            programme_wallet(programme, wallet)};

    row->cause = redemption->row.id;
    row->day = work->row->day;
    row->store = work->row->store;
    row->channel = work->row->channel;
    if (ledger.policy == NULL)
        return error_set(err, STATUS_CONFLICT, "wallet.unknown", "wallet", "the points account '%.*s' no longer exists",
                         (int)wallet.size, wallet.bytes);
    add_points(work->given_back, &work->given_back_count, wallet, points);
    return ledger_give_back(&ledger, redemption, points, err);
}

enum status return_give_back(struct return_work *work, struct error *err)
{
    int64_t total = work->purchase->row.amount;
    int64_t paid = work->bought.paid_minor;

    work->after.paid_minor = paid - return_share(paid, work->returned, total);
    work->after.prepaid = work->bought.prepaid - return_share(work->bought.prepaid, work->returned, total);
    work->after.money = work->row->amount -
                        (return_share(paid, work->returned, total) - return_share(paid, work->returned_before, total));
    for (size_t f = 0; f < work->purchase->follower_count; f++) {
        struct text wallet;
        int64_t drawn;
        const struct past_event *redemption = &work->purchase->followers[f];
        if (!payment_read(&redemption->row, work->decision->arena, &wallet, &drawn))
            continue;
        int64_t points = return_share(drawn, work->returned, total) - return_share(drawn, work->returned_before, total);
        int64_t left = ledger_given_left(redemption, wallet);
        points = points < left ? points : left; /* the payment may have been undone by hand before */
        enum status status = points > 0 ? give_back_one(work, redemption, wallet, points, err) : STATUS_OK;
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

/* ---- what was earned ---- */

static int64_t granted_bonus(const struct purchase_facts *facts, struct text rule, struct text multiplier)
{
    for (size_t i = 0; i < facts->earned_count; i++)
        for (size_t b = 0; text_equal(facts->earned[i].rule, rule) && b < facts->earned[i].bonus_count; b++)
            if (text_equal(facts->earned[i].bonuses[b].multiplier, multiplier))
                return facts->earned[i].bonuses[b].bonus;
    return 0;
}

/* What was granted is the limit: a bonus cut short by a budget then does not grow back now. */
static int64_t bonus_left(void *context, const struct earning_rule *rule, const struct multiplier *multiplier)
{
    bool limited = multiplier->budget != INT64_MAX || multiplier->member_limit != INT64_MAX;

    return limited ? granted_bonus(context, rule->code, multiplier->code) : INT64_MAX;
}

/* The discount of a line of which a part came back is its share. */
static struct purchase_line line_left(const struct purchase_line *bought, const struct purchase_line *left)
{
    struct purchase_line line = *left;

    if (bought->quantity_milli > 0 && left->quantity_milli < bought->quantity_milli)
        checked_scale(bought->discount, left->quantity_milli, bought->quantity_milli, ROUNDING_HALF_EVEN,
                      &line.discount);
    return line;
}

static enum status earn_left(struct return_work *work, struct left_earned *out, struct error *err)
{
    const struct programme *programme = programme_by_version(work->decision->programmes, work->bought.version);
    const struct journal_row *purchase = &work->purchase->row;
    struct purchase_line *lines = arena_array(work->decision->arena, purchase->line_count + 1, sizeof *lines);
    size_t line_count = 0;

    *out = (struct left_earned){0};
    if (programme == NULL || work->returned == purchase->amount)
        return STATUS_OK;
    for (size_t i = 0; i < purchase->line_count; i++)
        if (work->left[i].amount > 0 || work->left[i].quantity_milli > 0)
            lines[line_count++] = line_left(&purchase->lines[i], &work->left[i]);
    out->input = (struct earning_input){.at = purchase->at,
                                        .store = purchase->store,
                                        .channel = purchase->channel,
                                        .lines = lines,
                                        .line_count = line_count,
                                        .total = purchase->amount - work->returned,
                                        .paid_with_points = work->after.paid_minor - work->after.prepaid,
                                        .terms = work->bought.contract,
                                        .tier = work->bought.tier,
                                        .qualifying = work->bought.qualifying,
                                        .boosts = work->bought.boosts,
                                        .bonus_left = bonus_left,
                                        .context = &work->before};
    enum status status = programme_tier_share(programme, &out->input, work->decision->arena, &out->share, err);
    out->input.share = &out->share;
    return status == STATUS_OK
               ? programme_earn(programme, &out->input, work->decision->arena, &out->earned, &out->count, err)
               : status;
}

/* Frees what the returned goods used of a budget and of the member's limit. */
static void give_up_bonus(struct return_work *work, const struct bonus_facts *bonus, int64_t freed)
{
    if (freed <= 0)
        return;
    if (bonus->budget) {
        struct counter *counter = command_counter(work->decision, work->command, bonus->multiplier);
        if (counter != NULL) {
            counter->used = counter->used > freed ? counter->used - freed : 0;
            counter->changed = true;
        }
    }
    if (bonus->progress.size > 0) {
        struct progress *progress = member_progress(work->decision, work->person.member, bonus->progress);
        progress->used = progress->used > freed ? progress->used - freed : 0;
        progress->changed = true;
    }
}

/* What rule `before` earned, less what is gone: never more than before. */
static struct earned_facts left_of_rule(struct return_work *work, const struct earned_facts *before,
                                        const struct earned *earned, size_t count)
{
    struct earned_facts after = *before;
    struct bonus_facts *bonuses = arena_array(work->decision->arena, before->bonus_count + 1, sizeof *bonuses);

    after.points = 0;
    after.bonuses = bonuses;
    for (size_t b = 0; b < before->bonus_count; b++) {
        bonuses[b] = before->bonuses[b];
        bonuses[b].bonus = 0;
    }
    for (size_t i = 0; i < count; i++) {
        if (before->version > 0 || !text_equal(earned[i].rule->code, before->rule))
            continue;
        after.points = earned[i].points < before->points ? earned[i].points : before->points;
        for (size_t b = 0; b < before->bonus_count; b++)
            for (size_t e = 0; e < earned[i].bonus_count; e++)
                if (text_equal(earned[i].bonuses[e].multiplier->code, bonuses[b].multiplier))
                    bonuses[b].bonus = earned[i].bonuses[e].bonus < before->bonuses[b].bonus
                                           ? earned[i].bonuses[e].bonus
                                           : before->bonuses[b].bonus;
    }
    for (size_t b = 0; b < before->bonus_count; b++)
        give_up_bonus(work, &before->bonuses[b], before->bonuses[b].bonus - bonuses[b].bonus);
    return after;
}

/* ---- the part of a contact of an organisation ---- */

static struct person *find_contact(const struct return_work *work)
{
    for (size_t s = 0; s < COMMAND_SUBJECTS_MAX; s++) {
        struct person *person = &work->decision->subjects[s];
        if (person->member != NULL && person->member->id == work->bought.contact &&
            person->member->status == MEMBER_ACTIVE)
            return person;
    }
    return NULL;
}

/* The companion row of the purchase that has the contact's lots. */
static const struct past_event *contact_share(const struct return_work *work)
{
    for (size_t f = 0; f < work->purchase->follower_count; f++) {
        const struct journal_row *row = &work->purchase->followers[f].row;
        if (text_equals(row->kind, "share") && row->member == work->bought.contact)
            return &work->purchase->followers[f];
    }
    return NULL;
}

/* What of `wallet` the contact gives up; whoever was erased has nothing left. */
static enum status claw_contact(struct return_work *work, const struct ledger *own, int64_t points, struct error *err)
{
    const struct person *contact = find_contact(work);
    struct ledger ledger = *own;
    int64_t written_off = 0;

    if (contact == NULL)
        return STATUS_OK;
    ledger.group = contact->group;
    ledger.member = contact->member;
    enum status status = ledger_claw_back(&ledger, contact_share(work), points, &written_off, err);
    points_set_due(contact->group, contact->leader);
    work->after.written_off += written_off;
    return status;
}

static int64_t contact_points(const struct return_work *work, struct text wallet)
{
    for (size_t i = 0; i < work->contact_back_count; i++)
        if (text_equal(work->contact_back[i].wallet, wallet))
            return work->contact_back[i].points;
    return 0;
}

static enum status claw_wallets(struct return_work *work, struct error *err)
{
    const struct programme *programme = programme_at(work->decision->programmes, work->decision->now);
    struct posting posting = posting_start(work->decision, work->row);

    for (size_t i = 0; i < work->clawed_back_count; i++) {
        struct ledger ledger = {&posting, work->person.group, work->person.member, programme,
                                programme_wallet(programme, work->clawed_back[i].wallet)};
        int64_t written_off = 0;
        if (ledger.policy == NULL)
            return error_set(err, STATUS_CONFLICT, "wallet.unknown", "wallet",
                             "the points account '%.*s' no longer exists", (int)work->clawed_back[i].wallet.size,
                             work->clawed_back[i].wallet.bytes);
        int64_t part = contact_points(work, work->clawed_back[i].wallet), own = work->clawed_back[i].points - part;
        enum status status = part > 0 ? claw_contact(work, &ledger, part, err) : STATUS_OK;
        if (status == STATUS_OK && own > 0)
            status = ledger_claw_back(&ledger, work->purchase, own, &written_off, err);
        if (status != STATUS_OK)
            return status;
        work->after.written_off += written_off;
    }
    return STATUS_OK;
}

/* A return lowers the sums; the tier stays until its period ends. A purchase of which all came back is none. */
static enum status unqualify(struct return_work *work, struct error *err)
{
    struct tier_points *points = arena_array(work->decision->arena, work->clawed_back_count + 1, sizeof *points);
    struct tier_gain gain = {.points = points, .point_count = work->clawed_back_count};

    if (work->bought.plain)
        return STATUS_OK;
    if (!work->bought.own_sale)
        gain.spend = -work->row->amount;
    if (!work->bought.own_sale && work->returned == work->purchase->row.amount &&
        work->returned_before < work->returned)
        gain.purchases = -1;
    for (size_t i = 0; i < work->clawed_back_count; i++)
        points[i] = (struct tier_points){work->clawed_back[i].wallet, -work->clawed_back[i].points};
    return event_qualify(work->decision, &work->person, &gain, work->purchase->row.id, err);
}

enum status return_claw_back(struct return_work *work, struct error *err)
{
    return claw_wallets(work, err);
}

enum status return_reckon_points(struct return_work *work, struct error *err)
{
    struct left_earned left;
    enum status status = earn_left(work, &left, err);

    if (status != STATUS_OK)
        return status;
    struct earned_facts *after = arena_array(work->decision->arena, work->before.earned_count + 1, sizeof *after);
    status = return_reckon_rules(work, &left, after, err);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < work->before.earned_count; i++) {
        if (work->before.earned[i].version == 0)
            after[i] = left_of_rule(work, &work->before.earned[i], left.earned, left.count);
        if (work->before.earned[i].points > after[i].points)
            add_points(work->clawed_back, &work->clawed_back_count, after[i].wallet,
                       work->before.earned[i].points - after[i].points);
        int64_t part = contact_part(work->before.earned[i].points, work->bought.contact_share) -
                       contact_part(after[i].points, work->bought.contact_share);
        if (part > 0)
            add_points(work->contact_back, &work->contact_back_count, after[i].wallet, part);
    }
    work->after.version = work->bought.version;
    work->after.tier = work->bought.tier;
    work->after.qualifying = work->bought.qualifying;
    work->after.boosts = work->bought.boosts;
    work->after.earned = after;
    work->after.earned_count = work->before.earned_count;
    return unqualify(work, err);
}
