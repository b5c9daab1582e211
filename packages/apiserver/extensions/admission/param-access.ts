import { type FieldError, FieldPath, forbidden, type KubeObject, parseApiVersion } from '@coxswain/machinery';
import type { Attributes, Decision, ObjectReader, UserInfo } from '../../access/contract.ts';
import { groups } from '../../access/users.ts';
import type { ApiRequest, RegistryContext } from '../../registry/context.ts';
import type { ResourceHooks } from '../../registry/hooks.ts';
import { CacheReader } from '../../registry/object-reader.ts';

const admissionGroup = 'admissionregistration.k8s.io';

/** Who writes a policy or a binding, and how to learn what they may read. */
export interface ParamAccess {
  readonly user: UserInfo;
  readonly reader: ObjectReader;
  authorize(attributes: Attributes): Decision | Promise<Decision>;
}

interface ParamKind {
  readonly apiVersion: string;
  readonly kind: string;
}

/** The resource of a kind; `*` stands for what could not be told. */
interface ParamResource {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
}

const anyResource: ParamResource = { group: '*', version: '*', resource: '*' };

function resourceOf({ apiVersion, kind }: ParamKind, reader: ObjectReader): ParamResource {
  const { group, version } = parseApiVersion(apiVersion);
  const resource = reader.resourceOfKind?.({ group, version, kind })?.resource ?? '*';
  return { group, version, resource };
}

/** The permission to read that is missing; undefined where it is there. */
async function missing(
  { user, authorize }: ParamAccess,
  verb: string,
  resource: ParamResource,
  namespace: string,
  name: string,
): Promise<{ readonly error?: string } | undefined> {
  const made = await authorize({
    user,
    verb,
    resourceRequest: true,
    path: '',
    ...resource,
    subresource: '',
    namespace,
    name,
  });
  if (made.decision === 'allow') return undefined;
  return made.error === undefined ? {} : { error: made.error };
}

/**
 * Who names a kind of parameters must be able to read all objects of it. Source: the authorization in upstream's
 * storage of policies.
 */
export async function paramKindFaults(
  access: ParamAccess,
  policy: KubeObject,
  old: KubeObject | undefined,
): Promise<FieldError[]> {
  const kind = policy['spec']?.paramKind as ParamKind | undefined;
  if (!kind || access.user.groups.includes(groups.masters)) return [];
  const before = old?.['spec']?.paramKind as ParamKind | undefined;
  if (before?.apiVersion === kind.apiVersion && before.kind === kind.kind) return [];
  const fault = await missing(access, 'get', resourceOf(kind, access.reader), '*', '*');
  if (fault === undefined) return [];
  const text =
    fault.error ??
    `user ${userText(access.user)} must have "get" permission on all objects of the referenced paramKind (kind=${kind.kind}, apiVersion=${kind.apiVersion})`;
  return [forbidden(FieldPath.root('spec', 'paramKind'), text)];
}

/** The resource and the words of one of the two kinds of bindings. */
interface BindingWords {
  /** The resource of the policies that it binds. */
  readonly policies: string;
  /** What a user lacks. Upstream's words for bindings of mutating policies have the two in the wrong places. */
  readonly refused: (user: string, verb: string) => string;
}

export const validatingBindings: BindingWords = {
  policies: 'validatingadmissionpolicies',
  refused: (user, verb) =>
    `user ${user} does not have "${verb}" permission on the object referenced by paramRef`,
};

export const mutatingBindings: BindingWords = {
  policies: 'mutatingadmissionpolicies',
  refused: (user, verb) => validatingBindings.refused(verb, user),
};

/** Who refers to parameters must be able to read them. */
export async function paramRefFaults(
  access: ParamAccess,
  binding: KubeObject,
  words: BindingWords,
): Promise<FieldError[]> {
  const { paramRef, policyName } = binding['spec'] ?? {};
  if (!paramRef || access.user.groups.includes(groups.masters)) return [];
  const policy = access.reader.get({ group: admissionGroup, resource: words.policies }, '', policyName);
  const kind = policy?.['spec']?.paramKind as ParamKind | undefined;
  const resource = kind ? resourceOf(kind, access.reader) : anyResource;
  const name = paramRef.name ?? '';
  const verb = name === '' ? 'list' : 'get';
  const fault = await missing(access, verb, resource, paramRef.namespace ?? '', name);
  if (fault === undefined) return [];
  const user = userText(access.user);
  const lacking = `to determine minimum required permissions and user ${user} does not have "${verb}" permission for all groups, versions and resources`;
  let text = words.refused(user, verb);
  if (policy === undefined) text = `unable to get policy ${policyName} ${lacking}`;
  else if (kind && resource.resource === '*')
    text = `unable to resolve paramKind &{${kind.apiVersion} ${kind.kind}} ${lacking}`;
  return [forbidden(FieldPath.root('spec', 'paramRef'), fault.error ?? text)];
}

/** A user as Go prints the structure. */
function userText({ name, uid, groups: of, extra }: UserInfo): string {
  const more = Object.entries(extra ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, values]) => `${key}:[${values.join(' ')}]`);
  return `&{${name} ${uid ?? ''} [${of.join(' ')}] map[${more.join(' ')}]}`;
}

function accessOf(context: RegistryContext, request: ApiRequest): ParamAccess {
  return {
    user: request.user,
    reader: new CacheReader(context.resources),
    authorize: (attributes) => context.authorize(attributes),
  };
}

/** The hook of policies of either kind. */
export const permitParamKind: NonNullable<ResourceHooks['permit']> = async (context, request, policy, old) =>
  request.subresource === '' ? paramKindFaults(accessOf(context, request), policy, old) : [];

/** The hook of bindings. An unchanged reference is looked at again: upstream compares where its parts are kept. */
export function permitParamRef(words: BindingWords): NonNullable<ResourceHooks['permit']> {
  return (context, request, binding) => paramRefFaults(accessOf(context, request), binding, words);
}
