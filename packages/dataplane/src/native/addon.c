/*
 * The packet path as a Node-API addon; `native-addon.ts` has its types. Only the event loop's thread calls in here.
 * Arguments come from there too: a wrong one is a programmer's mistake and throws.
 */
#define _GNU_SOURCE
#include <node_api.h>
#include <stdlib.h>

#include "addon.h"
#include "call.h"

static const char *const DROP_NAMES[DROP_REASONS] = {
	[DROP_MALFORMED_MESSAGE] = "malformed-message",
	[DROP_UNKNOWN_INDEX] = "unknown-index",
	[DROP_SESSION_EXPIRED] = "session-expired",
	[DROP_AUTHENTICATION_FAILED] = "authentication-failed",
	[DROP_REPLAYED] = "replayed",
	[DROP_INNER_MALFORMED] = "inner-malformed",
	[DROP_SOURCE_NOT_ALLOWED] = "source-not-allowed",
	[DROP_SEND_FAILED] = "send-failed",
	[DROP_STAGED_OVERFLOW] = "staged-overflow",
	[DROP_UNDER_LOAD] = "under-load",
	[DROP_ECN_INVALID] = "ecn-invalid",
	[DROP_DEVICE_NOT_READY] = "device-not-ready",
	[DROP_MAC1_INVALID] = "mac1-invalid",
};

static napi_value describe_upcall(napi_env env, const struct upcall *item)
{
	napi_value result, bytes;

	napi_create_object(env, &result);
	set(env, result, "kind", number(env, item->kind));
	set(env, result, "number", number(env, item->number));
	set(env, result, "length", number(env, item->length));
	if (item->kind == UPCALL_PACKET || item->kind == UPCALL_DATAGRAM) {
		napi_create_buffer_copy(env, item->length, item->bytes, NULL, &bytes);
		set(env, result, "bytes", bytes);
	}
	if (item->kind == UPCALL_DATAGRAM || item->kind == UPCALL_ROAMED || item->kind == UPCALL_TOO_LONG) {
		set(env, result, "address", address_text(env, &item->from));
		set(env, result, "port", number(env, port_of(&item->from)));
	}
	return result;
}

/* takeUpcalls(handle): what waits, oldest first */
napi_value take_upcalls(napi_env env, napi_callback_info info)
{
	struct call call;
	napi_value result;
	uint32_t n = 0;

	if (!begin(env, info, &call, 1))
		return NULL;
	napi_create_array(env, &result);
	for (struct upcall *item = upcalls_take(&call.device->upcalls), *next; item != NULL; item = next) {
		next = item->next;
		if (item->kind == UPCALL_DATAGRAM)
			reply_sources_note(&call.device->reply_sources, &item->from);
		napi_set_element(env, result, n++, describe_upcall(env, item));
		free(item);
	}
	return result;
}

static napi_value drop_names(napi_env env)
{
	napi_value names, name;

	napi_create_array(env, &names);
	for (uint32_t i = 0; i < DROP_REASONS; i++) {
		napi_create_string_latin1(env, DROP_NAMES[i], NAPI_AUTO_LENGTH, &name);
		napi_set_element(env, names, i, name);
	}
	return names;
}

NAPI_MODULE_INIT()
{
	static const struct {
		const char *name;
		napi_callback call;
	} FUNCTIONS[] = {
		{ "open", open_device },	   { "close", close_call },
		{ "start", start },		   { "bind", bind_call },
		{ "closeSockets", close_sockets }, { "setMark", set_mark },
		{ "setMtu", set_mtu },		   { "setReady", set_ready },
		{ "send", send_call },		   { "write", write_call },
		{ "addPeer", add_peer },	   { "removePeer", remove_peer },
		{ "setEndpoint", set_endpoint },   { "setPathMtu", set_path_mtu },
		{ "clearSource", clear_source },
		{ "setAllowedIp", set_allowed_ip }, { "removeAllowedIp", remove_allowed_ip },
		{ "addKeypair", add_keypair },	   { "removeKeypair", remove_keypair },
		{ "setSending", set_sending },	   { "takeCounter", take_counter },
		{ "nSent", n_sent },		   { "skipTo", skip_to },
		{ "noteSent", note_sent },	   { "noteReceived", note_received },
		{ "setMarks", set_marks },
		{ "clearMarks", clear_marks },	   { "readMarks", read_marks },
		{ "takeCounters", take_counters }, { "takeDrops", take_drops },
		{ "takeUpcalls", take_upcalls },   { "importX25519", import_x25519 },
		{ "publicX25519", public_x25519 }, { "sharedX25519", shared_x25519 },
		{ "blake2s", blake2s_call },	   { "hmacBlake2s", hmac_blake2s },
		{ "macBlake2s", mac_blake2s },	   { "xSeal", x_seal },
		{ "aeadSeal", aead_seal_call },   { "aeadOpen", aead_open_call },
		{ "setCookieKeys", set_cookie_keys }, { "missingOffloads", missing_offloads },
	};

	for (size_t i = 0; i < sizeof(FUNCTIONS) / sizeof(FUNCTIONS[0]); i++) {
		napi_value function;

		napi_create_function(env, FUNCTIONS[i].name, NAPI_AUTO_LENGTH, FUNCTIONS[i].call, NULL, &function);
		set(env, exports, FUNCTIONS[i].name, function);
	}
	set(env, exports, "dropReasons", drop_names(env));
	return exports;
}
