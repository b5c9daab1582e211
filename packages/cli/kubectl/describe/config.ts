import type { KubeObject } from '@coxswain/machinery';
import type { Session } from '../session.ts';
import type { Describer } from './describer.ts';
import { annotationsMultiline, formatTimestamp, labelsMultiline } from './format.ts';
import type { Lines } from './lines.ts';
import { compactRules } from './rules.ts';

function head(lines: Lines, object: KubeObject, namespaced = true): void {
  const { name, namespace, labels, annotations } = object.metadata;
  lines.add(0, `Name:\t${name}`);
  if (namespaced) lines.add(0, `Namespace:\t${namespace}`);
  labelsMultiline(lines, 0, 'Labels', labels);
  annotationsMultiline(lines, annotations);
}

export const describeConfigMap: Describer = (lines, object) => {
  head(lines, object);
  lines.add(0, '\nData\n====');
  for (const [key, value] of sortedEntries(object['data'])) lines.add(0, `${key}:\n----\n${value}\n`);
  lines.add(0, '\nBinaryData\n====');
  for (const [key, value] of sortedEntries(object['binaryData'])) {
    lines.add(0, `${key}: ${Buffer.from(value, 'base64').length} bytes`);
  }
  lines.add(0, '');
};

export const describeSecret: Describer = (lines, object) => {
  head(lines, object);
  lines.add(0, `\nType:\t${object['type'] ?? ''}`);
  lines.add(0, '\nData\n====');
  for (const [key, value] of sortedEntries(object['data'])) {
    const data = Buffer.from(value, 'base64');
    const shown = object['type'] === 'kubernetes.io/service-account-token' && key === 'token';
    lines.add(0, shown ? `${key}:\t${data.toString()}` : `${key}:\t${data.length} bytes`);
  }
};

export const describeNamespace: Describer = async (lines, object, { session }) => {
  head(lines, object, false);
  lines.add(0, `Status:\t${object['status']?.phase ?? ''}`);
  const conditions = object['status']?.conditions ?? [];
  if (conditions.length > 0) {
    lines.add(0, 'Conditions:');
    lines.add(1, 'Type\tStatus\tLastTransitionTime\tReason\tMessage');
    lines.add(1, '----\t------\t------------------\t------\t-------');
    for (const each of conditions) {
      lines.add(
        1,
        `${each.type}\t${each.status}\t${formatTimestamp(each.lastTransitionTime)}\t${each.reason}\t${each.message}`,
      );
    }
  }
  const namespace = object.metadata.name as string;
  quotaLines(lines, await listOf(session, 'resourcequotas', namespace));
  limitLines(lines, await listOf(session, 'limitranges', namespace));
};

async function listOf(session: Session, resource: string, namespace: string): Promise<KubeObject[]> {
  const mapping = { group: '', version: 'v1', resource };
  return (await (await session.rest()).list({ mapping, namespace })).items;
}

function quotaLines(lines: Lines, quotas: readonly KubeObject[]): void {
  if (quotas.length === 0) {
    lines.add(0, '\nNo resource quota.');
    return;
  }
  lines.add(0, '\nResource Quotas');
  for (const quota of quotas) {
    lines.add(1, `Name:\t${quota.metadata.name}`);
    for (const scope of quota['spec']?.scopes ?? []) lines.add(1, `Scope:\t${scope}`);
    lines.add(1, 'Resource\tUsed\tHard');
    lines.add(1, '--------\t---\t---');
    for (const [name, hard] of sortedEntries(quota['status']?.hard)) {
      lines.add(1, `${name}\t${quota['status']?.used?.[name] ?? '0'}\t${hard}`);
    }
  }
}

function limitLines(lines: Lines, ranges: readonly KubeObject[]): void {
  if (ranges.length === 0) {
    lines.add(0, '\nNo LimitRange resource.');
    return;
  }
  lines.add(0, '\nResource Limits');
  lines.add(1, 'Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio');
  lines.add(1, '----\t--------\t---\t---\t---------------\t-------------\t-----------------------');
  for (const range of ranges) {
    for (const item of range['spec']?.limits ?? []) {
      const lists = [item.min, item.max, item.defaultRequest, item.default, item.maxLimitRequestRatio];
      const names = new Set(lists.flatMap((list) => Object.keys(list ?? {})));
      for (const name of [...names].sort()) {
        lines.add(1, `${item.type}\t${name}\t${lists.map((list) => list?.[name] ?? '-').join('\t')}`);
      }
    }
  }
}

export const describeServiceAccount: Describer = async (lines, object, { session }) => {
  head(lines, object);
  const tokens = (await listOf(session, 'secrets', object.metadata.namespace as string)).filter(
    (secret) =>
      secret['type'] === 'kubernetes.io/service-account-token' &&
      secret.metadata.annotations?.['kubernetes.io/service-account.name'] === object.metadata.name &&
      secret.metadata.annotations?.['kubernetes.io/service-account.uid'] === object.metadata.uid,
  );
  const named = (title: string, names: readonly string[]): void => {
    if (names.length === 0) lines.add(0, `${title}:\t<none>`);
    names.forEach((name, i) => {
      lines.add(0, `${i === 0 ? `${title}:` : ''}\t${name}`);
    });
  };
  named(
    'Image pull secrets',
    (object['imagePullSecrets'] ?? []).map((each: any) => each.name),
  );
  named(
    'Mountable secrets',
    (object['secrets'] ?? []).map((each: any) => each.name),
  );
  named('Tokens', tokens.map((each) => each.metadata.name as string).sort());
};

export const describeRole: Describer = (lines, object) => {
  const { name, labels, annotations } = object.metadata;
  lines.add(0, `Name:\t${name}`);
  labelsMultiline(lines, 0, 'Labels', labels);
  annotationsMultiline(lines, annotations);
  lines.add(0, 'PolicyRule:');
  lines.add(1, 'Resources\tNon-Resource URLs\tResource Names\tVerbs');
  lines.add(1, '---------\t-----------------\t--------------\t-----');
  for (const rule of compactRules(object['rules'] ?? [])) {
    const { resource, urls, names, verbs } = rule;
    lines.add(1, `${resource}\t[${urls.join(' ')}]\t[${names.join(' ')}]\t[${verbs.join(' ')}]`);
  }
};

export const describeRoleBinding: Describer = (lines, object) => {
  const { name, labels, annotations } = object.metadata;
  lines.add(0, `Name:\t${name}`);
  labelsMultiline(lines, 0, 'Labels', labels);
  annotationsMultiline(lines, annotations);
  lines.add(0, 'Role:');
  lines.add(1, `Kind:\t${object['roleRef'].kind}`);
  lines.add(1, `Name:\t${object['roleRef'].name}`);
  lines.add(0, 'Subjects:');
  lines.add(1, 'Kind\tName\tNamespace');
  lines.add(1, '----\t----\t---------');
  for (const { kind, name: subject, namespace = '' } of object['subjects'] ?? []) {
    lines.add(1, `${kind}\t${subject}\t${namespace}`);
  }
};

function sortedEntries(map: Record<string, string> | undefined): [string, string][] {
  return Object.entries(map ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
}
