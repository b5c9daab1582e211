import { execFile } from 'node:child_process';
import type { Credentials } from './credentials.ts';

/** An exec credential plugin, as a kubeconfig's `users[].user.exec` names it. */
export interface ExecPlugin {
  readonly apiVersion: string;
  readonly command: string;
  readonly args?: readonly string[] | null;
  readonly env?: readonly { readonly name: string; readonly value: string }[] | null;
  /** What to do for the command when it is not there. */
  readonly installHint?: string;
  /** Tell the plugin of the cluster. */
  readonly provideClusterInfo?: boolean;
  /** Whether it may ask a person. Default: `IfAvailable`. */
  readonly interactiveMode?: 'Never' | 'IfAvailable' | 'Always';
}

/** What a plugin is told of the cluster (client.authentication.k8s.io Cluster). */
export type ExecCluster = Readonly<Record<string, string | boolean>>;

/** What a plugin gave, and until when it holds, in milliseconds since 1970. */
export interface ExecCredentials {
  readonly credentials: Credentials;
  readonly expires: number;
}

/**
 * Runs the plugin and reads its ExecCredential (client.authentication.k8s.io).
 * @throws Error with client-go's text when it fails, or gives nothing to authenticate with
 */
export async function runExecPlugin(
  exec: ExecPlugin,
  cluster: ExecCluster | undefined,
): Promise<ExecCredentials> {
  const interactive = mayAsk(exec);
  const info = {
    apiVersion: exec.apiVersion,
    kind: 'ExecCredential',
    spec: { ...(exec.provideClusterInfo && cluster !== undefined ? { cluster } : {}), interactive },
  };
  const env: NodeJS.ProcessEnv = { ...process.env, KUBERNETES_EXEC_INFO: JSON.stringify(info) };
  for (const { name, value } of exec.env ?? []) env[name] = value;
  return credentialsOf(exec, await outputOf(exec, env, interactive));
}

function mayAsk({ interactiveMode = 'IfAvailable' }: ExecPlugin): boolean {
  const terminal = process.stdin.isTTY === true;
  if (interactiveMode === 'Always' && !terminal) {
    throw new Error(
      'getting credentials: exec plugin cannot support interactive mode: standard input is not a terminal',
    );
  }
  return interactiveMode !== 'Never' && terminal;
}

async function outputOf(exec: ExecPlugin, env: NodeJS.ProcessEnv, interactive: boolean): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      exec.command,
      [...(exec.args ?? [])],
      { env, encoding: 'utf8' },
      (error, stdout) => {
        if (error === null) resolve(stdout);
        else reject(failure(exec, error));
      },
    );
    // What it tells or asks is for the person in front.
    child.stderr?.pipe(process.stderr, { end: false });
    if (interactive && child.stdin !== null) process.stdin.pipe(child.stdin);
    else child.stdin?.end();
    child.once('exit', () => {
      if (interactive && child.stdin !== null) process.stdin.unpipe(child.stdin);
    });
  });
}

function failure({ command, installHint }: ExecPlugin, cause: Error): Error {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'ENOENT') {
    const hint = installHint ? `\n\n${installHint}` : '';
    return new Error(`getting credentials: exec: executable ${command} not found${hint}`, { cause });
  }
  if (typeof code === 'number') {
    return new Error(`getting credentials: exec: executable ${command} failed with exit code ${code}`, {
      cause,
    });
  }
  return new Error(`getting credentials: exec: ${cause.message}`, { cause });
}

function credentialsOf(exec: ExecPlugin, output: string): ExecCredentials {
  let answer: any;
  try {
    answer = JSON.parse(output);
  } catch (cause) {
    throw new Error(`getting credentials: decoding stdout: ${(cause as Error).message}`, { cause });
  }
  if (answer?.apiVersion !== undefined && answer.apiVersion !== exec.apiVersion) {
    throw new Error(
      `getting credentials: exec plugin is configured to use API version ${exec.apiVersion}, plugin returned version ${answer.apiVersion}`,
    );
  }
  if (answer?.status === undefined || answer.status === null) {
    throw new Error("getting credentials: exec plugin didn't return a status field");
  }
  const { token, clientCertificateData: cert, clientKeyData: key, expirationTimestamp } = answer.status;
  if (token === undefined && cert === undefined && key === undefined) {
    throw new Error("getting credentials: exec plugin didn't return a token or cert/key pair");
  }
  if ((cert === undefined) !== (key === undefined)) {
    throw new Error('getting credentials: exec plugin returned only certificate or key, not both');
  }
  return {
    credentials: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(cert === undefined ? {} : { cert, key }),
    },
    expires: expirationTimestamp === undefined ? Number.POSITIVE_INFINITY : Date.parse(expirationTimestamp),
  };
}
