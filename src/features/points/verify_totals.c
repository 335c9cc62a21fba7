#include "features/points/verify_totals.h"

#include <stdlib.h>
#include <string.h>

enum { CAPACITY_START = 4096 };

bool totals_start(struct verify_totals *totals)
{
    memset(totals, 0, sizeof *totals);
    totals->wallet_capacity = totals->lot_capacity = totals->day_capacity = CAPACITY_START;
    totals->wallets = calloc(CAPACITY_START, sizeof *totals->wallets);
    totals->lots = calloc(CAPACITY_START, sizeof *totals->lots);
    totals->days = calloc(CAPACITY_START, sizeof *totals->days);
    return totals->wallets != NULL && totals->lots != NULL && totals->days != NULL;
}

void totals_clear(struct verify_totals *totals)
{
    memset(totals->wallets, 0, totals->wallet_capacity * sizeof *totals->wallets);
    memset(totals->lots, 0, totals->lot_capacity * sizeof *totals->lots);
    memset(totals->days, 0, totals->day_capacity * sizeof *totals->days);
    totals->wallet_used = totals->lot_used = totals->day_used = 0;
    totals->recent[0] = totals->recent[1] = NULL;
}

void totals_release(struct verify_totals *totals)
{
    free(totals->wallets);
    free(totals->lots);
    free(totals->days);
    memset(totals, 0, sizeof *totals);
}

int totals_wallet(struct verify_totals *totals, struct text code)
{
    for (int i = 0; i < totals->wallet_count; i++)
        if (totals->wallet_sizes[i] == code.size && memcmp(totals->wallet_codes[i], code.bytes, code.size) == 0)
            return i;
    if (totals->wallet_count == TOTALS_WALLETS_MAX || code.size > CODE_SIZE_MAX)
        return -1;
    memcpy(totals->wallet_codes[totals->wallet_count], code.bytes, code.size);
    totals->wallet_sizes[totals->wallet_count] = code.size;
    return totals->wallet_count++;
}

struct text totals_wallet_code(const struct verify_totals *totals, int wallet)
{
    return (struct text){totals->wallet_codes[wallet], totals->wallet_sizes[wallet]};
}

static size_t mix(uint64_t value)
{
    value ^= value >> 33;
    value *= UINT64_C(0xff51afd7ed558ccd);
    value ^= value >> 33;
    value *= UINT64_C(0xc4ceb9fe1a85ec53);
    return (size_t)(value ^ (value >> 33));
}

/* ---- wallets ---- */

static struct wallet_sum *wallet_place(struct wallet_sum *wallets, size_t capacity, int64_t member, int wallet)
{
    size_t at = mix((uint64_t)member * 257 + (uint64_t)wallet) & (capacity - 1);

    while (wallets[at].used && (wallets[at].member != member || wallets[at].wallet != wallet))
        at = (at + 1) & (capacity - 1);
    return &wallets[at];
}

static bool grow_wallets(struct verify_totals *totals)
{
    size_t capacity = totals->wallet_capacity * 2;
    struct wallet_sum *wallets = calloc(capacity, sizeof *wallets);

    if (wallets == NULL)
        return false;
    for (size_t i = 0; i < totals->wallet_capacity; i++)
        if (totals->wallets[i].used)
            *wallet_place(wallets, capacity, totals->wallets[i].member, totals->wallets[i].wallet) = totals->wallets[i];
    free(totals->wallets);
    totals->wallets = wallets;
    totals->wallet_capacity = capacity;
    return true;
}

struct wallet_sum *totals_wallet_sum(struct verify_totals *totals, int64_t member, int wallet)
{
    if (totals->wallet_used * 2 >= totals->wallet_capacity && !grow_wallets(totals))
        return NULL;
    struct wallet_sum *sum = wallet_place(totals->wallets, totals->wallet_capacity, member, wallet);
    if (!sum->used) {
        *sum = (struct wallet_sum){.member = member, .wallet = wallet, .used = true};
        totals->wallet_used++;
    }
    return sum;
}

/* ---- lots ---- */

static struct lot_sum *lot_place(struct lot_sum *lots, size_t capacity, int64_t lot)
{
    /* Lots are met in about the order in which they were made, so neighbours are best kept together. */
    size_t at = (size_t)id_seq(lot) & (capacity - 1);

    while (lots[at].lot != 0 && lots[at].lot != lot)
        at = (at + 1) & (capacity - 1);
    return &lots[at];
}

static bool grow_lots(struct verify_totals *totals)
{
    size_t capacity = totals->lot_capacity * 2;
    struct lot_sum *lots = calloc(capacity, sizeof *lots);

    if (lots == NULL)
        return false;
    for (size_t i = 0; i < totals->lot_capacity; i++)
        if (totals->lots[i].lot != 0)
            *lot_place(lots, capacity, totals->lots[i].lot) = totals->lots[i];
    free(totals->lots);
    totals->lots = lots;
    totals->lot_capacity = capacity;
    return true;
}

struct lot_sum *totals_lot_sum(struct verify_totals *totals, int64_t lot)
{
    if (totals->lot_used * 2 >= totals->lot_capacity && !grow_lots(totals))
        return NULL;
    struct lot_sum *sum = lot_place(totals->lots, totals->lot_capacity, lot);
    if (sum->lot == 0) {
        *sum = (struct lot_sum){.lot = lot};
        totals->lot_used++;
    }
    return sum;
}

