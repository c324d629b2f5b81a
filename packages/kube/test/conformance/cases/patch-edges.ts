import { describe, expect, it } from 'vitest';
import type { Json } from '../api.ts';
import { configMap, deployment } from '../objects.ts';
import type { Get } from '../suite.ts';

/** What upstream's patch libraries do where the RFCs say something else, or nothing. */
export function patchEdgeCases(get: Get): void {
  describe('patches at their edges', () => {
    const start = async () => {
      const { api, freshNamespace } = get();
      const path = `/api/v1/namespaces/${await freshNamespace()}/configmaps`;
      await api.create(path, configMap('one', { finalizers: ['example.com/a', 'example.com/b'] }));
      return { api, path: `${path}/one` };
    };

    it('JSON: replace makes a member that is not there', async () => {
      const { api, path } = await start();
      const { code, body } = await api.jsonPatch(path, [{ op: 'replace', path: '/data/new', value: 'x' }]);
      expect(code).toBe(200);
      expect(body.data).toEqual({ key: 'value', new: 'x' });
    });

    it('JSON: a member that is not there tests as null', async () => {
      const { api, path } = await start();
      const { code } = await api.jsonPatch(path, [{ op: 'test', path: '/data/new', value: null }]);
      expect(code).toBe(200);
    });

    it('JSON: negative indices count from the end', async () => {
      const { api, path } = await start();
      const { body } = await api.jsonPatch(path, [{ op: 'remove', path: '/metadata/finalizers/-1' }]);
      expect(body.metadata.finalizers).toEqual(['example.com/a']);
    });

    it.each<[string, Json]>([
      ['a path that is not there', [{ op: 'remove', path: '/data/new' }]],
      ['a test that does not hold', [{ op: 'test', path: '/data/key', value: 'x' }]],
      ['an operation that there is not', [{ op: 'turn', path: '/data' }]],
      ['a pointer without its slash', [{ op: 'add', path: 'data', value: {} }]],
      ['an operation without a path', [{ op: 'add', value: {} }]],
    ])('JSON: %s is refused without saying why', async (_name, patch) => {
      const { api, path } = await start();
      expect((await api.jsonPatch(path, patch)).body).toEqual({
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message: 'the server rejected our request due to an error in our request',
        reason: 'Invalid',
        details: {},
        code: 422,
      });
    });

    it('JSON: what is no list of operations cannot be decoded', async () => {
      const { api, path } = await start();
      const { code, body } = await api.jsonPatch(path, { op: 'add' });
      expect(code).toBe(400);
      expect(body.message).toBe(
        'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp',
      );
    });

    it('merge: what is no object cannot be decoded', async () => {
      const { api, path } = await start();
      const { code, body } = await api.merge(path, 7);
      expect(code).toBe(400);
      expect(body.message).toBe(
        'error decoding patch: json: cannot unmarshal number into Go value of type map[string]interface {}',
      );
    });

    it('a result that does not fit the kind is a wrong patch, not a wrong body', async () => {
      const { api, path } = await start();
      for (const answer of [
        await api.merge(path, { data: { key: 1 } }),
        await api.jsonPatch(path, [{ op: 'add', path: '/data/key', value: 1 }]),
        await api.strategic(path, { data: { key: 1 } }),
      ]) {
        expect(answer.body).toMatchObject({
          code: 422,
          reason: 'Invalid',
          message: expect.stringMatching(/^ "" is invalid: patch: Invalid value: /),
          details: { causes: [{ reason: 'FieldValueInvalid', field: 'patch' }] },
        });
      }
    });

    it('strategic: what upstream has no status for is an internal error', async () => {
      const { api, freshNamespace } = get();
      const path = `/apis/apps/v1/namespaces/${await freshNamespace()}/deployments`;
      await api.create(path, deployment('one'));
      const nameless = { spec: { template: { spec: { containers: [{ image: 'x' }] } } } };
      expect((await api.strategic(`${path}/one`, nameless)).body).toEqual({
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message: 'map: map[image:x] does not contain declared merge key: name',
        code: 500,
      });
      expect((await api.strategic(`${path}/one`, { spec: { $patch: 'turn' } })).body).toMatchObject({
        code: 500,
        message: 'unknown patch type: turn in map: map[$patch:turn]',
      });
    });

    it('strategic: a patch with fields that $retainKeys does not list is malformed', async () => {
      const { api, path } = await start();
      const { code, body } = await api.strategic(path, { $retainKeys: ['kind'], data: { key: 'x' } });
      expect(code).toBe(400);
      expect(body.message).toBe('invalid patch format of retainKeys');
    });
  });
}
