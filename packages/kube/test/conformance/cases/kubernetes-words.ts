/** Kubernetes' words for what several fields break. */

export const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

export const NOT_NEGATIVE = 'must be greater than or equal to 0';

export const PORT_RANGE = 'must be between 1 and 65535, inclusive';
