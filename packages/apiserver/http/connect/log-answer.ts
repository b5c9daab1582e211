import type { IncomingMessage } from 'node:http';
import { newBadRequest, newGenericServerResponse, newInternalError } from '@coxswain/machinery';
import { askBackend, type BackendRequest, type KubeletClientOptions } from './backend.ts';
import type { Location } from './connector.ts';

/** Of a refusal, this much is told. */
const maxRefusalBytes = 50_000;

/**
 * Asks a kubelet for a container's log.
 * @param name of the pod, for refusals
 * @param sending how the request is sent, and given up
 * @throws {StatusError} what the kubelet refused, with its words
 */
export async function readLog(
  location: Location,
  kubelet: KubeletClientOptions,
  name: string,
  sending: Pick<BackendRequest, 'send' | 'abandoned'> = { send: (outgoing) => outgoing.end() },
): Promise<IncomingMessage> {
  const answer = await askBackend(location, kubelet, { method: 'GET', ...sending });
  const code = answer.statusCode ?? 502;
  if (code >= 200 && code <= 206) return answer;
  const text = await refusalOf(answer);
  if (code === 400) throw newBadRequest(text);
  if (code === 500) throw newInternalError(text);
  throw newGenericServerResponse(code, text, { method: '', group: '', resource: 'pods/log', name });
}

async function refusalOf(answer: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    parts.push(part);
    length += part.length;
    if (length >= maxRefusalBytes) break;
  }
  return Buffer.concat(parts).subarray(0, maxRefusalBytes).toString('utf8');
}
