/* The functions that the addon exports; `native-addon.ts` says what they take. */
#ifndef FLATLAND_ADDON_H
#define FLATLAND_ADDON_H

#include <node_api.h>

napi_value add_keypair(napi_env env, napi_callback_info info);
napi_value add_peer(napi_env env, napi_callback_info info);
napi_value bind_call(napi_env env, napi_callback_info info);
napi_value blake2s_call(napi_env env, napi_callback_info info);
napi_value clear_marks(napi_env env, napi_callback_info info);
napi_value clear_source(napi_env env, napi_callback_info info);
napi_value close_call(napi_env env, napi_callback_info info);
napi_value close_sockets(napi_env env, napi_callback_info info);
napi_value hmac_blake2s(napi_env env, napi_callback_info info);
napi_value import_x25519(napi_env env, napi_callback_info info);
napi_value mac_blake2s(napi_env env, napi_callback_info info);
napi_value missing_offloads(napi_env env, napi_callback_info info);
napi_value n_sent(napi_env env, napi_callback_info info);
napi_value note_received(napi_env env, napi_callback_info info);
napi_value note_sent(napi_env env, napi_callback_info info);
napi_value open_device(napi_env env, napi_callback_info info);
napi_value public_x25519(napi_env env, napi_callback_info info);
napi_value read_marks(napi_env env, napi_callback_info info);
napi_value remove_allowed_ip(napi_env env, napi_callback_info info);
napi_value remove_keypair(napi_env env, napi_callback_info info);
napi_value remove_peer(napi_env env, napi_callback_info info);
napi_value send_call(napi_env env, napi_callback_info info);
napi_value set_allowed_ip(napi_env env, napi_callback_info info);
napi_value set_cookie_keys(napi_env env, napi_callback_info info);
napi_value set_endpoint(napi_env env, napi_callback_info info);
napi_value set_mark(napi_env env, napi_callback_info info);
napi_value set_marks(napi_env env, napi_callback_info info);
napi_value set_mtu(napi_env env, napi_callback_info info);
napi_value set_path_mtu(napi_env env, napi_callback_info info);
napi_value aead_open_call(napi_env env, napi_callback_info info);
napi_value aead_seal_call(napi_env env, napi_callback_info info);
napi_value set_ready(napi_env env, napi_callback_info info);
napi_value set_sending(napi_env env, napi_callback_info info);
napi_value shared_x25519(napi_env env, napi_callback_info info);
napi_value skip_to(napi_env env, napi_callback_info info);
napi_value start(napi_env env, napi_callback_info info);
napi_value take_counter(napi_env env, napi_callback_info info);
napi_value take_counters(napi_env env, napi_callback_info info);
napi_value take_drops(napi_env env, napi_callback_info info);
napi_value write_call(napi_env env, napi_callback_info info);
napi_value take_upcalls(napi_env env, napi_callback_info info);
napi_value x_seal(napi_env env, napi_callback_info info);

#endif
