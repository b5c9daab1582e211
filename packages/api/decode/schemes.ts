import { apiVersionOf, type GroupVersionKind } from '@coxswain/machinery';

/** The scheme that upstream registers most kinds in; errors name it by where it is made. */
const legacyScheme = 'pkg/api/legacyscheme/scheme.go:30';

/** Groups whose kinds are registered apart, since upstream serves them by a server of their own. */
const ownSchemes: Readonly<Record<string, string>> = {
  'apiextensions.k8s.io': 'k8s.io/apiextensions-apiserver/pkg/apiserver/apiserver.go:55',
  'apiregistration.k8s.io': 'k8s.io/kube-aggregator/pkg/apiserver/scheme/scheme.go:32',
};

/** Upstream's name of the scheme that knows the kinds of a group. */
export function schemeOf(group: string): string {
  return ownSchemes[group] ?? legacyScheme;
}

/** Go's words for a kind that a scheme does not know. */
export function notRegistered(kind: GroupVersionKind, scheme: string): string {
  return `no kind "${kind.kind}" is registered for version "${apiVersionOf(kind)}" in scheme "${scheme}"`;
}

/** Groups whose internal Go package is not called by the first part of their name. */
const internalPackages: Readonly<Record<string, string>> = {
  '': 'core',
  'events.k8s.io': 'core',
  'internal.apiserver.k8s.io': 'apiserverinternal',
};

/** The name of upstream's internal Go package of a group. */
export function internalPackage(group: string): string {
  return internalPackages[group] ?? (group.split('.')[0] as string);
}
