import { type Clock, processMetrics } from '@coxswain/machinery';

const seconds = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60];
const bytes = Array.from({ length: 11 }, (_, i) => [64, 256, 512, 1024][i] ?? 1024 * 4 ** (i - 3));
const labels = ['host', 'verb'];

const families = {
  requests: processMetrics.counter({
    name: 'rest_client_requests_total',
    help: 'Requests that this process made itself, by the code of the answer.',
    labels: ['code', 'host', 'method'],
  }),
  seconds: processMetrics.histogram({
    name: 'rest_client_request_duration_seconds',
    help: 'How long they took.',
    labels,
    buckets: seconds,
  }),
  sent: processMetrics.histogram({
    name: 'rest_client_request_size_bytes',
    help: 'How large their bodies were.',
    labels,
    buckets: bytes,
  }),
  received: processMetrics.histogram({
    name: 'rest_client_response_size_bytes',
    help: 'How large the bodies of the answers to them were.',
    labels,
    buckets: bytes,
  }),
};

/** An answer, as far as it is measured. */
interface Measured {
  readonly status: number;
  readonly body: Uint8Array;
}

/**
 * Makes a request of the server itself and counts it under client-go's names.
 * @param host as the URL names it, with a port that it gives
 * @param size bytes of the body
 */
export async function measuredRequest<A extends Measured>(
  method: string,
  host: string,
  size: number,
  clock: Clock,
  make: () => Promise<A>,
): Promise<A> {
  const began = clock.monotonic();
  try {
    const answer = await make();
    families.requests.with(String(answer.status), host, method).inc();
    families.received.with(host, method).observe(answer.body.length);
    return answer;
  } catch (error) {
    families.requests.with('<error>', host, method).inc();
    throw error;
  } finally {
    families.sent.with(host, method).observe(size);
    families.seconds.with(host, method).observe((clock.monotonic() - began) / 1000);
  }
}
