import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeDocument, strictDecodingError } from './decode-document.ts';
import type { DocumentFormat } from './document-source.ts';

const into = { group: '', version: 'v1', kind: 'ConfigMap' };
const decode = (text: string, format: DocumentFormat = 'json') =>
  decodeDocument(Buffer.from(text), { format, into, strict: true });

test('decodeDocument() fills in a kind and version that the document leaves out', () => {
  const { object } = decode('{"metadata":{"name":"x"}}');
  assert.deepEqual(object, { metadata: { name: 'x' }, apiVersion: 'v1', kind: 'ConfigMap' });
  const { kind } = decodeDocument(Buffer.from('{"apiVersion":"autoscaling/v1"}'), {
    format: 'json',
    into: { group: 'autoscaling', version: 'v2', kind: 'HorizontalPodAutoscaler' },
    strict: false,
  });
  assert.equal(kind.version, 'v1');
});

const refused: readonly (readonly [text: string, message: string, format?: DocumentFormat])[] = [
  [
    '',
    `the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: unexpected end of JSON input (<empty>)`,
  ],
  [
    '[]',
    `the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: json: cannot unmarshal array into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" } (5b5d)`,
  ],
  [
    '{"kind":1}',
    `the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: json: cannot unmarshal number into Go struct field .kind of type string ({"kind":1})`,
  ],
  [
    '{"apiVersion":"a/b/c"}',
    'the object provided is unrecognized (must be of type ConfigMap): unexpected GroupVersion string: a/b/c ({"apiVersion":"a/b/c"})',
  ],
  [
    '{"apiVersion":"v1","kind":"Confmap"}',
    'Confmap in version "v1" cannot be handled as a ConfigMap: no kind "Confmap" is registered for version "v1" in scheme "pkg/api/legacyscheme/scheme.go:30"',
  ],
  [
    '{"apiVersion":"v1","kind":"Secret"}',
    'Secret in version "v1" cannot be handled as a ConfigMap: converting (v1.Secret) to (core.ConfigMap): unknown conversion',
  ],
  [
    '{"data":["a"]}',
    'ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal array into Go struct field ConfigMap.data of type map[string]string',
  ],
  [
    'a: [1\nb',
    `the object provided is unrecognized (must be of type ConfigMap): yaml: line 2: did not find expected ',' or ']' (613a205b310a62)`,
    'yaml',
  ],
  [
    '{}',
    'the object provided is unrecognized (must be of type ConfigMap): provided data does not appear to be a protobuf message, expected prefix [107 56 115 0] ({})',
    'protobuf',
  ],
  ['', 'the object provided is unrecognized (must be of type ConfigMap): empty data (<empty>)', 'protobuf'],
  [
    'k8s\0',
    'the object provided is unrecognized (must be of type ConfigMap): empty body (6b387300)',
    'protobuf',
  ],
  [
    'hello',
    `the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: json: cannot unmarshal string into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" } (68656c6c6f)`,
    'yaml',
  ],
];

test('decodeDocument() refuses in the words of upstream', () => {
  for (const [text, message, format] of refused) {
    assert.throws(() => decode(text, format), { name: 'StatusError', code: 400, message }, text);
  }
});

test('strictDecodingError() names all strict errors', () => {
  const document = decode('{"metadata":{"nam":1},"x":1}');
  assert.equal(
    strictDecodingError(document, into).message,
    'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "metadata.nam", unknown field "x"',
  );
});

test('decodeDocument() reads what says nothing as an object with nothing in it', () => {
  const empty = { apiVersion: 'v1', kind: 'ConfigMap' };
  for (const [text, format] of [
    ['null', 'json'],
    ['', 'yaml'],
    ['{}', 'json'],
  ] as const) {
    const { metadata: _, ...object } = decode(text, format).object;
    assert.deepEqual(object, empty, text);
  }
});

test('decodeDocument() decodes the kind that a document names before it looks at the one that is wanted', () => {
  assert.throws(() => decode('{"apiVersion":"v1","kind":"Secret","metadata":{"name":1}}'), {
    message:
      'Secret in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ObjectMeta.metadata.name of type string',
  });
  const events = { group: 'events.k8s.io', version: 'v1', kind: 'Event' };
  const core = decodeDocument(Buffer.from('{"apiVersion":"v1","kind":"Event"}'), {
    format: 'json',
    into: events,
    strict: true,
  });
  assert.equal(core.object.apiVersion, 'v1');
});

test('decodeDocument() knows no kinds of groups that upstream registers apart', () => {
  const definition = { group: 'apiextensions.k8s.io', version: 'v1', kind: 'CustomResourceDefinition' };
  assert.throws(
    () =>
      decodeDocument(Buffer.from('{"apiVersion":"v1","kind":"Pod"}'), {
        format: 'json',
        into: definition,
        strict: true,
      }),
    /^StatusError: Pod in version "v1" cannot be handled as a CustomResourceDefinition: no kind "Pod" is registered for version "v1" in scheme "k8s\.io\/apiextensions-apiserver\//,
  );
});

test('decodeDocument() reads versions that are served no more, each with the kinds that it had', () => {
  const decodeAs = (apiVersion: string, kind: string) =>
    decodeDocument(Buffer.from(JSON.stringify({ apiVersion, kind })), {
      format: 'json',
      into: { group: 'apps', version: 'v1', kind },
      strict: true,
    });
  assert.equal(decodeAs('apps/v1beta1', 'Deployment').object.apiVersion, 'apps/v1beta1');
  assert.equal(decodeAs('apps/v1beta2', 'DaemonSet').object.apiVersion, 'apps/v1beta2');
  assert.throws(() => decodeAs('apps/v1beta1', 'DaemonSet'), {
    message:
      'DaemonSet in version "v1beta1" cannot be handled as a DaemonSet: no kind "DaemonSet" is registered for version "apps/v1beta1" in scheme "pkg/api/legacyscheme/scheme.go:30"',
  });
});
