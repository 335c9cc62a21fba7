/* features.c: the list of features, in their order. A new one is a folder and two lines here. */
#include "server/features.h"

extern const struct feature customers_feature, duplicates_feature, organisations_feature, programme_feature,
    measures_feature, redemption_feature, points_feature, stored_value_feature, events_feature, tasks_feature,
    orders_feature, insight_feature, facts_feature, takeover_feature, exchange_feature, finance_feature,
    reactions_feature, retention_feature, backtest_feature;

const struct feature *const features[] = {
    &customers_feature,  &duplicates_feature, &organisations_feature, &programme_feature, &measures_feature,
    &redemption_feature, &points_feature,     &stored_value_feature,  &events_feature,    &tasks_feature,
    &orders_feature,     &insight_feature,    &facts_feature,         &takeover_feature,  &exchange_feature,
    &finance_feature,    &reactions_feature,  &retention_feature,     &backtest_feature};
const size_t features_count = sizeof features / sizeof features[0];
