import { type FieldPath, forbidden, invalid, notSupported, required } from '@coxswain/machinery';
import { goStruct } from '../go-print.ts';
import { semanticEqual } from '../immutable.ts';
import { dnsLabelName, dnsSubdomainName } from '../names.ts';
import { addInvalid, blank, type Errors, type Json, specPath } from '../values.ts';
import { validateConditionTypes } from './conditions.ts';
import { mandatoryFlowSchemas } from './mandatory.ts';
import { nonResourcePathProblem } from './non-resource-path.ts';

const highestPrecedence = 10_000;
const subjectKinds = ['Group', 'ServiceAccount', 'User'];
const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch'];
const definition = 'io.k8s.api.flowcontrol.v1.FlowSchemaSpec';

/** ValidateFlowSchema without the metadata. */
export function validateFlowSchema(errs: Errors, schema: Json): void {
  const name: string = schema['metadata'].name ?? '';
  const spec: Json = schema['spec'] ?? {};
  validateSpec(errs, name, spec);
  const fixed = mandatoryFlowSchemas[name];
  if (fixed !== undefined && !semanticEqual(spec, fixed)) {
    errs.push(invalid(specPath, goStruct(spec, definition), `spec of '${name}' must equal the fixed value`));
  }
  validateConditionTypes(errs, schema);
}

function validateSpec(errs: Errors, name: string, spec: Json): void {
  const precedence: number = spec['matchingPrecedence'] ?? 0;
  const wrong = (text: string): void => {
    errs.push(invalid(specPath.child('matchingPrecedence'), precedence, text));
  };
  if (precedence <= 0) wrong('must be a positive value');
  if (precedence > highestPrecedence) wrong(`must not be greater than ${highestPrecedence}`);
  if (precedence === 1 && name !== 'exempt')
    wrong("only the schema named 'exempt' may have matchingPrecedence 1");
  const method: Json | undefined = spec['distinguisherMethod'];
  if (method != null && method['type'] !== 'ByUser' && method['type'] !== 'ByNamespace') {
    const shown = { Type: method['type'] ?? '' };
    errs.push(
      notSupported(specPath.child('distinguisherMethod').child('type'), shown, ['ByNamespace', 'ByUser']),
    );
  }
  const level: string = spec['priorityLevelConfiguration']?.name ?? '';
  const levelPath = specPath.child('priorityLevelConfiguration').child('name');
  if (level === '') errs.push(required(levelPath, 'must reference a priority level'));
  else addInvalid(errs, levelPath, level, dnsSubdomainName(level, false));
  const rules: readonly Json[] = spec['rules'] ?? [];
  rules.forEach((rule, i) => {
    validateRule(errs, rule, specPath.child('rules').index(i));
  });
}

function validateRule(errs: Errors, rule: Json, path: FieldPath): void {
  const subjects: readonly Json[] = rule['subjects'] ?? [];
  subjects.forEach((subject, i) => {
    validateSubject(errs, subject, path.child('subjects').index(i));
  });
  if (subjects.length === 0) {
    errs.push(required(path.child('subjects'), 'subjects must contain at least one value'));
  }
  const resourceRules: readonly Json[] = rule['resourceRules'] ?? [];
  const nonResourceRules: readonly Json[] = rule['nonResourceRules'] ?? [];
  if (resourceRules.length + nonResourceRules.length === 0) {
    errs.push(required(path, 'at least one of resourceRules and nonResourceRules has to be non-empty'));
  }
  resourceRules.forEach((one, i) => {
    validateResourceRule(errs, one, path.child('resourceRules').index(i));
  });
  nonResourceRules.forEach((one, i) => {
    validateNonResourceRule(errs, one, path.child('nonResourceRules').index(i));
  });
}

const subjectMembers = [
  ['ServiceAccount', 'serviceAccount'],
  ['User', 'user'],
  ['Group', 'group'],
] as const;