/* ---- days ---- */

static struct day_sum *day_place(struct day_sum *days, size_t capacity, const struct day_sum *key)
{
    size_t at =
        mix(((uint64_t)(uint32_t)key->day << 16) ^ (uint64_t)(key->wallet * 32 + key->account)) & (capacity - 1);

    while (days[at].used &&
           (days[at].day != key->day || days[at].wallet != key->wallet || days[at].account != key->account))
        at = (at + 1) & (capacity - 1);
    return &days[at];
}

static bool grow_days(struct verify_totals *totals)
{
    size_t capacity = totals->day_capacity * 2;
    struct day_sum *days = calloc(capacity, sizeof *days);

    if (days == NULL)
        return false;
    for (size_t i = 0; i < totals->day_capacity; i++)
        if (totals->days[i].used)
            *day_place(days, capacity, &totals->days[i]) = totals->days[i];
    free(totals->days);
    totals->days = days;
    totals->day_capacity = capacity;
    totals->recent[0] = totals->recent[1] = NULL;
    return true;
}

struct day_sum *totals_day_sum(struct verify_totals *totals, int wallet, int account, int32_t day)
{
    const struct day_sum key = {.wallet = wallet, .account = account, .day = day, .used = true};

    if (totals->day_used * 2 >= totals->day_capacity && !grow_days(totals))
        return NULL;
    struct day_sum *sum = day_place(totals->days, totals->day_capacity, &key);
    if (!sum->used) {
        *sum = key;
        totals->day_used++;
    }
    return sum;
}

static bool add_day(struct verify_totals *totals, int side, int wallet, int account, int32_t day, int64_t amount)
{
    struct day_sum *sum = totals->recent[side];

    if (sum == NULL || sum->wallet != wallet || sum->account != account || sum->day != day) {
        size_t capacity = totals->day_capacity;
        sum = totals_day_sum(totals, wallet, account, day);
        if (sum == NULL)
            return false;
        if (capacity == totals->day_capacity)
            totals->recent[side] = sum;
    }
    sum->amount += amount;
    return true;
}

/* ---- movements ---- */

static bool is_of_lot(enum account account)
{
    return account == ACCOUNT_ACTIVE || account == ACCOUNT_PENDING || account == ACCOUNT_HELD;
}

static void add_side(struct wallet_sum *wallet, struct lot_sum *lot, enum account account, int64_t amount)
{
    switch (account) {
    case ACCOUNT_ACTIVE:
        wallet->active += amount;
        lot->active += amount;
        break;
    case ACCOUNT_PENDING:
        wallet->pending += amount;
        lot->pending += amount;
        break;
    case ACCOUNT_HELD:
        wallet->held += amount;
        lot->held += amount;
        break;
    case ACCOUNT_DEBT:
        wallet->debt -= amount;
        break;
    case ACCOUNT_EXPIRED:
        lot->expired += amount;
        break;
    case ACCOUNT_ISSUED:
    case ACCOUNT_REDEEMED:
    case ACCOUNT_CLAWED_BACK:
    case ACCOUNT_WRITTEN_OFF:
    case ACCOUNT_ADJUSTED:
    case ACCOUNT_TRANSIT:
    case ACCOUNT_PAID_IN:
    case ACCOUNT_PAID_OUT:
    case ACCOUNT_TAKEN_OVER:
        break;
    }
}

const char *totals_add(struct verify_totals *totals, const struct movement *movement, int32_t day)
{
    struct lot_sum none = {0}, *lot = &none;
    int wallet = totals_wallet(totals, movement->wallet);

    if (wallet < 0)
        return "there are too many points accounts";
    if (movement->amount <= 0)
        return "the amount is not above 0";
    if ((is_of_lot(movement->debit) || is_of_lot(movement->credit)) && movement->lot == 0)
        return "it names no lot";
    struct wallet_sum *sum = totals_wallet_sum(totals, movement->member, wallet);
    if (movement->lot != 0)
        lot = totals_lot_sum(totals, movement->lot);
    if (sum == NULL || lot == NULL || !add_day(totals, 0, wallet, (int)movement->debit, day, -movement->amount) ||
        !add_day(totals, 1, wallet, (int)movement->credit, day, movement->amount))
        return "there is no memory to verify it";
    if (movement->lot != 0 && lot->amount == 0) {
        lot->amount = movement->amount;
        lot->member = movement->member;
        lot->wallet = wallet;
    } else if (movement->lot != 0 && (lot->member != movement->member || lot->wallet != wallet)) {
        return "the lot is another member's or account's";
    }
    add_side(sum, lot, movement->debit, -movement->amount);
    add_side(sum, lot, movement->credit, movement->amount);
    totals->transit[wallet] += (movement->credit == ACCOUNT_TRANSIT ? movement->amount : 0) -
                               (movement->debit == ACCOUNT_TRANSIT ? movement->amount : 0);
    totals->held[wallet] += (movement->credit == ACCOUNT_HELD ? movement->amount : 0) -
                            (movement->debit == ACCOUNT_HELD ? movement->amount : 0);
    if (sum->active < 0 || sum->pending < 0 || sum->held < 0 || sum->debt < 0)
        return "an account of the member falls below 0";
    if (lot->active < 0 || lot->pending < 0 || lot->held < 0 || lot->expired < 0)
        return "the lot falls below 0";
    return NULL;
}
