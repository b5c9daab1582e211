import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseApiVersion } from '@coxswain/machinery';
import { isRegistered } from './registered-kinds.ts';
import { schemeOf } from './schemes.ts';

const cases: readonly [apiVersion: string, kind: string, into: string, isKnown: boolean][] = [
  ['v1', 'Pod', '', true],
  ['v1', 'Status', '', true],
  ['v1', 'PodExecOptions', '', true],
  ['v1', 'Confmap', '', false],
  ['apps/v1', 'ListOptions', '', true],
  ['apps/v9', 'ListOptions', '', false],
  ['apps/v1beta1', 'Deployment', '', true],
  ['admission.k8s.io/v1', 'AdmissionReview', '', true],
  ['imagepolicy.k8s.io/v1alpha1', 'ImageReview', '', true],
  ['apiextensions.k8s.io/v1', 'ConversionReview', '', false],
  ['apiextensions.k8s.io/v1', 'ConversionReview', 'apiextensions.k8s.io', true],
  ['apiextensions.k8s.io/v1beta1', 'CustomResourceDefinition', 'apiextensions.k8s.io', true],
  ['v1', 'DeleteOptions', 'apiextensions.k8s.io', true],
  ['v1', 'Status', 'apiregistration.k8s.io', true],
  ['v1', 'Pod', 'apiextensions.k8s.io', false],
  ['apps/v1', 'Deployment', 'apiregistration.k8s.io', false],
];

test('isRegistered() tells what the scheme of a group knows, be it served or not', () => {
  for (const [apiVersion, kind, into, isKnown] of cases) {
    const found = isRegistered({ ...parseApiVersion(apiVersion), kind }, schemeOf(into));
    assert.equal(found, isKnown, `${kind} of ${apiVersion} for ${into}`);
  }
});
