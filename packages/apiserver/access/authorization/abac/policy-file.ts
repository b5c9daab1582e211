import { ConfigFileError } from '../../../config-file/config-file-error.ts';
import { groups } from '../../users.ts';

/** spec of an abac.authorization.kubernetes.io Policy; `''` matches only what is empty, `*` anything. */
export interface AbacPolicy {
  readonly user: string;
  readonly group: string;
  readonly readonly: boolean;
  readonly apiGroup: string;
  readonly resource: string;
  readonly namespace: string;
  readonly nonResourcePath: string;
}

type Fields = Readonly<Record<string, unknown>>;

const versions = ['v1beta1', 'v0'].map((version) => `abac.authorization.kubernetes.io/${version}`);

/**
 * Reads the policies of `--authorization-policy-file`: one JSON object a line.
 * @throws {ConfigFileError} that names the line
 */
export function parsePolicyFile(text: string, path: string): readonly AbacPolicy[] {
  return text.split('\n').flatMap((line, i): AbacPolicy[] => {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#')) return [];
    try {
      return [parsePolicy(JSON.parse(trimmed))];
    } catch (error) {
      const why = (error as Error).message;
      throw new ConfigFileError(`error reading policy file ${path}, line ${i + 1}: ${trimmed}: ${why}`);
    }
  });
}

function parsePolicy(value: unknown): AbacPolicy {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('not an object');
  const { apiVersion, kind, spec } = value as Fields;
  if (apiVersion === undefined && kind === undefined) return unversioned(value as Fields);
  if (kind !== 'Policy' || !versions.includes(apiVersion as string)) {
    throw new Error(`no kind "${kind ?? ''}" is registered for version "${apiVersion ?? ''}"`);
  }
  if (apiVersion === versions[1]) return unversioned(value as Fields);
  const fields = fieldsOf((spec ?? {}) as Fields);
  const everyone = fields.user === '*' || fields.group === '*';
  return everyone ? { ...fields, user: '', group: groups.authenticated } : fields;
}

/** The oldest form: what is left out matches anything. */
function unversioned(value: Fields): AbacPolicy {
  const fields = fieldsOf(value);
  const { user, group, namespace, resource } = fields;
  const everyone = user === '*' || group === '*' || (user === '' && group === '');
  return {
    ...fields,
    ...(everyone ? { user: '', group: groups.authenticated } : {}),
    namespace: namespace === '' ? '*' : namespace,
    resource: resource === '' ? '*' : resource,
    apiGroup: '*',
    nonResourcePath: namespace === '' && resource === '' ? '*' : '',
  };
}

function fieldsOf(value: Fields): AbacPolicy {
  const text = (name: string): string => {
    const field = value[name] ?? '';
    if (typeof field !== 'string') throw new Error(`${name} is no text`);
    return field;
  };
  const readonly = value['readonly'] ?? false;
  if (typeof readonly !== 'boolean') throw new Error('readonly is no boolean');
  return {
    user: text('user'),
    group: text('group'),
    readonly,
    apiGroup: text('apiGroup'),
    resource: text('resource'),
    namespace: text('namespace'),
    nonResourcePath: text('nonResourcePath'),
  };
}
