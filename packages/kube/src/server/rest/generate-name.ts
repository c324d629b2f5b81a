import { storageName } from '../kinds/registry.ts';
import type { WriteRequest } from './write-request.ts';

const MAX_NAME_TRIES = 8;
const NAME_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const MAX_GENERATED_STEM = 58;

/** A name that nothing has yet, made from a stem; none where the stem is empty. */
export function generateName(
  { state, transaction, definition, namespace }: WriteRequest,
  stem: string,
): string {
  if (stem === '') return '';
  const resource = storageName(definition);
  let name = '';
  for (let attempt = 0; attempt < MAX_NAME_TRIES; attempt++) {
    name = stem.slice(0, MAX_GENERATED_STEM) + suffix(state.random);
    if (!transaction.get({ resource, namespace: definition.namespaced ? namespace : '', name })) break;
  }
  return name;
}

function suffix(random: () => number): string {
  let text = '';
  for (let index = 0; index < 5; index++) text += NAME_ALPHABET[Math.floor(random() * NAME_ALPHABET.length)];
  return text;
}
