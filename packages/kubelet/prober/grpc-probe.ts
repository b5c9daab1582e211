import type { Clock } from '@coxswain/machinery';
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import type { ProbeOutcome } from './prober.ts';

const statusNames = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'];

/** HealthCheckRequest: the service's name as field 1. */
function encodeRequest(service: string): Buffer {
  const text = Buffer.from(service);
  if (text.length === 0) return Buffer.alloc(0);
  const length: number[] = [];
  for (let n = text.length; ; n >>>= 7) {
    if (n < 0x80) {
      length.push(n);
      break;
    }
    length.push((n & 0x7f) | 0x80);
  }
  return Buffer.concat([Buffer.from([0x0a, ...length]), text]);
}

/** HealthCheckResponse: the status as field 1, absent for UNKNOWN. */
function decodeResponse(bytes: Buffer): number {
  return bytes[0] === 0x08 ? (bytes[1] ?? 0) : 0;
}

/** Asks the standard health service of a server; succeeds when it says SERVING. */
export function grpcProbe(
  address: string,
  service: string,
  timeoutMs: number,
  clock: Clock,
): Promise<ProbeOutcome> {
  const client = new Client(address, credentials.createInsecure());
  return new Promise((resolve) => {
    client.makeUnaryRequest(
      '/grpc.health.v1.Health/Check',
      encodeRequest,
      decodeResponse,
      service,
      new Metadata(),
      { deadline: clock.now() + timeoutMs },
      (error: ServiceError | null, answer?: number) => {
        client.close();
        if (error) resolve({ result: 'failure', output: explain(error, address, timeoutMs) });
        else if (answer === 1) resolve({ result: 'success', output: 'service healthy' });
        else {
          const name = statusNames[answer ?? 0] ?? 'UNKNOWN';
          resolve({ result: 'failure', output: `service unhealthy (responded with "${name}")` });
        }
      },
    );
  });
}

function explain(error: ServiceError, address: string, timeoutMs: number): string {
  if (error.code === status.UNIMPLEMENTED) {
    return 'error: this server does not implement the grpc health protocol (grpc.health.v1.Health)';
  }
  if (error.code === status.DEADLINE_EXCEEDED) {
    return `timeout: health rpc did not complete within ${timeoutMs / 1000}s`;
  }
  if (error.code === status.UNAVAILABLE) return `error: failed to connect service "${address}"`;
  return `error: health rpc probe failed: ${error.message}`;
}
