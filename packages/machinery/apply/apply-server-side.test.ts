import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject, ManagedFieldsEntry } from '../meta.ts';
import type { StatusError } from '../status-error.ts';
import { type ApplyRequest, applyServerSide } from './apply-server-side.ts';
import { lastAppliedAnnotation } from './last-applied.ts';
import { newWidget, widget } from './testing-types.ts';
import { trackUpdate } from './track-update.ts';

const noon = '2026-01-01T12:00:00Z';

function apply(
  live: KubeObject | undefined,
  manager: string,
  applied: object,
  rest: Partial<ApplyRequest> = {},
): KubeObject {
  return applyServerSide({
    type: widget,
    kind: 'Widget',
    apiVersion: 'v1',
    time: noon,
    force: false,
    live,
    manager,
    applied,
    ...rest,
  });
}

function refusal(action: () => unknown): StatusError {
  try {
    action();
  } catch (error) {
    return error as StatusError;
  }
  throw new Error('expected a refusal');
}

function managers(object: KubeObject): (string | undefined)[] {
  return (object.metadata.managedFields ?? []).map((e) => e.manager);
}

const base = apply(
  undefined,
  'base',
  newWidget({ spec: { replicas: 1, containers: [{ name: 'a', image: '1' }] } }),
);

test('applyServerSide() merges lists by key and shares equal values', () => {
  const both = apply(base, 'side', newWidget({ spec: { replicas: 1, containers: [{ name: 'b' }] } }));
  assert.deepEqual(both['spec'].containers, [{ name: 'a', image: '1' }, { name: 'b' }]);
  assert.deepEqual(managers(both), ['base', 'side']);
});

test('applyServerSide() removes what its manager leaves out and nobody else owns', () => {
  const both = apply(base, 'side', newWidget({ spec: { containers: [{ name: 'b' }], replicas: 1 } }));
  const less = apply(both, 'side', newWidget({}));
  assert.deepEqual(less['spec'], { replicas: 1, containers: [{ name: 'a', image: '1' }] });
  assert.deepEqual(managers(less), ['base']);
});

test('applyServerSide() leaves what became empty to who owns it as such', () => {
  const applied = apply(undefined, 'a', newWidget({}, { labels: { app: 'web' } }));
  const owner: ManagedFieldsEntry = {
    manager: 'b',
    operation: 'Update',
    apiVersion: 'v1',
    time: noon,
    fieldsType: 'FieldsV1',
    fieldsV1: { 'f:metadata': { 'f:labels': {} } },
  };
  const managedFields = [...(applied.metadata.managedFields ?? []), owner];
  const less = apply({ ...applied, metadata: { ...applied.metadata, managedFields } }, 'a', newWidget({}));
  assert.deepEqual(less.metadata, { name: 'w', managedFields: [owner] });
});

test('applyServerSide() removes an item with the defaults in it', () => {
  const defaulted = {
    ...base,
    spec: { ...base['spec'], containers: [{ name: 'a', image: '1', args: ['default'] }] },
  };
  assert.deepEqual(apply(defaulted, 'base', newWidget({ spec: { replicas: 1 } }))['spec'], { replicas: 1 });
});

test('applyServerSide() changes nothing when applied again', () => {
  const again = apply(
    base,
    'base',
    newWidget({ spec: { replicas: 1, containers: [{ name: 'a', image: '1' }] } }),
    {
      time: '2027-01-01T00:00:00Z',
    },
  );
  assert.deepEqual(again, base);
});

test('applyServerSide() names every conflict, and takes over by force', () => {
  const change = newWidget({ spec: { replicas: 2, containers: [{ name: 'a', image: '2' }] } });
  const { status } = refusal(() => apply(base, 'other', change));
  assert.equal(status.code, 409);
  assert.equal(
    status.message,
    'Apply failed with 2 conflicts: conflicts with "base":\n- .spec.replicas\n- .spec.containers[name="a"].image',
  );
  assert.deepEqual(status.details?.causes?.[1], {
    reason: 'FieldManagerConflict',
    message: 'conflict with "base"',
    field: '.spec.containers[name="a"].image',
  });
  const forced = apply(base, 'other', change, { force: true });
  assert.equal(forced['spec'].replicas, 2);
  assert.deepEqual(managers(forced), ['base', 'other']);
});

