import { ConnectionError, KubeconfigError } from '@coxswain/client';
import { newStatusError, StatusError } from '@coxswain/machinery';
import { CliError } from '../cli-error.ts';

/** Ends the command with an exit code and a text as it is ('' for none). */
export class ExitWith extends CliError {
  constructor(exitCode: number, text: string) {
    super(text, exitCode);
  }
}

/** A plain failure; printed with `error: ` before it. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly code = 'KUBECTL';
}

/** Several failures of one command. */
export class Failures extends Error {
  override readonly name = 'Failures';
  readonly code = 'KUBECTL_SEVERAL';
  readonly errors: readonly unknown[];

  constructor(errors: readonly unknown[]) {
    super(errors.map(messageFor).join('\n'));
    this.errors = errors;
  }
}

/** A wrong use of a verb, with the hint where its help is. */
export function usageFailure(path: string, message: string): Failure {
  return new Failure(`${message}\nSee 'cox ${path} -h' for help and examples`);
}

/** Throws what was gathered: nothing, the one, or all. */
export function throwAll(errors: readonly unknown[]): void {
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) throw new Failures(errors);
}

/** Says which file an object came from in the error about it, as `kubectl create -f` does. */
export function withSource(error: unknown, verb: string, source: string | undefined): unknown {
  if (source === undefined || source === '') return error;
  if (error instanceof StatusError) {
    const message = `error when ${verb} "${source}": ${error.message}`;
    return new StatusError({ ...error.status, message });
  }
  return new Failure(`error when ${verb} "${source}": ${messageOf(error)}`);
}

/** An error of the server with another message. */
export function restated(error: StatusError, message: string): StatusError {
  const { code, reason, status } = error;
  return newStatusError({
    code,
    reason,
    message,
    ...(status.details === undefined ? {} : { details: status.details }),
  });
}

/** Writes what a person reads of the error; gives the exit code. */
export function reportFailure(error: unknown, err: NodeJS.WritableStream): number {
  const text = textOf(error);
  if (text !== '') err.write(text.endsWith('\n') ? text : `${text}\n`);
  return error instanceof CliError ? error.exitCode : 1;
}

/** The whole text, as cmdutil.CheckErr words it. */
export function textOf(error: unknown): string {
  if (error instanceof CliError) return error.message;
  if (error instanceof Failures) return error.errors.map((each) => `${messageFor(each)}\n`).join('');
  if (error instanceof StatusError && error.reason === 'Invalid') return invalidText(error);
  if (error instanceof KubeconfigError) return kubeconfigText(error);
  const standard = standardMessage(error);
  if (standard !== undefined) return standard;
  const message = messageOf(error);
  return message.startsWith('error: ') ? message : `error: ${message}`;
}

/** clientcmd's texts, where they differ from ours. */
function kubeconfigText(error: KubeconfigError): string {
  const context = /^context "(.*)" does not exist$/.exec(error.message)?.[1];
  if (context !== undefined) {
    return `Error in configuration: context was not found for specified context: ${context}`;
  }
  const cause = error.cause as NodeJS.ErrnoException | undefined;
  if (cause?.code === 'ENOENT') return `error: stat ${cause.path}: no such file or directory`;
  return `error: ${error.message}`;
}

function messageFor(error: unknown): string {
  return standardMessage(error) ?? messageOf(error);
}

/** The error's own words. Faults of the program keep their stack. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const known = error instanceof StatusError || 'code' in error;
  return known ? error.message : (error.stack ?? error.message);
}

function standardMessage(error: unknown): string | undefined {
  if (error instanceof StatusError) {
    if (error.reason === 'Unauthorized') {
      return `error: You must be logged in to the server (${error.message})`;
    }
    return error.reason === ''
      ? `Error from server: ${error.message}`
      : `Error from server (${error.reason}): ${error.message}`;
  }
  if (!(error instanceof ConnectionError)) return undefined;
  const [, url, why] = /^\S+ (\S+?): (.*)$/s.exec(error.message) ?? [];
  if (error.code !== 'REFUSED' || url === undefined) {
    return `Unable to connect to the server: ${why ?? error.message}`;
  }
  return `The connection to the server ${new URL(url).host} was refused - did you specify the right host or port?`;
}

function invalidText(error: StatusError): string {
  const { details, message } = error.status;
  const head = 'The request is invalid';
  if (details === undefined) return message ? `${head}: ${message}` : head;
  const causes = details.causes ?? [];
  const named = Boolean(details.kind) || Boolean(details.name);
  const about = named
    ? `The ${details.kind ?? ''} "${details.name ?? ''}" is invalid`
    : message && causes.length === 0
      ? `${head}: ${message}`
      : head;
  const texts = [...new Set(causes.map((cause) => `${cause.field ?? ''}: ${cause.message ?? ''}`))];
  if (texts.length === 0) return about;
  if (texts.length === 1) return `${about}: ${texts[0]}`;
  return `${about}: \n${texts.map((text) => `* ${text}\n`).join('')}`;
}
