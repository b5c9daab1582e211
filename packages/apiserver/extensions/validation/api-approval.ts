import { goQuote, type KubeObject } from '@coxswain/machinery';

const annotation = 'api-approved.kubernetes.io';
const see = 'see https://github.com/kubernetes/enhancements/pull/1111';

/** The word that groups of the Kubernetes project itself need, and what is to be said of it. */
export interface ApiApproval {
  readonly state: 'missing' | 'bypassed' | 'approved' | 'invalid';
  readonly value: string;
  readonly text: string;
}

export const approvalAnnotation = annotation;

/** Whether a group is one of the Kubernetes project. */
export function isProtectedGroup(group: string): boolean {
  return /(^|\.)(k8s|kubernetes)\.io$/.test(group);
}

export function apiApprovalOf({ metadata }: KubeObject): ApiApproval {
  const value = metadata.annotations?.[annotation] ?? '';
  if (value === '') {
    const text = `protected groups must have approval annotation "${annotation}", ${see}`;
    return { state: 'missing', value, text };
  }
  if (value.startsWith('unapproved'))
    return { state: 'bypassed', value, text: `not approved: ${goQuote(value)}` };
  if (/^[a-z][a-z0-9+.-]*:\/\/[^/?#\s]/i.test(value) && URL.canParse(value)) {
    return { state: 'approved', value, text: `approved in ${value}` };
  }
  const text = `protected groups must have approval annotation "${annotation}" with either a URL or a reason starting with "unapproved", ${see}`;
  return { state: 'invalid', value, text };
}
