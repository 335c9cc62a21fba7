#include "features/points/context_api.h"

struct points_context context_of(const struct context_input *input)
{
    return (struct points_context){.at_given = input->at != 0,
                                   .at = input->at,
                                   .store = input->store,
                                   .channel = input->channel,
                                   .till = input->till,
                                   .employee = input->employee,
                                   .note = input->note};
}
