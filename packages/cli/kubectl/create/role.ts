import type { FlagSpecs } from '../../flags.ts';
import { Failure } from '../error-text.ts';
import type { Session } from '../session.ts';
import { generatorVerb } from './generator.ts';
import { labelSelectorOf } from './label-selector.ts';

const ruleFlags: FlagSpecs = {
  resource: { type: 'strings', help: 'Resources, as resource.group/subresource' },
  'resource-name': { type: 'strings', help: 'Names that the rule is for' },
  verb: { type: 'strings', help: 'Verbs that the rule allows' },
};

export const role = generatorVerb({
  usage: 'create role NAME --verb=verb --resource=resource.group/subresource [--resource-name=resourcename]',
  summary: 'Create a role with single rule.',
  flags: ruleFlags,
  build: async (session, name) => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name },
    rules: await resourceRules(session, verbsOf(session)),
  }),
});

export const clusterRole = generatorVerb({
  usage: 'create clusterrole NAME --verb=verb --resource=resource.group [--resource-name=resourcename]',
  summary: 'Create a cluster role.',
  flags: {
    ...ruleFlags,
    'non-resource-url': { type: 'strings', help: 'Paths that the rule is for' },
    'aggregation-rule': { type: 'string', help: 'Labels of the roles to join' },
  },
  build: async (session, name) => {
    const { flags } = session;
    const urls = flags.strings('non-resource-url');
    const aggregation = flags.string('aggregation-rule');
    const base = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name } };
    if (aggregation !== undefined) {
      const clusterRoleSelectors = [labelSelectorOf(aggregation)];
      return { aggregationRule: { clusterRoleSelectors }, ...base, rules: null };
    }
    const verbs = verbsOf(session);
    const rules =
      urls.length > 0 && flags.strings('resource').length === 0 ? [] : await resourceRules(session, verbs);
    return { ...base, rules: [...rules, ...(urls.length > 0 ? [{ nonResourceURLs: urls, verbs }] : [])] };
  },
});

function verbsOf(session: Session): string[] {
  const verbs = [...new Set(session.flags.strings('verb'))];
  if (verbs.includes('*')) return ['*'];
  if (verbs.length === 0) throw new Failure('at least one verb must be specified');
  for (const verb of verbs) {
    if (!standardVerbs.has(verb)) session.err(`Warning: '${verb}' is not a standard resource verb\n`);
  }
  return verbs;
}

/** Verbs of resources; others are granted with a warning. */
const standardVerbs = new Set(
  'get list watch create update patch delete deletecollection use bind impersonate approve sign escalate attest proxy'.split(
    ' ',
  ),
);

/** One rule for each API group, resources in the order they were named. */
async function resourceRules(session: Session, verbs: readonly string[]): Promise<object[]> {
  const texts = session.flags.strings('resource');
  if (texts.length === 0) throw new Failure('at least one resource must be specified');
  const names = session.flags.strings('resource-name');
  if (names.length > 0 && texts.length > 1) {
    throw new Failure('resource name(s) can not be applied to multiple resources');
  }
  const discovery = await session.discovery();
  const byGroup = new Map<string, string[]>();
  for (const text of texts) {
    const [named = '', subresource] = text.split('/');
    const mapping = named === '*' ? { group: '*', resource: '*' } : await discovery.resourceFor(named);
    const resource = subresource === undefined ? mapping.resource : `${mapping.resource}/${subresource}`;
    const known = byGroup.get(mapping.group) ?? [];
    if (!known.includes(resource)) byGroup.set(mapping.group, [...known, resource]);
  }
  return [...byGroup]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([group, resources]) => ({
      apiGroups: [group],
      ...(names.length > 0 ? { resourceNames: names } : {}),
      resources,
      verbs,
    }));
}
