import { stripVTControlCharacters } from 'node:util';

/** One line for a failed test: its name, and the first line of why. */
export function failureLine(name: string, message = ''): string {
  const [why = ''] = stripVTControlCharacters(message).trim().split('\n');
  return why === '' ? name : `${name}: ${why}`;
}
