#include "transport.h"

#include "result.h"

static vic_transport_choice wanted = VIC_TRANSPORT_AUTO;

vic_status vic_library_agree_on_transport(vic_group *group) {
    int64_t mine[] = {wanted, -(int64_t)wanted}, all[2];
    VIC_TRY(vic_group_allreduce_max(group, 2, mine, all));
    if (all[0] != -all[1])
        return VIC_FAIL_WRONG_USE("a rank has set the transport %s and another %s: call "
                                  "vic_library_set_transport alike on all ranks",
                                  vic_transport_name((vic_transport_choice)-all[1]),
                                  vic_transport_name((vic_transport_choice)all[0]));
    vic_group_set_transport(group, wanted);
    return VIC_OK;
}

static vic_status set(const char *transport) {
    VIC_TRY(vic_check_pointer(transport, "transport"));
    vic_status status = vic_transport_find(transport, &wanted);
    return status == VIC_BAD_CONFIG ? (vic_status)VIC_STATUS_WRONG_USE : status;
}

vic_result vic_library_set_transport(const char *transport) {
    return vic_result_of(set(transport));
}
