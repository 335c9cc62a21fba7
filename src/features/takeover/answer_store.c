#include "engine/engine.h"
#include "features/takeover/answer.h"
#include "queries.h"

enum { ANSWER_COLUMNS = 13 };

void store_answer(struct decision *decision, const struct journal_row *row, const struct answer *answer)
{
    const struct storage_value values[ANSWER_COLUMNS] = {value_integer(id_bucket(row->member)),
                                                         value_integer(row->member),
                                                         value_integer(row->id),
                                                         value_text(answer->question),
                                                         value_integer(answer->low),
                                                         value_integer(answer->high),
                                                         value_integer(answer->low_is_best),
                                                         value_integer(answer->value),
                                                         value_integer(row->at),
                                                         value_integer(row->day),
                                                         value_text(answer->channel),
                                                         value_text(answer->store),
                                                         value_text(answer->comment)};

    row_add(decision, &query_takeover_answer_put, arena_copy(decision->arena, values, sizeof values));
}