function validateSubject(errs: Errors, subject: Json, path: FieldPath): void {
  const own = subjectMembers.find(([kind]) => kind === subject['kind']);
  if (own === undefined) {
    errs.push(notSupported(path.child('kind'), subject['kind'] ?? '', subjectKinds));
    return;
  }
  const [kind, member] = own;
  const value: Json | undefined = subject[member];
  const place = path.child(member);
  if (value == null) errs.push(required(place, `${member} is required when subject kind is '${kind}'`));
  else if (kind === 'ServiceAccount') validateServiceAccount(errs, value, place);
  else if (blank(value['name'])) errs.push(required(place.child('name')));
  for (const [other, name] of subjectMembers) {
    if (other === kind || subject[name] == null) continue;
    errs.push(forbidden(path.child(name), `${name} is forbidden when subject kind is not '${other}'`));
  }
}

function validateServiceAccount(errs: Errors, account: Json, path: FieldPath): void {
  const { name, namespace } = account;
  if (blank(name)) errs.push(required(path.child('name')));
  else if (name !== '*') addInvalid(errs, path.child('name'), name, dnsSubdomainName(name, false));
  if (blank(namespace)) {
    errs.push(required(path.child('namespace'), 'must specify namespace for service account'));
  } else {
    addInvalid(errs, path.child('namespace'), namespace, dnsLabelName(namespace, false));
  }
}

function wildcardStandsAlone(errs: Errors, list: readonly string[], path: FieldPath, what: string): void {
  if (list.length < 2 || !list.includes('*')) return;
  errs.push(invalid(path, list, `if '*' is present, must not specify other ${what}`));
}

function validateVerbs(errs: Errors, list: readonly string[], path: FieldPath): void {
  if (list.length === 0) errs.push(required(path, 'verbs must contain at least one value'));
  else if (list.includes('*')) wildcardStandsAlone(errs, list, path, 'verbs');
  else if (!list.every((verb) => verbs.includes(verb))) errs.push(notSupported(path, list, verbs));
}

function validateNonResourceRule(errs: Errors, rule: Json, path: FieldPath): void {
  validateVerbs(errs, rule['verbs'] ?? [], path.child('verbs'));
  const urls: readonly string[] = rule['nonResourceURLs'] ?? [];
  const place = path.child('nonResourceURLs');
  if (urls.length === 0) errs.push(required(place, 'nonResourceURLs must contain at least one value'));
  else if (urls.includes('*')) wildcardStandsAlone(errs, urls, place, 'non-resource URLs');
  else {
    urls.forEach((url, i) => {
      const problem = nonResourcePathProblem(url);
      if (problem !== undefined) errs.push(invalid(place.index(i), url, problem));
    });
  }
}

function validateResourceRule(errs: Errors, rule: Json, path: FieldPath): void {
  validateVerbs(errs, rule['verbs'] ?? [], path.child('verbs'));
  for (const [member, one, many] of [
    ['apiGroups', 'api group', 'api groups'],
    ['resources', 'resource', 'resources'],
  ] as const) {
    const list: readonly string[] = rule[member] ?? [];
    if (list.length === 0) {
      errs.push(required(path.child(member), `resource rules must supply at least one ${one}`));
    } else wildcardStandsAlone(errs, list, path.child(member), many);
  }
  const namespaces: readonly string[] = rule['namespaces'] ?? [];
  const place = path.child('namespaces');
  if (namespaces.length === 0 && rule['clusterScope'] !== true) {
    const message = 'resource rules that are not cluster scoped must supply at least one namespace';
    errs.push(required(place, message));
  } else if (namespaces.includes('*')) wildcardStandsAlone(errs, namespaces, place, 'namespaces');
  else {
    namespaces.forEach((name, i) => {
      for (const message of dnsLabelName(name, false)) {
        const text = `each member of this list must be '*' or a DNS-1123 label; ${message}`;
        errs.push(invalid(place.index(i), name, text));
      }
    });
  }
}
