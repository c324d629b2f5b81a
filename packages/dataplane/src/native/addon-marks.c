/* Marks of timers, and counters. */
#define _GNU_SOURCE
#include "addon.h"
#include "call.h"

static napi_value note(napi_env env, napi_callback_info info, void (*act)(struct peer *, uint64_t, bool))
{
	struct call call;

	if (!begin(env, info, &call, 4))
		return NULL;
	struct peer *peer = device_peer(call.device, number_at(&call, 1));
	if (peer != NULL)
		act(peer, (uint64_t)double_at(&call, 2), bool_at(&call, 3));
	return nothing(env);
}

napi_value note_sent(napi_env env, napi_callback_info info) { return note(env, info, peer_note_sent); }

napi_value note_received(napi_env env, napi_callback_info info) { return note(env, info, peer_note_received); }

/* setMarks(handle, peer, dataSentSinceMs, dataReceivedSinceMs, isMoreReceived): negative leaves a mark as it is */
napi_value set_marks(napi_env env, napi_callback_info info)
{
	struct call call;

	if (!begin(env, info, &call, 5))
		return NULL;
	struct peer *peer = device_peer(call.device, number_at(&call, 1));
	double sent = double_at(&call, 2), received = double_at(&call, 3);
	if (peer == NULL)
		return nothing(env);
	if (sent >= 0)
		atomic_store(&peer->data_sent_since_ms, (uint64_t)sent);
	if (received >= 0)
		atomic_store(&peer->data_received_since_ms, (uint64_t)received);
	double more = double_at(&call, 4);
	if (more >= 0)
		atomic_store(&peer->is_more_received, more > 0);
	return nothing(env);
}

/* clearMarks(handle, peer) */
napi_value clear_marks(napi_env env, napi_callback_info info)
{
	struct call call;

	if (!begin(env, info, &call, 2))
		return NULL;
	struct peer *peer = device_peer(call.device, number_at(&call, 1));
	if (peer != NULL)
		peer_clear_marks(peer);
	return nothing(env);
}

/* readMarks(handle, peer, Float64Array(5)) */
napi_value read_marks(napi_env env, napi_callback_info info)
{
	struct call call;

	if (!begin(env, info, &call, 3))
		return NULL;
	struct peer *peer = device_peer(call.device, number_at(&call, 1));
	double *marks = doubles_at(&call, 2, 5);
	if (peer == NULL || marks == NULL)
		return fail(env, "no such peer");
	marks[0] = (double)atomic_load(&peer->data_sent_since_ms);
	marks[1] = (double)atomic_load(&peer->data_received_since_ms);
	marks[2] = atomic_load(&peer->is_more_received) ? 1 : 0;
	marks[3] = (double)atomic_load(&peer->last_sent_ms);
	marks[4] = (double)atomic_load(&peer->last_received_ms);
	return nothing(env);
}

static double take(_Atomic uint64_t *counter) { return (double)atomic_exchange(counter, 0); }

/* takeCounters(handle, peer, Float64Array(5 + DROP_REASONS)): what was counted since the last time */
napi_value take_counters(napi_env env, napi_callback_info info)
{
	struct call call;

	if (!begin(env, info, &call, 3))
		return NULL;
	struct peer *peer = device_peer(call.device, number_at(&call, 1));
	double *counters = doubles_at(&call, 2, 5 + DROP_REASONS);
	if (peer == NULL || counters == NULL)
		return fail(env, "no such peer");
	counters[0] = take(&peer->rx_bytes);
	counters[1] = take(&peer->tx_bytes);
	counters[2] = take(&peer->rx_packets);
	counters[3] = take(&peer->tx_packets);
	counters[4] = take(&peer->keepalives_received);
	for (int i = 0; i < DROP_REASONS; i++)
		counters[5 + i] = take(&peer->drops[i]);
	return nothing(env);
}

/* takeDrops(handle, Float64Array(DROP_REASONS)) */
napi_value take_drops(napi_env env, napi_callback_info info)
{
	struct call call;

	if (!begin(env, info, &call, 2))
		return NULL;
	double *drops = doubles_at(&call, 1, DROP_REASONS);
	if (drops == NULL)
		return fail(env, "wrong arguments");
	for (int i = 0; i < DROP_REASONS; i++)
		drops[i] = take(&call.device->drops[i]);
	return nothing(env);
}
