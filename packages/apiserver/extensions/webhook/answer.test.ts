import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { reviewOf } from './answer.ts';
import { admissionScheme } from './review-scheme.ts';

const wanted = { group: 'admission.k8s.io', version: 'v1', kind: 'AdmissionReview' };
const typeMeta =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';
const scheme = 'in scheme "k8s.io/apiserver/pkg/util/webhook/client.go:71"';
const review = (response: object, more: object = {}) =>
  JSON.stringify({ kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1', response, ...more });

const read = (body: string, status = 200, contentType = 'application/json') =>
  reviewOf({ status, contentType, retryAfter: '', body: Buffer.from(body) }, wanted, admissionScheme());

type Fault = readonly [body: string, told: string, status?: number, contentType?: string];

const faults: readonly Fault[] = [
  ['', '0-length response with status code: 200 and content type: application/json'],
  [
    'nope',
    `couldn't get version/kind; json parse error: json: cannot unmarshal string into Go value of type ${typeMeta}`,
  ],
  ['{"kind"', "couldn't get version/kind; json parse error: unexpected end of JSON input"],
  [
    `${review({})}x`,
    "couldn't get version/kind; json parse error: invalid character 'x' after top-level value",
  ],
  [review({}, { kind: 'Foo' }), `no kind "Foo" is registered for version "admission.k8s.io/v1" ${scheme}`],
  [review({}, { apiVersion: 'v1' }), `no kind "AdmissionReview" is registered for version "v1" ${scheme}`],
  [review({}, { apiVersion: 'a/b/c' }), 'unexpected GroupVersion string: a/b/c'],
  [
    review({}, { apiVersion: 'admission.k8s.io/v1beta1' }),
    'converting (v1beta1.AdmissionReview) to (v1.AdmissionReview): unknown conversion',
  ],
  [
    '{"kind":"Status","apiVersion":"v1","status":"Failure"}',
    'converting (v1.Status) to (v1.AdmissionReview): unknown conversion',
  ],
  [
    review({ allowed: 'true' }),
    'json: cannot unmarshal string into Go struct field AdmissionResponse.response.allowed of type bool',
  ],
  [
    review({ status: { code: '403' } }),
    'json: cannot unmarshal string into Go struct field Status.response.status.code of type int32',
  ],
  [
    review({ uid: 4 }),
    'json: cannot unmarshal number into Go struct field AdmissionResponse.response.uid of type types.UID',
  ],
  [review({ patch: '%%%' }), 'illegal base64 data at input byte 0'],
  [
    review([]),
    'json: cannot unmarshal array into Go struct field AdmissionReview.response of type v1.AdmissionResponse',
  ],
  ['oops', 'an error on the server ("oops") has prevented the request from succeeding', 502, 'text/plain'],
  ['{"a":1}', 'an error on the server ("unknown") has prevented the request from succeeding', 500],
  ['oops', 'oops', 415, 'text/plain'],
  ['', 'the server could not find the requested resource', 404, 'text/html'],
  ['{"kind":"Status","apiVersion":"v1","status":"Failure","message":"I fail","code":400}', 'I fail', 400],
  [review({}), 'Internal error occurred: mime: expected token after slash', 200, 'text/'],
  [review({}), 'Internal error occurred: mime: no media type', 200, '///'],
];

describe('reviewOf() refuses', () => {
  for (const [body, told, status, contentType] of faults) {
    test(`${status ?? 200} ${body}`, () => {
      assert.throws(() => read(body, status, contentType), { message: told });
    });
  }
});

test('reviewOf() takes a review whatever its media type, in YAML too', () => {
  const text = 'kind: AdmissionReview\nresponse: {uid: x, allowed: true}\n';
  assert.deepEqual(read(text, 201, 'text/plain')['response'], { uid: 'x', allowed: true });
});
