#define _GNU_SOURCE
#include "call.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <string.h>

napi_value fail(napi_env env, const char *message)
{
	napi_throw_error(env, NULL, message);
	return NULL;
}

bool begin(napi_env env, napi_callback_info info, struct call *call, size_t n_expected)
{
	void *handle = NULL;

	*call = (struct call){ .env = env, .n = MAX_ARGUMENTS };
	if (napi_get_cb_info(env, info, &call->n, call->arguments, NULL, NULL) != napi_ok || call->n < n_expected ||
	    napi_get_value_external(env, call->arguments[0], &handle) != napi_ok) {
		fail(env, "wrong arguments");
		return false;
	}
	call->handle = handle;
	call->device = call->handle->device;
	if (call->device != NULL)
		return true;
	fail(env, "the device is closed");
	return false;
}

uint32_t number_at(const struct call *call, size_t i)
{
	uint32_t value = 0;

	napi_get_value_uint32(call->env, call->arguments[i], &value);
	return value;
}

double double_at(const struct call *call, size_t i)
{
	double value = 0;

	napi_get_value_double(call->env, call->arguments[i], &value);
	return value;
}

bool bool_at(const struct call *call, size_t i)
{
	bool value = false;

	napi_get_value_bool(call->env, call->arguments[i], &value);
	return value;
}

uint8_t *bytes_at(napi_env env, napi_value value, size_t *length)
{
	napi_typedarray_type type;
	void *data = NULL;

	*length = 0;
	if (napi_get_typedarray_info(env, value, &type, length, &data, NULL, NULL) != napi_ok ||
	    type != napi_uint8_array) {
		*length = 0;
		return NULL;
	}
	return data;
}

double *doubles_at(const struct call *call, size_t i, size_t n_expected)
{
	napi_typedarray_type type;
	size_t length = 0;
	void *data = NULL;

	if (napi_get_typedarray_info(call->env, call->arguments[i], &type, &length, &data, NULL, NULL) != napi_ok ||
	    type != napi_float64_array || length < n_expected)
		return NULL;
	return data;
}

napi_value number(napi_env env, double value)
{
	napi_value result = NULL;

	napi_create_double(env, value, &result);
	return result;
}

napi_value boolean(napi_env env, bool value)
{
	napi_value result = NULL;

	napi_get_boolean(env, value, &result);
	return result;
}

napi_value nothing(napi_env env)
{
	napi_value result = NULL;

	napi_get_undefined(env, &result);
	return result;
}

void set(napi_env env, napi_value object, const char *name, napi_value value)
{
	napi_set_named_property(env, object, name, value);
}

bool endpoint_at(const struct call *call, size_t i, struct endpoint *endpoint)
{
	char text[INET6_ADDRSTRLEN + IF_NAMESIZE + 2] = { 0 };
	size_t length = 0;
	uint16_t port = htons((uint16_t)number_at(call, i + 1));

	memset(endpoint, 0, sizeof(*endpoint));
	if (napi_get_value_string_latin1(call->env, call->arguments[i], text, sizeof(text), &length) != napi_ok)
		return false;
	char *zone = strchr(text, '%');
	if (zone != NULL)
		*zone++ = '\0';
	if (inet_pton(AF_INET, text, &endpoint->to.v4.sin_addr) == 1) {
		endpoint->to.v4.sin_family = AF_INET;
		endpoint->to.v4.sin_port = port;
		return true;
	}
	if (inet_pton(AF_INET6, text, &endpoint->to.v6.sin6_addr) != 1)
		return false;
	endpoint->to.v6.sin6_family = AF_INET6;
	endpoint->to.v6.sin6_port = port;
	if (zone != NULL)
		endpoint->to.v6.sin6_scope_id = if_nametoindex(zone);
	return zone == NULL || endpoint->to.v6.sin6_scope_id != 0;
}

napi_value address_text(napi_env env, const struct endpoint *endpoint)
{
	char text[INET6_ADDRSTRLEN + IF_NAMESIZE + 2] = { 0 };
	napi_value result = NULL;

	if (endpoint->to.any.sa_family == AF_INET) {
		inet_ntop(AF_INET, &endpoint->to.v4.sin_addr, text, sizeof(text));
	} else {
		inet_ntop(AF_INET6, &endpoint->to.v6.sin6_addr, text, INET6_ADDRSTRLEN);
		size_t length = strlen(text);
		if (endpoint->to.v6.sin6_scope_id != 0 &&
		    if_indextoname(endpoint->to.v6.sin6_scope_id, text + length + 1) != NULL)
			text[length] = '%';
	}
	napi_create_string_latin1(env, text, NAPI_AUTO_LENGTH, &result);
	return result;
}

uint16_t port_of(const struct endpoint *endpoint)
{
	return ntohs(endpoint->to.any.sa_family == AF_INET ? endpoint->to.v4.sin_port : endpoint->to.v6.sin6_port);
}
