import { Client, HttpTransport, loadKubeconfig } from '@coxswain/client';
import { systemClock } from '@coxswain/machinery';
import { CliError, UsageError } from '../cli-error.ts';
import type { Command, CommandContext } from '../command.ts';
import { clientFlags } from '../component.ts';
import { ensureJoinRoles } from '../join-roles.ts';
import {
  caHash,
  createToken,
  deleteToken,
  listTokens,
  newToken,
  publishClusterInfo,
  tokenPattern,
} from '../token.ts';

export const token: Command = {
  usage: 'token create|list|delete TOKEN...',
  flags: {
    ...clientFlags,
    ttl: { type: 'duration', default: '24h0m0s', help: 'How long the token is good; 0: for ever' },
    description: { type: 'string', help: 'What the token is for' },
    groups: { type: 'strings', help: 'Further groups of its users: system:bootstrappers:...' },
    server: { type: 'string', help: "Address that others join at; the kubeconfig's when absent" },
  },
  takesArguments: true,
  async run(context) {
    const [verb, ...args] = context.flags.args;
    switch (verb) {
      case 'create':
        return await create(context, args);
      case 'list':
        return await list(context);
      case 'delete':
        return await remove(context, args);
      default:
        throw new UsageError('error: usage: cox token create|list|delete TOKEN...');
    }
  },
};

type Resolved = ReturnType<typeof loadKubeconfig>;

function resolve({ flags }: CommandContext): { readonly resolved: Resolved; readonly client: Client } {
  const master = flags.string('master');
  const resolved = loadKubeconfig(flags.string('kubeconfig'), master === undefined ? {} : { server: master });
  return { resolved, client: new Client(new HttpTransport({ ...resolved, userAgent: 'cox-token' })) };
}

async function create(context: CommandContext, [given]: readonly string[]): Promise<number> {
  const { flags, streams } = context;
  const { resolved, client } = resolve(context);
  const text = given ?? newToken();
  if (!tokenPattern.test(text)) {
    throw new UsageError(`error: the bootstrap token "${text}" is not of the form "${tokenPattern.source}"`);
  }
  if (resolved.ca === undefined)
    throw new CliError('error: the kubeconfig does not say the CA of the server');
  const server = flags.string('server') ?? resolved.server;
  await ensureJoinRoles(client);
  const ca = Buffer.from(resolved.ca);
  await publishClusterInfo(client, server, ca);
  await createToken(client, {
    token: text,
    ttlMs: flags.duration('ttl') as number,
    description: flags.string('description'),
    groups: flags.strings('groups'),
    clock: systemClock,
  });
  streams.out.write(`cox agent --server ${server} --token ${text} --ca-hash ${caHash(ca)}\n`);
  return 0;
}

async function list(context: CommandContext): Promise<number> {
  const rows = await listTokens(resolve(context).client);
  const line = (token: string, expires: string, description: string): string =>
    `${token.padEnd(26)}${expires.padEnd(23)}${description}\n`;
  context.streams.out.write(line('TOKEN', 'EXPIRES', 'DESCRIPTION'));
  for (const row of rows) context.streams.out.write(line(row.token, row.expires, row.description));
  return 0;
}

async function remove(context: CommandContext, tokens: readonly string[]): Promise<number> {
  if (tokens.length === 0) throw new UsageError('error: usage: cox token delete TOKEN...');
  const { client } = resolve(context);
  for (const each of tokens) {
    if (!(await deleteToken(client, each))) throw new CliError(`error: there is no token "${each}"`);
    context.streams.out.write(`bootstrap token "${each.split('.')[0]}" deleted\n`);
  }
  return 0;
}
