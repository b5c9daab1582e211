import type { ClientRequest, IncomingMessage } from 'node:http';
import { newBadRequest, newGenericServerResponse, newInternalError } from '@coxswain/machinery';
import { askBackend, type KubeletClientOptions } from './backend.ts';
import type { Location } from './connector.ts';

/** Of a refusal, this much is told. */
const maxRefusalBytes = 50_000;

/**
 * Asks a kubelet for a container's log.
 * @param name of the pod, for refusals
 * @throws {StatusError} what the kubelet refused, with its words
 */
export async function readLog(
  location: Location,
  kubelet: KubeletClientOptions,
  name: string,
  onSend: (outgoing: ClientRequest) => void = () => {},
): Promise<IncomingMessage> {
  const answer = await askBackend(location, kubelet, {
    method: 'GET',
    send: (outgoing) => {
      onSend(outgoing);
      outgoing.end();
    },
  });
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
