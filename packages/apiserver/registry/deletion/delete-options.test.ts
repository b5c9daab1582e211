import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiRequest } from '../context.ts';
import { parseDeleteOptions } from './delete-options.ts';

const parse = (
  query: Record<string, string>,
  body?: { text: string; contentType?: string },
  verb = 'delete',
) =>
  parseDeleteOptions({
    verb,
    query,
    dryRun: query['dryRun'] === undefined ? [] : [query['dryRun']],
    body:
      body === undefined
        ? undefined
        : { bytes: Buffer.from(body.text), contentType: body.contentType ?? 'application/json' },
  } as unknown as ApiRequest);

test('parseDeleteOptions() takes preconditions from the query', () => {
  assert.deepEqual(parse({ uid: 'u', resourceVersion: '5' }).preconditions, {
    uid: 'u',
    resourceVersion: '5',
  });
  assert.deepEqual(parse({ uid: '' }).preconditions, {});
});

test('parseDeleteOptions() takes a body in place of the query', () => {
  const options = parse(
    { gracePeriodSeconds: 'x' },
    { text: '{"apiVersion":"apps/v1","kind":"DeleteOptions","gracePeriodSeconds":-3,"more":1}' },
  );
  assert.equal(options.gracePeriodSeconds, 1);
  const yaml = parse({}, { text: 'propagationPolicy: Orphan', contentType: 'application/yaml' });
  assert.equal(yaml.propagationPolicy, 'Orphan');
});

const refused: readonly (readonly [text: string, code: number, message: RegExp])[] = [
  ['{', 400, /^couldn't get version\/kind; json parse error: unexpected end of JSON input$/],
  ['[]', 400, /^couldn't get version\/kind; json parse error: json: cannot unmarshal array into Go value/],
  [
    '{"gracePeriodSeconds":"x"}',
    400,
    /^json: cannot unmarshal string into Go struct field DeleteOptions\.gracePeriodSeconds of type int64$/,
  ],
  ['{"kind":"Pod"}', 400, /^no kind "Pod" is registered for version "meta\.k8s\.io\/v1" in scheme "/],
  [
    '{"kind":"ListOptions","apiVersion":"v1"}',
    400,
    /^no kind "ListOptions" is registered for version "v1" in scheme "/,
  ],
  [
    '{"kind":"Status","apiVersion":"v1"}',
    400,
    /^converting \(v1\.Status\) to \(v1\.DeleteOptions\): unknown conversion$/,
  ],
  [
    '{"kind":"Table","apiVersion":"meta.k8s.io/v1beta1"}',
    400,
    /^converting \(v1beta1\.Table\) to \(v1\.DeleteOptions\): unknown conversion$/,
  ],
  [
    '{"kind":"Pod","apiVersion":"v1"}',
    400,
    /^no kind "Pod" is registered for version "v1" in scheme "k8s\.io\/apimachinery\/pkg\/apis\/meta\/internalversion\/scheme\/register\.go:27"$/,
  ],
];

test('parseDeleteOptions() refuses in the words of upstream', () => {
  for (const [text, code, message] of refused)
    assert.throws(() => parse({}, { text }), { code, message }, text);
  assert.throws(() => parse({}, { text: 'x', contentType: 'text/plain' }), { code: 415 });
  assert.throws(() => parse({ gracePeriodSeconds: '' }), {
    code: 400,
    message: 'strconv.ParseInt: parsing "": invalid syntax',
  });
});

test('parseDeleteOptions() ignores the wish to delete what cannot be read, which is off by default', () => {
  const ignore = { ignoreStoreReadErrorWithClusterBreakingPotential: 'true', dryRun: 'All' };
  for (const verb of ['delete', 'deletecollection'])
    assert.equal(parse(ignore, undefined, verb).dryRun, true);
});
