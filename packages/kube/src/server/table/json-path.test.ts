import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluateJsonPath } from './json-path.ts';

const ROOT = {
  a: { b: 1, 'c.d': 2 },
  list: [
    { type: 'Ready', status: 'True', n: 1 },
    { type: 'Other', status: 'False', n: 2 },
  ],
};

describe('evaluateJsonPath', () => {
  it.each([
    ['.a.b', [1]],
    ['{.a.b}', [1]],
    ['$.a.b', [1]],
    [".a['c.d']", [2]],
    ['.list[0].status', ['True']],
    ['.list[-1].status', ['False']],
    ['.list[*].n', [1, 2]],
    ['.list[?(@.type=="Ready")].status', ['True']],
    [".list[?(@.type=='Ready')].status", ['True']],
    ['.list[?(@.type!="Ready")].n', [2]],
    ['.list[?(@.n==2)].type', ['Other']],
    ['.nothing.at.all', []],
    ['.constructor.name', []],
    ['not a path', []],
    ['.list[?(', []],
  ])('reads %s', (path, expected) => {
    expect(evaluateJsonPath(path, ROOT)).toEqual(expected);
  });

  it('gives something for any text, soon', () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), (path, root) => Array.isArray(evaluateJsonPath(path, root))),
    );
  });
});
