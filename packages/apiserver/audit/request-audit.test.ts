import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { KubeObject } from '@coxswain/machinery';
import type { AuditEvent } from './event.ts';
import { RequestAudit } from './request-audit.ts';

describe('RequestAudit', () => {
  /** The annotations of a request that takes that long, and waits here and there. */
  function annotationsAfter(ms: number, verb = 'get'): AuditEvent['annotations'] {
    const sent: AuditEvent[] = [];
    let now = 1_000_000;
    const audit = new RequestAudit(
      {
        now: () => now,
        evaluate: () => ({
          level: 'Metadata',
          omitStages: new Set(['RequestReceived']),
          omitManagedFields: false,
        }),
        send: (event) => sent.push(event) > 0,
        rejected: () => {},
      },
      { auditID: 'id', requestURI: '/', sourceIPs: [], userAgent: '' },
    );
    audit.authenticated({
      user: { name: 'alice', groups: [] },
      verb,
      resourceRequest: false,
      path: '/',
      group: '',
      version: '',
      resource: '',
      subresource: '',
      namespace: '',
      name: '',
    });
    audit.spent('apf-queue-wait', 20);
    audit.spent('mutating-webhook', 100);
    audit.spent('mutating-webhook', 50.5);
    audit.spent('validating-webhook', 70);
    audit.spent('validating-webhook', 0.0301);
    audit.spent('authorization', 0);
    now += ms;
    audit.ended(200);
    return sent[0]?.annotations;
  }

  test('tells of a slow request how long it took and what for', () => {
    assert.deepEqual(annotationsAfter(1501), {
      'apiserver.latency.k8s.io/total': '1.501s',
      'apiserver.latency.k8s.io/apf-queue-wait': '20ms',
      'apiserver.latency.k8s.io/mutating-webhook': '150.5ms',
      'apiserver.latency.k8s.io/validating-webhook': '70ms',
    });
  });

  test('tells nothing of the kind of others', () => {
    assert.equal(annotationsAfter(500), undefined);
    assert.equal(annotationsAfter(1501, 'watch'), undefined);
  });

  test('shows objects as Go writes them', () => {
    const shown = (object: object, isCustom: boolean): string | undefined => {
      const sent: AuditEvent[] = [];
      const audit = new RequestAudit(
        {
          now: () => 0,
          evaluate: () => ({ level: 'Request', omitStages: new Set(), omitManagedFields: true }),
          send: (event) => sent.push(event) > 0,
          rejected: () => {},
        },
        { auditID: 'id', requestURI: '/', sourceIPs: [], userAgent: '' },
      );
      audit.authenticated({
        user: { name: 'alice', groups: [] },
        verb: 'create',
        resourceRequest: true,
        path: '/',
        group: '',
        version: 'v1',
        resource: 'things',
        subresource: '',
        namespace: '',
        name: '',
      });
      audit.requestObject(object as KubeObject, isCustom);
      audit.ended(201);
      return sent.at(-1)?.requestObject;
    };
    const metadata = { namespace: 'n', name: 'a', managedFields: [] };
    assert.equal(
      shown(
        { apiVersion: 'v1', data: { b: '1', a: '2', 10: '3', 9: '4' }, metadata, kind: 'ConfigMap' },
        false,
      ),
      '{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a","namespace":"n"},' +
        '"data":{"10":"3","9":"4","a":"2","b":"1"}}',
    );
    assert.equal(
      shown({ kind: 'Thing', spec: { b: 1, a: 2, 10: 3, 9: 4 }, metadata, apiVersion: 'e.com/v1' }, true),
      '{"apiVersion":"e.com/v1","kind":"Thing","metadata":{"name":"a","namespace":"n"},' +
        '"spec":{"10":3,"9":4,"a":2,"b":1}}',
    );
  });
});
