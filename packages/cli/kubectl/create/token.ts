import { Failure } from '../error-text.ts';
import { printerOf } from '../print/printer.ts';
import type { Session } from '../session.ts';
import { printFlags } from '../shared-flags.ts';
import type { Verb } from '../verb.ts';
import { oneName } from './generator.ts';

const boundKinds: Readonly<Record<string, string>> = { Pod: 'v1', Secret: 'v1', Node: 'v1' };

export const token: Verb = {
  usage: 'create token SERVICE_ACCOUNT_NAME',
  summary: 'Request a service account token.',
  flags: {
    ...printFlags,
    audience: { type: 'strings', help: 'Audiences of the token' },
    'bound-object-kind': { type: 'string', help: 'Kind of the object that the token lives with' },
    'bound-object-name': { type: 'string', help: 'Its name' },
    'bound-object-uid': { type: 'string', help: 'Its UID' },
    duration: { type: 'duration', default: '0s', help: 'How long the token is good for' },
  },
  run: async (session) => {
    const name = oneName(session);
    const rest = await session.rest();
    const mapping = await (await session.discovery()).resourceFor('serviceaccounts');
    const request = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      metadata: {},
      spec: specOf(session),
    };
    const target = { mapping, namespace: await session.namespace(), name, subresource: 'token' };
    const answer = await rest.create(target, request).catch((error: Error) => {
      throw new Failure(`failed to create token: ${error.message}`, { cause: error });
    });
    const printer = await printerOf(session);
    if (printer !== undefined) printer.print([answer]);
    else if (!answer['status']?.token)
      throw new Failure('failed to create token: no token in server response');
    else session.out(`${answer['status'].token}\n`);
    return 0;
  },
};

function specOf({ flags }: Session): object {
  const audiences = flags.strings('audience');
  const ms = flags.duration('duration') ?? 0;
  if (ms < 0) throw new Failure('--duration must be greater than or equal to 0');
  const kind = flags.string('bound-object-kind');
  if (kind !== undefined && boundKinds[kind] === undefined) {
    throw new Failure(
      `supported --bound-object-kind values are ${Object.keys(boundKinds).sort().join(', ')}`,
    );
  }
  const name = flags.string('bound-object-name');
  if (kind !== undefined && !name)
    throw new Failure('--bound-object-name is required if --bound-object-kind is provided');
  const uid = flags.string('bound-object-uid');
  return {
    ...(audiences.length > 0 ? { audiences } : {}),
    ...(ms > 0 ? { expirationSeconds: Math.floor(ms / 1_000) } : {}),
    ...(kind === undefined
      ? {}
      : { boundObjectRef: { apiVersion: boundKinds[kind], kind, name, ...(uid ? { uid } : {}) } }),
  };
}
