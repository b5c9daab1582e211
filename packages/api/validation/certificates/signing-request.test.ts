import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KubeObject } from '@coxswain/machinery';
import { createCertificateRequest, decodePem, encodePem, generateKey } from '@coxswain/pki';
import {
  prepareForSubresourceUpdate,
  validateCreate,
  validateSubresourceUpdate,
} from '../../strategy/strategy.ts';
import { changed, created, factOf, now, texts } from '../../strategy/test-objects.ts';
import type { Json } from '../values.ts';
import { requestProblem } from './request-problem.ts';

const fact = factOf('certificates.k8s.io/v1', 'CertificateSigningRequest');
const pem = createCertificateRequest(generateKey(), { commonName: 'a' });
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const wrapped = (der: Buffer): string => base64(encodePem('CERTIFICATE REQUEST', der));

const request = (spec: Json, metadata: Json = {}): KubeObject =>
  created(
    'certificates.k8s.io/v1',
    'CertificateSigningRequest',
    { spec: { request: base64(pem), signerName: 'example.com/a', usages: ['client auth'], ...spec } },
    metadata,
  );

describe('requestProblem()', () => {
  const der = decodePem(pem)[0]!.der;
  const forged = Buffer.from(der);
  // the last byte of the common name, which is the last of the subject's text
  forged[forged.indexOf(Buffer.from('\x0c\x01a')) + 2] = 'b'.charCodeAt(0);

  const cases: readonly (readonly [what: string, text: string, problem: string | undefined])[] = [
    ['a signed request', base64(pem), undefined],
    ['no PEM', base64('no'), 'PEM block type must be CERTIFICATE REQUEST'],
    [
      'a block of another type',
      base64(encodePem('CERTIFICATE', der)),
      'PEM block type must be CERTIFICATE REQUEST',
    ],
    ['a request that another key signed', wrapped(forged), 'x509: ECDSA verification failure'],
    [
      'a request that ends early',
      wrapped(der.subarray(0, der.length - 1)),
      'asn1: syntax error: data truncated',
    ],
    [
      'a request and more',
      wrapped(Buffer.concat([der, Buffer.from([0])])),
      'asn1: syntax error: trailing data',
    ],
    [
      'a text',
      wrapped(Buffer.from('hello')),
      "asn1: structure error: tags don't match (16 vs {class:1 tag:8 length:101 isCompound:true}) {optional:false explicit:false application:false private:false defaultValue:<nil> tag:<nil> stringType:0 timeType:0 set:false omitEmpty:false} certificateRequest @2",
    ],
  ];
  for (const [what, text, problem] of cases) {
    it(`gives ${problem === undefined ? 'nothing' : `"${problem.slice(0, 50)}"`} for ${what}`, () => {
      assert.equal(requestProblem(text), problem);
    });
  }
});

describe('validateSigningRequest()', () => {
  it('finds usages twice, usages that are none, and the signer of old', () => {
    const usages = ['client auth', 'client auth', 'odd'];
    assert.deepEqual(
      validateCreate(fact, request({ usages, signerName: 'kubernetes.io/legacy-unknown' })).map(
        ({ field, type }) => `${field} ${type}`,
      ),
      [
        'spec.usages[2] FieldValueNotSupported',
        'spec.usages[1] FieldValueDuplicate',
        'spec.signerName FieldValueInvalid',
      ],
    );
  });

  it('leaves names to the check of all objects, which comes last', () => {
    assert.deepEqual(texts(validateCreate(fact, request({}, { name: 'A_b' }))), []);
    assert.deepEqual(texts(validateCreate(fact, request({}, { name: 'a%b' }))), [
      'metadata.name: Invalid value: "a%b": may not contain \'%\'',
    ]);
    assert.deepEqual(texts(validateCreate(fact, request({ usages: [] }, { name: 'a%b' }))), [
      'spec.usages: Required value',
    ]);
  });
});

describe('validateSigningRequestUpdate()', () => {
  const approved = {
    type: 'Approved',
    status: 'True',
    reason: 'r',
    lastUpdateTime: now,
    lastTransitionTime: now,
  };
  const update = (old: KubeObject, subresource: string, change: (copy: KubeObject) => void) => {
    const next = changed(old, change);
    prepareForSubresourceUpdate(fact, subresource, next, old, { now });
    return { next, faults: texts(validateSubresourceUpdate(fact, subresource, next, old)) };
  };

  it('keeps decisions as they are when the status is written', () => {
    const old = { ...request({}), status: { conditions: [approved] } };
    const { next, faults } = update(old, 'status', (copy) => {
      copy['status'].conditions = [{ type: 'Approved', status: 'True', reason: 'mine' }];
    });
    assert.deepEqual(faults, []);
    assert.deepEqual(next['status'].conditions, [approved]);
  });

  it('tolerates what was stored: both decisions, unknown usages', () => {
    const both = [approved, { ...approved, type: 'Denied' }];
    const old = { ...request({ usages: ['odd', 'odd'] }), status: { conditions: both } };
    const { faults } = update(old, 'approval', (copy) => {
      copy['status'].conditions.push({ type: 'Other', status: 'Unknown' });
    });
    assert.deepEqual(faults, []);
  });

  it('says what is no certificate', () => {
    const { faults } = update(request({}), 'status', (copy) => {
      copy['status'] = { certificate: base64(encodePem('CERTIFICATE REQUEST', Buffer.from('x'))) };
    });
    assert.deepEqual(faults, [
      'status.certificate: Invalid value: "<certificate data>": only CERTIFICATE PEM blocks are allowed, found "CERTIFICATE REQUEST"',
    ]);
  });
});
