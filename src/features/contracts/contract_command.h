/* contract_command.h: what people, time and events do to a contract, as commands. Pure. */
#ifndef PATRON_FEATURES_CONTRACTS_CONTRACT_COMMAND_H
#define PATRON_FEATURES_CONTRACTS_CONTRACT_COMMAND_H

#include "features/contracts/contract.h"
#include "features/organisations/organisations.h"

/* The kind of the claim on its code. */
#define CONTRACT_CLAIM "contract"

/* First in the body of each command but the first: what contracts_load reads. */
struct contract_load {
    int64_t id;               /* asked for */
    int64_t event;            /* and what it counts; 0: none */
    int64_t customer;         /* whose contacts subject 0 may be; 0: nobody's */
    struct contract contract; /* id 0: there is none */
    struct contract_count before;
    struct organisation_contact *contacts; /* rows of subject 0's members with that organisation */
    size_t contact_count, contact_capacity;
};

/* Subject 0 is who commits itself; claim 0 the code. The contract has one version of terms. */
struct agree_contract {
    struct contract contract;
    struct text by, reason;
    struct contract result;
    int64_t at; /* when it was decided */
};

enum contract_action {
    CONTRACT_AMEND,
    CONTRACT_CHANGE_TERMS,
    CONTRACT_RENEW,
    CONTRACT_END,
    CONTRACT_COLLECT,
    CONTRACT_WAIVE,
    CONTRACT_FOLLOW
};

/* What of a contract is changed without its price: each part that is given. */
struct contract_amendment {
    bool name_given, contacts_given, automatic_given, reminder_given;
    struct text name, contacts;
    bool automatic;
    int64_t remind_days; /* 0: nobody is reminded */
    struct text reason;
    struct task_owner owner;
};

/* Subject 0 is who committed itself. STATUS_MISSING `contract.unknown`, STATUS_STALE `contract.version`. */
struct change_contract {
    struct contract_load load;
    enum contract_action action;
    int64_t version; /* expected; 0: any */
    struct text by, reason;
    struct contract_amendment amendment;
    struct contract_terms terms; /* CONTRACT_CHANGE_TERMS: discount and factor -1, payment NULL: as before */
    bool payment_given;
    int64_t months, commitment; /* CONTRACT_RENEW; 0 and -1: as before */
    bool spend_given;           /* the commitment is money */
    int32_t end_day;            /* CONTRACT_END: DAY_NONE: by ordinary notice */
    bool without_notice;
    int64_t number; /* CONTRACT_COLLECT, CONTRACT_WAIVE */
    struct text reference;
    struct contract result;
    int64_t at;
};

/* Event 0 of subject 0, for the contract of subject `holder`. */
struct count_contract {
    struct contract_load load;
    int holder;
    int64_t nights, payer; /* of a stay; payer: who paid for it, 0: the guest */
};

extern const struct command_type agree_contract_type, change_contract_type, count_contract_type;

/* Whether what was agreed goes together. STATUS_INVALID `contract.*`. */
enum status contract_check(const struct contract *contract, struct error *err);

/* Adds the claim by which the reminder of the period that runs is opened once: for CONTRACT_FOLLOW. */
void contract_name_reminder(struct command *command, const struct contract *contract);

/* A copy with all that it has in `arena`. */
void contract_copy(struct arena *arena, const struct contract *contract, struct contract *out);

/* ---- between the files ---- */

/* What changed: the rights of the holder, rows of the journal, rows of its own. The first row of the journal in `*row`. */
enum status contract_keep(struct decision *decision, const struct person *person, struct contract *contract,
                          struct journal_row **row, struct error *err);
struct contract_clock contract_clock_of(const struct decision *decision);

/* contracts_store.c */
enum status contracts_load(struct load_context *context, struct command **commands, size_t count, struct error *err);
void store_contract(struct decision *decision, const struct contract *contract, int64_t due_at);
void store_contract_terms(struct decision *decision, const struct contract *contract,
                          const struct contract_terms *terms);
void store_contract_period(struct decision *decision, const struct contract *contract,
                           const struct contract_period *period);
void store_contract_change(struct decision *decision, const struct contract *contract,
                           const struct contract_change *change);
void store_contract_count(struct decision *decision, const struct contract *contract,
                          const struct contract_count *count);

#endif
