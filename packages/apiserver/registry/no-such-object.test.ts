import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiRequest } from './context.ts';
import { noSuchObject } from './no-such-object.ts';

const cases: readonly (readonly [name: string, code: number, message: string])[] = [
  ['a', 404, 'widgets.example.com "a" not found'],
  ['a"\u0000', 404, 'widgets.example.com "a\\"\\x00" not found'],
  ['.', 400, `Name parameter invalid: ".": may not be '.'`],
  ['..', 400, `Name parameter invalid: "..": may not be '..'`],
  ['a/b', 400, `Name parameter invalid: "a/b": may not contain '/'`],
  ['%/', 400, `Name parameter invalid: "%/": may not contain '/';may not contain '%'`],
];

for (const [name, code, message] of cases) {
  test(`noSuchObject() says ${code} of ${JSON.stringify(name)}`, () => {
    const groupResource = { group: 'example.com', resource: 'widgets' };
    const error = noSuchObject({ resource: { groupResource }, name } as unknown as ApiRequest);
    assert.equal(error.code, code);
    assert.equal(error.message, message);
  });
}
