import type { PodTemplate } from './kinds/pod.ts';

/** The letters of generated names: no vowels and nothing that looks like another (apimachinery util/rand). */
export const SAFE_LETTERS = 'bcdfghjklmnpqrstvwxz2456789';

/** Label that tells the pods of one ReplicaSet from those of a Deployment's others. */
export const POD_TEMPLATE_HASH = 'pod-template-hash';
/** Label with the revision of a StatefulSet's or DaemonSet's pod. */
export const CONTROLLER_REVISION_HASH = 'controller-revision-hash';

/** A short name of a pod template: equal templates have equal hashes, whatever the order of their fields. */
export function templateHash(template: PodTemplate, collisionCount = 0): string {
  const { text, hash } = canonical(template);
  return collisionCount === 0 ? hash : hashOf(`${text}#${collisionCount}`);
}

/** True where two templates say the same, apart from the hash label that controllers add. */
export function templatesEqual(a: PodTemplate, b: PodTemplate): boolean {
  return canonical(a).text === canonical(b).text;
}

/* Objects of the cache never change, and are compared at every reconcile. */
const canonicalForms = new WeakMap<PodTemplate, { readonly text: string; readonly hash: string }>();

/** A template as text, without the hash label, and the hash of that. */
function canonical(template: PodTemplate): { readonly text: string; readonly hash: string } {
  const known = canonicalForms.get(template);
  if (known !== undefined) return known;
  const { [POD_TEMPLATE_HASH]: _hash, ...labels } = template.metadata?.labels ?? {};
  const text = stableJson({ ...template, metadata: { ...template.metadata, labels } });
  const form = { text, hash: hashOf(text) };
  canonicalForms.set(template, form);
  return form;
}

function hashOf(text: string): string {
  return safeEncode(String(fnv1a32(text)));
}

/** JSON with sorted keys. */
export function stableJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** True where two values have the same JSON, whatever the order of keys. */
export function sameJson(a: unknown, b: unknown): boolean {
  return a === b || (a !== undefined && b !== undefined && stableJson(a) === stableJson(b));
}

/** `SafeEncodeString` of apimachinery: each character becomes one that names may have. */
export function safeEncode(text: string): string {
  return Array.from(text, (letter) => SAFE_LETTERS[letter.charCodeAt(0) % SAFE_LETTERS.length]).join('');
}

/** FNV-1a, 32 bits, of the UTF-8 bytes. */
export function fnv1a32(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return hash;
}
