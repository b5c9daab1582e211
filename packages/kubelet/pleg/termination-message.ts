import { open } from 'node:fs/promises';
import type { ContainerStatus } from '@coxswain/cri';
import { readAnnotations } from '../kuberuntime/labels.ts';

/** Bytes of a termination message, and of the log's tail that stands in for it. */
const maxMessageLength = 4096;
const maxFallbackLength = 2048;
const maxFallbackLines = 80;

export interface TerminationMessageReader {
  /** The message of an exited container. */
  read(status: ContainerStatus): Promise<string>;
}

/** For runtimes without files. */
export const runtimeMessages: TerminationMessageReader = { read: async (status) => status.message };

/**
 * Reads the message file that was mounted into the container, or, where the policy says so and the container
 * failed, the end of its log.
 *
 * @param tail gives the last lines of a container log, newest last
 */
export function fileMessages(
  tail: (logPath: string, lines: number, bytes: number) => Promise<string>,
): TerminationMessageReader {
  // An exited container's message is asked for at every look at its pod, but never changes.
  const known = new Map<string, string>();
  return {
    async read(status) {
      const cached = known.get(status.id);
      if (cached !== undefined) return cached;
      const message = await readMessage(status, tail);
      if (known.size >= 1000) known.delete(known.keys().next().value as string);
      known.set(status.id, message);
      return message;
    },
  };
}

async function readMessage(
  status: ContainerStatus,
  tail: (logPath: string, lines: number, bytes: number) => Promise<string>,
): Promise<string> {
  const { terminationMessagePath, terminationMessagePolicy } = readAnnotations(status.annotations);
  const mount = status.mounts.find((m) => m.containerPath === terminationMessagePath);
  const text = mount === undefined ? '' : await readHead(mount.hostPath, maxMessageLength);
  if (text !== '') return text;
  const fallback = terminationMessagePolicy === 'FallbackToLogsOnError' && status.exitCode !== 0;
  if (fallback) return tail(status.logPath, maxFallbackLines, maxFallbackLength);
  return status.message;
}

async function readHead(path: string, bytes: number): Promise<string> {
  try {
    const file = await open(path, 'r');
    try {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(bytes), 0, bytes, 0);
      return buffer.subarray(0, bytesRead).toString('utf8');
    } finally {
      await file.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    return `Error on reading termination log ${path}: ${(error as Error).message}`;
  }
}
