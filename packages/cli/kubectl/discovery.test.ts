import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { findByName, type ResourceMapping } from './discovery.ts';

function mapping(
  group: string,
  version: string,
  resource: string,
  kind: string,
  shortNames: string[] = [],
): ResourceMapping {
  const singular = kind.toLowerCase();
  return {
    group,
    version,
    resource,
    kind,
    namespaced: true,
    singular,
    shortNames,
    categories: [],
    verbs: ['get'],
    subresources: [],
  };
}

const all = [
  mapping('', 'v1', 'pods', 'Pod', ['po']),
  mapping('', 'v1', 'events', 'Event', ['ev']),
  mapping('apps', 'v1', 'deployments', 'Deployment', ['deploy']),
  mapping('events.k8s.io', 'v1', 'events', 'Event', ['ev']),
  mapping('example.com', 'v1', 'widgets', 'Widget', ['po']),
  mapping('example.com', 'v1beta1', 'widgets', 'Widget'),
];

describe('findByName()', () => {
  const cases: readonly (readonly [text: string, found: string | undefined])[] = [
    ['pods', '/v1/pods'],
    ['pod', '/v1/pods'],
    ['Pod', '/v1/pods'],
    ['po', '/v1/pods'],
    ['events', '/v1/events'],
    ['events.events.k8s.io', 'events.k8s.io/v1/events'],
    ['deployments.apps', 'apps/v1/deployments'],
    ['deploy.v1.apps', 'apps/v1/deployments'],
    ['widgets.v1beta1.example.com', 'example.com/v1beta1/widgets'],
    ['pods.v1.', '/v1/pods'],
    ['widgets.example', 'example.com/v1/widgets'],
    ['gadgets', undefined],
    ['deployments.batch', undefined],
  ];
  for (const [text, expected] of cases) {
    test(`finds ${expected ?? 'nothing'} when asked for ${text}`, () => {
      const found = findByName(all, text);
      assert.equal(found && `${found.group}/${found.version}/${found.resource}`, expected);
    });
  }
});