test('applyServerSide() says which version and subresource an updater wrote', () => {
  const edited = trackUpdate({
    type: widget,
    manager: 'edit',
    apiVersion: 'v1',
    subresource: 'status',
    time: noon,
    live: base,
    updated: { ...base, data: { k: 'v' } },
  });
  const { message } = refusal(() => apply(edited, 'x', newWidget({ data: { k: 'w' } })));
  assert.equal(
    message,
    'Apply failed with 1 conflict: conflict with "edit" with subresource "status" using v1: .data.k',
  );
});

test('applyServerSide() records what was there before the first apply', () => {
  const bare = newWidget({ data: { k: 'v' } }, { uid: 'u' });
  const applied = apply(bare, 'x', newWidget({ data: { j: '1' } }));
  assert.deepEqual(managers(applied), ['x', 'before-first-apply']);
});

test('applyServerSide() refuses what does not fit the schema', () => {
  const text = (applied: object): string => refusal(() => apply(base, 'x', applied)).message;
  const head = 'failed to create typed patch object (/w; /v1, Kind=Widget): ';
  assert.equal(text(newWidget({ bogus: 1 })), `${head}.bogus: field not declared in schema`);
  assert.equal(text(newWidget({ bogus: 1, wrong: 2 })), `${head}.bogus: field not declared in schema`);
  assert.equal(
    text(newWidget({}, { name: { a: 1 } })),
    `${head.replace('/w', '/')}.metadata.name: expected string, got &value.valueUnstructured{Value:map[string]interface {}{"a":1}}`,
  );
  assert.equal(
    text(newWidget({ spec: { replicas: 'x' } })),
    `${head}.spec.replicas: expected numeric (int or float), got string`,
  );
  const twice = newWidget({ spec: { containers: [{ name: 'q' }, { name: 'q' }] } });
  assert.equal(text(twice), `${head}.spec.containers: duplicate entries for key [name="q"]`);
  assert.equal(
    text(newWidget({ spec: { containers: 'x' } })),
    `${head}.spec.containers: expected list, got &{x}`,
  );
  assert.equal(text({ metadata: {} }), 'invalid object type: /, Kind=');
  assert.equal(text({ apiVersion: { a: 1 }, kind: [], metadata: {} }), 'invalid object type: /, Kind=');
  assert.equal(text(newWidget({}, { managedFields: [] })), 'metadata.managedFields must be nil');
});

test('applyServerSide() lets kubectl take over what it had applied from the client', () => {
  const config = newWidget({ data: { k: 'v' } });
  const annotations = { [lastAppliedAnnotation]: JSON.stringify(config) };
  const live = trackUpdate({
    type: widget,
    manager: 'kubectl-client-side-apply',
    apiVersion: 'v1',
    time: noon,
    live: undefined,
    updated: newWidget({ data: { k: 'v' } }, { annotations }),
  });
  const applied = apply(live, 'kubectl', newWidget({ data: { k: 'w' } }));
  assert.equal(applied['data'].k, 'w');
  const kept = applied.metadata.annotations?.[lastAppliedAnnotation];
  assert.equal(kept, '{"apiVersion":"v1","data":{"k":"w"},"kind":"Widget","metadata":{"name":"w"}}\n');
  assert.equal(refusal(() => apply(live, 'other', newWidget({ data: { k: 'w' } }))).status.code, 409);
});

test('applyServerSide() converts to the version that a manager wrote', () => {
  const other = {
    ...base,
    metadata: {
      ...base.metadata,
      managedFields: base.metadata.managedFields?.map((e) => ({ ...e, apiVersion: 'v2' })) ?? [],
    },
  };
  const asked: string[] = [];
  const forced = apply(other, 'x', newWidget({ spec: { replicas: 5 } }), {
    force: true,
    toVersion: (object, apiVersion) => {
      asked.push(apiVersion);
      return apiVersion === 'v2' ? { object, type: widget } : undefined;
    },
  });
  assert.deepEqual(new Set(asked), new Set(['v2']));
  assert.equal(forced['spec'].replicas, 5);
});
