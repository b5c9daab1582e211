import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FieldPath, type ObjectMeta } from '@coxswain/machinery';
import { dnsLabelName, dnsSubdomainName, pathSegmentName } from './names.ts';
import {
  validateAnnotations,
  validateObjectMeta,
  validateObjectMetaUpdate,
  validateTemplateObjectMeta,
  validateUpdatedMeta,
} from './object-meta.ts';
import type { Errors } from './values.ts';

const rules = { namespaced: true, name: dnsSubdomainName, standardFinalizers: true };

function create(meta: ObjectMeta, changes: Partial<typeof rules> = {}): string[] {
  const errs: Errors = [];
  validateObjectMeta(errs, meta, { ...rules, ...changes });
  return errs.map((e) => `${e.field}: ${e.message.split(': ').slice(0, 2).join(': ')}`);
}

function update(meta: ObjectMeta, old: ObjectMeta): string[] {
  const errs: Errors = [];
  validateObjectMetaUpdate(errs, meta, old);
  return errs.map((e) => `${e.field}: ${e.message}`);
}

describe('validateObjectMeta()', () => {
  it('accepts a name with dots and a namespace', () => {
    assert.deepEqual(create({ name: 'a.b', namespace: 'ns', labels: { 'a.b/c': 'd' } }), []);
  });

  it('wants a name and a namespace', () => {
    assert.deepEqual(create({}), [
      'metadata.name: Required value: name or generateName is required',
      'metadata.namespace: Required value',
    ]);
  });

  it('forbids a namespace on cluster-scoped kinds', () => {
    const found = create({ name: 'a', namespace: 'ns' }, { namespaced: false });
    assert.deepEqual(found, ['metadata.namespace: Forbidden: not allowed on this type']);
  });

  it('accepts a generateName that ends with a dash', () => {
    assert.deepEqual(create({ name: 'a-x', generateName: 'a-', namespace: 'ns' }), []);
    assert.equal(create({ name: 'a-', namespace: 'ns' }).length, 1);
  });

  it('asks the rule of the kind', () => {
    assert.deepEqual(create({ name: 'a.b', namespace: 'ns' }, { name: dnsLabelName }), [
      'metadata.name: Invalid value: "a.b"',
    ]);
    assert.deepEqual(create({ name: 'system:a', namespace: 'ns' }, { name: pathSegmentName }), []);
  });

  it('accepts unqualified finalizers only when they are the known ones', () => {
    assert.deepEqual(create({ name: 'a', namespace: 'ns', finalizers: ['orphan', 'a.b/c'] }), []);
    const meta = { name: 'a', namespace: 'ns', finalizers: ['mine'] };
    assert.deepEqual(create(meta), ['metadata.finalizers[0]: Invalid value: "mine"']);
    assert.deepEqual(create(meta, { standardFinalizers: false }), []);
  });

  it('refuses a second controller among the owners', () => {
    const owner = { apiVersion: 'v1', kind: 'Pod', uid: 'u', controller: true };
    const ownerReferences = [
      { ...owner, name: 'a' },
      { ...owner, name: 'b' },
    ];
    const errs: Errors = [];
    validateObjectMeta(errs, { name: 'a', namespace: 'ns', ownerReferences }, rules);
    assert.equal(errs.length, 1);
    assert.match(errs[0]!.message, /Found "true" in references for Pod\/a and Pod\/b$/);
  });
});

describe('validateObjectMetaUpdate()', () => {
  const old: ObjectMeta = { name: 'a', uid: 'u', resourceVersion: '1', generation: 3 };

  it('accepts the same metadata again', () => {
    assert.deepEqual(update({ ...old, labels: { a: 'b' } }, old), []);
  });

  it('keeps identity and age', () => {
    assert.deepEqual(update({ ...old, uid: 'v', creationTimestamp: 't' }, old), [
      'metadata.uid: Invalid value: "v": field is immutable',
      'metadata.creationTimestamp: Invalid value: "t": field is immutable',
    ]);
  });

  it('wants a resource version and no step back in generations', () => {
    const { resourceVersion: _, ...rest } = old;
    assert.deepEqual(update({ ...rest, generation: 2 }, old), [
      'metadata.resourceVersion: Invalid value: "": must be specified for an update',
      'metadata.generation: Invalid value: 2: must not be decremented',
    ]);
  });

  it('forbids new finalizers once the object is being deleted', () => {
    const deleted = { ...old, deletionTimestamp: 't', finalizers: ['a/b'] };
    const found = update({ ...deleted, finalizers: ['a/b', 'z/z', 'c/d'] }, deleted);
    assert.equal(found.length, 1);
    assert.match(found[0]!, /found new finalizers \[\]string\{"c\/d", "z\/z"\}$/);
  });
});

describe('validateAnnotations()', () => {
  it('counts the bytes of all keys and values', () => {
    const errs: Errors = [];
    const path = FieldPath.root('metadata', 'annotations');
    validateAnnotations(errs, { a: 'x'.repeat(256 * 1024 - 1) }, path);
    assert.equal(errs.length, 0);
    validateAnnotations(errs, { a: 'x'.repeat(256 * 1024) }, path);
    assert.equal(errs[0]?.message, 'Too long: may not be more than 262144 bytes');
  });
});

describe('validateTemplateObjectMeta()', () => {
  it('allows labels and annotations, nothing else', () => {
    const errs: Errors = [];
    validateTemplateObjectMeta(errs, { labels: { a: 'b' }, name: 'x' }, FieldPath.root('m'));
    assert.deepEqual(
      errs.map((e) => `${e.field}: ${e.message}`),
      ['m.name: Forbidden: cannot be set'],
    );
  });
});

describe('validateUpdatedMeta()', () => {
  const old: ObjectMeta = { name: 'a', namespace: 'n', uid: 'u', resourceVersion: '1' };
  const cases: readonly (readonly [what: string, change: Partial<ObjectMeta>, fields: readonly string[]])[] =
    [
      ['nothing where nothing is wrong', { labels: { a: 'b' }, finalizers: ['a/b'] }, []],
      [
        'a bad label twice: as of a new object, and as of a change',
        { labels: { '-': 'x' } },
        ['labels', 'labels'],
      ],
      ['a bad finalizer, which the check of changes lets pass', { finalizers: ['-'] }, ['finalizers']],
      ['what may not change once', { uid: 'v' }, ['uid']],
    ];
  for (const [what, change, fields] of cases) {
    it(`tells of ${what}`, () => {
      const errs: Errors = [];
      validateUpdatedMeta(errs, { ...old, ...change }, old, { namespaced: true });
      assert.deepEqual(
        errs.map((e) => e.field),
        fields.map((field) => `metadata.${field}`),
      );
    });
  }
});
